/** A room changes between links and the node: make before break. */
import assert from 'node:assert/strict';
import { framesSeen, watchFrames } from '../support/frames.js';
import { hasLinks, links, receivesBy } from '../support/links.js';
import { goesOn, look, seesAndHears } from '../support/media.js';
import { behaviour } from '../support/scene.js';
import { ROOM, liveShow, roomAt } from '../support/show.js';
import { until } from '../support/until.js';

/**
 * From here on people speak of a freeze. The aim is 200 ms, and the figure is printed; how near a run
 * comes to it is up to the machine, which encodes for both paths while they change. Milliseconds.
 */
const FREEZE = 2_000;
/** For so long a picture is watched before anything changes: what the machine itself makes of it. Frames. */
const CALM_FRAMES = 60;
/** Mean grey value under which a picture is black; the fake camera's has about 100. */
const BLACK = 16;
/** What a room waits, once it is small again, before it goes back to links. Milliseconds, with some more. */
const UNTIL_CALM = 30_000;

behaviour('a room goes from links to the node and back, and no viewer sees a freeze or black', async (scene) => {
  const { host, viewers } = await liveShow(scene, { topology: 'p2p', viewers: ['Bob', 'Cho'] });
  await hasLinks(host, 2);
  await sendsSmall(host);
  const calm = await Promise.all(viewers.map((viewer) => calmGap(viewer.page)));
  await Promise.all(viewers.map((viewer) => watchFrames(viewer.page)));
  for (const [topology, path] of /** @type {const} */ ([['sfu', 'node'], ['p2p', 'link'], ['sfu', 'node']])) {
    await host.setsRoom({ topology });
    await Promise.all(viewers.map((viewer) => receivesBy(viewer, 'Ann', path)));
    for (const { page } of viewers) await goesOn(page, /** @type {any} */ (await look(page)));
  }
  await hasLinks(host, 0);
  for (const [at, viewer] of viewers.entries()) await showsNoJerk(scene, viewer, { calm: calm[at], changes: 3 });
});

behaviour('a room that outgrows links goes by the node, and comes back when it has been small for a while', async (scene) => {
  const node = await scene.node({ topology: 'auto', args: ['--p2p-max-links', '1'] });
  const host = await scene.person('Ann');
  await host.opensRoom(node.local, ROOM);
  await host.goesLive();
  await sendsSmall(host);
  const first = await scene.person('Bob');
  await first.open(roomAt(node.local));
  await seesAndHears(first.page);
  await receivesBy(first, 'Ann', 'link');
  // The start of a browser is not to be seen in the picture of another.
  const second = await scene.person('Cho');
  const calm = await calmGap(first.page);
  await watchFrames(first.page);
  await second.open(roomAt(node.local));
  await seesAndHears(second.page);
  await receivesBy(first, 'Ann', 'node');
  await receivesBy(second, 'Ann', 'node');
  await hasLinks(host, 0);
  await second.page.close();
  await host.counts(1);
  await receivesBy(first, 'Ann', 'link', UNTIL_CALM);
  await seesAndHears(first.page);
  await showsNoJerk(scene, first, { calm, changes: 2 });
});

behaviour('a room that begins small begins with links: the node carries none of its media', async (scene) => {
  const { node, host, viewers } = await liveShow(scene, { topology: 'auto', viewers: ['Bob', 'Cho'] });
  for (const viewer of viewers) await receivesBy(viewer, 'Ann', 'link');
  await hasLinks(host, 2);
  assert.deepEqual((await links(host.page)).map(({ name }) => name).sort(), ['Bob', 'Cho']);
  await node.hasSessions(0);
});

/**
 * A small picture: while a room changes, the host encodes it for each path and viewer, and this is to
 * show what the change does and not what the machine can encode.
 * @param {import('../support/person.js').Person} host
 */
async function sendsSmall(host) {
  await host.page.evaluate(() =>
    /** @type {any} */ (globalThis).roomcast.store.state.studio.tracks.camera.applyConstraints({ width: 320, height: 180, frameRate: 30 }));
}

/** The longest gap while nothing changes. @param {import('playwright-core').Page} page */
async function calmGap(page) {
  await watchFrames(page);
  const { longest } = await until('a calm picture', () => framesSeen(page), ({ times }) => times.length >= CALM_FRAMES);
  return longest;
}

/**
 * What was watched changed so often, each time before the older way had ended, and was never black.
 * @param {import('../support/scene.js').Scene} scene @param {import('../support/person.js').Person} viewer
 * @param {{ calm: number, changes: number }} expected
 */
async function showsNoJerk(scene, viewer, { calm, changes }) {
  const { longest, after, times, darkest, late, missing, ...seen } = await framesSeen(viewer.page);
  const gaps = `the longest gap ${Math.round(longest)} ms after frame ${after} of ${times.length}, ${Math.round(calm)} ms in calm`;
  scene.note(`${viewer.label}: ${gaps}, the darkest picture ${Math.round(darkest)}`);
  assert.deepEqual([seen.changes, late], [changes, 0], `${viewer.label}: changes, and those that came too late`);
  assert(longest < FREEZE, `${viewer.label}: ${gaps}`);
  assert(darkest > BLACK, `${viewer.label}: a picture of ${darkest}`);
  assert.equal(missing, 0);
  assert(await viewer.isSamePage());
}
