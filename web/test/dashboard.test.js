import './fakes.js';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Actions, refusalWord } from '../admin/actions.js';
import { Api, ApiError, path } from '../admin/api.js';
import { lasted } from '../admin/format.js';
import { load } from '../admin/loaders.js';
import { between, qualityOf, Rates } from '../admin/rates.js';
import { hashOf, readRoute } from '../admin/route.js';
import { bitRate } from '../format.js';
import { linePath, percent, rangeOf, roundTop, SPAN } from '../admin/series.js';
import { AdminStore, initialState, roomView } from '../admin/state.js';
import { Watch } from '../admin/watch.js';
import { named, w, WORDS } from '../admin/words.js';
import { useLanguage } from '../i18n.js';
import { FakeClock } from './fakes.js';

test('every language has the same words of the dashboard, with the same places to fill in', () => {
  const places = (text) => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort().join();
  for (const [language, words] of Object.entries(WORDS)) {
    assert.deepEqual(Object.keys(words), Object.keys(WORDS.en), language);
    for (const [word, text] of Object.entries(words)) {
      assert.ok(text.trim(), `${language} ${word}`);
      assert.equal(places(text), places(WORDS.en[word]), `${language} ${word}`);
    }
  }
});

test('what the node names is said in words, and what is not known as it is', () => {
  useLanguage('en');
  assert.equal(named('path', 'relay-tcp'), 'Relay over TCP');
  assert.equal(named('event', 'room.opened'), 'Room opened');
  assert.equal(named('cause', 'something-new'), 'something-new');
  assert.equal(lasted(59), '0 min 59 s');
  assert.equal(lasted(7_260), '2 h 1 min');
  assert.equal(lasted(273_900), '3 d 4 h');
});

test('every place has an address of its own, whatever its name', () => {
  for (const route of /** @type {const} */ ([{ view: 'overview' }, { view: 'rooms' }, { view: 'keys' }, { view: 'webhooks' }, { view: 'room', room: 'a/b 直播 #?%' }, { view: 'webhook', id: 'w1' }])) {
    assert.deepEqual(readRoute(hashOf(route)), route);
  }
  assert.deepEqual(readRoute(''), { view: 'overview' });
  assert.deepEqual(readRoute('#/elsewhere'), { view: 'overview' });
  assert.deepEqual(readRoute('#/rooms/%E0%A4'), { view: 'room', room: '%E0%A4' });
});

const session = (more = {}) => /** @type {any} */ ({
  session: 's', kind: 'publisher', state: 'up', path: 'direct', roundTripMs: 20, bytesIn: 0, bytesOut: 0, packetsIn: 0, packetsOut: 0, lostIn: 0, lostOut: 0,
  keyFramesAsked: 0, keyFramesWanted: 0, tracks: [], ...more,
});

test('rates and loss come from two readings, in the direction of the session', () => {
  const publishes = between({ at: 0, session: session() }, { at: 2_000, session: session({ bytesIn: 500_000, packetsIn: 98, lostIn: 2, lostOut: 50 }) });
  assert.equal(publishes.bitsIn, 2_000_000);
  assert.equal(publishes.loss, 0.02);
  assert.equal(publishes.quality, 'fair');
  const kind = { kind: 'subscriber' };
  const receives = between({ at: 0, session: session(kind) }, { at: 1_000, session: session({ ...kind, bytesOut: 125_000, packetsOut: 100, lostOut: 10 }) });
  assert.deepEqual([receives.bitsOut, receives.loss, receives.quality], [1_000_000, 0.1, 'poor']);
});

test('counters that begin anew give no negative rate', () => {
  const flow = between({ at: 0, session: session({ bytesIn: 9_000, packetsIn: 90 }) }, { at: 1_000, session: session() });
  assert.deepEqual([flow.bitsIn, flow.loss, flow.quality], [0, null, null]);
});

