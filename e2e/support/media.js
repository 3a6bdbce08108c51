/**
 * What really arrives: frames that were decoded, a picture that has light in it and moves, and
 * sound with energy. All of it is read from the page's own elements and connections.
 */
import { until } from './until.js';

/** @typedef {import('playwright-core').Page} Page */

/**
 * @typedef {object} Look
 * @property {string} state          of the tile
 * @property {string} path           by which it comes
 * @property {number} frames         decoded since the connection began
 * @property {number} energy         of the sound since the connection began
 * @property {number} heard          sound packets that came
 * @property {boolean} muted         whether the element is silenced
 * @property {number} width          of the picture
 * @property {number} light          mean of the picture, 0 to 255
 * @property {number} contrast       greatest difference within the picture
 * @property {number[]} picture      16 × 9 grey values
 */

/**
 * Which tile is meant.
 * @typedef {object} Which
 * @property {string} [source]   `camera`, `screen` or `microphone`
 * @property {string} [of]       the name of the person; without it, the first of somebody else
 */

/**
 * What is expected of it: `plain`, that the picture is all of one colour, which is what Firefox's fake camera shows.
 * @typedef {Which & { sound?: boolean, plain?: boolean, within?: number }} Expected
 */

/** Decoded within the window that is looked at: well above one key frame's worth. */
const SOME_FRAMES = 12;
/** Greater than what noise or a codec's hum makes of silence. */
const SOME_ENERGY = 1e-6;
/** Longer than the pause between two beeps of the fake microphone. Milliseconds. */
const SILENCE_FOR = 2_500;

/**
 * Looks at the tile of somebody else.
 * @param {Page} page @param {Which} [which]
 * @returns {Promise<Look | null>} null while there is no such tile
 */
export async function look(page, { source = 'camera', of } = {}) {
  const seen = await page.evaluate(lookInside, { source, of });
  // A complaint is to be readable.
  return seen && Object.defineProperty(seen, 'picture', { enumerable: false });
}

/**
 * Waits until a tile's picture is there, moves, and (unless told otherwise) is heard.
 * @param {Page} page @param {Expected} [expected]
 */
export async function seesAndHears(page, expected = {}) {
  const there = (/** @type {Look | null} */ now) => Boolean(now && now.frames > 0 && now.width > 0);
  const first = await until(`a picture (${named(expected)})`, () => look(page, expected), there, expected.within);
  await goesOn(page, /** @type {Look} */ (first), expected);
}

/**
 * Waits until frames and sound have gone on since an earlier look, and the picture has changed.
 * @param {Page} page @param {Look} since @param {Expected} [expected]
 */
export async function goesOn(page, since, expected = {}) {
  const { sound = true, plain = false, within } = expected;
  const moves = (/** @type {Look | null} */ now) =>
    now !== null
    // A new connection counts from zero again.
    && (now.frames >= since.frames + SOME_FRAMES || (now.frames < since.frames && now.frames >= SOME_FRAMES))
    && now.light > 4 && (plain || now.contrast > 20)
    && difference(now.picture, since.picture) > 0
    && (!sound || Math.abs(now.energy - since.energy) > SOME_ENERGY);
  await until(`moving picture${sound ? ' and sound' : ''} (${named(expected)})`, () => look(page, expected), moves, within);
}

/**
 * Waits until somebody is heard, with a picture or without.
 * @param {Page} page @param {string} of name @param {number} [within] milliseconds
 */
export async function hears(page, of, within) {
  const sound = async () => (await look(page, { source: 'microphone', of })) ?? look(page, { of });
  const first = await until(`sound of ${of}`, sound, (now) => now !== null && now.energy > 0, within);
  const before = /** @type {Look} */ (first).energy;
  await until(`more sound of ${of}`, sound, (now) => now !== null && now.energy > before + SOME_ENERGY, within);
}

/** @param {Page} page @returns {Promise<number>} milliseconds from the page's opening to its first frame */
export function firstFrameAfter(page) {
  return page.evaluate(() => new Promise((resolve) => {
    const look = () => {
      const video = document.querySelector('rc-tile video');
      const frames = /** @type {HTMLVideoElement | null} */ (video)?.getVideoPlaybackQuality().totalVideoFrames ?? 0;
      if (frames > 0) resolve(performance.now());
      else requestAnimationFrame(look);
    };
    look();
  }));
}

/** Waits until no sound has arrived for a while. @param {Page} page @param {Which} [which] */
export async function hearsNothing(page, which = {}) {
  let before = await look(page, which);
  const quiet = async () => {
    await page.waitForTimeout(SILENCE_FOR);
    const now = await look(page, which);
    const gained = now && before ? now.energy - before.energy : NaN;
    before = now;
    return gained;
  };
  await until(`silence (${named(which)})`, quiet, (gained) => gained < SOME_ENERGY);
}

/** @param {Which} which */
function named({ source = 'camera', of = 'the other' }) {
  return `${source} of ${of}`;
}

/** @param {number[]} a @param {number[]} b the mean difference of two pictures */
function difference(a, b) {
  if (a.length !== b.length) return 255;
  return a.reduce((sum, value, at) => sum + Math.abs(value - b[at]), 0) / a.length;
}

/** Runs in the page. @param {{ source: string, of?: string }} which */
async function lookInside({ source, of }) {
  const { room, store } = /** @type {any} */ (globalThis).roomcast;
  const stage = store.state.room.room?.stage ?? [];
  const person = stage.find((/** @type {any} */ member) => member.name === of)?.participant;
  const tiles = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(`rc-tile[data-source="${source}"]:not([data-local])`));
  const tile = [...tiles].find(({ dataset }) => of === undefined || dataset.participant === person);
  const video = tile?.querySelector('video[data-front]') ?? tile?.querySelector('video');
  if (!tile || !video) return null;
  const stream = /** @type {MediaStream | null} */ (video.srcObject);
  const ids = new Set(stream?.getTracks().map((track) => track.id));
  const peers = [room?.subscriber.peer, ...[...(room?.links?.values() ?? [])].map((link) => link.peer)];
  let frames = 0;
  let energy = 0;
  let heard = 0;
  for (const peer of peers) {
    for (const entry of (await peer?.getStats())?.values() ?? []) {
      if (entry.type !== 'inbound-rtp' || !ids.has(entry.trackIdentifier)) continue;
      if (entry.kind === 'video') frames = entry.framesDecoded ?? 0;
      else [energy, heard] = [entry.totalAudioEnergy ?? 0, entry.packetsReceived];
    }
  }
  const canvas = Object.assign(document.createElement('canvas'), { width: 16, height: 9 });
  const brush = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  brush.drawImage(video, 0, 0, 16, 9);
  const { data } = brush.getImageData(0, 0, 16, 9);
  const picture = Array.from({ length: 144 }, (_, at) => Math.round((data[at * 4] + data[at * 4 + 1] + data[at * 4 + 2]) / 3));
  return {
    state: tile.dataset.state ?? '',
    path: tile.dataset.path ?? '',
    frames,
    energy,
    heard,
    muted: video.muted,
    width: video.videoWidth,
    light: picture.reduce((sum, value) => sum + value, 0) / picture.length,
    contrast: Math.max(...picture) - Math.min(...picture),
    picture,
  };
}
