/**
 * What this participant sends: announced to the room, and brought to the node while someone receives
 * it there. That is the publisher session, in which the browser always offers. Tracks are known by
 * their source; switching a device replaces the track without a new offer.
 *
 * Events: `change` (tracks, mutes or connection), `trouble` (`{ code, cause }`: what the node refused,
 * or why media does not get through; both null when it does).
 */
import { Backoff } from './backoff.js';
import { Lanes } from './lanes.js';
import { PeerWatch } from './peer.js';
import { takesLayers, withStartBitrate } from './sdp.js';
import { Witness } from './trouble.js';

/** @import { ClientMessage, PublishedTrack, Source } from './types.js' */
/** @import { Refused } from './signaling.js' */

/** @typedef {{ track: MediaStreamTrack, muted: boolean }} Sent */

/** Refusals that another try of the same kind cannot mend. */
const HOPELESS = new Set(['forbidden', 'stage-full', 'sdp-unusable', 'too-large']);
/** So many sessions in a row without a connection mean that something blocks the way. */
const BLOCKED_AFTER = 2;

export class Publisher extends EventTarget {
  /** @type {RTCPeerConnection | null} */
  peer = null;
  /** @type {Map<Source, Sent>} */
  #sent = new Map();
  /** @type {Lanes | null} */
  #lanes = null;
  /** @type {PeerWatch | null} */
  #watch = null;
  /** @type {Witness | null} */
  #witness = null;
  #backoff = new Backoff();
  #retry = 0;
  #failures = 0;
  #running = false;
  /** Whether anyone receives this participant at the node. */
  #needed = false;
  /** What the next negotiation has to do. */
  #wanted = { announce: false, offer: false, fresh: false, restart: false };
  #request;
  #codec;
  #createPeer;

  /**
   * @param {object} options
   * @param {(message: ClientMessage) => Promise<any>} options.request
   * @param {string | null} [options.codec]   the video codec to prefer
   * @param {(failed: boolean) => RTCPeerConnection} [options.createPeer]   `failed`: the attempt before was
   */
  constructor({ request, codec = null, createPeer = () => new RTCPeerConnection() }) {
    super();
    this.#request = request;
    this.#codec = codec;
    this.#createPeer = createPeer;
  }

  /** What is being sent, by source. @returns {ReadonlyMap<Source, Sent>} */
  get sent() {
    return this.#sent;
  }

  /**
   * Sends these tracks from now on; `null` stops a source. A source that is sent already only has
   * its track replaced.
   * @param {Partial<Record<Source, MediaStreamTrack | null>>} tracks
   * @param {Source[]} [muted]   sources that begin muted
   */
  async setTracks(tracks, muted = []) {
    for (const [name, track] of Object.entries(tracks)) {
      const source = /** @type {Source} */ (name);
      const before = this.#sent.get(source);
      if (track) {
        const silent = before?.muted ?? muted.includes(source);
        track.enabled = !silent;
        this.#sent.set(source, { track, muted: silent });
        if (!before) this.#wanted.announce = true;
        Object.assign(this.#wanted, (await this.#lanes?.replace(source, track)) ?? { offer: true });
      } else if (before) {
        this.#sent.delete(source);
        Object.assign(this.#wanted, { announce: true, offer: true });
      }
    }
    this.#changed();
    await this.#negotiate();
  }

  /** @param {Source} source @param {boolean} muted */
  async setMuted(source, muted) {
    const sent = this.#sent.get(source);
    if (!sent) return;
    sent.track.enabled = !muted;
    this.#sent.set(source, { ...sent, muted });
    this.#changed();
    // A lost word is repeated by the next announcement, which carries the mutes.
    await this.#request({ type: 'track-muted', source, muted }).catch(() => {
      this.#wanted.announce = true;
    });
  }

