/** What a publisher encodes of its picture, layer by layer, as a time line. */

/** @typedef {import('playwright-core').Page} Page */

/**
 * @typedef {object} Encoded
 * @property {string} rid
 * @property {number} bytes     sent since the session began, repeats among them
 * @property {number} height    of the picture, pixels
 * @property {number} frames    encoded
 * @property {number} asked     key frames that were asked for
 */
/** `at`: milliseconds since 1970. @typedef {{ at: number, layers: Encoded[] }} Moment */

/** Begins a time line. @param {Page} page of someone who is live */
export async function recordsSending(page) {
  await page.evaluate(record);
}

/** @param {Page} page @returns {Promise<Moment[]>} */
export function sendingOf(page) {
  return page.evaluate(() => /** @type {any} */ (globalThis).sending);
}

/** What was sent in a stretch of time, for people. @param {Moment[]} moments @param {number} from milliseconds since 1970 @param {number} to */
export function drawnSending(moments, from, to) {
  const [first, last] = [from, to].map((time) => moments.findLast(({ at }) => at <= time));
  if (!first || !last || first === last) return '';
  const layers = last.layers.map(({ rid, bytes, height, frames, asked }) => {
    const before = first.layers.find((layer) => layer.rid === rid) ?? { bytes: 0, frames: 0, asked: 0 };
    if (frames === before.frames) return `${rid} –`;
    const kilobits = Math.round(((bytes - before.bytes) * 8) / (last.at - first.at));
    return `${rid} ${kilobits} kbit/s ${height}p ${frames - before.frames} frames${asked > before.asked ? ` ${asked - before.asked} asked` : ''}`;
  });
  return `sent: ${layers.join(', ')}`;
}

/** Runs in the page. */
function record() {
  const moments = /** @type {any[]} */ (/** @type {any} */ (globalThis).sending = []);
  setInterval(async () => {
    const peer = /** @type {any} */ (globalThis).roomcast.room?.publisher.peer;
    const stats = [...((await peer?.getStats())?.values() ?? [])];
    const pictures = stats.filter(({ type, kind }) => type === 'outbound-rtp' && kind === 'video');
    const layers = pictures.map(({ rid = '', bytesSent, frameHeight = 0, framesEncoded = 0, pliCount = 0, firCount = 0 }) =>
      ({ rid, bytes: bytesSent, height: frameHeight, frames: framesEncoded, asked: pliCount + firCount }));
    layers.sort((one, other) => one.height - other.height);
    moments.push({ at: performance.timeOrigin + performance.now(), layers });
  }, 250);
}
