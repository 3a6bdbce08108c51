/**
 * One link: a peer connection with another participant, its tracks both ways by source, and its data
 * channels. It is up within ten seconds, or has failed for good; the node then finds another way.
 *
 * Events: `state` (`state` below is new), `tracks` (what is received), `data` (`{ stream, data }`),
 * `reach` (the data channels opened or closed).
 */
import { Lanes } from './lanes.js';
import { Negotiation } from './negotiation.js';
import { chosenPair, statsOf } from './pair.js';
import { PeerWatch } from './peer.js';
import { streamOf, withStartBitrate, withStereo, withStreams } from './sdp.js';
import { Witness } from './trouble.js';

/** @import { Clock } from './clock.js' */
/** @import { LinkSignal, LinkTrack, Source, Stream, TroubleCause } from './types.js' */

/** A link that takes longer is given up, and the pair goes by the node. Milliseconds. */
const CONNECT_WITHIN = 10_000;
/** What browsers count may be older than the connection is: then it is looked at once more. Milliseconds. */
const LOOK_AGAIN = 1_000;
/** The numbers of the data channels, which are agreed on beforehand. @type {Record<Stream, number>} */
const CHANNELS = { chat: 1, file: 2 };
const SOURCES = new Set(['camera', 'microphone', 'screen', 'screen-audio']);

/** A track that comes by this link, and what counts its frames. @typedef {{ track: MediaStreamTrack, receiver: RTCRtpReceiver }} Received */
/** @typedef {'connecting' | 'connected' | 'failed'} LinkStanding */

export class Link extends EventTarget {
  /** @type {LinkStanding} */
  state = 'connecting';
  /** @type {ReadonlyMap<Source, Received>} */
  received = new Map();
  /** How it goes: `relay` when either side uses one. @type {'host' | 'srflx' | 'prflx' | 'relay' | null} */
  candidateType = null;
  /** Why it failed. @type {TroubleCause | null} */
  cause = null;
  number;
  peer;
  /** @type {ReadonlyMap<Source, MediaStreamTrack | null>} */
  #sent = new Map();
  /** @type {Map<string, Source>} */
  #heard = new Map();
  /** @type {Record<Stream, RTCDataChannel>} */
  #channels;
  #lanes;
  #polite;
  #negotiation;
  #watch;
  #witness;
  #clock;

