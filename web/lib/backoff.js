/** How long to wait before the next try: doubling, with jitter, so that a crowd does not return as one. */

/** A first try after a lost connection should feel instant. Milliseconds. */
const FIRST = 300;
/** Nobody watches a dead page for longer than this without wondering. Milliseconds. */
const MOST = 5_000;

export class Backoff {
  #attempt = 0;
  #first;
  #most;
  #random;

  /** @param {{ first?: number, most?: number, random?: () => number }} [options] milliseconds */
  constructor({ first = FIRST, most = MOST, random = Math.random } = {}) {
    this.#first = first;
    this.#most = most;
    this.#random = random;
  }

  /** @returns {number} milliseconds to wait: between half of the present step and the whole of it */
  next() {
    const step = Math.min(this.#most, this.#first * 2 ** this.#attempt);
    this.#attempt = Math.min(this.#attempt + 1, 16);
    return step / 2 + (this.#random() * step) / 2;
  }

  /** Something worked: the next wait is short again. */
  reset() {
    this.#attempt = 0;
  }

  /** The other side asked for patience: the next wait is the longest. */
  exhaust() {
    this.#attempt = 16;
  }
}
