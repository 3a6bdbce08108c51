import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shownSize } from '../sight.js';
import { EMPTY_ROOM, initialState } from '../store.js';
import { tilesOf } from '../tiles.js';
import { preferencesOf } from '../viewing.js';

const publication = (number, source) => ({ publication: number, source, muted: false, mutedByHost: false });
const member = (participant, publications) => ({ participant, name: participant, role: 'host', connected: true, publications });
const watching = (more = {}) => /** @type {any} */ ({
  ...initialState(), roomName: 'r',
  room: {
    ...EMPTY_ROOM, connection: 'open', me: { participant: 'me', name: 'Bob', role: 'viewer' },
    room: {
      name: 'r', kind: 'live', live: true, chatOpen: true,
      stage: [
        member('ann', [publication(1, 'camera'), publication(2, 'microphone'), publication(3, 'screen')]),
        member('cho', [publication(4, 'camera')]), member('dan', [publication(5, 'microphone')]),
      ],
    },
  },
  ...more,
});
const shown = (number, more = {}) => ({ publication: number, seen: true, width: 640, height: 360, main: false, ...more });
const qualities = (preferences) => Object.fromEntries(preferences.map(({ publication: number, quality }) => [number, quality]));

test('each picture is wanted in the size in which it is shown, and the large one before the others', () => {
  const preferences = preferencesOf(watching(), [shown(1), shown(3, { width: 1920, height: 1080, main: true }), shown(4)]);
  const of = (number) => preferences.find((one) => one.publication === number);
  assert.deepEqual(of(3), { publication: 3, quality: 'auto', width: 1920, height: 1080, spotlight: true });
  assert.deepEqual(of(1), { publication: 1, quality: 'auto', width: 640, height: 360, spotlight: false });
  assert.equal(preferences.length, 3, 'sounds are no pictures');
});

test('what nobody sees is paused; what is not laid out yet comes at once', () => {
  const preferences = preferencesOf(watching(), [shown(1, { seen: false }), shown(3)]);
  assert.deepEqual(qualities(preferences), { 1: 'paused', 3: 'auto', 4: 'auto' });
});

test('a chosen quality holds for all pictures, and sound only for none', () => {
  assert.deepEqual(qualities(preferencesOf(watching({ quality: 'low' }), [shown(1, { seen: false })])), { 1: 'paused', 3: 'low', 4: 'low' });
  assert.deepEqual(qualities(preferencesOf(watching({ quality: 'sound' }), [shown(1)])), { 1: 'paused', 3: 'paused', 4: 'paused' });
});

test('while devices are checked no picture is wanted', () => {
  assert.deepEqual(qualities(preferencesOf(watching({ checking: true }), [shown(1)])), { 1: 'paused', 3: 'paused', 4: 'paused' });
});

test('with sound only, the pictures of others are not wanted and one’s own stays', () => {
  const state = watching({ quality: 'sound' });
  state.studio = { ...state.studio, live: true, tracks: { camera: {} } };
  const unwanted = Object.fromEntries(tilesOf(state).map(({ key, unwanted }) => [key, unwanted]));
  assert.deepEqual(unwanted, { 'ann:screen': true, 'me:person': false, 'ann:person': true, 'cho:person': true, 'dan:person': false });
});

test('a picture that fits into its box is as large as its narrower side lets it be', () => {
  const near = (size, width, height) => assert.ok(Math.abs(size.width - width) < 4 && Math.abs(size.height - height) < 4, JSON.stringify(size));
  near(shownSize({ width: 390, height: 800 }, 4 / 3, false), 390, 294);
  near(shownSize({ width: 1600, height: 900 }, 1, false), 900, 900);
  near(shownSize({ width: 390, height: 800 }, 1, true), 800, 800);
  near(shownSize({ width: 800, height: 300 }, 1, true), 800, 800);
});

test('a layer of nearly the same shape is shown in the same size', () => {
  const box = { width: 877, height: 493 };
  const sizes = [[1280, 720], [854, 480], [640, 360], [427, 240], [426, 240], [320, 180]].map(([width, height]) => shownSize(box, width / height, false));
  for (const size of sizes) assert.deepEqual(size, sizes[0]);
});

test('a box without size has a picture without size', () => {
  assert.deepEqual(shownSize({ width: 0, height: 0 }, 16 / 9, false), { width: 0, height: 0 });
});
