import { behaviour } from '../support/scene.js';
import { seesAndHears } from '../support/media.js';
import { ROOM } from '../support/show.js';

/** Pages of viewers. */
const CROWD = 20;
/** Of the camera: twenty pictures are decoded on the machine of the test. */
const FRAMES_PER_SECOND = 5;

behaviour(`${CROWD} pages that join within a second all see and hear`, async (scene) => {
  const node = await scene.node();
  const host = await scene.person('Ann', { chromium: { framesPerSecond: FRAMES_PER_SECOND } });
  await host.opensRoom(node.local, ROOM);
  await host.goesLive();
  const browser = await scene.chromium();
  const crowd = [];
  for (let at = 0; at < CROWD; at += 1) {
    const viewer = await scene.person(`Viewer ${at}`, { browser, context: { viewport: { width: 480, height: 270 } } });
    await viewer.open(node.local);
    await viewer.page.locator('#room-name').fill(ROOM);
    crowd.push(viewer);
  }
  const joined = await Promise.all(crowd.map((viewer) => viewer.page.evaluate(watchNow)));
  scene.note(`${CROWD} pages joined within ${Math.max(...joined) - Math.min(...joined)} ms`);
  await host.counts(CROWD);
  // Looking costs as well: a few at a time.
  for (let at = 0; at < CROWD; at += 5) {
    await Promise.all(crowd.slice(at, at + 5).map((viewer) => seesAndHears(viewer.page, { within: 30_000 })));
  }
});

/** Runs in the page. @returns {Promise<number>} when it was in */
function watchNow() {
  const { store } = globalThis.roomcast;
  return new Promise((resolve) => {
    store.subscribe((/** @type {any} */ state) => state.room.me && resolve(Date.now()));
    document.getElementById('watch')?.click();
  });
}
