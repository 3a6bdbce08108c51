/** Sound and picture of one person stay together: what is played at one moment was captured at one moment. */
import { behaviour } from '../support/scene.js';
import { seesAndHears } from '../support/media.js';
import { liveShow, ROOM } from '../support/show.js';
import { until } from '../support/until.js';

/** @typedef {import('playwright-core').Page} Page */

/** Further apart, people notice (ITU-R BT.1359). Milliseconds. */
const APART = 45;
/** Looks in a row, a second between them, of which the middle one counts: one alone is rough. */
const LOOKS = 5;
/** The others show that it stays so. Milliseconds. */
const AT_MOST = 120;
/** A browser begins after two sender reports of each, and moves them by 80 ms a second at most. Milliseconds. */
const SETTLES_WITHIN = 40_000;

behaviour('sound and picture stay together, on a slow link and in a smaller picture too', async (scene) => {
  const { node } = await liveShow(scene, { viewers: [] });
  const guest = await scene.linkedGuest();
  const viewer = await scene.person('Bob', { chromium: { guest } });
  await viewer.open(`${node.lan}/r/${ROOM}`);
  await seesAndHears(viewer.page);
  for (const conditions of [{}, { delay: '25ms' }, { delay: '25ms', rate: '350k' }]) {
    await guest.link.set(conditions);
    /** @type {number[]} */
    const seen = [];
    const look = async () => {
      await viewer.page.waitForTimeout(1_000);
      const apart = await viewer.page.evaluate(playedApart);
      if (apart !== null) seen.push(apart);
      return seen.slice(-LOOKS);
    };
    const together = (/** @type {number[]} */ last) => last.length === LOOKS && Math.abs(middle(last)) < APART && last.every((one) => Math.abs(one) < AT_MOST);
    const last = await until(`sound and picture together ${JSON.stringify(conditions)}`, look, together, SETTLES_WITHIN);
    const height = await viewer.page.locator('rc-tile video').evaluate((video) => /** @type {HTMLVideoElement} */ (video).videoHeight);
    scene.note(JSON.stringify({ ...conditions, height, apart: middle(last), seconds: seen.length, seen }));
  }
});

/** Runs in the page: by how much later the sound that is played was captured than the picture that is shown. */
async function playedApart() {
  const peer = /** @type {any} */ (globalThis).roomcast.room.subscriber.peer;
  const inbound = [...(await peer.getStats()).values()].filter((entry) => entry.type === 'inbound-rtp');
  const played = (/** @type {string} */ kind) => inbound.find((entry) => entry.kind === kind)?.estimatedPlayoutTimestamp;
  const [sound, picture] = [played('audio'), played('video')];
  return sound && picture ? Math.round(sound - picture) : null;
}

/** @param {number[]} values */
function middle(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
