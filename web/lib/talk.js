/**
 * What is said in a room: from one to the other where everyone can be linked with everyone, through
 * the node otherwise. Each one's own words keep their order when the way changes.
 *
 * Events: `said` (`{ text, from }`: someone's words have come over a link, or one's own were sent).
 */
import { realClock } from './clock.js';
import { Refused } from './signaling.js';

/** @import { Carrier } from './carrier.js' */
/** @import { Clock } from './clock.js' */
/** @import { ClientMessage, LinkEntry } from './types.js' */

/** As the node allows. Characters. */
const MAX_TEXT = 2_000;
/** What is under way by the old path has so long to arrive before the new one is used. Milliseconds. */
const LET_ARRIVE = 3_000;
/** Much more than a person says; what floods a page beyond it is dropped. Messages, and messages a second. */
const BURST = 120;
const EACH_SECOND = 4;
/** Control characters but for new lines and tabs, and marks that reorder text, as at the node. */
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Whom words reach without the node. @typedef {{ mesh: boolean, entries: ReadonlyMap<string, LinkEntry> }} Reach */

export class Talk extends EventTarget {
  #request;
  #carrier;
  #reach;
  #clock;
  /** @type {Promise<unknown>} */
  #queue = Promise.resolve();
  /** @type {Map<string, { left: number, at: number }>} */
  #buckets = new Map();

  /**
   * @param {object} options
   * @param {(message: ClientMessage) => Promise<any>} options.request
   * @param {Carrier} options.carrier
   * @param {() => Reach} options.reach
   * @param {Clock} [options.clock]
   */
  constructor({ request, carrier, reach, clock = realClock }) {
    super();
    this.#request = request;
    this.#carrier = carrier;
    this.#reach = reach;
    this.#clock = clock;
  }

  /** @param {string} text @param {{ mayTalk: boolean }} rules @returns {Promise<unknown>} */
  say(text, { mayTalk }) {
    const said = this.#queue.then(() => this.#say(text, mayTalk));
    this.#queue = said.catch(() => {});
    return said;
  }

  /** Words have come. @param {string} from @param {unknown} text @param {{ mayTalk: boolean }} rules for them */
  heard(from, text, { mayTalk }) {
    const known = this.#reach().entries.get(from);
    if (!mayTalk || !known || known.silenced || typeof text !== 'string' || !this.#allows(from)) return;
    const clean = text.slice(0, MAX_TEXT).replace(UNSEEN, '').trim();
    if (clean) this.#emit('said', { from, text: clean });
  }

  /** @param {string} text @param {boolean} mayTalk */
  async #say(text, mayTalk) {
    const { mesh, entries } = this.#reach();
    if (!mesh || entries.size === 0) {
      await this.#arrived();
      return this.#request({ type: 'chat', text });
    }
    const clean = text.replace(UNSEEN, '').trim();
    if (!clean || clean.length > MAX_TEXT) throw new Refused('text-invalid', 'the message is empty or too long');
    if (!mayTalk) throw new Refused('chat-closed', 'the chat is closed');
    for (const participant of entries.keys()) this.#carrier.send(participant, 'chat', { text: clean });
    this.#emit('said', { from: null, text: clean });
  }

  /** Waits a while for one's own earlier words to arrive. */
  async #arrived() {
    const latest = this.#clock.now() + LET_ARRIVE;
    while (!this.#carrier.courier.isIdle('chat') && this.#clock.now() < latest) {
      await new Promise((resolve) => {
        const go = () => {
          this.#carrier.removeEventListener('space', go);
          this.#clock.cancel(ticket);
          resolve(undefined);
        };
        this.#carrier.addEventListener('space', go);
        const ticket = this.#clock.after(go, latest - this.#clock.now());
      });
    }
  }

  /** @param {string} from */
  #allows(from) {
    const now = this.#clock.now();
    const before = this.#buckets.get(from) ?? { left: BURST, at: now };
    const left = Math.min(BURST, before.left + ((now - before.at) / 1000) * EACH_SECOND);
    this.#buckets.set(from, { left: Math.max(0, left - 1), at: now });
    return left >= 1;
  }

  /** @param {string} type @param {unknown} detail */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
