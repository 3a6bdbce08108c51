/**
 * The subscriber session: what this participant receives. The node always offers; each offer says
 * which publication each media section carries.
 *
 * Events: `tracks` (the map changed), `state` (connection state changed), `trouble`
 * (`{ cause }`: why media does not get through, though signaling does; null when it does).
 */
import { Backoff } from './backoff.js';
import { Cushion } from './cushion.js';
import { PeerWatch } from './peer.js';
import { withStereo, withStreams } from './sdp.js';
import { Witness } from './trouble.js';

/** @import { ClientMessage, Offer } from './types.js' */
/** @import { Refused } from './signaling.js' */

/** Publications that should be received but are not offered for so long: ask anew. Milliseconds. */
const PATIENCE = 5_000;
/** So many sessions in a row without a connection mean that something blocks the way. */
const BLOCKED_AFTER = 2;

export class Subscriber extends EventTarget {
  /** @type {RTCPeerConnection | null} */
  peer = null;
  /** The received tracks by publication. @type {ReadonlyMap<number, MediaStreamTrack>} */
  tracks = new Map();
  /** What counts their frames. @type {ReadonlyMap<number, RTCRtpReceiver>} */
  receivers = new Map();
  /** @type {PeerWatch | null} */
  #watch = null;
  /** @type {Witness | null} */
  #witness = null;
  /** @type {Cushion | null} */
  #cushion = null;
  /** @type {Promise<void>} */
  #queue = Promise.resolve();
  /** @type {Offer | null} */
  #newest = null;
  #expected = new Set();
  /** What was asked for together with the way in, until that is found. @type {Promise<unknown> | null} */
  #asked = null;
  #failures = 0;
  #backoff = new Backoff();
  #retry = 0;
  #patience = 0;
  #request;
  #streamOf;
  #createPeer;

  /**
   * @param {object} options
   * @param {(message: ClientMessage) => Promise<any>} options.request
   * @param {(publication: number) => string | null} [options.streamOf]   what a publication belongs to: sound and picture of one name are played together
   * @param {(failed: boolean) => RTCPeerConnection} [options.createPeer]   `failed`: the attempt before was
   */
  constructor({ request, streamOf = () => null, createPeer = () => new RTCPeerConnection() }) {
    super();
    this.#request = request;
    this.#streamOf = streamOf;
    this.#createPeer = createPeer;
  }

