/**
 * Negotiates one link without glare: both sides may offer at any time. One thing is done after the
 * other; when two offers cross, the polite side takes its own back, answers, and offers again. What
 * is doubled, late or unreadable changes nothing.
 */

/** @import { LinkSignal, LinkTrack } from './types.js' */
/** @import { Clock } from './clock.js' */
/** @import { Refused } from './signaling.js' */

/** The polite side leaves the first word to the other for so long. Milliseconds. */
const FIRST_WORD = 3_000;
/** An offer without an answer is repeated: one of the two got lost. Milliseconds. */
const REPEAT_AFTER = 4_000;
/** After the node asked for patience. Milliseconds. */
const PATIENCE = 1_000;
/** Candidates that wait for their description; browsers gather a tenth of it. */
const MAX_EARLY = 64;

/**
 * @typedef {object} NegotiationCalls
 * @property {(signal: LinkSignal) => Promise<unknown>} send
 * @property {() => void} prepare                      an offer is about to be made
 * @property {() => LinkTrack[]} tracks                what this side's sections carry
 * @property {(tracks: LinkTrack[]) => void} heard     what the other side's sections carry
 * @property {(sdp: string) => string} ownSdp          changes a description of this side
 * @property {(sdp: string, tracks: LinkTrack[]) => string} otherSdp   changes a description of the other side
 */

export class Negotiation {
  /** @type {Promise<void>} */
  #queue = Promise.resolve();
  #wanted = false;
  #begun;
  #stopped = false;
  #describing = false;
  /** The offer that has no answer yet, as it was sent. @type {LinkSignal | null} */
  #open = null;
  /** The last offer that was answered, and its answer. @type {{ offer: string, signal: LinkSignal } | null} */
  #answered = null;
  #lastAnswer = '';
  /** @type {RTCIceCandidateInit[]} */
  #early = [];
  /** @type {(RTCIceCandidateInit | null)[]} */
  #unsent = [];
  #timer = 0;
  #patience = 0;
  #peer;
  #polite;
  #calls;
  #clock;

  /** @param {{ peer: RTCPeerConnection, polite: boolean, clock: Clock, calls: NegotiationCalls }} options */
  constructor({ peer, polite, clock, calls }) {
    this.#peer = peer;
    this.#polite = polite;
    this.#begun = !polite;
    this.#calls = calls;
    this.#clock = clock;
    peer.addEventListener('icecandidate', ({ candidate }) => this.#gathered(candidate));
    if (polite) this.#timer = clock.after(() => this.#begin(), FIRST_WORD);
  }

  /** Offers as soon as may be. */
  offer() {
    this.#wanted = true;
    this.#do(() => this.#offer());
  }

  /** Looks for a new way between the two. */
  restart() {
    this.#peer.restartIce();
    this.#begun = true;
    this.offer();
  }

  /** @param {LinkSignal} signal */
  receive({ description, tracks = [], candidate }) {
    if (candidate) this.#do(() => this.#candidate(candidate));
    else if (description) this.#do(() => this.#description(description, tracks));
  }

  /** Whether a new way is looked for, and the other side has not said anything to it. */
  get unheard() {
    return this.#open !== null && this.#peer.remoteDescription !== null;
  }

  /** The way to the other side was lost for a while: what may not have arrived is said again. */
  repeat() {
    if (this.#open) this.#say(this.#open);
    else if (this.#answered && this.#peer.connectionState !== 'connected') this.#say(this.#answered.signal);
    this.#flush();
  }

  stop() {
    this.#stopped = true;
    this.#clock.cancel(this.#timer);
    this.#clock.cancel(this.#patience);
  }

  /** @param {() => Promise<void>} act */
  #do(act) {
    // What the other side says may be anything: it must not end the link by itself.
    this.#queue = this.#queue.then(() => (this.#stopped ? undefined : act())).catch(() => {});
  }

  #begin() {
    this.#begun = true;
    this.offer();
  }

  async #offer() {
    if (!this.#wanted || !this.#begun || this.#peer.signalingState !== 'stable') return;
    this.#wanted = false;
    this.#calls.prepare();
    this.#describing = true;
    try {
      await this.#setLocal(await this.#peer.createOffer());
      this.#open = this.#described('offer');
      this.#say(this.#open);
    } finally {
      this.#describing = false;
    }
    this.#flush();
    this.#repeatLater();
  }

  /** @param {NonNullable<LinkSignal['description']>} description @param {LinkTrack[]} tracks */
  async #description({ type, sdp = '' }, tracks) {
    if (type === 'offer') await this.#offered(sdp, tracks);
    else if (type === 'answer') await this.#answer(sdp, tracks);
  }

