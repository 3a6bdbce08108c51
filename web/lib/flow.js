/**
 * Which of the received tracks carry something now. The node fills and empties media sections without
 * a word to the browser, which then sees packets come, or none any more.
 *
 * Event: `change` (`arriving` is new).
 */
import { realClock } from './clock.js';

/** @import { Clock } from './clock.js' */

/** Often enough for a first picture to be shown as it comes. Milliseconds. */
const LOOK_EVERY = 250;
/** For what comes beside it, or goes. A page may have many players. Milliseconds. */
const LOOK_AGAIN_EVERY = 750;
/** A still screen is repeated once a second: what is quiet for longer while others flow has ended. Milliseconds. */
const QUIET_BESIDE = 2_500;
/** When nothing comes at all, the network may have stumbled. Milliseconds. */
const QUIET_AFTER = 5_000;

export class Flow extends EventTarget {
  /** The ids of the tracks that carry something. @type {ReadonlySet<string>} */
  arriving = new Set();
  /** @type {Map<string, { arrived: number, at: number | null }>} */
  #seen = new Map();
  #ticket = 0;
  #stopped = false;
  #peer;
  #clock;

  /** @param {RTCPeerConnection} peer @param {{ clock?: Clock }} [options] */
  constructor(peer, { clock = realClock } = {}) {
    super();
    this.#peer = peer;
    this.#clock = clock;
    this.#look();
  }

  stop() {
    this.#stopped = true;
    this.#clock.cancel(this.#ticket);
  }

  async #look() {
    for (const entry of (await this.#peer.getStats()).values()) {
      if (entry.type === 'inbound-rtp' && entry.trackIdentifier) this.#count(entry.trackIdentifier, arrivedIn(entry));
    }
    if (this.#stopped) return;
    this.#judge();
    this.#ticket = this.#clock.after(() => this.#look(), this.arriving.size > 0 ? LOOK_AGAIN_EVERY : LOOK_EVERY);
  }

  /** @param {string} id @param {number} arrived */
  #count(id, arrived) {
    const known = this.#seen.get(id) ?? { arrived: 0, at: null };
    if (arrived > known.arrived) this.#seen.set(id, { arrived, at: this.#clock.now() });
    else this.#seen.set(id, known);
  }

  #judge() {
    const newest = Math.max(...[...this.#seen.values()].map(({ at }) => at ?? -Infinity));
    const flows = this.#clock.now() - newest < QUIET_AFTER;
    const arriving = new Set([...this.#seen].filter(([, { at }]) => flows && at !== null && newest - at < QUIET_BESIDE).map(([id]) => id));
    const same = arriving.size === this.arriving.size && [...arriving].every((id) => this.arriving.has(id));
    if (same) return;
    this.arriving = arriving;
    this.dispatchEvent(new CustomEvent('change', { detail: arriving }));
  }
}

/**
 * Frames of a picture, packets of a sound. A node that finds out what the network carries sends old packets of pictures
 * once more where it has nothing new: these make no frame.
 * @param {{ framesReceived?: number, packetsReceived?: number }} entry
 */
function arrivedIn({ framesReceived, packetsReceived }) {
  return framesReceived ?? packetsReceived ?? 0;
}
