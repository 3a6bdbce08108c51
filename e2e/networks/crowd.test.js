import assert from 'node:assert/strict';
import { behaviour } from '../support/scene.js';
import { figures, receives, timelineOf } from '../support/reception.js';
import { watches, WeakShow } from '../support/weak.js';

/** Viewers whose network is good: one who sees the best picture, and others with small pages, since all decode here. */
const SMALL = 8;
/** What the weak one's link carries, bits a second. */
const WEAK = 300_000;
/** How long is looked before the weak one comes, after all have settled, and afterwards. Seconds. */
const [SETTLING, BEFORE, WITH] = [12, 8, 12];
/** Share of the bit rate that may be missing: pictures differ from second to second. */
const SWAY = 0.1;
/** Key frames that may come besides: each is seen by all. */
const MORE_KEY_FRAMES = 2;

behaviour('nine viewers do not notice that a tenth has a link of 300 kbit/s', async (scene) => {
  const show = await WeakShow.begins(scene);
  const guest = await scene.linkedGuest({ rate: `${WEAK / 1000}k`, queue: '200ms', delay: '20ms' });
  const browser = await scene.chromium();
  const others = [];
  for (let at = 0; at <= SMALL; at += 1) {
    const other = await show.neighbour(`Other ${at}`, browser, at === 0 ? undefined : { width: 480, height: 320 });
    others.push(other);
  }
  for (const { page } of others) await receives(page, SETTLING + BEFORE);
  const moments = () => Promise.all(others.map(({ page }) => page.evaluate(() => performance.now())));
  const until = await moments();
  const weak = await show.viewer('Weak', guest);
  // That one more browser begins on the same two cores is no matter of the network.
  await receives(weak.page, 1);
  const from = await moments();
  const weakly = await watches(weak, WITH);
  const rows = await Promise.all(others.map(async ({ page }, at) => {
    const timeline = await timelineOf(page);
    const [before, after] = [figures(timeline, until[at] - BEFORE * 1000, until[at]), figures(timeline, from[at])];
    if (at === 0) await show.keeps('crowd, the best of the others', { ...after, bitrateBefore: before.bitrate }, timeline);
    return { before, after };
  }));
  const { freezeRatio, bitrate, height } = figures(weakly, weakly.frames[0]);
  await show.keeps('crowd, the weak one', { freezeRatio, bitrate, height }, weakly);
  scene.note(`the other nine: bit rates ${rows.map(({ before, after }) => (after.bitrate / before.bitrate).toFixed(2)).join(', ')} of what they were`);
  assert(bitrate < WEAK && weakly.frames.length > 0);
  for (const { before, after } of rows) {
    const both = JSON.stringify({ before, after });
    assert(after.freezeRatio <= before.freezeRatio + 0.005, `frozen: ${both}`);
    assert(after.bitrate >= before.bitrate * (1 - SWAY), `less: ${both}`);
    assert(after.keyFrames <= before.keyFrames + MORE_KEY_FRAMES, `key frames: ${both}`);
  }
});
