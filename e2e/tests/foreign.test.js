import assert from 'node:assert/strict';
import { aiortcPublishes, aiortcWatches, decoded, ffmpegPublishes } from '../support/foreign.js';
import { goesOn, hears, look, seesAndHears } from '../support/media.js';
import { behaviour } from '../support/scene.js';
import { ROOM, roomAt } from '../support/show.js';
import { until } from '../support/until.js';

/** Who comes with it first opens the room, and has it for its host key. */
const KEY = 'a-key-of-my-own';
/** A client that vanishes is gone after this and what a busy machine adds. Milliseconds. */
const GONE_WITHIN = 25_000;
/** Well above one key frame's worth. */
const SOME_FRAMES = 30;

behaviour('what FFmpeg publishes by WHIP is seen, heard and called by its name, comes back in its own place, and goes when FFmpeg vanishes', async (scene) => {
  const node = await scene.node();
  const begins = () => scene.keep(ffmpegPublishes(`${node.local}/whip/${ROOM}?name=Studio`, KEY));
  const studio = begins();
  const viewer = await scene.person('Bob');
  await onceLive(node);
  await viewer.open(roomAt(node.local));
  await seesAndHears(viewer.page, { of: 'Studio', within: 30_000 });
  await viewer.page.locator('rc-tile', { hasText: 'Studio' }).first().waitFor();
  // Someone who comes in the middle gets a picture as well.
  const late = await scene.person('Cid');
  await late.open(roomAt(node.local));
  await seesAndHears(late.page, { of: 'Studio' });
  await studio.vanishes();
  const again = begins();
  const before = /** @type {import('../support/media.js').Look} */ (await look(viewer.page, { of: 'Studio' }));
  await goesOn(viewer.page, before, { of: 'Studio', within: 30_000 });
  assert.equal(await onStage(viewer), 1);
  assert.equal(await viewer.isSamePage(), true);
  await again.vanishes();
  await until('the studio has gone', () => onStage(viewer), (count) => count === 0, GONE_WITHIN);
});

behaviour('what aiortc publishes by WHIP is seen and heard, and ends when it says so', async (scene) => {
  const node = await scene.node();
  const robot = scene.keep(aiortcPublishes(`${node.lan}/whip/${ROOM}?name=Robot`, KEY));
  await robot.says('aiortc is connected', (lines) => lines.includes('connected'));
  const viewer = await scene.person('Bob');
  await viewer.open(roomAt(node.local));
  await seesAndHears(viewer.page, { of: 'Robot' });
  await hears(viewer.page, 'Robot');
  await robot.close();
  await until('the robot has gone', () => onStage(viewer), (count) => count === 0, 5_000);
});

behaviour('aiortc watches a browser host by WHEP', async (scene) => {
  const node = await scene.node();
  const host = await scene.person('Ann');
  await host.opensRoom(node.local, ROOM);
  await host.goesLive();
  const robot = scene.keep(aiortcWatches(`${node.lan}/whep/${ROOM}`));
  const shows = (/** @type {string[]} */ lines) => decoded(lines, 'video').frames >= SOME_FRAMES && decoded(lines, 'video').level > 4;
  const sounds = (/** @type {string[]} */ lines) => decoded(lines, 'audio').frames >= SOME_FRAMES && decoded(lines, 'audio').level > 100;
  await robot.says('aiortc decodes picture and sound', (lines) => shows(lines) && sounds(lines), 30_000);
  await host.counts(1);
  await robot.close();
  await host.counts(0);
});

/** How many are on stage, as a page shows it. @param {import('../support/person.js').Person} person */
function onStage(person) {
  return person.knows((state) => state.room.room.stage.length);
}

/** Waits until somebody is live in the room. @param {import('../support/node.js').Node} node */
async function onceLive(node) {
  const headers = { authorization: `Bearer ${node.apiKey}` };
  const ask = async () => (await (await fetch(`${node.local}/api/v1/rooms`, { headers })).json()).items;
  await until('the room is live', ask, (rooms) => rooms.some((room) => room.name === ROOM && room.live));
}
