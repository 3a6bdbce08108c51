/**
 * In how many layers a picture is sent (simulcast, RFC 8853), and how good each is. The lowest comes
 * first, in lists and in descriptions. A layer's name tells its scale: q a quarter, h half, f full.
 *
 * The number of cores decides nothing: the lower layers of a camera add a third to the pixels of the
 * full one, what nobody takes is not encoded, and a browser that is short of time makes its picture
 * smaller by itself.
 */

/** @import { PublishedLayer, Source } from './types.js' */

/** @typedef {{ rid: string, scale: number, bitrate: number, framesPerSecond: number }} Layer */
/** Pixels; 0: not known. @typedef {{ width: number, height: number }} Size */

/**
 * Bit rates for 1280x720. The middle one, and its half frame rate (60 % of it), with sound and headers fill
 * seven to nine tenths of 1 Mbit/s and of 500 kbit/s. Bits per second.
 * @type {Layer[]}
 */
const CAMERA = [
  { rid: 'q', scale: 4, bitrate: 150_000, framesPerSecond: 30 },
  { rid: 'h', scale: 2, bitrate: 620_000, framesPerSecond: 30 },
  { rid: 'f', scale: 1, bitrate: 2_500_000, framesPerSecond: 30 },
];
/** For 640x360. @type {Layer[]} */
const SMALL_CAMERA = [
  { rid: 'h', scale: 2, bitrate: 200_000, framesPerSecond: 30 },
  { rid: 'f', scale: 1, bitrate: 1_200_000, framesPerSecond: 30 },
];
/** @type {Layer[]} */
const SCREEN = [
  { rid: 'h', scale: 2, bitrate: 500_000, framesPerSecond: 15 },
  { rid: 'f', scale: 1, bitrate: 4_000_000, framesPerSecond: 30 },
];

/** The longer side from which a picture is worth three layers, and two. Below, one fits every network. Pixels. */
const WORTH_THREE = 960;
const WORTH_TWO = 480;

/** Three temporal layers: a quarter, half, or all of the frames can be forwarded. */
const TEMPORAL = 'L1T3';
/** H264 has no temporal layers that a node could tell apart. */
const WITH_TEMPORAL = new Set(['vp8', 'vp9', 'av1']);
/** Without a mode, browsers understand several encodings of these as layers of one stream. */
const ONLY_WITH_MODE = new Set(['vp9', 'av1']);

/** @param {Source} source @param {Size} size @returns {readonly Layer[]} none: one encoding without a name is enough */
export function layersFor(source, { width, height }) {
  const longer = Math.max(width, height);
  // What does not tell its size is a picture that has not begun: those are large, mostly.
  if (longer > 0 && longer < WORTH_TWO) return [];
  if (source === 'screen') return SCREEN;
  if (source !== 'camera') return [];
  return longer > 0 && longer < WORTH_THREE ? SMALL_CAMERA : CAMERA;
}

/** @param {readonly Layer[]} layers @param {string} codec @returns {RTCRtpEncodingParameters[]} */
export function encodingsOf(layers, codec) {
  const mode = WITH_TEMPORAL.has(codec) ? { scalabilityMode: TEMPORAL } : {};
  return layers.map(({ rid, scale, bitrate, framesPerSecond }) => ({
    rid, active: true, scaleResolutionDownBy: scale, maxBitrate: bitrate, maxFramerate: framesPerSecond, ...mode,
  }));
}

/** Whether a browser understood the encodings of a codec as layers: Firefox knows no modes. @param {readonly RTCRtpEncodingParameters[]} encodings @param {string} codec */
export function understood(encodings, codec) {
  return !ONLY_WITH_MODE.has(codec) || encodings.every((one) => /** @type {{ scalabilityMode?: string }} */ (one).scalabilityMode === TEMPORAL);
}

/** The layers as the node is told of them. @param {readonly Layer[]} layers @param {Size} size @returns {PublishedLayer[]} */
export function published(layers, { width, height }) {
  return layers.map(({ rid, scale, bitrate }) => ({
    rid, bitrate, width: Math.floor(width / scale), height: Math.floor(height / scale),
  }));
}

/** @param {MediaStreamTrack | null} track @returns {Size} */
export function sizeOf(track) {
  const { width = 0, height = 0 } = track?.getSettings?.() ?? {};
  return { width, height };
}
