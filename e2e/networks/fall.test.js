import assert from 'node:assert/strict';
import { behaviour } from '../support/scene.js';
import { figures, settledAfter, timelineOf } from '../support/reception.js';
import { until } from '../support/until.js';
import { watches, WeakShow } from '../support/weak.js';

/** Seconds: before the link falls, while it is down, and after it is back. */
const [BEFORE, DOWN, AFTER] = [18, 15, 20];
/** How long a picture stands still at most: 230 to 450 were seen. A node without layers: 15,400. Milliseconds. */
const LONGEST_FREEZE = 500;
/** Seconds until the top is seen again. */
const BACK_WITHIN = 12;

behaviour('a link that falls from 3 Mbit/s to 500 kbit/s and comes back is followed, down and up', async (scene) => {
  const show = await WeakShow.begins(scene);
  const guest = await scene.linkedGuest({ rate: '3M', queue: '200ms', delay: '20ms' });
  const viewer = await show.viewer('Bob', guest);
  await watches(viewer, BEFORE);
  const fell = await viewer.page.evaluate(() => performance.now());
  await guest.link.set({ rate: '500k' });
  await lasts(viewer, fell, DOWN);
  const rose = await viewer.page.evaluate(() => performance.now());
  await guest.link.set({ rate: '3M' });
  const timeline = await lasts(viewer, rose, AFTER);
  const top = figures(timeline, fell - 4_000, fell);
  const down = figures(timeline, fell, rose);
  const back = figures(timeline, rose);
  const row = {
    longestGap: Math.max(down.longestGap, back.longestGap), freezeRatio: figures(timeline, fell).freezeRatio,
    // By its size: how soon an encoder uses its whole bit rate again is the publisher's matter.
    back: settledAfter(timeline, 0, rose), topBitrate: top.bitrate, topHeight: top.height,
    downShare: down.bitrate / 500_000, downHeight: down.height, backHeight: back.height,
  };
  await show.keeps('fall', row, timeline);
  assert(row.downHeight < row.topHeight, `it was never at the top: ${JSON.stringify(row)}`);
  assert(row.longestGap <= LONGEST_FREEZE, `frozen: ${JSON.stringify(row)}`);
  assert(row.backHeight === row.topHeight && row.back <= BACK_WITHIN, `not back at the top: ${JSON.stringify(row)}`);
});

/** Waits until a viewer's time line goes so far. @param {import('../support/person.js').Person} viewer @param {number} from @param {number} seconds */
async function lasts(viewer, from, seconds) {
  const newest = () => viewer.page.evaluate(() => /** @type {any} */ (globalThis).reception.samples.at(-1).at);
  await until(`${seconds} seconds more`, newest, (at) => at >= from + seconds * 1000, (seconds + 10) * 1000);
  return timelineOf(viewer.page);
}
