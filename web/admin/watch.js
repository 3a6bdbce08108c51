/** Reads again and again: one reading at a time, none while nobody looks, and slower while the node does not answer. */
import { realClock } from '../lib/clock.js';

/** @import { Clock } from '../lib/clock.js' */

/** While readings fail. Milliseconds. */
const AFTER_FAILURE = 10_000;

export class Watch {
  #read;
  #every;
  #clock;
  #ticket = 0;
  /** Of what is read now: what was begun for an older one is not taken. */
  #round = 0;
  #turn = 0;
  #running = false;

  /**
   * @param {object} options
   * @param {(turn: number) => Promise<boolean>} options.read   whether it was answered
   * @param {() => number} options.every   milliseconds to the next
   * @param {Clock} [options.clock]
   */
  constructor({ read, every, clock = realClock }) {
    this.#read = read;
    this.#every = every;
    this.#clock = clock;
  }

  /** Begins with something new, at once. */
  begin() {
    this.#turn = 0;
    this.#running = true;
    this.#next(++this.#round);
  }

  /** Reads now: something was changed, or somebody looks again. */
  now() {
    if (this.#running) this.begin();
  }

  stop() {
    this.#running = false;
    this.#round += 1;
    this.#clock.cancel(this.#ticket);
  }

  /** @param {number} round */
  async #next(round) {
    this.#clock.cancel(this.#ticket);
    const answered = await this.#read(this.#turn++);
    if (round !== this.#round) return;
    this.#ticket = this.#clock.after(() => this.#next(round), answered ? this.#every() : AFTER_FAILURE);
  }
}
