/**
 * How a picture and its sound are received, as a time line: what a viewer's page says of its
 * connection four times a second, and the figures that are read from that.
 */
import { until } from './until.js';

/** @typedef {import('playwright-core').Page} Page */

/**
 * Counts are since the connection began.
 * @typedef {object} Sample
 * @property {number} at        milliseconds since the page was opened
 * @property {number} bytes     of the IP packets of picture and sound, without repeats and padding
 * @property {number} width     of the picture, pixels
 * @property {number} height
 * @property {number} frames    decoded
 * @property {number} frozen    seconds, `totalFreezesDuration`
 * @property {number} freezes
 * @property {number} concealed samples of sound that were made up
 * @property {number} samples   of sound
 * @property {number} lost      packets
 * @property {number} packets
 * @property {number} keyFrames decoded
 * @property {number} told      what the node says to have for this viewer, bits a second; 0: nothing was said
 * @property {number} roundTrip milliseconds
 */
/** `frames`: when each frame was shown; `stamps`: when its last packet came, its own time, both in milliseconds, and its height; `origin`: when the page was opened, milliseconds since 1970. @typedef {{ origin: number, samples: Sample[], frames: number[], stamps: number[][] }} Timeline */

/**
 * @typedef {object} Figures
 * @property {number} seconds         that were looked at
 * @property {number} freezeRatio     frozen time over time
 * @property {number} longestGap      between two frames shown, milliseconds
 * @property {number} bitrate         mean, bits a second
 * @property {number} concealed       share of the sound that was made up
 * @property {number} height          of the last picture
 * @property {number} framesPerSecond mean
 * @property {number} keyFrames       decoded
 * @property {number} changes         of the picture's size
 */

/** IP and UDP headers of a packet, and what SRTP adds. Bytes. */
const AROUND_PACKET = 20 + 8 + 16;
/** Over how much of the time line a bit rate is taken, where it is asked for a moment. Milliseconds. */
const WINDOW = 2_000;

/** So long that a picture stands still. Milliseconds. */
const LONG_GAP = 400;

/** Begins a time line, which starts with the page's connection: to be called before the page is opened. @param {Page} page */
export async function recordsReception(page) {
  await page.addInitScript(record, AROUND_PACKET);
}

/** @param {Page} page @returns {Promise<Timeline>} the time line so far */
export function timelineOf(page) {
  return page.evaluate(() => /** @type {any} */ (globalThis).reception);
}

/** Waits until the time line is so long, from its first frame on. @param {Page} page @param {number} seconds */
export async function receives(page, seconds) {
  const length = () => page.evaluate(() => {
    const { samples, frames } = /** @type {any} */ (globalThis).reception;
    return frames.length > 0 && samples.length > 0 ? samples.at(-1).at - frames[0] : 0;
  });
  await until(`${seconds} seconds of picture`, length, (long) => long >= seconds * 1000, (seconds + 20) * 1000);
}

/** @param {Timeline} timeline @param {number} [from] milliseconds @param {number} [to] @returns {Figures} */
export function figures({ samples, frames }, from = 0, to = Infinity) {
  const seen = samples.filter(({ at }) => at >= from && at <= to);
  const [first, last] = [seen[0], seen[seen.length - 1]];
  if (!first || first === last) throw new Error(`no samples from ${from} to ${to}`);
  const seconds = (last.at - first.at) / 1000;
  const shown = [first.at, ...frames.filter((at) => at >= first.at && at <= last.at), last.at];
  const gaps = shown.map((at, index) => at - (shown[index - 1] ?? at));
  // A freeze that has not ended is in nobody's statistics.
  const unfinished = gaps[gaps.length - 1] > LONG_GAP ? gaps[gaps.length - 1] / 1000 : 0;
  return {
    seconds,
    freezeRatio: Math.min(1, (last.frozen - first.frozen + unfinished) / seconds),
    longestGap: Math.max(...gaps),
    bitrate: bitrate(first, last),
    concealed: (last.concealed - first.concealed) / Math.max(1, last.samples - first.samples),
    height: last.height,
    framesPerSecond: (last.frames - first.frames) / seconds,
    keyFrames: last.keyFrames - first.keyFrames,
    changes: seen.filter(({ height }, index) => height !== (seen[index - 1] ?? first).height).length,
  };
}

/**
 * Seconds from a moment on until the bit rate has reached a value and the size of the picture is the last one.
 * @param {Timeline} timeline @param {number} wanted bits a second @param {number} from milliseconds @param {number} [to]
 */
