/** How much comes through the node to a page, by kind. */

/** Longer than what is on its way when a picture is paused. Milliseconds. */
const LOOK_FOR = 2_000;

/** Bytes of media that came, headers and repeats included. @param {import('playwright-core').Page} page @returns {Promise<{ video: number, audio: number }>} */
export function received(page) {
  return page.evaluate(async () => {
    const sums = { video: 0, audio: 0 };
    const stats = await /** @type {any} */ (globalThis).roomcast.room.subscriber.peer.getStats();
    for (const entry of stats.values()) {
      if (entry.type === 'inbound-rtp') sums[/** @type {'video' | 'audio'} */ (entry.kind)] += entry.bytesReceived + entry.headerBytesReceived;
    }
    return sums;
  });
}

/** Bits a second over the next two seconds. @param {import('playwright-core').Page} page @returns {Promise<{ video: number, audio: number }>} */
export async function bitrates(page) {
  const before = await received(page);
  await page.waitForTimeout(LOOK_FOR);
  const now = await received(page);
  const rate = (/** @type {'video' | 'audio'} */ kind) => ((now[kind] - before[kind]) * 8_000) / LOOK_FOR;
  return { video: rate('video'), audio: rate('audio') };
}
