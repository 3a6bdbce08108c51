/** A link that can be made bad while it is used: the program `roomcast-link` of `crates/roomcast-lab`. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { linkBinary } from './places.js';

/**
 * What is not named stays as it is.
 * @typedef {object} Conditions
 * @property {string} [rate]      bits a second, IP headers included: `500k`, `2.5M`, `none`
 * @property {string} [queue]     what may wait for the rate: `200ms` (that is what it begins with), or bytes
 * @property {string} [delay]     one way: `25ms`
 * @property {string} [jitter]    added to the delay, without a change of the order
 * @property {string} [loss]      of each packet by itself: `5%`
 * @property {string} [reorder]   packets that come 10 ms later than their place: `1%`
 */
/** `down` is towards the guest. @typedef {'down' | 'up' | 'both'} Direction */
/** @typedef {{ packets: number, bytes: number }} Count */
/** @typedef {{ entered: Count, passed: Count, overflowed: Count, lost: Count, inside: Count }} Counts */

export class Link {
  #child;
  #ended;
  /** Who waits for an answer, in the order of the questions. @type {((answer: any) => void)[]} */
  #waiting = [];

  /** @param {import('node:child_process').ChildProcessWithoutNullStreams} child */
  constructor(child) {
    this.#child = child;
    this.#ended = new Promise((resolve) => child.once('close', resolve));
    let complaint = '';
    child.stderr.on('data', (text) => (complaint += text));
    createInterface(child.stdout).on('line', (line) => this.#waiting.shift()?.(JSON.parse(line)));
    // Whoever asks an emulator that has ended is told so.
    this.#ended.then(() => this.#waiting.splice(0).forEach((answer) => answer({ error: `roomcast-link has ended: ${complaint}` })));
  }

  /**
   * Makes two devices that are joined by a link without faults. They go with it.
   * @param {string} near on the node's machine @param {string} far to be moved elsewhere @param {number} seed
   */
  static async between(near, far, seed) {
    const path = linkBinary();
    if (!path) throw new Error('roomcast-link is missing: cargo build --release -p roomcast-lab');
    const link = new Link(spawn(path, [near, far, String(seed)]));
    await link.#answer();
    return link;
  }

  /** Changes what it is like: when this is resolved, it has happened. @param {Conditions} conditions @param {Direction} [direction] */
  async set(conditions, direction = 'both') {
    const words = Object.entries(conditions).map(([key, value]) => `${key}=${value}`);
    await this.#ask(`set ${direction} ${words.join(' ')}`);
  }

  /** @returns {Promise<{ down: Counts, up: Counts }>} what became of the packets so far */
  counts() {
    return this.#ask('counts');
  }

  async close() {
    this.#child.stdin.end();
    await this.#ended;
  }

  /** @param {string} line */
  #ask(line) {
    const answer = this.#answer();
    this.#child.stdin.write(`${line}\n`);
    return answer;
  }

  /** @returns {Promise<any>} */
  async #answer() {
    const answer = await new Promise((resolve) => this.#waiting.push(resolve));
    if (answer.error) throw new Error(answer.error);
    return answer;
  }
}