  /** @param {string} sdp @param {LinkTrack[]} tracks */
  async #offered(sdp, tracks) {
    if (this.#answered?.offer === sdp) {
      this.#say(this.#answered.signal);
      return;
    }
    const crossed = this.#peer.signalingState === 'have-local-offer';
    if (crossed && !this.#polite) return;
    // The browser takes an own offer back by itself.
    await this.#peer.setRemoteDescription({ type: 'offer', sdp: this.#calls.otherSdp(sdp, tracks) });
    if (crossed) this.#wanted = true;
    this.#settled();
    this.#calls.heard(tracks);
    this.#describing = true;
    try {
      await this.#setLocal(await this.#peer.createAnswer());
      this.#answered = { offer: sdp, signal: this.#described('answer') };
      this.#say(this.#answered.signal);
    } finally {
      this.#describing = false;
    }
    this.#flush();
    await this.#takeEarly();
    await this.#offer();
  }

  /** @param {string} sdp @param {LinkTrack[]} tracks */
  async #answer(sdp, tracks) {
    if (this.#peer.signalingState !== 'have-local-offer' || sdp === this.#lastAnswer) return;
    await this.#peer.setRemoteDescription({ type: 'answer', sdp: this.#calls.otherSdp(sdp, tracks) });
    this.#lastAnswer = sdp;
    this.#settled();
    this.#calls.heard(tracks);
    await this.#takeEarly();
    await this.#offer();
  }

  #settled() {
    this.#begun = true;
    this.#open = null;
    this.#clock.cancel(this.#timer);
  }

  /** @param {RTCSessionDescriptionInit} description */
  async #setLocal(description) {
    const { type, sdp = '' } = description;
    try {
      await this.#peer.setLocalDescription({ type, sdp: this.#calls.ownSdp(sdp) });
    } catch {
      await this.#peer.setLocalDescription(description);
    }
  }

  /** @param {'offer' | 'answer'} type @returns {LinkSignal} */
  #described(type) {
    return { description: { type, sdp: this.#peer.localDescription?.sdp ?? '' }, tracks: this.#calls.tracks() };
  }

  #repeatLater() {
    this.#clock.cancel(this.#timer);
    this.#timer = this.#clock.after(() => {
      if (!this.#open || this.#stopped) return;
      this.#say(this.#open);
      this.#repeatLater();
    }, REPEAT_AFTER);
  }

  /** @param {RTCIceCandidateInit} candidate */
  async #candidate(candidate) {
    if (this.#fits(candidate)) await this.#peer.addIceCandidate(candidate);
    else this.#early = [...this.#early, candidate].slice(-MAX_EARLY);
  }

  /** Whether the description that a candidate belongs to is there. @param {RTCIceCandidateInit} candidate */
  #fits({ usernameFragment }) {
    const sdp = this.#peer.remoteDescription?.sdp;
    return sdp !== undefined && (!usernameFragment || sdp.includes(`a=ice-ufrag:${usernameFragment}\r\n`));
  }

  async #takeEarly() {
    const waiting = this.#early;
    this.#early = waiting.filter((candidate) => !this.#fits(candidate));
    for (const candidate of waiting) {
      if (this.#fits(candidate)) await this.#peer.addIceCandidate(candidate).catch(() => {});
    }
  }

  /** @param {RTCIceCandidate | null} candidate */
  #gathered(candidate) {
    // A candidate of no text says that a component is done: browsers differ, and nobody needs it.
    if (candidate?.candidate === '') return;
    this.#unsent.push(candidate?.toJSON?.() ?? candidate);
    this.#flush();
  }

  #flush() {
    // A candidate belongs to a description that the other side has heard.
    if (this.#describing || this.#stopped || !this.#peer.localDescription) return;
    const candidates = this.#unsent;
    this.#unsent = [];
    for (const candidate of candidates) {
      this.#calls.send({ candidate }).catch((error) => this.#unsentAgain(candidate, error));
    }
  }

  /** @param {RTCIceCandidateInit | null} candidate @param {Refused} error */
  #unsentAgain(candidate, error) {
    if (error.code === 'link-unknown') return;
    this.#unsent.push(candidate);
    if (error.code !== 'rate-limited') return;
    this.#clock.cancel(this.#patience);
    this.#patience = this.#clock.after(() => this.#flush(), PATIENCE);
  }

  /** A description that gets lost is said again later. @param {LinkSignal} signal */
  #say(signal) {
    this.#calls.send(signal).catch(() => {});
  }
}
