import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ffmpegLine, whipAddress, wordsOfTrouble } from '../encoder.js';
import { CATALOGUES, t, useLanguage } from '../i18n.js';
import { afterTrouble, stillPublished } from '../lib/publication-troubles.js';
import { EMPTY_ROOM, initialState, Store } from '../store.js';
import { StreamKeys } from '../stream-keys.js';
import { tilesOf } from '../tiles.js';

test('the address of a node with a name is secure, that of one without is one which programs take', () => {
  const at = (href, origins = []) => whipAddress(new URL(href), origins, 'a b');
  assert.equal(at('https://live.example.org/r/x'), 'https://live.example.org/whip/a%20b');
  assert.equal(at('https://192.0.2.7:8443/r/x'), 'http://192.0.2.7:8443/whip/a%20b');
  assert.equal(at('https://[fd00::7]:8443/r/x'), 'http://[fd00::7]:8443/whip/a%20b');
  assert.equal(at('http://localhost:8443/r/x'), 'http://localhost:8443/whip/a%20b');
  assert.equal(at('http://localhost:8443/r/x', ['http://192.0.2.7:8443']), 'http://192.0.2.7:8443/whip/a%20b');
});

test('the line for FFmpeg makes pictures that browsers can show', () => {
  const line = ffmpegLine('http://h/whip/r', 'rcs_1_x');
  for (const part of ['-bf 0', '-tune zerolatency', '-r 30 -g 60', 'libopus', '-f whip -authorization "rcs_1_x" "http://h/whip/r"']) assert.ok(line.includes(part), part);
});

test('each trouble is told with what to do', () => {
  useLanguage('en');
  const words = (trouble) => {
    const [key, short, params] = wordsOfTrouble(trouble);
    assert.ok(CATALOGUES.en[short]);
    return t(key, params);
  };
  assert.match(words({ kind: 'b-frames' }), /B-frames to 0, or tune zerolatency/);
  assert.match(words({ kind: 'no-key-frame' }), /key frame interval to 2 s/);
  assert.match(words({ kind: 'undecodable', codec: 'av1' }), /can show AV1/);
  assert.match(words({ kind: 'loss', percent: 7 }), /^7 %/);
  assert.ok(words(/** @type {any} */ ({ kind: 'newer' })));
});

const told = (kind, more = {}) => /** @type {any} */ ({ participant: 'w', source: 'camera', trouble: { kind, ...more }, over: false });

test('a trouble is told once for each kind, and ends when it is over', () => {
  let list = afterTrouble([], told('loss', { percent: 3 }));
  list = afterTrouble(list, told('loss', { percent: 9 }));
  list = afterTrouble(list, told('b-frames'));
  assert.deepEqual(list.map(({ trouble }) => trouble), [{ kind: 'loss', percent: 9 }, { kind: 'b-frames' }]);
  list = afterTrouble(list, { ...told('loss', { percent: 0 }), over: true });
  assert.deepEqual(list.map(({ trouble }) => trouble.kind), ['b-frames']);
  const stage = (source) => /** @type {any} */ ({ stage: [{ participant: 'w', publications: [{ source }] }] });
  assert.equal(stillPublished(list, stage('camera')), list);
  assert.deepEqual(stillPublished(list, stage('screen')), []);
});

test('a tile says that a program sends it, and what is wrong with it', () => {
  const stage = [{ participant: 'w', name: 'OBS', role: 'speaker', connected: true, client: 'whip', publications: [
    { publication: 1, source: 'camera', muted: false, mutedByHost: false }, { publication: 2, source: 'screen', muted: false, mutedByHost: false }] }];
  const room = /** @type {any} */ ({ ...EMPTY_ROOM, me: { participant: 'h', name: 'Ann', role: 'host' }, room: { live: true, stage }, publicationTroubles: [told('b-frames')] });
  const tiles = tilesOf({ ...initialState(), roomName: 'r', room });
  assert.deepEqual(tiles.map(({ source, client, troubles }) => [source, client, troubles.length]), [['screen', 'whip', 0], ['camera', 'whip', 1]]);
});

/** A node that answers in turn, and remembers what it was asked. */
function node(...answers) {
  const asked = [];
  const fetch = async (url, { method, headers, body }) => {
    asked.push({ url, method, bearer: headers.authorization, body: body && JSON.parse(body) });
    const [status, answer] = answers.shift();
    if (status === 0) throw new TypeError('no network');
    return { ok: status < 300, status, json: async () => answer };
  };
  return { asked, fetch };
}

/** @param {any} fetch @param {object} [state] */
function keysOf(fetch, state = {}) {
  const room = /** @type {any} */ ({ ...EMPTY_ROOM, me: { participant: 'h', name: 'Ann', role: 'host' } });
  const store = new Store({ ...initialState(), room, hostKey: 'host-key', ...state });
  return { store, keys: new StreamKeys({ store, room: 'a b', fetch }) };
}

test('a stream key is made once, with the host key, and made new when asked', async () => {
  useLanguage('en');
  const { asked, fetch } = node([201, { id: '1', key: 'rcs_1_a' }], [200, { id: '1', key: 'rcs_1_b' }]);
  const { store, keys } = keysOf(fetch);
  await keys.make();
  await keys.make();
  assert.deepEqual(asked, [{ url: '/api/v1/rooms/a%20b/stream-keys', method: 'POST', bearer: 'Bearer host-key', body: { name: 'Ann (program)', takeover: true } }]);
  await keys.renew();
  assert.equal(asked[1].url, '/api/v1/rooms/a%20b/stream-keys/1/renew');
  assert.deepEqual(store.state.encoder, { key: { id: '1', key: 'rcs_1_b' }, busy: false, fault: null });
});

test('a key that was removed elsewhere is replaced by another', async () => {
  const { asked, fetch } = node([201, { id: '1', key: 'a' }], [404, { code: 'not-found' }], [201, { id: '2', key: 'b' }]);
  const { store, keys } = keysOf(fetch, { hostKey: null, token: 'x.y.z' });
  await keys.make();
  await keys.renew();
  assert.deepEqual(asked.map(({ bearer }) => bearer), Array(3).fill('Bearer x.y.z'));
  assert.equal(store.state.encoder.key?.key, 'b');
});

test('why there is no key is known, and another try is possible', async () => {
  const { fetch } = node([403, { code: 'host-key-invalid', message: 'no' }], [0, null], [502, undefined], [201, { id: '1', key: 'a' }]);
  const { store, keys } = keysOf(fetch);
  for (const fault of ['host-key-invalid', 'connection-lost', 'http-502', null]) {
    await keys.make();
    assert.equal(store.state.encoder.fault, fault);
  }
  assert.equal(store.state.encoder.key?.key, 'a');
});
