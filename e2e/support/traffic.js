/** How much media comes through the node to a page. */

/** Longer than what is on its way when a picture is paused. Milliseconds. */
const LOOK_FOR = 2_000;

/**
 * Bits a second of media over the next two seconds, without headers and padding.
 * @param {import('playwright-core').Page} page @param {string} [source] of one source alone
 * @returns {Promise<{ video: number, audio: number }>}
 */
export async function bitrates(page, source) {
  const before = await page.evaluate(received, source);
  await page.waitForTimeout(LOOK_FOR);
  const now = await page.evaluate(received, source);
  const rate = (/** @type {'video' | 'audio'} */ kind) => ((now[kind] - before[kind]) * 8_000) / LOOK_FOR;
  return { video: rate('video'), audio: rate('audio') };
}

/** Runs in the page. @param {string | undefined} source */
async function received(source) {
  const { room, store } = /** @type {any} */ (globalThis).roomcast;
  const all = store.state.room.room.stage.flatMap((/** @type {any} */ { publications }) => publications);
  const wanted = all.filter((/** @type {any} */ one) => source === undefined || one.source === source);
  const ids = new Set(wanted.map((/** @type {any} */ { publication }) => store.state.tracks.get(publication)?.id));
  const sums = { video: 0, audio: 0 };
  for (const entry of (await room.subscriber.peer.getStats()).values()) {
    if (entry.type === 'inbound-rtp' && ids.has(entry.trackIdentifier)) sums[/** @type {'video' | 'audio'} */ (entry.kind)] += entry.bytesReceived;
  }
  return sums;
}