export function settledAfter({ samples }, wanted, from, to = Infinity) {
  const seen = samples.filter(({ at }) => at >= from && at <= to);
  const final = seen[seen.length - 1]?.height;
  const lastChange = seen.findLastIndex(({ height }) => height !== final) + 1;
  const reached = seen.findIndex((sample) => {
    const before = samples.findLast(({ at }) => at <= sample.at - WINDOW);
    return before && before.at >= from - WINDOW / 2 && bitrate(before, sample) >= wanted;
  });
  if (reached < 0) return Infinity;
  return (seen[Math.max(lastChange, reached)].at - from) / 1000;
}

/** The time line for people, a line for each second. @param {Timeline} timeline */
export function drawn({ samples }) {
  const lines = [];
  for (let second = 0; ; second += 1) {
    const [first, last] = [second, second + 1].map((at) => samples.find((sample) => sample.at >= samples[0].at + at * 1000));
    if (!first || !last) return lines;
    const line = [
      `${second} s`, `${Math.round(bitrate(first, last) / 1000)} kbit/s`, `${last.width}x${last.height}`,
      `${last.frames - first.frames} frames`, `frozen ${Math.round((last.frozen - first.frozen) * 1000)} ms`,
      `lost ${last.lost - first.lost} of ${last.packets - first.packets}`, `${last.keyFrames - first.keyFrames} key`,
      `concealed ${last.concealed - first.concealed}`, `rtt ${Math.round(last.roundTrip)} ms`, `told ${Math.round(last.told / 1000)} kbit/s`,
    ].join('  ');
    lines.push({ line, from: first.at, to: last.at });
  }
}

/** @param {Sample} first @param {Sample} last */
function bitrate(first, last) {
  return ((last.bytes - first.bytes) * 8 * 1000) / (last.at - first.at);
}

/** Runs in the page. @param {number} aroundPacket */
function record(aroundPacket) {
  const timeline = { origin: performance.timeOrigin, samples: /** @type {any[]} */ ([]), frames: /** @type {number[]} */ ([]), stamps: /** @type {number[][]} */ ([]) };
  /** @type {any} */ (globalThis).reception = timeline;
  const known = new WeakSet();
  const follow = () => {
    const video = /** @type {HTMLVideoElement | null} */ (document.querySelector('rc-tile:not([data-local]) video'));
    if (!video || known.has(video)) return;
    known.add(video);
    const shown = (/** @type {number} */ now, /** @type {any} */ { rtpTimestamp, receiveTime, height }) => {
      timeline.frames.push(now);
      timeline.stamps.push([receiveTime, rtpTimestamp / 90, height]);
      video.requestVideoFrameCallback(shown);
    };
    video.requestVideoFrameCallback(shown);
  };
  const look = async () => {
    follow();
    const peer = /** @type {any} */ (globalThis).roomcast?.room?.subscriber.peer;
    const stats = [...((await peer?.getStats())?.values() ?? [])];
    const inbound = (/** @type {string} */ kind) => stats.find((entry) => entry.type === 'inbound-rtp' && entry.kind === kind);
    const [video, audio] = [inbound('video'), inbound('audio')];
    if (!video) return;
    const bytes = [video, audio].filter(Boolean).reduce((sum, { bytesReceived, headerBytesReceived, packetsReceived, ...rest }) =>
      sum + bytesReceived + headerBytesReceived + packetsReceived * aroundPacket
        - (rest.retransmittedBytesReceived ?? 0) - (rest.retransmittedPacketsReceived ?? 0) * aroundPacket, 0);
    const pair = stats.find((entry) => entry.type === 'candidate-pair' && entry.nominated && entry.state === 'succeeded');
    timeline.samples.push({
      at: performance.now(),
      bytes,
      width: video.frameWidth ?? 0,
      height: video.frameHeight ?? 0,
      frames: video.framesDecoded ?? 0,
      frozen: video.totalFreezesDuration ?? 0,
      freezes: video.freezeCount ?? 0,
      concealed: audio?.concealedSamples ?? 0,
      samples: audio?.totalSamplesReceived ?? 0,
      lost: video.packetsLost,
      packets: video.packetsReceived,
      keyFrames: video.keyFramesDecoded ?? 0,
      told: /** @type {any} */ (globalThis).roomcast.store.state.room.reception?.available ?? 0,
      roundTrip: (pair?.currentRoundTripTime ?? 0) * 1000,
    });
  };
  setInterval(look, 250);
}
