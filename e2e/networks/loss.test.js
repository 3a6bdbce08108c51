import assert from 'node:assert/strict';
import { behaviour } from '../support/scene.js';
import { figures } from '../support/reception.js';
import { leaves, watches, WeakShow } from '../support/weak.js';

/** Share of packets lost, and of the time that the picture may stand still: before layers it was 14 and 22 % for the latter two. */
const LOSSES = [{ loss: 0.02, frozen: 0.01 }, { loss: 0.05, frozen: 0.02 }, { loss: 0.1, frozen: 0.05 }];
/** Share of the sound that may be made up where 5 % are lost: so much is not heard. */
const MADE_UP = 0.03;
/** Seconds. */
const WATCHED = 25;

behaviour('a picture on a link that loses 2, 5 and 10 % of all packets goes on, and the sound is whole', async (scene) => {
  const show = await WeakShow.begins(scene);
  const rows = [];
  for (const { loss, frozen } of LOSSES) {
    const percent = `${loss * 100}%`;
    const guest = await scene.linkedGuest({ delay: '25ms' });
    const viewer = await show.viewer(`Viewer losing ${percent}`, guest);
    // How a page loads is no matter of media.
    await guest.link.set({ loss: percent });
    const timeline = await watches(viewer, WATCHED);
    await leaves(viewer);
    const start = timeline.frames[0];
    const { freezeRatio, longestGap, bitrate, concealed, height, framesPerSecond } = figures(timeline, start);
    await show.keeps(`loss ${percent}`, { freezeRatio, concealed, longestGap, bitrate, height, framesPerSecond }, timeline);
    rows.push({ loss, frozen, freezeRatio, concealed });
  }
  for (const row of rows) {
    assert(row.freezeRatio < row.frozen, `frozen: ${JSON.stringify(row)}`);
    assert(row.loss > 0.05 || row.concealed < MADE_UP, `sound: ${JSON.stringify(row)}`);
  }
});
