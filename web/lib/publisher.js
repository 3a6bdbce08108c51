/**
 * The publisher session: what this participant sends. The browser always offers. Tracks are known
 * by their source; switching a device replaces the track without a new offer.
 *
 * Events: `change` (tracks, mutes or connection), `trouble` (`{ code, message }`: the node refused).
 */
import { Backoff } from './backoff.js';
import { preferCodec } from './codecs.js';
import { PeerWatch } from './peer.js';
import { withStartBitrate, withStereo } from './sdp.js';

/** @import { ClientMessage, PublishedTrack, Source } from './types.js' */
/** @import { Refused } from './signaling.js' */

/** @typedef {{ track: MediaStreamTrack, muted: boolean }} Sent */

/** What each source may use. 720p at 30 fps and a readable screen, within a home's upstream. */
const ENCODINGS = /** @type {Record<Source, RTCRtpEncodingParameters>} */ ({
  camera: { maxBitrate: 2_500_000, maxFramerate: 30 },
  screen: { maxBitrate: 4_000_000, maxFramerate: 30 },
  microphone: { maxBitrate: 40_000 },
  'screen-audio': { maxBitrate: 128_000 },
});
/** Refusals that another try of the same kind cannot mend. */
const HOPELESS = new Set(['forbidden', 'stage-full', 'sdp-unusable', 'too-large']);

export class Publisher extends EventTarget {
  /** @type {RTCPeerConnection | null} */
  peer = null;
  /** @type {Map<Source, Sent>} */
  #sent = new Map();
  /** @type {Map<Source, RTCRtpTransceiver>} */
  #lanes = new Map();
  /** @type {PeerWatch | null} */
  #watch = null;
  #backoff = new Backoff();
  #retry = 0;
  #running = false;
  /** What the next negotiation has to do. */
  #wanted = { offer: false, fresh: false, restart: false };
  #request;
  #codec;
  #createPeer;

  /**
   * @param {object} options
   * @param {(message: ClientMessage) => Promise<any>} options.request
   * @param {string | null} [options.codec]   the video codec to prefer
   * @param {() => RTCPeerConnection} [options.createPeer]
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
        if (before && this.#lanes.has(source)) await this.#lanes.get(source)?.sender.replaceTrack(track);
        else this.#wanted.offer = true;
      } else if (before) {
        this.#sent.delete(source);
        this.#wanted.offer = true;
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
    // A lost word is repeated by the next offer, which carries the mutes.
    await this.#request({ type: 'track-muted', source, muted }).catch(() => {
      this.#wanted.offer = true;
    });
  }

  /** Stops sending. The tracks go on living: they belong to the caller. */
  async stop() {
    this.#sent.clear();
    this.#changed();
    await this.#negotiate();
  }

