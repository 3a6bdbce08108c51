import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostLink, readPlace, roomPath, shareOrigin, socketUrl, validRoomName } from '../address.js';
import { duration, initial, moment, tint } from '../format.js';
import { CATALOGUES, chooseLanguage, t, useLanguage } from '../i18n.js';
import { EMPTY_ROOM, EMPTY_STUDIO, initialState, phaseOf, Store } from '../store.js';
import { tilesOf, undecodable } from '../tiles.js';
import { FakeClock } from './fakes.js';

test('every language has the same keys with the same places to fill in', () => {
  const places = (text) => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort().join();
  for (const [language, catalogue] of Object.entries(CATALOGUES)) {
    assert.deepEqual(Object.keys(catalogue), Object.keys(CATALOGUES.en), language);
    for (const [key, text] of Object.entries(catalogue)) {
      assert.ok(text.trim(), `${language} ${key}`);
      assert.equal(places(text), places(CATALOGUES.en[key]), `${language} ${key}`);
    }
  }
});

test('the language follows the browser', () => {
  assert.equal(chooseLanguage(['fr', 'zh-TW', 'en']), 'zh-Hant');
  assert.equal(chooseLanguage(['zh-Hant-HK']), 'zh-Hant');
  assert.equal(chooseLanguage(['zh-HK']), 'zh-Hant');
  assert.equal(chooseLanguage(['zh-CN', 'en']), 'zh-Hans');
  assert.equal(chooseLanguage(['zh']), 'zh-Hans');
  assert.equal(chooseLanguage(['en-GB', 'zh']), 'en');
  assert.equal(chooseLanguage(['de']), 'en');
});

test('texts are filled in, and one thing is said as one', () => {
  useLanguage('en');
  assert.equal(t('topbar.watching', { count: 3 }), '3 watching');
  assert.equal(t('chat.new', { count: 1 }), '1 new message');
  assert.equal(t('chat.new', { count: 2 }), '2 new messages');
});

test('times read as people say them', () => {
  assert.equal(duration(-5), '0:00');
  assert.equal(duration(65_000), '1:05');
  assert.equal(duration(3_729_000), '1:02:09');
  const noon = new Date(2026, 5, 1, 12, 5).getTime();
  assert.match(moment(noon, noon, 'en'), /^12:05/);
  assert.match(moment(noon, noon + 86_400_000, 'en'), /Jun 1/);
  assert.equal(initial(' 👋ann'), '👋');
  assert.equal(tint('Ann'), tint('Ann'));
});

test('the link for others is one that works on their machines', () => {
  const here = { hostname: 'localhost', origin: 'http://localhost:8443' };
  assert.equal(shareOrigin(here, ['http://192.0.2.7:8443']), 'http://192.0.2.7:8443');
  assert.equal(shareOrigin(here, []), 'http://localhost:8443');
  const there = { hostname: 'live.example.org', origin: 'https://live.example.org' };
  assert.equal(shareOrigin(there, ['http://192.0.2.7:8443']), 'https://live.example.org');
});

test('the address says which room, with which key', () => {
  const place = (href) => readPlace(new URL(href, 'http://h:1'));
  assert.deepEqual(place('/'), { room: null, hostKey: null, token: null, open: false, call: false, relay: false, stats: false, codec: null });
  assert.deepEqual(place('/r/Gr%C3%B6%C3%9Fe%20%2F?codec=av1#host=a%2Bb'), { room: 'Größe /', hostKey: 'a+b', token: null, open: false, call: false, relay: false, stats: false, codec: 'av1' });
  assert.equal(place('/r/x#open').open, true);
  assert.equal(place('/r/x?stats').stats, true);
  assert.equal(place('/r/x#token=a.b-c_d.e').token, 'a.b-c_d.e');
  assert.equal(place('/r/%E0%A4').room, '%E0%A4');
  assert.equal(readPlace(new URL(hostLink('a b', 'k/+=', 'http://h'))).hostKey, 'k/+=');
  assert.equal(roomPath('直播 <b>'), '/r/%E7%9B%B4%E6%92%AD%20%3Cb%3E');
  assert.equal(socketUrl({ protocol: 'https:', host: 'h:1' }), 'wss://h:1/ws');
});

test('room names are judged as the node judges them', () => {
  for (const good of ['Friday', '  Größe 直播 <b>  ', '界'.repeat(64)]) assert.ok(validRoomName(good), good);
  for (const bad of ['', '  ', '.', '..', 'a\u0000b', 'a\u202eb', 'x'.repeat(65)]) assert.ok(!validRoomName(bad), bad);
});

