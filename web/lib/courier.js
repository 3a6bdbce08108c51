/**
 * Delivery between participants, over whatever path there is: everything arrives, once, in the order
 * in which it was sent, also when the path changes half-way or the other side loads its page anew.
 * It has no clock, no timer and no connection: `send`, `handle`, `setPath` and `tick` go in with the
 * time, `poll` gives what is to be done, `deadline` says when to `tick` next.
 */
import { Inbox, Outbox } from './courier-boxes.js';

/** @import { Path, Stream } from './types.js' */

/**
 * What is brought: plain data, and bytes where there are any.
 * @typedef {{ [name: string]: unknown, bytes?: Uint8Array }} Body
 */
/**
 * What travels. Each page is an *incarnation* of its participant, numbered so that a later one has the
 * greater number. Bodies are numbered anew for each incarnation of their receiver, and none is sent
 * before that is known; an acknowledgement to 0 asks for it.
 * @typedef {object} Frame
 * @property {number} from      incarnation of its sender
 * @property {number} to        incarnation of its receiver, or 0
 * @property {number} [number]  of `body`, from 1
 * @property {Body} [body]
 * @property {number} [ack]     everything up to this number has come
 */
/**
 * - `transmit`: hand the frame over by this path
 * - `deliver`: a body has come
 * - `acknowledged`: there is room for more
 * - `renewed`: the other side has a new page, and what it had begun is gone
 * @typedef {{ type: 'transmit', to: string, via: Path, stream: Stream, frame: Frame }
 *   | { type: 'deliver', from: string, stream: Stream, body: Body }
 *   | { type: 'acknowledged', to: string, stream: Stream }
 *   | { type: 'renewed', from: string }} Output
 */
/** @typedef {{ outbox: Outbox, inbox: Inbox }} Lane */
/** @typedef {{ incarnation: number, path: Path | null, lanes: Record<Stream, Lane> }} Correspondent */

const STREAMS = /** @type {const} */ (['chat', 'file']);

export class Courier {
  /** @type {Map<string, Correspondent>} */
  #others = new Map();
  /** @type {Output[]} */
  #outputs = [];
  #incarnation;

  /** @param {{ incarnation: number }} options */
  constructor({ incarnation }) {
    this.#incarnation = incarnation;
  }

  /**
   * @param {number} now milliseconds @param {string} to @param {Stream} stream @param {Body} body
   * @returns {boolean} false when nothing more can wait
   */
  send(now, to, stream, body) {
    const lane = this.#other(to).lanes[stream];
    if (!lane.outbox.add(body)) return false;
    this.#flush(now, to);
    return true;
  }

  /** How many bodies of this stream can be taken at once. @param {string} to @param {Stream} stream */
  space(to, stream) {
    const { path, lanes } = this.#other(to);
    return path === null ? 0 : lanes[stream].outbox.space(path);
  }

  /** Whether everything of a stream has arrived at all who are there. @param {Stream} stream */
  isIdle(stream) {
    return [...this.#others.values()].every(({ lanes }) => lanes[stream].outbox.isEmpty);
  }

  /** By which path someone is reached from now on: what is under way is sent again. @param {number} now @param {string} to @param {Path | null} path */
  setPath(now, to, path) {
    const other = this.#other(to);
    other.path = path;
    for (const stream of STREAMS) other.lanes[stream].outbox.again();
    // A link costs nothing: by the time that there is something to send, both know each other.
    if (path === 'link') other.lanes.chat.inbox.owe(now);
    this.#flush(now, to);
  }

  /** Someone is not in the room any more. @param {string} who */
  forget(who) {
    this.#others.delete(who);
  }

  /** A frame has come. @param {number} now @param {string} from @param {Stream} stream @param {Frame} frame */
  handle(now, from, stream, frame) {
    const other = this.#other(from);
    if (frame.from < other.incarnation) return;
    if (frame.from > other.incarnation) this.#meet(from, other, frame.from);
    const { inbox, outbox } = other.lanes[stream];
    if (frame.to !== this.#incarnation) {
      // Meant for an earlier page, or for whoever is here: they are told.
      inbox.owe(now);
    } else if (frame.ack !== undefined) {
      if (outbox.acknowledge(frame.ack)) this.#outputs.push({ type: 'acknowledged', to: from, stream });
    } else if (frame.body !== undefined && frame.number !== undefined) {
      const bodies = inbox.take(now, frame.number, frame.body);
      for (const body of bodies) this.#outputs.push({ type: 'deliver', from, stream, body });
    }
    this.#flush(now, from);
  }

  /** @param {number} now milliseconds */
  tick(now) {
    for (const [who, { path, lanes }] of this.#others) {
      if (path !== null) for (const stream of STREAMS) lanes[stream].outbox.expire(now);
      this.#flush(now, who);
    }
  }

  /** When to call `tick` at the latest: milliseconds, or infinity. */
  deadline() {
    const reached = [...this.#others.values()].filter(({ path }) => path !== null);
    const lanes = reached.flatMap(({ lanes }) => STREAMS.map((stream) => lanes[stream]));
    return Math.min(...lanes.flatMap(({ inbox, outbox }) => [inbox.deadline, outbox.deadline]));
  }

  /** @returns {Output | undefined} */
  poll() {
    return this.#outputs.shift();
  }

  /** @param {string} who */
  #other(who) {
    const known = this.#others.get(who);
    if (known) return known;
    const lane = () => ({ outbox: new Outbox(), inbox: new Inbox() });
    /** @type {Correspondent} */
    const other = { incarnation: 0, path: null, lanes: { chat: lane(), file: lane() } };
    this.#others.set(who, other);
    return other;
  }

  /** @param {string} who @param {Correspondent} other @param {number} incarnation */
  #meet(who, other, incarnation) {
    const first = other.incarnation === 0;
    other.incarnation = incarnation;
    for (const { inbox } of Object.values(other.lanes)) inbox.reset();
    if (first) return;
    other.lanes.chat.outbox.renumber();
    // Half a file is of no use to a page that does not have the other half.
    other.lanes.file.outbox.clear();
    this.#outputs.push({ type: 'renewed', from: who });
  }

  /** Transmits what may be. @param {number} now @param {string} to */
  #flush(now, to) {
    const { path, incarnation, lanes } = this.#other(to);
    if (path === null) return;
    for (const stream of STREAMS) {
      const { inbox, outbox } = lanes[stream];
      const head = { from: this.#incarnation, to: incarnation };
      if (incarnation === 0 && outbox.asks(now, path)) inbox.owe(now);
      const ack = inbox.acknowledgement(now);
      if (ack !== null) this.#transmit(to, path, stream, { ...head, ack });
      if (incarnation === 0) continue;
      for (const { number, body } of outbox.next(now, path)) this.#transmit(to, path, stream, { ...head, number, body });
    }
  }

  /** @param {string} to @param {Path} via @param {Stream} stream @param {Frame} frame */
  #transmit(to, via, stream, frame) {
    this.#outputs.push({ type: 'transmit', to, via, stream, frame });
  }
}
