/** What really arrives on pages that are not the node's own: read from their peer connections and videos. */
import { until } from './until.js';

/** @typedef {import('playwright-core').Page | import('playwright-core').Frame} Place */

/** Decoded within the window that is looked at: well above one key frame's worth. */
const SOME_FRAMES = 12;
/** Greater than what noise or a codec's hum makes of silence. */
const SOME_ENERGY = 1e-6;

/** Lets the pages of a person tell of their peer connections: before the first one is opened. @param {import('./person.js').Person} person */
export function countsPeers(person) {
  return person.page.context().addInitScript(() => {
    const Peer = globalThis.RTCPeerConnection;
    const peers = (/** @type {any} */ (globalThis).peers = /** @type {RTCPeerConnection[]} */ ([]));
    globalThis.RTCPeerConnection = /** @type {any} */ (class extends Peer {
      constructor(/** @type {any[]} */ ...given) {
        super(...given);
        peers.push(this);
      }
    });
  });
}

/**
 * Waits until a picture is there and moves, and sound has energy.
 * @param {Place} place @param {{ sound?: boolean, plain?: boolean, within?: number }} [expected]   `plain`: a picture of one colour
 */
export async function plays(place, { sound = true, plain = false, within } = {}) {
  const look = () => place.evaluate(arriving);
  const first = await until('a picture', look, (now) => now.frames > 0 && now.width > 0, within);
  const moves = (/** @type {Awaited<ReturnType<typeof arriving>>} */ now) =>
    (now.frames >= first.frames + SOME_FRAMES || (now.frames < first.frames && now.frames > SOME_FRAMES))
    && (plain || (now.contrast > 20 && now.picture !== first.picture))
    && (!sound || now.energy > SOME_ENERGY);
  await until(`a moving picture${sound ? ' with sound' : ''}`, look, moves, within);
}

/** The player in a place. @param {Place} place */
export function playerIn(place) {
  const player = place.locator('roomcast-player');
  return {
    player,
    /** @param {string} state @param {number} [within] */
    is: (state, within) => until(`the player is ${state}`, () => player.getAttribute('state'), (now) => now === state, within),
    says: (/** @type {string} */ text) => player.getByText(text).waitFor(),
  };
}

/** Runs in the page. */
async function arriving() {
  const live = /** @type {RTCPeerConnection[]} */ (/** @type {any} */ (globalThis).peers).filter((peer) => peer.connectionState === 'connected');
  let [frames, energy] = [0, 0];
  for (const peer of live) {
    for (const entry of (await peer.getStats()).values()) {
      if (entry.type !== 'inbound-rtp') continue;
      frames += entry.framesDecoded ?? 0;
      energy += entry.totalAudioEnergy ?? 0;
    }
  }
  const inside = document.querySelector('roomcast-player')?.shadowRoot;
  const videos = /** @type {HTMLVideoElement[]} */ ([...(inside ?? document).querySelectorAll(inside ? 'div.picture video[data-front]' : 'video')]);
  const video = videos.find((one) => one.videoWidth > 0);
  const canvas = Object.assign(document.createElement('canvas'), { width: 16, height: 9 });
  const brush = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  if (video) brush.drawImage(video, 0, 0, 16, 9);
  const { data } = brush.getImageData(0, 0, 16, 9);
  const grey = Array.from({ length: 144 }, (_, at) => Math.round((data[at * 4] + data[at * 4 + 1] + data[at * 4 + 2]) / 3));
  return { frames, energy, width: video?.videoWidth ?? 0, contrast: Math.max(...grey) - Math.min(...grey), picture: grey.join() };
}