test('the quality of a session follows its rule', () => {
  assert.equal(qualityOf(session(), 0), 'good');
  assert.equal(qualityOf(session(), 0.01), 'good');
  assert.equal(qualityOf(session(), 0.011), 'fair');
  assert.equal(qualityOf(session(), 0.051), 'poor');
  assert.equal(qualityOf(session({ roundTripMs: 201 }), 0), 'fair');
  assert.equal(qualityOf(session({ roundTripMs: 401 }), 0), 'poor');
  assert.equal(qualityOf(session({ path: 'relay-tcp' }), 0), 'fair');
  assert.equal(qualityOf(session({ path: 'relay' }), 0), 'good');
  assert.equal(qualityOf(session({ state: 'lost' }), null), 'poor');
  assert.equal(qualityOf(session({ state: 'new' }), 0), null);
  assert.equal(qualityOf(session(), null), null);
});

test('what is remembered of a session is a window, and what has gone is forgotten', () => {
  const rates = new Rates();
  rates.read(0, [session()]);
  assert.equal(rates.of('s'), null);
  for (let at = 1_000; at <= 60_000; at += 1_000) rates.read(at, [session({ bytesIn: at < 50_000 ? 0 : (at - 49_000) * 125, packetsIn: at })]);
  assert.equal(rates.of('s')?.bitsIn, 1_000_000);
  rates.read(61_000, []);
  assert.equal(rates.of('s'), null);
});

test('a graph ends at a round number, shows the hour, and is broken where the node was down', () => {
  assert.deepEqual([0, 0.3, 1, 4, 6, 101, 3e6].map((value) => roundTop(value)), [1, 1, 1, 5, 10, 200, 5e6]);
  assert.equal(roundTop(3, 5), 5);
  const now = 10_000_000;
  const box = { now, top: 10, width: 360, height: 100, every: 10 };
  const at = (/** @type {number} */ ago, /** @type {number | null} */ value) => ({ at: now - ago * 1000, value });
  assert.equal(linePath([at(4_000, 5), at(3_600, 0), at(3_590, 5), at(3_000, 20), at(2_990, null), at(2_980, 10)], box), 'M0 100L1 50M60 0L62 0');
  assert.equal(SPAN, 3_600_000);
  assert.equal(rangeOf([]), null);
  assert.deepEqual(rangeOf([at(3, 4), at(2, null), at(1, 2)]), { now: 2, least: 2, most: 4 });
});

test('rates read as people say them', () => {
  assert.equal(bitRate(0, 'en'), '0 bit/s');
  assert.equal(bitRate(2_450_000, 'en'), '2.5 Mbit/s');
  assert.equal(bitRate(569_000_000, 'en'), '569 Mbit/s');
  assert.equal(percent(0.029, 'en'), '2.9%');
  assert.equal(percent(0, 'en'), '0%');
  assert.equal(percent(0.314, 'en'), '31%');
});

/** A node: answers by method and path, and remembers what it was asked. @param {Record<string, any>} answers */
function node(answers) {
  const asked = [];
  const fetch = async (url, { method, headers, body }) => {
    const name = `${method} ${String(url).replace('/api/v1', '').split('?')[0]}`;
    asked.push({ name, url, bearer: headers.authorization, once: headers['idempotency-key'], body: body && JSON.parse(body) });
    const answer = typeof answers[name] === 'function' ? answers[name](new URL(url, 'http://h').searchParams) : answers[name];
    if (answer === undefined) throw new TypeError('no network');
    const { status = answer === null ? 204 : 200, ...rest } = answer ?? {};
    return { ok: status < 300, status, text: async () => JSON.stringify(rest) };
  };
  return { asked, api: new Api({ key: 'rck_1_x', fetch: /** @type {any} */ (fetch) }) };
}

