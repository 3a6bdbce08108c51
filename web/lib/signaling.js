/**
 * One joined WebSocket, kept alive: requests and answers by number, liveness by ping, and a return
 * with the resume token whenever the connection is lost. It knows no media and no page.
 *
 * Events: `state` ({@link SignalingState}), `asked` (a `join` was sent: what is sent now is read right behind it), `welcome`, `waiting` (a host has to let us in; `welcome` or
 * `goodbye` follows), `refused` (a `join` was refused), `message` (what is not the answer to a
 * request), `goodbye` (`{ code, message, final }`).
 */
import { Backoff } from './backoff.js';
import { realClock } from './clock.js';

/** @import { Clock } from './clock.js' */
/** @import { Answer, ClientMessage, JoinParameters, ServerMessage, Welcome } from './types.js' */

/**
 * `idle`: nothing wanted yet, or the join was refused. `connecting`: the first way in.
 * `open`: joined. `reconnecting`: lost, and coming back. `closed`: over for good.
 * @typedef {'idle' | 'connecting' | 'open' | 'reconnecting' | 'closed'} SignalingState
 */

/** The version of the protocol that is spoken here. */
export const PROTOCOL_VERSION = 1;
/** Goodbyes after which nobody comes back unasked. */
export const FINAL_CODES = new Set(['left', 'replaced', 'removed', 'denied', 'room-ended']);

/** Often enough to notice a dead network within two of them. Milliseconds. */
const PING_EVERY = 5_000;
/** After the network changed, silence is suspicious sooner. Milliseconds. */
const PING_AFTER_CHANGE = 1_000;
/** A node on the far side of the earth and a slow TLS handshake fit in. Milliseconds. */
const CONNECT_WITHIN = 8_000;
/** An answer that takes longer will not come. Milliseconds. */
const ANSWER_WITHIN = 10_000;

/** A request that was refused by the node, or lost on its way (`connection-lost`, `timeout`). */
export class Refused extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.name = 'Refused';
    this.code = code;
  }
}

export class Signaling extends EventTarget {
  /** @type {SignalingState} */
  #state = 'idle';
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {Map<number, { resolve: (answer: any) => void, reject: (error: Refused) => void, ticket: number }>} */
  #pending = new Map();
  /** @type {JoinParameters | null} */
  #join = null;
  #nextId = 1;
  #heardAt = 0;
  #retry = 0;
  #beat = 0;
  #deadline = 0;
  #url;
  #clock;
  #backoff;
  #Socket;

  /** @param {{ url: string, clock?: Clock, random?: () => number, Socket?: typeof WebSocket }} options */
  constructor({ url, clock = realClock, random = Math.random, Socket = globalThis.WebSocket }) {
    super();
    this.#url = url;
    this.#clock = clock;
    this.#backoff = new Backoff({ random });
    this.#Socket = Socket;
  }

  get state() {
    return this.#state;
  }