  /** Stops sending. The tracks go on living: they belong to the caller. */
  async stop() {
    if (this.#sent.size > 0) this.#wanted.announce = true;
    this.#sent.clear();
    this.#changed();
    await this.#negotiate();
  }

  /** Whether anyone receives this participant at the node: only then is it brought there. @param {boolean} needed */
  setNeeded(needed) {
    if (needed === this.#needed) return;
    this.#needed = needed;
    this.#failures = 0;
    this.#ask({ fresh: needed && this.#sent.size > 0 });
  }

  /** Opens the session anew, if there is one, by other rules. */
  reopen() {
    if (this.peer) this.#ask({ fresh: true });
  }

  get #sends() {
    return this.#needed && this.#sent.size > 0;
  }

  /** Which layers of a source someone takes: the others are not encoded. @param {Source} source @param {string[]} rids */
  setWanted(source, rids) {
    this.#lanes?.want(source, rids);
  }

  /** The signaling connection is back. @param {boolean} resumed whether the node still knows us */
  resume(resumed) {
    // What it said of layers meanwhile is lost.
    this.#lanes?.wantAll();
    if (!resumed) this.#needed = false;
    if (this.#sent.size > 0) this.#wanted.announce = true;
    const unanswered = this.peer?.signalingState === 'have-local-offer' || this.#wanted.offer;
    this.#ask(this.#sends && !this.peer ? { fresh: true } : { offer: this.#sends && unanswered });
  }

  /** The node closed this session. @param {string} code */
  closed(code) {
    if (!this.#sends) return;
    if (HOPELESS.has(code)) this.#emit('trouble', { code, cause: null });
    else this.#later({ fresh: true });
  }

  /** The network under us changed: look for a new path before the old one is known to be dead. */
  networkChanged() {
    if (this.peer && this.#sends) this.#ask({ restart: true });
  }

  /** @param {Partial<{ offer: boolean, fresh: boolean, restart: boolean }>} wanted */
  #ask(wanted) {
    Object.assign(this.#wanted, wanted);
    this.#negotiate();
  }

  /** @param {Partial<{ offer: boolean, fresh: boolean, restart: boolean }>} wanted */
  #later(wanted) {
    clearTimeout(this.#retry);
    this.#retry = Number(setTimeout(() => this.#ask(wanted), this.#backoff.next()));
  }

  /** One negotiation at a time; what is asked for meanwhile is done by the next round. */
  async #negotiate() {
    if (this.#running) return;
    this.#running = true;
    try {
      while (this.#pendingWork()) await this.#round();
    } catch (error) {
      this.#failed(/** @type {Refused} */ (error));
    } finally {
      this.#running = false;
    }
  }

  #pendingWork() {
    if (this.#wanted.announce) return true;
    if (!this.#sends) return this.peer !== null;
    return this.#wanted.offer || this.#wanted.fresh || this.#wanted.restart;
  }

  async #round() {
    if (this.#wanted.announce) {
      await this.#announce();
      return;
    }
    const { fresh, restart } = this.#wanted;
    this.#wanted = { announce: false, offer: false, fresh: false, restart: false };
    if (!this.#sends) {
      this.#close();
      await this.#request({ type: 'unpublish' }).catch(() => {});
      return;
    }
    const opened = fresh || !this.peer;
    const peer = opened || !this.peer ? this.#open() : this.peer;
    this.#lanes?.fill(new Map([...this.#sent].map(([source, { track }]) => [source, track])));
    const offer = await peer.createOffer({ iceRestart: restart && !opened });
    await peer.setLocalDescription(offer);
    if (restart && !opened) this.#watch?.restarting();
    const sdp = peer.localDescription?.sdp ?? '';
    const answer = await this.#request({ type: 'publish', sdp, tracks: this.#named(), fresh: opened });
    if (peer !== this.peer) return;
    const told = this.#lanes?.withSound(answer.sdp) ?? answer.sdp;
    await peer.setRemoteDescription({ type: 'answer', sdp: withStartBitrate(told) });
    this.#lanes?.answered((mid) => takesLayers(answer.sdp, mid));
    this.#changed();
  }

  /** Says what this participant publishes, by whatever way it goes. */
  async #announce() {
    this.#wanted.announce = false;
    const tracks = [...this.#sent].map(([source, { muted }]) => ({ source, muted }));
    try {
      await this.#request({ type: 'announce', tracks });
    } catch (error) {
      const { code } = /** @type {Refused} */ (error);
      // Whoever is not on stage any more has nothing to take back.
      if (tracks.length === 0 && code !== 'connection-lost') return;
      this.#wanted.announce = !HOPELESS.has(code);
      throw error;
    }
  }

  /** @param {Refused} error */
  #failed(error) {
    // After a lost connection `resume` decides what is left to do.
    if (error.code === 'connection-lost') {
      this.#wanted.offer = true;
    } else if (HOPELESS.has(error.code)) {
      this.#emit('trouble', { code: error.code, cause: null });
    } else {
      this.#later({ fresh: true });
    }
  }

  #open() {
    this.#close();
    const peer = this.#createPeer(this.#failures > 0);
    this.peer = peer;
    this.#lanes = new Lanes(peer, this.#codec, { layered: true });
    this.#witness = new Witness(peer, { toNode: true });
    this.#watch = new PeerWatch(peer, {
      connected: () => this.#connected(),
      needsRestart: () => this.#ask({ restart: true }),
      needsFresh: () => this.#pathFailed(),
    });
    peer.addEventListener('connectionstatechange', () => this.#changed());
    return peer;
  }

  #connected() {
    if (this.#failures >= BLOCKED_AFTER) this.#emit('trouble', { code: null, cause: null });
    // What helped once is used again.
    this.#failures = Math.min(this.#failures, 1);
    this.#backoff.reset();
    this.#changed();
  }

  #pathFailed() {
    this.#failures += 1;
    if (this.#failures >= BLOCKED_AFTER) this.#emit('trouble', { code: null, cause: this.#witness?.cause ?? 'unknown' });
    this.#later({ fresh: true });
  }

  #close() {
    clearTimeout(this.#retry);
    this.#watch?.stop();
    this.peer?.close();
    this.peer = null;
    this.#lanes = null;
  }

  /** @returns {PublishedTrack[]} */
  #named() {
    const named = this.#lanes?.named() ?? [];
    return named.map((lane) => ({ ...lane, muted: this.#sent.get(lane.source)?.muted ?? false }));
  }

  #changed() {
    this.#emit('change', null);
  }

  /** @param {string} type @param {unknown} detail */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
