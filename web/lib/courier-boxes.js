/** The two ends of one stream between two participants: what waits to arrive, and what has come. */

/** @import { Body } from './courier.js' */
/** @import { Path } from './types.js' */

/**
 * Frames under way at a time. A link keeps a long pipe full with as many; the node is asked to hold
 * no more than it passes on in half a second.
 * @type {Record<Path, number>}
 */
export const WINDOW = { link: 64, node: 8 };
/** Bodies that may wait: more than a person says while the network is away. */
const MAX_WAITING = 256;

/**
 * After so long without a word, what is under way is sent again; doubling. A link loses nothing, and
 * may be slow; through the node, a frame that met a lost connection is gone. Milliseconds.
 * @type {Record<Path, number>}
 */
const AGAIN_AFTER = { link: 30_000, node: 2_000 };
/** Milliseconds. */
const AGAIN_AT_MOST = 30_000;
/** Several frames are acknowledged by one, but not later than this. Milliseconds. */
const ACKNOWLEDGE_WITHIN = 50;
/** Nor for more frames than this: half of the smallest window. */
const ACKNOWLEDGE_EACH = 4;

export class Outbox {
  /** When to look again at what is under way. Milliseconds. */
  deadline = Infinity;
  /** @type {{ number: number, body: Body, sent: boolean }[]} */
  #waiting = [];
  #last = 0;
  #tries = 0;

  get isEmpty() {
    return this.#waiting.length === 0;
  }

  /** @param {Body} body @returns {boolean} whether it is taken */
  add(body) {
    if (this.#waiting.length >= MAX_WAITING) return false;
    this.#last += 1;
    this.#waiting.push({ number: this.#last, body, sent: false });
    return true;
  }

  /** @param {Path} path how many more could be under way */
  space(path) {
    return Math.max(0, WINDOW[path] - this.#waiting.length);
  }

  /** Whether to ask now for whom the bodies are to be numbered. @param {number} now @param {Path} path */
  asks(now, path) {
    const waiting = this.#waiting.some(({ sent }) => !sent);
    if (!waiting || this.deadline !== Infinity) return false;
    this.#wait(now, path);
    return true;
  }

  /** What is to be sent now. @param {number} now @param {Path} path */
  next(now, path) {
    const due = this.#waiting.slice(0, WINDOW[path]).filter(({ sent }) => !sent);
    for (const item of due) item.sent = true;
    if (due.length > 0) this.#wait(now, path);
    return due;
  }

  /** All up to this number have arrived. @param {number} number @returns {boolean} whether that is news */
  acknowledge(number) {
    const first = this.#waiting[0]?.number;
    if (first === undefined || number < first || number > this.#last) return false;
    this.#waiting = this.#waiting.filter((item) => item.number > number);
    this.#tries = 0;
    if (this.isEmpty) this.deadline = Infinity;
    return true;
  }

  /** Sends again what has not been acknowledged for too long. @param {number} now */
  expire(now) {
    if (now < this.deadline) return;
    this.#tries += 1;
    this.again();
  }

  /** Everything that is under way is to be sent again. */
  again() {
    for (const item of this.#waiting) item.sent = false;
    this.deadline = Infinity;
  }

  /** Begins a new numbering with what has not arrived. */
  renumber() {
    this.#waiting = this.#waiting.map(({ body }, at) => ({ number: at + 1, body, sent: false }));
    this.#last = this.#waiting.length;
    this.#tries = 0;
    this.deadline = Infinity;
  }

  /** Begins a new numbering with nothing. */
  clear() {
    this.#waiting = [];
    this.renumber();
  }

  /** @param {number} now @param {Path} path */
  #wait(now, path) {
    this.deadline = now + Math.min(AGAIN_AT_MOST, AGAIN_AFTER[path] * 2 ** this.#tries);
  }
}

export class Inbox {
  /** When the acknowledgement is due. Milliseconds. */
  deadline = Infinity;
  #series = 0;
  #next = 1;
  /** @type {Map<number, Body>} */
  #early = new Map();
  #unacknowledged = 0;

  /** The other side begins from nothing. */
  reset() {
    this.#next = 1;
    this.#early.clear();
    this.#unacknowledged = 0;
    this.deadline = Infinity;
  }

  /** @param {number} now @param {number} number @param {Body} body @returns {Body[]} what can be delivered now */
  take(now, number, body) {
    this.#unacknowledged += 1;
    this.owe(this.#unacknowledged >= ACKNOWLEDGE_EACH ? now : now + ACKNOWLEDGE_WITHIN);
    if (number < this.#next || number >= this.#next + WINDOW.link) return [];
    this.#early.set(number, body);
    return this.#complete();
  }

  /** An acknowledgement is due then at the latest. @param {number} at milliseconds */
  owe(at) {
    this.deadline = Math.min(this.deadline, at);
  }

  /** The number up to which everything has come, when it is due to be told. @param {number} now */
  acknowledgement(now) {
    if (now < this.deadline) return null;
    this.deadline = Infinity;
    this.#unacknowledged = 0;
    return this.#next - 1;
  }

  #complete() {
    const bodies = [];
    for (;;) {
      const body = this.#early.get(this.#next);
      if (body === undefined) return bodies;
      this.#early.delete(this.#next);
      this.#next += 1;
      bodies.push(body);
    }
  }
}
