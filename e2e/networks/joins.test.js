import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { binary } from '../support/places.js';
import { behaviour } from '../support/scene.js';
import { liveShow, ROOM } from '../support/show.js';
import { until } from '../support/until.js';

/** Key frames that may be asked of a publisher in a second, however many come. */
const KEY_FRAMES_A_SECOND = 2;
const VIEWERS = 200;
/** Pages that come within two seconds. */
const PAGES = 8;
const WITHIN = 2_000;
/** Pages that come one after the other: as each of the many does who has a machine of their own, which a node's two cores cannot stand for all at once. */
const ONE_BY_ONE = 20;
/** How long a page rests before *Watch* is pressed: opening it takes the processors too. Milliseconds. */
const REST = 500;

behaviour(`${VIEWERS} viewers who come within two seconds see a picture, and ask for few key frames`, async (scene) => {
  const node = await scene.node({ args: ['--connections-per-second', '1000'] });
  const words = ['load', node.local, '--viewers', VIEWERS, '--join-rate', VIEWERS / 2, '--duration', 3, '--simulcast', '--json'];
  const { stdout } = await promisify(execFile)(/** @type {string} */ (binary()), words.map(String));
  const { viewers, publishers, join } = JSON.parse(stdout);
  scene.note(`from the request to the first complete key frame: p50 ${join.first_picture.p50} ms, p95 ${join.first_picture.p95} ms`);
  scene.note(`key frames asked in the busiest second: ${publishers.key_frames_in_a_second}`);
  assert.equal(viewers.with_picture, VIEWERS);
  assert(publishers.key_frames_in_a_second <= KEY_FRAMES_A_SECOND);
});

behaviour(`${PAGES} pages that come within two seconds see a picture, and ask for few key frames`, async (scene) => {
  const { node, host } = await liveShow(scene, { viewers: [] });
  const browser = await scene.chromium();
  const pages = [];
  for (let at = 0; at < PAGES; at += 1) {
    pages.push(await pageBeforeRoom(scene, node, browser, at));
  }
  await host.page.evaluate(countRequests);
  const took = await Promise.all(pages.map((page, at) => page.evaluate(firstFrameAfter, (at * WITHIN) / PAGES)));
  saysTimes(scene, took);
  /** @type {number[]} */
  const counts = await until('requests are counted', () => host.page.evaluate(() => /** @type {any} */ (globalThis).requests), (all) => all.length > 12);
  // Four looks a second.
  const busiest = Math.max(...counts.map((count, at) => count - counts[Math.max(0, at - 4)]));
  scene.note(`key frames asked in the busiest second: ${busiest}`);
  assert(busiest <= KEY_FRAMES_A_SECOND, `asked: ${counts}`);
});

behaviour(`${ONE_BY_ONE} pages that come one after the other see a picture`, async (scene) => {
  const { node } = await liveShow(scene, { viewers: [] });
  const browser = await scene.chromium();
  const took = [];
  for (let at = 0; at < ONE_BY_ONE; at += 1) {
    const page = await pageBeforeRoom(scene, node, browser, at);
    took.push(await page.evaluate(firstFrameAfter, REST));
    await page.close();
  }
  const { request } = saysTimes(scene, took);
  const p95 = request[Math.ceil(request.length * 0.95) - 1];
  scene.note(`from the request: p50 ${request[request.length / 2]} ms, p95 ${p95} ms`);
});

/** Someone who has only to press *Watch*. @param {import('../support/scene.js').Scene} scene @param {import('../support/node.js').Node} node @param {import('playwright-core').Browser} browser @param {number} at */
async function pageBeforeRoom(scene, node, browser, at) {
  const viewer = await scene.person(`Viewer ${at}`, { browser, context: { viewport: { width: 480, height: 320 } } });
  await viewer.open(node.local);
  await viewer.page.locator('#room-name').fill(ROOM);
  return viewer.page;
}

/** Says how long first frames took, the shortest first. @param {import('../support/scene.js').Scene} scene @param {{ click: number, request: number }[]} took */
function saysTimes(scene, took) {
  const sorted = (/** @type {'click' | 'request'} */ since) => took.map((one) => Math.round(one[since])).sort((one, other) => one - other);
  const times = { click: sorted('click'), request: sorted('request') };
  for (const [since, all] of Object.entries(times)) scene.note(`from the ${since} to the first frame: ${all.join(', ')} ms`);
  return times;
}

/** Runs in the page of a publisher: how many key frames were asked so far, four times a second. */
function countRequests() {
  const counts = /** @type {number[]} */ (/** @type {any} */ (globalThis).requests = []);
  setInterval(async () => {
    const stats = [...((await globalThis.roomcast.room.publisher.peer?.getStats())?.values() ?? [])];
    const pictures = stats.filter(({ type, kind }) => type === 'outbound-rtp' && kind === 'video');
    counts.push(pictures.reduce((sum, { pliCount = 0, firCount = 0 }) => sum + pliCount + firCount, 0));
  }, 250);
}

/**
 * Runs in the page: presses *Watch* after a time.
 * @param {number} wait milliseconds
 * @returns {Promise<{ click: number, request: number }>} from either to the first frame, in milliseconds; the request is the `join`
 */
function firstFrameAfter(wait) {
  return new Promise((resolve) => {
    setTimeout(() => {
      const pressed = performance.now();
      let requested = 0;
      const { send } = WebSocket.prototype;
      WebSocket.prototype.send = function note(data) {
        requested ||= performance.now();
        send.call(this, data);
      };
      document.getElementById('watch')?.click();
      const look = () => {
        const video = /** @type {HTMLVideoElement | null} */ (document.querySelector('rc-tile video'));
        if ((video?.getVideoPlaybackQuality().totalVideoFrames ?? 0) > 0) resolve({ click: performance.now() - pressed, request: performance.now() - requested });
        else setTimeout(look, 5);
      };
      look();
    }, wait);
  });
}