  /** The signaling connection is back. @param {boolean} resumed whether the node still knows us */
  resume(resumed) {
    if (this.#sent.size === 0) return;
    const unanswered = this.peer?.signalingState === 'have-local-offer' || this.#wanted.offer;
    if (!resumed || !this.peer) this.#ask({ fresh: true });
    else if (unanswered) this.#ask({ offer: true });
  }

  /** The node closed this session. @param {string} code */
  closed(code) {
    if (this.#sent.size === 0) return;
    if (HOPELESS.has(code)) this.#emit('trouble', { code });
    else this.#later({ fresh: true });
  }

  /** The network under us changed: look for a new path before the old one is known to be dead. */
  networkChanged() {
    if (this.peer && this.#sent.size > 0) this.#ask({ restart: true });
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
    if (this.#sent.size === 0) return this.peer !== null;
    return this.#wanted.offer || this.#wanted.fresh || this.#wanted.restart;
  }

  async #round() {
    const { fresh, restart } = this.#wanted;
    this.#wanted = { offer: false, fresh: false, restart: false };
    if (this.#sent.size === 0) {
      this.#close();
      await this.#request({ type: 'unpublish' }).catch(() => {});
      return;
    }
    const opened = fresh || !this.peer;
    const peer = opened || !this.peer ? this.#open() : this.peer;
    this.#fill(peer);
    const offer = await peer.createOffer({ iceRestart: restart && !opened });
    await peer.setLocalDescription(offer);
    if (restart && !opened) this.#watch?.restarting();
    const sdp = peer.localDescription?.sdp ?? '';
    const answer = await this.#request({ type: 'publish', sdp, tracks: this.#named(), fresh: opened });
    if (peer !== this.peer) return;
    const stereo = withStereo(answer.sdp, this.#stereoMids());
    await peer.setRemoteDescription({ type: 'answer', sdp: withStartBitrate(stereo) });
    this.#changed();
  }

  /** @param {Refused} error */
  #failed(error) {
    // After a lost connection `resume` decides what is left to do.
    if (error.code === 'connection-lost') {
      this.#wanted.offer = true;
    } else if (HOPELESS.has(error.code)) {
      this.#emit('trouble', { code: error.code });
    } else {
      this.#later({ fresh: true });
    }
  }

  #open() {
    this.#close();
    const peer = this.#createPeer();
    this.peer = peer;
    this.#watch = new PeerWatch(peer, {
      connected: () => {
        this.#backoff.reset();
        this.#changed();
      },
      needsRestart: () => this.#ask({ restart: true }),
      needsFresh: () => this.#later({ fresh: true }),
    });
    peer.addEventListener('connectionstatechange', () => this.#changed());
    return peer;
  }

  #close() {
    clearTimeout(this.#retry);
    this.#watch?.stop();
    this.peer?.close();
    this.peer = null;
    this.#lanes.clear();
  }

  /** Makes the media sections fit the tracks. A source keeps its section while the session lives. @param {RTCPeerConnection} peer */
  #fill(peer) {
    for (const [source, lane] of this.#lanes) {
      if (this.#sent.has(source)) continue;
      lane.direction = 'inactive';
      lane.sender.replaceTrack(null);
    }
    for (const [source, { track }] of this.#sent) {
      const lane = this.#lanes.get(source);
      if (!lane) this.#lanes.set(source, this.#add(peer, source, track));
      else if (lane.direction !== 'sendonly') {
        lane.direction = 'sendonly';
        lane.sender.replaceTrack(track);
      }
    }
  }

  /** @param {RTCPeerConnection} peer @param {Source} source @param {MediaStreamTrack} track */
  #add(peer, source, track) {
    const lane = peer.addTransceiver(track, { direction: 'sendonly', sendEncodings: [{ ...ENCODINGS[source] }] });
    if (track.kind === 'video') {
      this.#order(lane);
      // A talking face should move, a slide should be readable.
      const preference = source === 'screen' ? 'maintain-resolution' : 'balanced';
      const parameters = lane.sender.getParameters();
      Object.assign(parameters, { degradationPreference: preference });
      lane.sender.setParameters(parameters).catch(() => {});
    }
    return lane;
  }

  /** @param {RTCRtpTransceiver} lane */
  #order(lane) {
    const codecs = globalThis.RTCRtpSender?.getCapabilities?.('video')?.codecs;
    if (!codecs || !lane.setCodecPreferences) return;
    try {
      lane.setCodecPreferences(preferCodec(codecs, this.#codec));
    } catch {
      // Some browsers refuse a list that is not to their taste; theirs works as well.
    }
  }

  /** @returns {PublishedTrack[]} */
  #named() {
    return [...this.#sent].flatMap(([source, { muted }]) => {
      const mid = this.#lanes.get(source)?.mid;
      return mid ? [{ mid, source, muted }] : [];
    });
  }

  #stereoMids() {
    const mid = this.#sent.has('screen-audio') && this.#lanes.get('screen-audio')?.mid;
    return mid ? [mid] : [];
  }

  #changed() {
    this.#emit('change', null);
  }

  /** @param {string} type @param {unknown} detail */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
