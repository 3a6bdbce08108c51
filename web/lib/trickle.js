/**
 * Hands over candidates as they are found, some at a time: one request for each would be many requests
 * for what is found within a moment.
 */
import { realClock } from './clock.js';

/** @import { Clock } from './clock.js' */

/** Most candidates of a machine are found within this time of the first. Milliseconds. */
const GATHER_FOR = 100;

export class Trickle {
  /** @type {string[]} */
  #found = [];
  #ended = false;
  #ticket = 0;
  /** @type {((candidates: string[], ended: boolean) => void) | null} */
  #send = null;
  #peer;
  #clock;

  /** @param {RTCPeerConnection} peer @param {{ clock?: Clock }} [options] */
  constructor(peer, { clock = realClock } = {}) {
    this.#peer = peer;
    this.#clock = clock;
    peer.addEventListener('icecandidate', this.#heard);
  }

  /** Someone can be told now. @param {(candidates: string[], ended: boolean) => void} send */
  begin(send) {
    this.#send = send;
    this.#soon();
  }

  stop() {
    this.#clock.cancel(this.#ticket);
    this.#peer.removeEventListener('icecandidate', this.#heard);
  }

  /** @param {RTCPeerConnectionIceEvent} event */
  #heard = ({ candidate }) => {
    this.#ended = !candidate;
    if (candidate?.candidate && !HIDDEN.test(candidate.candidate)) this.#found.push(candidate.candidate);
    this.#soon();
  };

  #soon() {
    if (!this.#send || (this.#found.length === 0 && !this.#ended)) return;
    this.#clock.cancel(this.#ticket);
    this.#ticket = this.#clock.after(() => this.#flush(), this.#ended ? 0 : GATHER_FOR);
  }

  #flush() {
    const [found, ended] = [this.#found, this.#ended];
    this.#found = [];
    this.#ended = false;
    if (found.length > 0 || ended) this.#send?.(found, ended);
  }
}

/** Names that only machines of the same LAN can look up say nothing to a node. */
const HIDDEN = / [\w-]+\.local /;
