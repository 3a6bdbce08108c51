/** Who speaks, told from how loud everyone is. It has no clock and hears nothing by itself. */

/** Of full scale; speech lies above, a quiet room below. */
const AUDIBLE = 0.025;
/** Pauses between words are shorter. Milliseconds. */
const PAUSE = 900;
/** Coughs and keys are shorter. Milliseconds. */
const TAKES_THE_FLOOR = 600;

/**
 * @typedef {object} Voice
 * @property {number} since   when this stretch of speech began. Milliseconds
 * @property {number} last    when it was last heard
 */

export class Speakers {
  /** @type {Map<string, Voice>} */
  #voices = new Map();
  /** @type {string | null} */
  #floor = null;

  /** Who speaks now. @returns {string[]} */
  get speaking() {
    return [...this.#voices.keys()].sort();
  }

  /** Who has the floor: spoke last for more than a moment. It stays when all are quiet. */
  get speaker() {
    return this.#floor;
  }

  /**
   * @param {number} now milliseconds of any steady clock
   * @param {ReadonlyMap<string, number>} levels  by participant, 0 to 1
   */
  hear(now, levels) {
    for (const [participant, level] of levels) {
      if (level < AUDIBLE) continue;
      const since = this.#voices.get(participant)?.since ?? now;
      this.#voices.set(participant, { since, last: now });
    }
    for (const [participant, { last }] of this.#voices) {
      if (now - last > PAUSE || !levels.has(participant)) this.#voices.delete(participant);
    }
    this.#giveFloor(now);
  }

  /** Whoever has the floor keeps it while they speak. @param {number} now */
  #giveFloor(now) {
    if (this.#floor !== null && this.#voices.has(this.#floor)) return;
    const heard = [...this.#voices].filter(([, { since }]) => now - since >= TAKES_THE_FLOOR);
    const first = heard.sort((a, b) => a[1].since - b[1].since)[0];
    if (first) this.#floor = first[0];
  }
}
