/**
 * Holds received media back a little where packets get lost, so that what is sent again still comes
 * in time. Browsers do not do that by themselves: one that only receives does not know how long a
 * round trip takes, and asks a second time late.
 */
import { realClock } from './clock.js';
import { statsOf } from './pair.js';

/** @import { Clock } from './clock.js' */

/** @typedef {{ received: number, lost: number }} Count */

/** A loss in the first second is seen as a freeze. Milliseconds. */
const LOOK_EVERY = 500;
/** Loss is that of the last so many looks. */
const LOOKS = 6;
/** From so many lost packets of a hundred on, media is held back so long, in milliseconds: a lost packet is asked for each 100 ms, and the answer may be lost as well. */
const STEPS = [[8, 250], [3, 200], [1, 100]];
/** Who has lost packets loses more: less is held back after a while only. Milliseconds. */
const CALM_FOR = 10_000;
/** Of fewer packets, a share says nothing. */
const LEAST_PACKETS = 50;

export class Cushion {
  /** How long media is held back now. Milliseconds; 0: as the browser thinks best. */
  target = 0;
  /** Of the last looks. A new connection begins at zero. @type {Count[]} */
  #counts = [{ received: 0, lost: 0 }];
  #calmSince = 0;
  #ticket = 0;
  #stopped = false;
  #peer;
  #clock;

  /** @param {RTCPeerConnection} peer @param {{ clock?: Clock }} [options] */
  constructor(peer, { clock = realClock } = {}) {
    this.#peer = peer;
    this.#clock = clock;
    this.#ticket = clock.after(() => this.#look(), LOOK_EVERY);
  }

  stop() {
    this.#stopped = true;
    this.#clock.cancel(this.#ticket);
  }

  async #look() {
    const count = countOf(await statsOf(this.#peer));
    if (this.#stopped) return;
    const before = this.#counts.at(-1);
    // A stream that ended takes its packets along.
    if (before && count.received < before.received) this.#counts = [];
    this.#counts = [...this.#counts, count].slice(-LOOKS - 1);
    this.#follow(targetFor(lossPercent(this.#counts[0], count)));
    this.#ticket = this.#clock.after(() => this.#look(), LOOK_EVERY);
  }

  /** @param {number} wanted milliseconds */
  #follow(wanted) {
    const now = this.#clock.now();
    if (wanted >= this.target) this.#calmSince = now;
    if (wanted > this.target || now - this.#calmSince >= CALM_FOR) this.target = wanted;
    for (const receiver of this.#peer.getReceivers()) hold(receiver, this.target || null);
  }
}

/** @param {any} receiver @param {number | null} target */
function hold(receiver, target) {
  if ('jitterBufferTarget' in receiver && receiver.jitterBufferTarget !== target) receiver.jitterBufferTarget = target;
}

/** @param {number} percent */
function targetFor(percent) {
  return STEPS.find(([least]) => percent >= least)?.[1] ?? 0;
}

/** @param {Count} first @param {Count} last */
function lossPercent(first, last) {
  // What came late after all is counted back.
  const [received, lost] = [last.received - first.received, Math.max(0, last.lost - first.lost)];
  return received + lost < LEAST_PACKETS ? 0 : (lost * 100) / (received + lost);
}

/** @param {ReadonlyMap<string, any>} stats @returns {Count} */
function countOf(stats) {
  const count = { received: 0, lost: 0 };
  for (const entry of stats.values()) {
    if (entry.type !== 'inbound-rtp') continue;
    count.received += entry.packetsReceived ?? 0;
    count.lost += entry.packetsLost ?? 0;
  }
  return count;
}
