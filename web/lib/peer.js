/**
 * Watches one RTCPeerConnection and says when it needs help. Sessions and links share these rules:
 * a short silence is forgiven, a longer one asks for an ICE restart, a failed restart for a new session.
 */
import { realClock } from './clock.js';

/** @import { Clock } from './clock.js' */

/** `disconnected` often heals by itself within this time. Milliseconds. */
const FORGIVEN = 1_500;
/** A restart or a first connection that takes longer has failed. Milliseconds. */
const CONNECT_WITHIN = 8_000;

/**
 * @typedef {object} PeerCalls
 * @property {() => void} connected
 * @property {() => void} needsRestart   ICE should be restarted on this connection
 * @property {() => void} needsFresh     this connection is beyond repair
 */

export class PeerWatch {
  #timer = 0;
  #restarted = false;
  #peer;
  #calls;
  #clock;

  /**
   * @param {RTCPeerConnection} peer @param {PeerCalls} calls
   * @param {{ within?: number, clock?: Clock }} [options]   `within`: milliseconds for the first connection
   */
  constructor(peer, calls, { within = CONNECT_WITHIN, clock = realClock } = {}) {
    this.#peer = peer;
    this.#calls = calls;
    this.#clock = clock;
    peer.addEventListener('connectionstatechange', this.#changed);
    this.#in(within, () => calls.needsFresh());
  }

  /** An ICE restart is under way: it has to lead somewhere. */
  restarting() {
    this.#restarted = true;
    this.#in(CONNECT_WITHIN, () => {
      if (this.#peer.connectionState !== 'connected') this.#calls.needsFresh();
      this.#restarted = false;
    });
  }

  stop() {
    this.#clock.cancel(this.#timer);
    this.#peer.removeEventListener('connectionstatechange', this.#changed);
  }

  #changed = () => {
    const state = this.#peer.connectionState;
    if (state === 'connected') {
      this.#clock.cancel(this.#timer);
      this.#restarted = false;
      this.#calls.connected();
    } else if (state === 'failed') {
      this.#help();
    } else if (state === 'disconnected' && !this.#restarted) {
      this.#in(FORGIVEN, () => this.#help());
    }
  };

  #help() {
    if (this.#restarted) this.#calls.needsFresh();
    else this.#calls.needsRestart();
  }

  /** @param {number} wait @param {() => void} run */
  #in(wait, run) {
    this.#clock.cancel(this.#timer);
    this.#timer = this.#clock.after(run, wait);
  }
}