test('lists are read page by page, as far as they are wanted', async () => {
  const all = Array.from({ length: 450 }, (_, n) => n);
  const { api, asked } = node({ 'GET /rooms': (query) => {
    const from = Number(query.get('after') ?? 0);
    const to = from + Number(query.get('limit'));
    return { items: all.slice(from, to), ...(to < all.length && { next: String(to) }) };
  } });
  assert.deepEqual(await api.list('/rooms', 50), { items: all.slice(0, 50), more: true });
  const whole = await api.list('/rooms', 1_000);
  assert.deepEqual([whole.items.length, whole.more, asked.length], [450, false, 4]);
  assert.equal(asked[0].bearer, 'Bearer rck_1_x');
});

test('a refusal has its code, silence too, and what makes something is named once', async () => {
  const { api, asked } = node({ 'GET /server': { status: 401, code: 'token-missing', message: 'who are you' }, 'POST /api-keys': { id: '1' } });
  await assert.rejects(api.get('/server'), (error) => error instanceof ApiError && error.code === 'token-missing' && error.isKey);
  await assert.rejects(api.get('/nowhere'), (error) => error instanceof ApiError && error.code === 'connection-lost' && !error.isKey);
  await api.post('/api-keys', { name: 'a' });
  await api.post('/api-keys', { name: 'a' });
  const [first, second] = asked.filter(({ name }) => name === 'POST /api-keys').map(({ once }) => once);
  assert.match(first, /^[0-9a-f]{32}$/);
  assert.notEqual(first, second);
  assert.equal(path('rooms', 'a/b', 'participants', 'é'), '/rooms/a%2Fb/participants/%C3%A9');
});

/** @param {Record<string, any>} answers @param {object} [state] */
function desk(answers, state = {}) {
  const { api, asked } = node(answers);
  const store = new AdminStore({ ...initialState(), ...state }, () => {});
  const went = [];
  let changed = 0;
  const actions = new Actions({ store, api: () => api, changed: () => (changed += 1), goTo: (hash) => went.push(hash) });
  return { api, asked, store, actions, went, changed: () => changed };
}

const inRoom = { route: { view: 'room', room: 'garden' }, room: roomView('garden') };
const item = { name: 'garden', kind: 'live', live: true };

test('a room is read with its people, sessions, keys and troubles; keys and troubles seldom', async () => {
  const { api, asked, store } = desk({
    'GET /rooms/garden': item, 'GET /rooms/garden/participants': { items: [{ participant: 'p' }] }, 'GET /rooms/garden/sessions': { items: [session()] },
    'GET /rooms/garden/stream-keys': { items: [{ id: 'k' }] }, 'GET /server/troubles': { items: [{ room: 'garden' }, { room: 'other' }] },
  }, inRoom);
  await load(api, store, 0, () => 1_000);
  await load(api, store, 1, () => 3_000);
  const { room, now } = store.state;
  assert.deepEqual([room?.item?.live, room?.participants.items.length, room?.streamKeys.length, room?.troubles.length, now], [true, 1, 1, 1, 3_000]);
  assert.ok(room?.rates.of('s'));
  assert.equal(asked.filter(({ name }) => name === 'GET /server/troubles').length, 1);
});

test('a room that has gone is said to be gone; another trouble is for the one who asked', async () => {
  const gone = desk({ 'GET /rooms/garden': { status: 404, code: 'room-unknown' }, 'GET /rooms/garden/participants': { items: [] }, 'GET /rooms/garden/sessions': { items: [] } }, inRoom);
  await load(gone.api, gone.store, 1);
  assert.equal(gone.store.state.room?.missing, true);
  const down = desk({}, { ...inRoom, room: roomView('garden') });
  await assert.rejects(load(down.api, down.store, 1), { code: 'connection-lost' });
});

test('an answer that comes when one looks elsewhere already changes nothing there', async () => {
  const { api, store } = desk({ 'GET /rooms/garden': item, 'GET /rooms/garden/participants': { items: [] }, 'GET /rooms/garden/sessions': { items: [] } }, inRoom);
  const reading = load(api, store, 1);
  store.set({ room: roomView('other') });
  await reading;
  assert.deepEqual([store.state.room?.name, store.state.room?.item], ['other', null]);
});