  /** Asks for a new session. Tracks of the old one stay until the new one brings others. */
  async start() {
    clearTimeout(this.#retry);
    await this.#request({ type: 'subscribe' }).catch((error) => this.#refused(error));
  }

  /** Asks for the first session in one breath with the way in: its offer is there a round trip sooner. */
  ask() {
    if (this.peer) return;
    const asked = this.#request({ type: 'subscribe' });
    this.#asked = asked;
    asked.catch((error) => {
      if (this.#asked === asked) this.#asked = null;
      else this.#refused(error);
    });
  }

  /** The signaling connection is back. @param {boolean} resumed */
  resume(resumed) {
    const asked = this.#asked !== null;
    this.#asked = null;
    if (!asked && (!resumed || !this.peer)) this.start();
  }

  /** Answers an offer. Offers are taken one after the other; one that a later one made void is skipped. @param {Offer} offer */
  offered(offer) {
    this.#newest = offer;
    this.#queue = this.#queue.then(() => this.#answer(offer)).catch(() => this.#later());
  }

  /** The node closed this session. */
  closed() {
    this.#later();
  }

  /** Opens the session anew, if there is one, by other rules. */
  reopen() {
    if (this.peer) this.start();
  }

  networkChanged() {
    if (this.peer && this.tracks.size > 0) this.#restart();
  }

  /** What should arrive: if some of it is not offered for a while, the session is opened anew. @param {number[]} publications */
  expect(publications) {
    this.#expected = new Set(publications);
    clearTimeout(this.#patience);
    if (!this.#missing()) return;
    this.#patience = Number(setTimeout(() => this.#missing() && this.start(), PATIENCE));
  }

  /** Ends the session here. */
  stop() {
    clearTimeout(this.#retry);
    clearTimeout(this.#patience);
    this.#close();
    this.#setReceivers(new Map());
  }

  #missing() {
    return [...this.#expected].some((publication) => !this.tracks.has(publication));
  }

  /** @param {Offer} offer */
  async #answer(offer) {
    if (offer !== this.#newest && !offer.fresh) return;
    const peer = offer.fresh || !this.peer ? this.#open() : this.peer;
    await peer.setRemoteDescription({ type: 'offer', sdp: withStreams(offer.sdp, this.#streams(offer)) });
    const answer = await peer.createAnswer();
    await this.#setLocal(peer, answer, audioMids(peer));
    const sdp = peer.localDescription?.sdp ?? '';
    this.#map(peer, offer);
    this.#request({ type: 'answer', offer: offer.offer, sdp }).catch((error) => this.#refused(error));
  }

  /** The name of the stream in each section, as far as they are known. @param {Offer} offer */
  #streams({ tracks }) {
    return new Map(tracks.flatMap(({ mid, publication }) => {
      const stream = this.#streamOf(publication);
      return stream === null ? [] : [/** @type {[string, string]} */ ([mid, stream])];
    }));
  }

  /** @param {RTCPeerConnection} peer @param {RTCSessionDescriptionInit} answer @param {string[]} mids */
  async #setLocal(peer, answer, mids) {
    try {
      await peer.setLocalDescription({ type: 'answer', sdp: withStereo(answer.sdp ?? '', mids) });
    } catch {
      await peer.setLocalDescription(answer);
    }
  }

  /** @param {RTCPeerConnection} peer @param {Offer} offer */
  #map(peer, offer) {
    const byMid = new Map(peer.getTransceivers().map((lane) => [lane.mid, lane.receiver]));
    /** @type {Map<number, RTCRtpReceiver>} */
    const receivers = new Map();
    for (const { mid, publication } of offer.tracks) {
      const receiver = byMid.get(mid);
      if (receiver) receivers.set(publication, receiver);
    }
    this.#setReceivers(receivers);
  }

  /** @param {Refused} error */
  #refused(error) {
    // A late or stale answer is made good by the next offer; a lost connection, and a way in that is not found yet, by `resume`.
    if (['connection-lost', 'timeout', 'offer-stale', 'not-joined'].includes(error.code)) return;
    this.#later();
  }

  #later() {
    clearTimeout(this.#retry);
    this.#retry = Number(setTimeout(() => this.start(), this.#backoff.next()));
  }

  async #restart() {
    this.#watch?.restarting();
    await this.#request({ type: 'subscribe', restartIce: true }).catch((error) => this.#refused(error));
  }

  #open() {
    this.#close();
    const peer = this.#createPeer(this.#failures > 0);
    this.peer = peer;
    this.#witness = new Witness(peer, { toNode: true });
    this.#watch = new PeerWatch(peer, {
      connected: () => this.#connected(),
      needsRestart: () => this.#restart(),
      needsFresh: () => this.#pathFailed(),
    });
    peer.addEventListener('connectionstatechange', () => this.#emit('state', peer.connectionState));
    return peer;
  }

  #close() {
    this.#watch?.stop();
    this.#cushion?.stop();
    this.#cushion = null;
    this.peer?.close();
    this.peer = null;
  }

  #connected() {
    if (this.peer) this.#cushion ??= new Cushion(this.peer);
    if (this.#failures >= BLOCKED_AFTER) this.#emit('trouble', { cause: null });
    // What helped once is used again.
    this.#failures = Math.min(this.#failures, 1);
    this.#backoff.reset();
  }

  #pathFailed() {
    this.#failures += 1;
    if (this.#failures >= BLOCKED_AFTER) this.#emit('trouble', { cause: this.#witness?.cause ?? 'unknown' });
    this.#later();
  }

  /** @param {Map<number, RTCRtpReceiver>} receivers */
  #setReceivers(receivers) {
    this.receivers = receivers;
    this.tracks = new Map([...receivers].map(([publication, { track }]) => [publication, track]));
    this.#emit('tracks', this.tracks);
  }

  /** @param {string} type @param {unknown} detail */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** Stereo is asked for everywhere: what was sent as mono stays mono. @param {RTCPeerConnection} peer */
function audioMids(peer) {
  return peer
    .getTransceivers()
    .filter((lane) => lane.receiver.track.kind === 'audio' && lane.mid !== null)
    .map((lane) => /** @type {string} */ (lane.mid));
}
