import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileSize } from '../format.js';
import { layoutOf, tileSize } from '../layout.js';
import { levelsOf } from '../levels.js';
import { pathOf, wordsOf } from '../path.js';
import { Speakers } from '../speaking.js';
import { standing } from '../standing.js';
import { EMPTY_ROOM, EMPTY_STUDIO, initialState, phaseOf } from '../store.js';
import { tilesOf } from '../tiles.js';
import { card } from '../transfers.js';

const tile = (key, more = {}) => /** @type {any} */ ({ key, participant: key[0], source: 'camera', local: false, ...more });
const wish = (more = {}) => /** @type {any} */ ({ pinned: null, view: 'grid', speaker: null, ...more });

test('a pinned tile is large, then a screen, then the speaker', () => {
  const people = [tile('a', { local: true }), tile('b'), tile('c')];
  const screen = tile('c:screen', { source: 'screen' });
  assert.deepEqual(layoutOf(people, wish()), { layout: 'grid', main: null });
  assert.deepEqual(layoutOf([screen, ...people], wish()), { layout: 'screen', main: 'c:screen' });
  assert.deepEqual(layoutOf([screen, ...people], wish({ pinned: 'b' })), { layout: 'spotlight', main: 'b' });
  assert.deepEqual(layoutOf(people, wish({ pinned: 'gone' })), { layout: 'grid', main: null });
  assert.deepEqual(layoutOf(people, wish({ view: 'spotlight', speaker: 'c' })), { layout: 'spotlight', main: 'c' });
  assert.deepEqual(layoutOf(people, wish({ view: 'spotlight', speaker: 'a' })), { layout: 'spotlight', main: 'b' });
});

test('a tile that is alone is not pinned to anything', () => {
  assert.deepEqual(layoutOf([tile('a')], wish({ pinned: 'a', view: 'spotlight' })), { layout: 'grid', main: null });
  assert.deepEqual(layoutOf([], wish()), { layout: 'grid', main: null });
});

test('tiles of a grid fit into the space, whatever their number', () => {
  for (const [width, height] of [[1248, 654], [910, 654], [390, 720], [390, 300], [320, 180]]) {
    for (let count = 1; count <= 16; count += 1) {
      const size = tileSize(count, width, height, 4);
      const columns = Math.floor((width + 4) / (size.width + 4));
      const rows = Math.ceil(count / columns);
      assert.ok(size.width > 0 && size.height > 0, `${count} in ${width}×${height}`);
      assert.ok(rows * (size.height + 4) - 4 <= height, `${count} in ${width}×${height}: ${size.width}×${size.height}`);
    }
  }
});

test('two people stand side by side on a wide screen, one above the other on a phone', () => {
  assert.ok(tileSize(2, 1248, 654, 10).width < 1248 / 2);
  assert.ok(tileSize(2, 390, 720, 2).width > 390 / 2);
});

test('who speaks is lit through pauses, and out when it is over', () => {
  const speakers = new Speakers();
  speakers.hear(0, new Map([['a', 0.2], ['b', 0.001]]));
  assert.deepEqual(speakers.speaking, ['a']);
  speakers.hear(600, new Map([['a', 0], ['b', 0]]));
  assert.deepEqual(speakers.speaking, ['a']);
  speakers.hear(1_600, new Map([['a', 0], ['b', 0]]));
  assert.deepEqual(speakers.speaking, []);
});

test('a cough takes the floor from nobody, a sentence does once the other is quiet', () => {
  const speakers = new Speakers();
  for (let at = 0; at <= 1_000; at += 200) speakers.hear(at, new Map([['a', 0.2]]));
  assert.equal(speakers.speaker, 'a');
  speakers.hear(1_200, new Map([['a', 0], ['b', 0.5]]));
  speakers.hear(1_400, new Map([['a', 0], ['b', 0]]));
  assert.equal(speakers.speaker, 'a');
  for (let at = 3_000; at <= 4_000; at += 200) speakers.hear(at, new Map([['a', 0], ['b', 0.3]]));
  assert.equal(speakers.speaker, 'b');
  speakers.hear(9_000, new Map([['a', 0], ['b', 0]]));
  assert.equal(speakers.speaker, 'b', 'the last one keeps it when all are quiet');
});

test('who left does not go on speaking', () => {
  const speakers = new Speakers();
  speakers.hear(0, new Map([['a', 0.2]]));
  speakers.hear(100, new Map());
  assert.deepEqual(speakers.speaking, []);
});

const publication = (number, source, more = {}) => ({ publication: number, source, muted: false, mutedByHost: false, ...more });
const stage = [
  { participant: 'h', name: 'Ann', role: 'host', connected: true, publications: [publication(1, 'camera'), publication(2, 'microphone')] },
  { participant: 's', name: 'Bob', role: 'speaker', connected: true, publications: [] },
];
const inCall = (role = 'speaker', more = {}) => /** @type {any} */ ({
  ...initialState(), roomName: 'r',
  room: { ...EMPTY_ROOM, connection: 'open', me: { participant: 's', name: 'Bob', role }, room: { name: 'r', kind: 'call', live: true, chatOpen: true, stage } },
  ...more,
});