test('muting, roles and silencing can be taken back', async () => {
  const { actions, asked, store } = desk({
    'PUT /rooms/garden/participants/p/publications/camera': null, 'PATCH /rooms/garden/participants/p': { participant: 'p' },
  });
  const about = { room: 'garden', participant: 'p', name: 'Bob' };
  await actions.mute({ ...about, source: 'camera', muted: true });
  assert.deepEqual(asked[0].body, { muted: true });
  assert.deepEqual(store.state.said?.undo, { ask: 'mute', detail: { ...about, source: 'camera', muted: false } });
  await actions.setRole({ ...about, role: 'speaker' });
  assert.equal(store.state.said?.undo?.detail.role, 'viewer');
  await actions.silence({ ...about, silenced: true });
  assert.deepEqual([asked[2].body, store.state.said?.undo?.detail.silenced], [{ silenced: true }, false]);
});

test('ending a room leads back to the list; a refusal says why and is read anew', async () => {
  const good = desk({ 'DELETE /rooms/garden': null });
  await good.actions.endRoom({ room: 'garden' });
  assert.deepEqual([good.went, good.store.state.said?.text, good.changed()], [['#/rooms'], 'said.room-ended', 0]);
  const bad = desk({ 'DELETE /rooms/garden': { status: 404, code: 'room-unknown', message: 'no' } });
  await bad.actions.endRoom({ room: 'garden' });
  assert.deepEqual([bad.went, bad.store.state.said?.text, bad.store.state.said?.fault, bad.changed()], [[], 'said.room-gone', true, 1]);
  assert.equal(refusalWord('quite-new'), 'said.refused');
  assert.match(w('said.refused', { code: 'quite-new' }), /quite-new/);
});

test('what is shown once is shown, and nothing is when it was refused', async () => {
  const { actions, store, asked } = desk({
    'POST /api-keys': { status: 201, id: '2', key: 'rck_2_secret' }, 'POST /webhooks': { status: 400, code: 'webhook-target', message: 'a private address' },
  });
  assert.equal(await actions.makeApiKey({ name: 'Site' }), true);
  assert.deepEqual(store.state.dialog, { kind: 'secret', title: 'secret.api-key', text: 'secret.api-key-text', secret: 'rck_2_secret' });
  store.set({ dialog: null });
  assert.equal(await actions.makeWebhook({ url: 'http://10.0.0.1/', events: [] }), false);
  assert.equal(store.state.dialog, null);
  assert.equal(store.state.said?.text, 'said.webhook-target');
  assert.deepEqual(asked[1].body, { url: 'http://10.0.0.1/' });
});

test('the preview comes in with a token that can only watch', async () => {
  const { actions, asked, store } = desk({ 'POST /tokens': { status: 201, token: 'a.b.c' } }, inRoom);
  await actions.viewToken('garden');
  assert.equal(store.state.room?.viewToken, 'a.b.c');
  assert.deepEqual(asked[0].body.grants, { publish: [], subscribe: true, chat: false, moderate: false, admin: false });
});

test('one reading at a time; slower while nobody answers, none while stopped', async () => {
  const clock = new FakeClock();
  const turns = [];
  let answered = true;
  const watch = new Watch({ read: async (turn) => (turns.push(turn), answered), every: () => 2_000, clock });
  watch.begin();
  await clock.pass(0);
  await clock.pass(4_500);
  assert.deepEqual(turns, [0, 1, 2]);
  watch.begin();
  await clock.pass(0);
  assert.deepEqual(turns, [0, 1, 2, 0]);
  answered = false;
  await clock.pass(2_000);
  await clock.pass(9_999);
  assert.equal(turns.length, 5);
  await clock.pass(1);
  assert.equal(turns.length, 6);
  watch.stop();
  watch.now();
  await clock.pass(60_000);
  assert.equal(turns.length, 6);
});
