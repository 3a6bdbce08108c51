/**
 * Watches one RTCPeerConnection and says when it needs help. Both sessions share these rules:
 * a short silence is forgiven, a longer one asks for an ICE restart, a failed restart for a new session.
 */

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

  /** @param {RTCPeerConnection} peer @param {PeerCalls} calls */
  constructor(peer, calls) {
    this.#peer = peer;
    this.#calls = calls;
    peer.addEventListener('connectionstatechange', this.#changed);
    this.#in(CONNECT_WITHIN, () => calls.needsFresh());
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
    clearTimeout(this.#timer);
    this.#peer.removeEventListener('connectionstatechange', this.#changed);
  }

  #changed = () => {
    const state = this.#peer.connectionState;
    if (state === 'connected') {
      clearTimeout(this.#timer);
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
    clearTimeout(this.#timer);
    this.#timer = Number(setTimeout(run, wait));
  }
}