test('levels are known by participant; a muted microphone has none', () => {
  const state = inCall();
  state.tracks = new Map([[2, { id: 'far' }]]);
  assert.deepEqual([...levelsOf(state, new Map([['far', 0.4]]))], [['h', 0.4]]);
  const quiet = { ...stage[0], publications: [publication(2, 'microphone', { mutedByHost: true })] };
  state.room.room = { ...state.room.room, stage: [quiet] };
  assert.equal(levelsOf(state, new Map([['far', 0.4]])).size, 0);
});

test('in a call one is on stage at once, unless one checks the devices or only watches', () => {
  assert.equal(phaseOf(inCall()), 'live');
  assert.equal(phaseOf(inCall('host')), 'live');
  assert.equal(phaseOf(inCall('viewer')), 'watching');
  assert.equal(phaseOf(inCall('speaker', { checking: true })), 'setup');
  assert.equal(phaseOf(inCall('speaker', { watchOnly: true })), 'watching');
  assert.equal(phaseOf(inCall('speaker', { secure: false })), 'setup');
});

test('in a call everyone has a tile, also with nothing turned on', () => {
  const keys = (state) => tilesOf(state).map((one) => [one.participant, one.source, one.local]);
  assert.deepEqual(keys(inCall()), [['s', 'microphone', true], ['h', 'camera', false]]);
  const asHost = inCall('host');
  asHost.room.me.participant = 'h';
  assert.deepEqual(keys(asHost), [['h', 'microphone', true], ['s', 'microphone', false]]);
});

test('one may hide from oneself, but not when alone', () => {
  assert.deepEqual(tilesOf(inCall('speaker', { selfView: false })).map((one) => one.local), [false]);
  const alone = inCall('speaker', { selfView: false });
  alone.room.room = { ...alone.room.room, stage: [stage[1]] };
  assert.deepEqual(tilesOf(alone).map((one) => one.local), [true]);
});

test('the path of each person is told, and why it is not the direct one', () => {
  const state = inCall();
  const linked = (more) => {
    state.room.links = [{ participant: 'h', name: 'Ann', ...more }];
    return pathOf(state, 'h');
  };
  assert.equal(pathOf(state, 's'), null);
  assert.equal(pathOf(state, 'h')?.way, 'node');
  assert.equal(linked({ path: 'link', candidateType: 'host' })?.way, 'link');
  assert.equal(linked({ path: 'link', candidateType: 'relay' })?.way, 'relay');
  const failed = linked({ path: 'node', why: 'failed', cause: 'no-udp' });
  assert.match(wordsOf(/** @type {any} */ (failed)), /Over this server\. No direct way .* blocks UDP/);
});

test('what is in hand depends on where one stands', () => {
  const show = (role, studio = EMPTY_STUDIO) => {
    const state = inCall(role, { studio });
    state.room.room = { ...state.room.room, kind: 'live' };
    return standing(state);
  };
  assert.equal(show('viewer').people, false);
  assert.equal(show('viewer').controls, true);
  assert.equal(show('host').controls, false, 'the device check has its own buttons');
  assert.equal(show('host', { ...EMPTY_STUDIO, live: true }).controls, true);
  assert.equal(standing(inCall('viewer')).people, true);
});

test('sizes of files read as people say them', () => {
  assert.equal(fileSize(0, 'en'), '0 bytes');
  assert.equal(fileSize(999, 'en'), '999 bytes');
  assert.equal(fileSize(15_400, 'en'), '15 kB');
  assert.equal(fileSize(1_250_000, 'en'), '1.3 MB');
  assert.equal(fileSize(256 * 1024 * 1024, 'en'), '268.4 MB');
});

const transfer = (id, more = {}) => /** @type {any} */ ({
  id, direction: 'out', participant: 'h', group: 'g', name: 'a.txt', size: 100, type: '', moved: 0, state: 'offered', fault: null, blob: null, ...more,
});

test('a file for several is one card: on its way while one is, then whole for whoever has it', () => {
  const state = inCall();
  const two = (first, second) => card('g', [transfer('1', first), transfer('2', { participant: 'x', ...second })], state);
  assert.equal(two({}, {}).state, 'offered');
  const moving = two({ state: 'done', moved: 100 }, { state: 'moving', moved: 50 });
  assert.deepEqual([moving.state, moving.progress, moving.received, moving.moving], ['moving', 0.75, 1, ['2']]);
  const over = two({ state: 'done', moved: 100 }, { state: 'declined' });
  assert.deepEqual([over.state, over.received, over.receivers, over.moving], ['done', 1, 2, []]);
  assert.equal(two({ state: 'failed', fault: 'left' }, { state: 'declined' }).state, 'left');
});

test('a file that comes names its sender, also when they have left since', () => {
  const state = inCall();
  const first = card('1', [transfer('1', { direction: 'in' })], state);
  assert.deepEqual([first.own, first.peer, first.after], [false, 'Ann', -1]);
  const alone = inCall();
  alone.room.room = { ...alone.room.room, stage: [] };
  const later = card('1', [transfer('1', { direction: 'in', state: 'failed', fault: 'left' })], alone, first);
  assert.deepEqual([later.peer, later.state], ['Ann', 'left']);
});
