/**
 * What is wanted of the pictures that come from the node, as `prefer` says it: the whole list, after
 * each change, but not with each step of a window that is being resized. It survives a connection
 * that is lost, and is said again to a node that does not know us any more.
 */
import { realClock } from './clock.js';

/** @import { Clock } from './clock.js' */
/** @import { ClientMessage, Preference } from './types.js' */
/** @import { Refused } from './signaling.js' */

/** Soon enough for whoever waits for a picture, seldom enough for the node. Milliseconds. */
const TELL_EVERY = 500;
/** The node asked for patience. Milliseconds. */
const TELL_AGAIN_AFTER = 2_000;
/** All that a full stage can show: the node takes no more. */
const MOST_PICTURES = 32;
/** Sizes have 16 bits on the wire. */
const MOST_PIXELS = 65_535;
/** What a node wants of someone who has said nothing yet: all as it thinks best. */
const NOTHING = '[]';

export class Demand {
  /** @type {Preference[]} */
  #wanted = [];
  /** What the node knows, as text; null when that is not sure. @type {string | null} */
  #told = NOTHING;
  #toldAt = -Infinity;
  #ticket = 0;
  #request;
  #clock;

  /** @param {{ request: (message: ClientMessage) => Promise<any>, clock?: Clock }} options */
  constructor({ request, clock = realClock }) {
    this.#request = request;
    this.#clock = clock;
  }

  /** Everything that is wanted now. What is not named is wanted as `auto`. @param {Preference[]} pictures */
  want(pictures) {
    this.#wanted = pictures.slice(0, MOST_PICTURES).map(written).sort((one, other) => one.publication - other.publication);
    this.#tell();
  }

  /** The connection is back. @param {boolean} resumed whether the node knows what it was told before */
  resume(resumed) {
    if (!resumed) this.#told = NOTHING;
    this.#tell();
  }

  stop() {
    this.#clock.cancel(this.#ticket);
    this.#wanted = [];
    this.#told = NOTHING;
  }

  #tell() {
    this.#clock.cancel(this.#ticket);
    if (JSON.stringify(this.#wanted) === this.#told) return;
    const wait = this.#toldAt + TELL_EVERY - this.#clock.now();
    if (wait > 0) this.#ticket = this.#clock.after(() => this.#tell(), wait);
    else this.#send();
  }

  #send() {
    const pictures = this.#wanted;
    this.#told = JSON.stringify(pictures);
    this.#toldAt = this.#clock.now();
    this.#request({ type: 'prefer', pictures }).catch((error) => this.#refused(error));
  }

  /** @param {Refused} error */
  #refused({ code }) {
    // Other refusals would come again: the pictures then are as good as the node thinks best.
    if (!['connection-lost', 'timeout', 'not-joined', 'rate-limited'].includes(code)) return;
    this.#told = null;
    if (code !== 'rate-limited') return;
    this.#clock.cancel(this.#ticket);
    this.#ticket = this.#clock.after(() => this.#tell(), TELL_AGAIN_AFTER);
  }
}

/** As it is sent: nothing that says nothing. @param {Preference} preference @returns {Preference} */
function written({ publication, quality = 'auto', width = 0, height = 0, spotlight = false }) {
  /** @type {Preference} */
  const said = { publication, quality };
  // Nobody sees how large a picture would be that does not come.
  if (quality === 'paused') return said;
  if (width > 0 && height > 0) Object.assign(said, { width: pixels(width), height: pixels(height) });
  if (spotlight) said.spotlight = true;
  return said;
}

/** @param {number} length */
function pixels(length) {
  return Math.min(MOST_PIXELS, Math.max(1, Math.round(length)));
}
