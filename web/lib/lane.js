/**
 * The sending media section of one source: its transceiver, its layers, and what its encoder is told.
 * A browser takes one change of parameters at a time: the newest state follows the one on its way.
 */
import { nameOf, preferCodec } from './codecs.js';
import { encodingsOf, layersFor, published, sizeOf, understood } from './layers.js';

/** @import { Layer } from './layers.js' */
/** @import { PublishedLayer, Source } from './types.js' */

/** What each source may use in one encoding. 720p at 30 fps and a readable screen, within a home's upstream. */
const ENCODINGS = /** @type {Record<Source, RTCRtpEncodingParameters>} */ ({
  camera: { maxBitrate: 2_500_000, maxFramerate: 30 },
  screen: { maxBitrate: 4_000_000, maxFramerate: 30 },
  microphone: { maxBitrate: 40_000 },
  'screen-audio': { maxBitrate: 128_000 },
});

/**
 * @typedef {object} LaneOptions
 * @property {Source} source
 * @property {MediaStreamTrack | null} track
 * @property {string | null} codec   the video codec to prefer
 * @property {boolean} layered       whether it may be sent in layers
 */

export class Lane {
  source;
  transceiver;
  /** @type {readonly Layer[]} */
  #layers = [];
  /** What the node knows of the layers. */
  #told = '[]';
  /** The layers that someone takes; null: all of them. @type {ReadonlySet<string> | null} */
  #wanted = null;
  #layered;
  #applying = false;
  #again = false;

  /** @param {RTCPeerConnection} peer @param {LaneOptions} options */
  constructor(peer, { source, track, codec, layered }) {
    this.source = source;
    this.#layered = layered;
    const codecs = isPicture(source) ? preferredCodecs(codec) : [];
    this.transceiver = this.#add(peer, track, nameOf(codecs[0]?.mimeType ?? 'video/vp8'));
    order(this.transceiver, codecs);
    this.#apply();
  }

  get sender() {
    return this.transceiver.sender;
  }

  get sends() {
    return this.transceiver.direction === 'sendonly';
  }

  /** Whether a track wants as many layers as were negotiated. @param {MediaStreamTrack | null} track */
  fits(track) {
    return !this.#layered || track === null || layersFor(this.source, sizeOf(track)).length === this.#layers.length;
  }

  /** Whether the node knows the layers as they are now. */
  get isTold() {
    return this.#told === JSON.stringify(this.#published());
  }

  /** Sends this track from now on, in all layers. @param {MediaStreamTrack | null} track */
  begin(track) {
    this.transceiver.direction = 'sendonly';
    this.sender.replaceTrack(track);
    this.want(null);
  }

  end() {
    this.transceiver.direction = 'inactive';
    this.sender.replaceTrack(null);
  }

  /** The layers, to be told to the node. @returns {PublishedLayer[]} */
  tell() {
    const layers = this.#published();
    this.#told = JSON.stringify(layers);
    return layers;
  }

  /** Which layers someone takes. The lowest is sent in any case: a newcomer begins with it. @param {string[] | null} rids null: all */
  want(rids) {
    this.#wanted = rids && new Set(rids);
    this.#apply();
  }

  /** The other side takes one encoding only: browsers keep the first, which is the lowest. */
  refuseLayers() {
    if (this.#layers.length === 0) return;
    this.#layers = [];
    this.#layered = false;
    this.#apply();
  }

  #published() {
    return published(this.#layers, sizeOf(this.sender.track));
  }

  /** @param {RTCPeerConnection} peer @param {MediaStreamTrack | null} track @param {string} codec */
  #add(peer, track, codec) {
    const what = track ?? (isPicture(this.source) ? 'video' : 'audio');
    const layers = this.#layered ? layersFor(this.source, sizeOf(track)) : [];
    const layered = layers.length > 0 && addLayered(peer, what, encodingsOf(layers, codec), codec);
    if (layered) this.#layers = layers;
    else if (layers.length > 0) this.#layered = false;
    return layered || peer.addTransceiver(what, { direction: 'sendonly', sendEncodings: [{ ...ENCODINGS[this.source] }] });
  }

  async #apply() {
    if (!isPicture(this.source)) return;
    this.#again = this.#applying;
    if (this.#applying) return;
    this.#applying = true;
    do {
      this.#again = false;
      const parameters = this.sender.getParameters();
      this.#tune(parameters);
      await this.sender.setParameters(parameters).catch(() => {});
    } while (this.#again);
    this.#applying = false;
  }

  /** @param {RTCRtpSendParameters} parameters */
  #tune(parameters) {
    // A talking face should move, a slide should be readable.
    const degradationPreference = this.source === 'screen' ? 'maintain-resolution' : 'balanced';
    Object.assign(parameters, { degradationPreference });
    const encodings = parameters.encodings ?? [];
    if (this.#layers.length === 0) {
      Object.assign(encodings[0] ?? {}, ENCODINGS[this.source], { active: true, scaleResolutionDownBy: 1 });
      return;
    }
    encodings.forEach((encoding, at) => {
      encoding.active = at === 0 || this.#wanted === null || this.#wanted.has(encoding.rid ?? '');
    });
  }
}

/** @param {Source} source */
function isPicture(source) {
  return source === 'camera' || source === 'screen';
}

/**
 * A section with several encodings, where the browser sends them.
 * @param {RTCPeerConnection} peer @param {MediaStreamTrack | string} what
 * @param {RTCRtpEncodingParameters[]} sendEncodings @param {string} codec
 */
function addLayered(peer, what, sendEncodings, codec) {
  try {
    const lane = peer.addTransceiver(what, { direction: 'sendonly', sendEncodings });
    if (understood(lane.sender.getParameters().encodings, codec)) return lane;
    lane.stop();
  } catch {
    // It takes one.
  }
  return null;
}

/** What this browser encodes, in the order to be offered. @param {string | null} wanted */
function preferredCodecs(wanted) {
  return preferCodec(globalThis.RTCRtpSender?.getCapabilities?.('video')?.codecs ?? [], wanted);
}

/** @param {RTCRtpTransceiver} lane @param {RTCRtpCodec[]} codecs */
function order(lane, codecs) {
  if (codecs.length === 0 || !lane.setCodecPreferences) return;
  try {
    lane.setCodecPreferences(codecs);
  } catch {
    // Some browsers refuse a list that is not to their taste; theirs works as well.
  }
}