  /**
   * @param {object} options
   * @param {number} options.number
   * @param {boolean} options.polite
   * @param {RTCPeerConnection} options.peer
   * @param {string | null} options.codec
   * @param {(signal: LinkSignal) => Promise<unknown>} options.send
   * @param {Clock} options.clock
   */
  constructor({ number, polite, peer, codec, send, clock }) {
    super();
    this.number = number;
    this.peer = peer;
    this.#polite = polite;
    this.#clock = clock;
    this.#lanes = new Lanes(peer, codec);
    this.#witness = new Witness(peer, { toNode: false });
    this.#channels = { chat: this.#open('chat'), file: this.#open('file') };
    this.#negotiation = new Negotiation({ peer, polite, clock, calls: this.#calls(send) });
    this.#watch = new PeerWatch(peer, {
      connected: () => this.#connected(),
      needsRestart: () => this.restart(),
      needsFresh: () => this.#failed(),
    }, { within: CONNECT_WITHIN, clock });
  }

  /** Begins, with what is to be sent. @param {ReadonlyMap<Source, MediaStreamTrack | null>} tracks */
  start(tracks) {
    this.#sent = tracks;
    // Without anything to send, an answer to the other side's first word says it all.
    if (!this.#polite || tracks.size > 0) this.#negotiation.offer();
  }

  /** What is to be sent from now on; null keeps a source without sending anything. @param {ReadonlyMap<Source, MediaStreamTrack | null>} tracks */
  setTracks(tracks) {
    const before = this.#sent;
    this.#sent = tracks;
    for (const [source, track] of tracks) this.#lanes.replace(source, track).catch(() => this.#negotiation.offer());
    const same = before.size === tracks.size && [...tracks.keys()].every((source) => before.has(source));
    if (!same) this.#negotiation.offer();
  }

  /** What the other side says. @param {LinkSignal} signal */
  receive(signal) {
    this.#negotiation.receive(signal);
  }

  /** What is wrong with it, if something is. */
  get suspected() {
    return this.#witness.cause;
  }

  /** Whether data can be sent now. */
  get reaches() {
    return this.state === 'connected' && Object.values(this.#channels).every(({ readyState }) => readyState === 'open');
  }

  /** @param {Stream} stream @param {string | Uint8Array<ArrayBuffer>} data @returns {boolean} whether it was taken */
  send(stream, data) {
    if (!this.reaches) return false;
    try {
      this.#channels[stream].send(/** @type {any} */ (data));
      return true;
    } catch {
      return false;
    }
  }

  /** Whether a new way is looked for, and the other side has not said anything to it. */
  get unheard() {
    return this.#negotiation.unheard;
  }

  /** Looks for a new way between the two. */
  restart() {
    this.#watch.restarting();
    this.#negotiation.restart();
  }

  /** The connection to the node is back. */
  repeat() {
    this.#negotiation.repeat();
  }

  close() {
    this.#negotiation.stop();
    this.#watch.stop();
    this.peer.close();
  }

  /** @param {(signal: LinkSignal) => Promise<unknown>} send @returns {import('./negotiation.js').NegotiationCalls} */
  #calls(send) {
    return {
      send,
      prepare: () => this.#lanes.fill(this.#sent),
      tracks: () => this.#lanes.named(),
      heard: (tracks) => this.#hear(tracks),
      ownSdp: (sdp) => withStereo(sdp, [...this.#heard].flatMap(([mid, source]) => (source === 'screen-audio' ? [mid] : []))),
      otherSdp: (sdp, tracks) => withStartBitrate(withStreams(this.#lanes.withSound(sdp), streamsOf(sourcesOf(tracks)))),
    };
  }

  /** @param {Stream} stream */
  #open(stream) {
    const channel = this.peer.createDataChannel(stream, { negotiated: true, id: CHANNELS[stream], ordered: true });
    channel.binaryType = 'arraybuffer';
    channel.addEventListener('message', ({ data }) => this.#emit('data', { stream, data }));
    for (const type of ['open', 'close']) channel.addEventListener(type, () => this.#emit('reach', null));
    return channel;
  }

  /** @param {unknown} tracks as the other side says */
  #hear(tracks) {
    this.#heard = sourcesOf(tracks);
    /** @type {Map<Source, Received>} */
    const received = new Map();
    for (const { mid, receiver } of this.peer.getTransceivers()) {
      const source = mid === null ? undefined : this.#heard.get(mid);
      if (source) received.set(source, { track: receiver.track, receiver });
    }
    this.received = received;
    this.#emit('tracks', null);
  }

  async #connected() {
    this.state = 'connected';
    this.#emit('state', null);
    this.#emit('reach', null);
    // ICE may still find a better pair, and says so only where browsers have this event.
    this.peer.sctp?.transport.iceTransport?.addEventListener?.('selectedcandidatepairchange', this.#lookAtPair);
    await this.#lookAtPair();
    if (this.candidateType === null) this.#clock.after(this.#lookAtPair, LOOK_AGAIN);
  }

  #lookAtPair = async () => {
    const type = await candidateTypeOf(this.peer);
    if (type === null || type === this.candidateType) return;
    this.candidateType = type;
    this.#emit('state', null);
  };

  #failed() {
    this.state = 'failed';
    this.cause = this.#witness.cause;
    this.#emit('state', null);
    this.#emit('reach', null);
  }

  /** @param {string} type @param {unknown} detail */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** @param {RTCPeerConnection} peer @returns {Promise<any>} */
async function candidateTypeOf(peer) {
  const chosen = chosenPair(await statsOf(peer));
  const types = [chosen?.local?.candidateType, chosen?.remote?.candidateType];
  return types.includes('relay') ? 'relay' : (types[0] ?? null);
}

/** @param {unknown} tracks as the other side says @returns {Map<string, Source>} by mid */
function sourcesOf(tracks) {
  const named = /** @type {LinkTrack[]} */ (Array.isArray(tracks) ? tracks : []);
  return new Map(named.filter(({ source }) => SOURCES.has(source)).map(({ mid, source }) => [mid, source]));
}

/** Camera and microphone are played together, and so are a screen and its sound. @param {ReadonlyMap<string, Source>} sources */
function streamsOf(sources) {
  return new Map([...sources].map(([mid, source]) => [mid, streamOf(source)]));
}