const stage = [
  { participant: 'h', name: 'Host', role: 'host', connected: true, publications: [
    { publication: 1, source: 'camera', muted: false, mutedByHost: false },
    { publication: 2, source: 'microphone', muted: true, mutedByHost: false },
    { publication: 3, source: 'screen', muted: false, mutedByHost: false }] },
  { participant: 's', name: 'Sound', role: 'speaker', connected: false, publications: [
    { publication: 4, source: 'microphone', muted: false, mutedByHost: false }] },
];
const me = { participant: 'v', name: 'Viewer', role: 'viewer' };
const live = { name: 'r', live: true, liveSince: 1, chatOpen: true, stage };
const watching = () => ({ ...initialState(), roomName: 'r', room: { ...EMPTY_ROOM, connection: 'open', me, room: live } });

test('screens come first, a person has one tile for picture and sound', () => {
  const tiles = tilesOf(watching());
  assert.deepEqual(tiles.map((tile) => [tile.key, tile.source]), [['h:screen', 'screen'], ['h:person', 'camera'], ['s:person', 'microphone']]);
  assert.deepEqual(tiles.map((tile) => tile.hasPicture), [true, true, false]);
  assert.equal(tiles[1].soundMuted, true);
  assert.equal(tiles[2].connected, false);
});

test('when no picture can be decoded, the codec is named', () => {
  const state = watching();
  const refused = { state: 'codec-unsupported', codec: 'h264' };
  state.room.subscriptions = { 1: refused };
  assert.equal(undecodable(tilesOf(state)), null);
  state.room.subscriptions = { 1: refused, 3: refused };
  assert.equal(undecodable(tilesOf(state)), 'H264');
});

test('one sees oneself from the devices, not from the node', () => {
  const state = watching();
  const camera = /** @type {any} */ ({ kind: 'video' });
  state.room.me = { participant: 'h', name: 'Host', role: 'host' };
  state.studio = { ...EMPTY_STUDIO, live: true, tracks: { camera }, muted: { camera: true } };
  const own = tilesOf(state).find((tile) => tile.local);
  assert.equal(own?.video, camera);
  assert.equal(own?.pictureMuted, true);
  assert.equal(tilesOf(state).filter((tile) => tile.participant === 'h').length, 1);
});

test('the phase follows from the state', () => {
  const state = watching();
  assert.equal(phaseOf(initialState()), 'home');
  assert.equal(phaseOf({ ...initialState(), roomName: 'r' }), 'joining');
  assert.equal(phaseOf(state), 'watching');
  assert.equal(phaseOf({ ...state, room: { ...state.room, room: { ...live, live: false } } }), 'waiting');
  assert.equal(phaseOf({ ...state, notice: { kind: 'taken' } }), 'taken');
  const host = { ...state, room: { ...state.room, me: { ...me, role: /** @type {const} */ ('host') } } };
  assert.equal(phaseOf(host), 'setup');
  assert.equal(phaseOf({ ...host, watchOnly: true }), 'watching');
  assert.equal(phaseOf({ ...host, studio: { ...EMPTY_STUDIO, live: true } }), 'live');
});

test('the store tells its readers once for several changes of one turn', async () => {
  const store = new Store();
  let told = 0;
  store.subscribe(() => (told += 1));
  store.dispatch('set', { roomName: 'a' });
  store.dispatch('read', 7);
  store.dispatch('read', 3);
  await Promise.resolve();
  assert.equal(told, 1);
  assert.equal(store.state.read, 7);
});

test('what comes from the node is known at once, and shown with what comes right behind it', async () => {
  const clock = new FakeClock();
  const store = new Store(undefined, { clock });
  const shown = [];
  store.subscribe(({ read, roomName }) => shown.push([read, roomName]));
  store.follow('read', 1);
  store.follow('read', 2);
  await Promise.resolve();
  assert.deepEqual([store.state.read, shown], [2, []]);
  await clock.pass(50);
  assert.deepEqual(shown, [[2, null]]);
  store.follow('read', 3);
  store.dispatch('set', { roomName: 'r' });
  await Promise.resolve();
  await clock.pass(50);
  assert.deepEqual(shown, [[2, null], [3, 'r']]);
});

test('toasts do not pile up', () => {
  const store = new Store();
  for (const [id, key] of [[1, 'a'], [2, 'a'], [3, 'b'], [4, 'c'], [5, 'd']]) store.dispatch('toast', { id, key, kind: 'info' });
  assert.deepEqual(store.state.toasts.map((toast) => toast.id), [3, 4, 5]);
  store.dispatch('dismiss', 4);
  assert.deepEqual(store.state.toasts.map((toast) => toast.id), [3, 5]);
});

test('the last pictures are held when the node came back without its host', () => {
  const store = new Store(watching());
  store.dispatch('room', { ...watching().room, me: { ...me, participant: 'v2' }, room: { ...live, live: false, stage: [] }, resumed: false });
  assert.equal(store.state.held, live);
  assert.equal(phaseOf(store.state), 'watching');
  store.dispatch('room', { ...store.state.room, room: live });
  assert.equal(store.state.held, null);
});

test('a host who simply stops is not held', () => {
  const store = new Store(watching());
  store.dispatch('room', { ...watching().room, room: { ...live, live: false, stage: [] } });
  assert.equal(store.state.held, null);
  assert.equal(phaseOf(store.state), 'waiting');
});
