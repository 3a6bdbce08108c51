import assert from 'node:assert/strict';
import { behaviour } from '../support/scene.js';
import { figures, settledAfter } from '../support/reception.js';
import { leaves, watches, WeakShow } from '../support/weak.js';

/** Bits a second. */
const CEILINGS = [500_000, 1_000_000, 3_000_000];
/** How long a viewer may take to find what fits, and how long they watch. Seconds. */
const SETTLED_WITHIN = 10;
const WATCHED = 20;

/** Shares of the time and of the ceiling. A node that sends each viewer the best layer stands still for nearly all of it. */
const FROZEN = 0.01;
const USED = 0.7;

behaviour('a picture fits links of 500 kbit/s, 1 and 3 Mbit/s: it goes on, and the link is used', async (scene) => {
  const show = await WeakShow.begins(scene);
  const rows = [];
  for (const ceiling of CEILINGS) {
    const rate = `${ceiling / 1000}k`;
    const guest = await scene.linkedGuest({ rate, queue: '200ms', delay: '20ms' });
    const viewer = await show.viewer(`Viewer at ${rate}`, guest);
    const timeline = await watches(viewer, WATCHED);
    await leaves(viewer);
    const start = timeline.frames[0];
    const whole = figures(timeline, start);
    const late = figures(timeline, start + SETTLED_WITHIN * 1000);
    const row = {
      ceiling, freezeRatio: whole.freezeRatio, share: late.bitrate / ceiling, settled: settledAfter(timeline, ceiling * 0.7, start),
      longestGap: whole.longestGap, height: late.height, framesPerSecond: late.framesPerSecond, changesLate: late.changes,
    };
    await show.keeps(`ceiling ${rate}`, row, timeline);
    rows.push(row);
  }
  for (const row of rows) {
    assert(row.freezeRatio < FROZEN, `frozen: ${JSON.stringify(row)}`);
    assert(row.share >= USED, `unused: ${JSON.stringify(row)}`);
    assert(row.settled <= SETTLED_WITHIN, `not settled: ${JSON.stringify(row)}`);
  }
});
