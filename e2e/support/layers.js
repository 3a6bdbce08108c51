/** In which layers a page publishes a picture: read from its encoders, not from what it says of them. */
import { until } from './until.js';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('./person.js').Person} Person */

/**
 * @typedef {object} SentLayer
 * @property {string | null} rid   null: one encoding without a name
 * @property {boolean} active      whether it is to be sent
 * @property {number} frames       encoded since the session began
 * @property {number} width        of its pictures
 * @property {string} codec
 */

/** A second and more of a slow camera. */
const SOME_FRAMES = 20;
/** What a browser's own estimate may take to reach the best layer on a machine that is busy. Milliseconds. */
export const BEST_WITHIN = 60_000;

/** @param {Page} page @param {'camera' | 'screen'} source @returns {Promise<SentLayer[]>} the lowest first */
export function layersSent(page, source) {
  return page.evaluate(encodersOf, source);
}

/** The names of the layers that are to be sent. @param {readonly SentLayer[]} layers */
export function activeOf(layers) {
  return layers.filter(({ active }) => active).map(({ rid }) => rid);
}

/**
 * Waits until all layers of a picture have been encoded for a while, each while a viewer takes it: what nobody takes
 * is stopped after seconds, and may have made no frame by then. The viewer takes the best one in the end. The width
 * of a layer is the greatest that was seen, and 0 when that was never.
 * @param {Page} page @param {'camera' | 'screen'} source @param {(string | null)[]} rids @param {Person} viewer
 */
export async function sendsLayers(page, source, rids, viewer) {
  /** @type {number[]} */
  const widths = [];
  const seen = async () => (await layersSent(page, source)).map((one, at) => {
    widths[at] = Math.max(widths[at] ?? 0, one.width);
    return { ...one, width: widths[at] };
  });
  const upTo = (/** @type {number} */ count) => (/** @type {SentLayer[]} */ layers) =>
    layers.length === rids.length && layers.every(({ rid, frames }, at) => rid === rids[at] && (at >= count || frames >= SOME_FRAMES));
  if (rids.length > 1) await chooses(viewer, 'medium');
  await until(`${source} in all of the layers ${rids} but the last`, seen, upTo(rids.length - 1), BEST_WITHIN);
  if (rids.length > 1) await chooses(viewer, 'high');
  return until(`${source} in the layers ${rids}`, seen, upTo(rids.length), BEST_WITHIN);
}

/** The quality of what is received, chosen on the picture. @param {Person} person @param {'auto' | 'high' | 'medium' | 'low'} quality */
export async function chooses(person, quality) {
  await person.page.locator('rc-tile [data-testid=choose-quality]').first().selectOption(quality, { force: true });
}

/**
 * Waits until a layer has gone on for a while.
 * @param {Page} page @param {'camera' | 'screen'} source @param {number} which counted from the lowest
 * @returns {Promise<SentLayer[]>} how much more each has encoded by then
 */
export async function goesOnInLayer(page, source, which) {
  const before = await layersSent(page, source);
  const gains = (/** @type {SentLayer[]} */ now) => now.map((one, at) => ({ ...one, frames: one.frames - (before[at]?.frames ?? 0) }));
  const more = (/** @type {SentLayer[]} */ now) => (now[which]?.frames ?? 0) >= SOME_FRAMES;
  return until(`more of ${source}`, async () => gains(await layersSent(page, source)), more, BEST_WITHIN);
}

/** Runs in the page. @param {string} source @returns {Promise<SentLayer[]>} */
async function encodersOf(source) {
  const { publisher } = /** @type {any} */ (globalThis).roomcast.room;
  const track = publisher.sent.get(source)?.track;
  const lanes = /** @type {RTCRtpTransceiver[]} */ (publisher.peer?.getTransceivers() ?? []);
  const sender = lanes.find((lane) => lane.currentDirection === 'sendonly' && lane.sender.track === track)?.sender;
  if (!track || !sender) return [];
  const stats = [...(await sender.getStats()).values()];
  return sender.getParameters().encodings.map((/** @type {any} */ { rid = null, active }) => {
    const encoder = stats.find((one) => one.type === 'outbound-rtp' && (one.rid ?? null) === rid);
    const codec = stats.find(({ id }) => id === encoder?.codecId)?.mimeType ?? '';
    return { rid, active, frames: encoder?.framesEncoded ?? 0, width: encoder?.frameWidth ?? 0, codec };
  });
}