  /** Joins, or tries again with other parameters after a refusal. @param {JoinParameters} parameters */
  join(parameters) {
    this.#join = parameters;
    if (this.#state === 'closed') this.#state = 'idle';
    if (this.#state === 'idle') this.#become('connecting');
    if (this.#socket?.readyState === 1) this.#sendJoin();
    else if (!this.#socket) this.#open();
  }

  /**
   * Asks and waits for the answer.
   * @param {ClientMessage} message
   * @returns {Promise<any>} the answer; rejects with {@link Refused}
   */
  request(message) {
    return new Promise((resolve, reject) => {
      const socket = this.#socket;
      if (!socket || socket.readyState !== 1) {
        reject(new Refused('connection-lost', 'there is no connection to the node'));
        return;
      }
      const id = this.#nextId++;
      const late = () => this.#settle(id)?.reject(new Refused('timeout', 'the node did not answer'));
      this.#pending.set(id, { resolve, reject, ticket: this.#clock.after(late, ANSWER_WITHIN) });
      socket.send(JSON.stringify({ ...message, id }));
    });
  }

  /** The network changed or came back: try at once, or find out quickly whether the socket lives. */
  networkChanged() {
    if (this.#state === 'reconnecting' && !this.#socket) {
      this.#backoff.reset();
      this.#open();
    } else if (this.#state === 'open') {
      this.#ping(PING_AFTER_CHANGE);
    }
  }

  /** Ends the connection for good. */
  close() {
    this.#become('closed');
    this.#drop();
  }

  #open() {
    this.#clock.cancel(this.#retry);
    const socket = new this.#Socket(this.#url);
    this.#socket = socket;
    this.#deadline = this.#clock.after(() => this.#lost(socket), CONNECT_WITHIN);
    socket.onopen = () => socket === this.#socket && this.#sendJoin();
    socket.onclose = () => this.#lost(socket);
    socket.onmessage = (event) => {
      if (socket !== this.#socket) return;
      this.#heardAt = this.#clock.now();
      if (typeof event.data === 'string') this.#receive(JSON.parse(event.data));
    };
  }

  async #sendJoin() {
    this.#clock.cancel(this.#deadline);
    if (!this.#join) return;
    const join = this.#join;
    try {
      const answered = this.request({ type: 'join', version: PROTOCOL_VERSION, ...join });
      this.#emit('asked', null);
      const answer = await answered;
      if (answer.type === 'waiting') this.#emit('waiting', null);
      else this.#welcome(answer);
    } catch (error) {
      this.#joinFailed(/** @type {Refused} */ (error));
    }
  }

  /** @param {Welcome} welcome */
  #welcome(welcome) {
    this.#backoff.reset();
    // The room is open now, and whoever comes back to it does so as the same participant.
    this.#join = { .../** @type {JoinParameters} */ (this.#join), open: undefined, resume: welcome.resume };
    if (welcome.hostKey) this.#join.hostKey = welcome.hostKey;
    this.#become('open');
    this.#ping(PING_EVERY);
    this.#emit('welcome', welcome);
  }

  /** @param {Refused} error */
  #joinFailed(error) {
    if (error.code === 'connection-lost' || this.#state === 'closed') return;
    if (error.code === 'timeout') {
      this.#lost(this.#socket);
      return;
    }
    this.#become('idle');
    this.#emit('refused', { code: error.code, message: error.message });
  }

  /** Keeps the name for the next way in. @param {string} name */
  renamed(name) {
    if (this.#join) this.#join = { ...this.#join, name };
  }

  /** @param {ServerMessage} message */
  #receive(message) {
    if ('re' in message && message.re !== undefined) {
      const waiting = this.#settle(message.re);
      if (message.type === 'error') waiting?.reject(new Refused(message.code, message.message));
      else waiting?.resolve(message);
    } else if (message.type === 'welcome') {
      this.#welcome(message);
    } else if (message.type === 'goodbye') {
      this.#goodbye(message.code, message.message);
    } else {
      this.#emit('message', message);
    }
  }

  /** @param {string} code @param {string} message */
  #goodbye(code, message) {
    const final = FINAL_CODES.has(code);
    if (code === 'rate-limited') this.#backoff.exhaust();
    if (final) this.close();
    this.#emit('goodbye', { code, message, final });
    if (!final) this.#lost(this.#socket);
  }

  /** @param {number} id */
  #settle(id) {
    const waiting = this.#pending.get(id);
    if (waiting) this.#clock.cancel(waiting.ticket);
    this.#pending.delete(id);
    return waiting;
  }

  /** Sends a ping, and gives the connection up if nothing at all is heard until the next. @param {number} wait */
  #ping(wait) {
    this.#clock.cancel(this.#beat);
    const socket = this.#socket;
    const sentAt = this.#clock.now();
    this.request({ type: 'ping' }).catch(() => {});
    this.#beat = this.#clock.after(() => {
      if (socket !== this.#socket) return;
      if (this.#heardAt < sentAt) this.#lost(socket);
      else this.#ping(PING_EVERY);
    }, wait);
  }

  /** @param {WebSocket | null} socket */
  #lost(socket) {
    if (!socket || socket !== this.#socket) return;
    this.#drop();
    // After a refusal it is for the caller to decide about another try.
    if (this.#state === 'idle' || this.#state === 'closed') return;
    if (this.#state === 'open') this.#become('reconnecting');
    this.#retry = this.#clock.after(() => this.#open(), this.#backoff.next());
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    this.#clock.cancel(this.#beat);
    this.#clock.cancel(this.#deadline);
    this.#clock.cancel(this.#retry);
    for (const id of [...this.#pending.keys()]) {
      this.#settle(id)?.reject(new Refused('connection-lost', 'the connection was lost'));
    }
    if (socket) {
      socket.onopen = socket.onclose = socket.onmessage = null;
      socket.close();
    }
  }

  /** @param {SignalingState} state */
  #become(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.#emit('state', state);
  }

  /** @param {string} type @param {unknown} detail */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
