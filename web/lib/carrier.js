/**
 * Carries what the courier gives out, over links where they are up and through the node otherwise,
 * and gives it what comes. It keeps the courier's time.
 *
 * Events: `delivered` (`{ from, stream, body }`), `space` (`{ to, stream }`), `renewed` (`{ from }`),
 * `refused` (`{ code, stream }`: the node did not hand something over).
 */
import { realClock } from './clock.js';
import { Courier } from './courier.js';
import { fromLink, fromNode, toLink, toNode } from './frames.js';

/** @import { Clock } from './clock.js' */
/** @import { Body, Frame } from './courier.js' */
/** @import { Link } from './link.js' */
/** @import { Refused } from './signaling.js' */
/** @import { ClientMessage, Path, Stream } from './types.js' */

/** What the node takes of one connection, with some to spare for others on the same machine. Bytes per second. */
const NODE_RATE = 400 * 1024;
/** Refusals after which another try is of no use. */
const FINAL = new Set(['chat-closed', 'silenced', 'too-large', 'forbidden']);

export class Carrier extends EventTarget {
  courier;
  /** @type {Map<string, Link | null>} */
  #ways = new Map();
  /** When the node takes more. Milliseconds. */
  #free = 0;
  #timer = 0;
  #request;
  #clock;

  /** @param {{ request: (message: ClientMessage) => Promise<any>, clock?: Clock, incarnation?: number }} options */
  constructor({ request, clock = realClock, incarnation = newIncarnation() }) {
    super();
    this.#request = request;
    this.#clock = clock;
    this.courier = new Courier({ incarnation });
  }

  /** Who can be reached at all, by link or through the node; everyone else is forgotten. @param {Iterable<string>} participants */
  reachable(participants) {
    const there = new Set(participants);
    for (const who of this.#ways.keys()) {
      if (there.has(who)) continue;
      this.#ways.delete(who);
      this.courier.forget(who);
      this.#emit('gone', { from: who });
    }
    for (const who of there) if (!this.#ways.has(who)) this.setLink(who, null);
  }

  /** The link by which someone is reached, or null for the node. @param {string} who @param {Link | null} link */
  setLink(who, link) {
    if (this.#ways.has(who) && this.#ways.get(who) === link) return;
    this.#ways.set(who, link);
    this.courier.setPath(this.#clock.now(), who, link ? 'link' : 'node');
    this.#drain();
  }

  /** @param {string} who @returns {Path} */
  pathTo(who) {
    return this.#ways.get(who) ? 'link' : 'node';
  }

  /** @param {string} who */
  has(who) {
    return this.#ways.has(who);
  }

  /** @param {string} to @param {Stream} stream @param {Body} body @returns {boolean} whether it was taken */
  send(to, stream, body) {
    if (!this.#ways.has(to)) return false;
    const taken = this.courier.send(this.#clock.now(), to, stream, body);
    this.#drain();
    return taken;
  }

  /** The connection to the node is back: what went through it may be lost. */
  repeat() {
    for (const [who, link] of this.#ways) if (!link) this.courier.setPath(this.#clock.now(), who, 'node');
    this.#drain();
  }

  /** Something came over a link. @param {string} from @param {Stream} stream @param {unknown} data */
  fromLink(from, stream, data) {
    this.#handle(from, stream, fromLink(data));
  }

  /** Something came through the node. @param {string} from @param {Stream} stream @param {string} data */
  fromNode(from, stream, data) {
    this.#handle(from, stream, fromNode(data));
  }

  stop() {
    this.#clock.cancel(this.#timer);
    this.reachable([]);
  }

  /** @param {string} from @param {Stream} stream @param {Frame | null} frame */
  #handle(from, stream, frame) {
    if (!frame || !this.#ways.has(from)) return;
    this.courier.handle(this.#clock.now(), from, stream, frame);
    this.#drain();
  }

  #drain() {
    for (let output = this.courier.poll(); output; output = this.courier.poll()) {
      if (output.type === 'transmit') this.#transmit(output.to, output.via, output.stream, output.frame);
      else if (output.type === 'deliver') this.#emit('delivered', output);
      else if (output.type === 'acknowledged') this.#emit('space', output);
      else this.#emit('renewed', output);
    }
    this.#clock.cancel(this.#timer);
    const deadline = this.courier.deadline();
    if (deadline === Infinity) return;
    this.#timer = this.#clock.after(() => {
      this.courier.tick(this.#clock.now());
      this.#drain();
    }, Math.max(1, deadline - this.#clock.now()));
  }

  /** @param {string} to @param {Path} via @param {Stream} stream @param {Frame} frame */
  #transmit(to, via, stream, frame) {
    if (via === 'link') {
      // A link that has just closed says so next, and all of this is sent again.
      this.#ways.get(to)?.send(stream, toLink(frame));
      return;
    }
    const data = toNode(frame);
    const now = this.#clock.now();
    const wait = Math.max(0, this.#free - now);
    this.#free = Math.max(now, this.#free) + (data.length / NODE_RATE) * 1000;
    if (wait === 0) this.#hand(to, stream, data);
    else this.#clock.after(() => this.#hand(to, stream, data), wait);
  }

  /** @param {string} to @param {Stream} stream @param {string} data */
  #hand(to, stream, data) {
    this.#request({ type: 'direct', to: [to], stream, data }).catch((error) => {
      const { code } = /** @type {Refused} */ (error);
      if (FINAL.has(code)) this.#emit('refused', { code, stream });
    });
  }

  /** @param {string} type @param {unknown} detail */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** A later page of the same participant has a greater number; two in one millisecond differ by chance. */
function newIncarnation() {
  return Date.now() * 1024 + Math.floor(Math.random() * 1024);
}
