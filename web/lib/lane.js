/** The sending media sections of a peer connection: one for each source, for as long as it lives. */
import { preferCodec } from './codecs.js';

/** @import { Source } from './types.js' */

/** What each source may use. 720p at 30 fps and a readable screen, within a home's upstream. */
const ENCODINGS = /** @type {Record<Source, RTCRtpEncodingParameters>} */ ({
  camera: { maxBitrate: 2_500_000, maxFramerate: 30 },
  screen: { maxBitrate: 4_000_000, maxFramerate: 30 },
  microphone: { maxBitrate: 40_000 },
  'screen-audio': { maxBitrate: 128_000 },
});

export class Lanes {
  /** @type {Map<Source, RTCRtpTransceiver>} */
  #lanes = new Map();
  #peer;
  #codec;

  /** @param {RTCPeerConnection} peer @param {string | null} codec   the video codec to prefer */
  constructor(peer, codec) {
    this.#peer = peer;
    this.#codec = codec;
  }

  /**
   * Whether a source is sent already, so that its track can be replaced without a new offer.
   * @param {Source} source
   */
  has(source) {
    return this.#lanes.get(source)?.direction === 'sendonly';
  }

  /** @param {Source} source @param {MediaStreamTrack | null} track null sends nothing and keeps the section */
  async replace(source, track) {
    const sender = this.#lanes.get(source)?.sender;
    if (sender && sender.track !== track) await sender.replaceTrack(track);
  }

  /** Makes the media sections fit what is to be sent; the next offer tells. @param {ReadonlyMap<Source, MediaStreamTrack | null>} tracks */
  fill(tracks) {
    for (const [source, lane] of this.#lanes) {
      if (tracks.has(source)) continue;
      lane.direction = 'inactive';
      lane.sender.replaceTrack(null);
    }
    for (const [source, track] of tracks) {
      const lane = this.#lanes.get(source);
      if (!lane) this.#lanes.set(source, this.#add(source, track));
      else if (lane.direction !== 'sendonly') {
        lane.direction = 'sendonly';
        lane.sender.replaceTrack(track);
      }
    }
  }

  /** Which section carries what, of those that send and are negotiated. @returns {{ mid: string, source: Source }[]} */
  named() {
    return [...this.#lanes].flatMap(([source, { mid, direction }]) => (mid && direction === 'sendonly' ? [{ mid, source }] : []));
  }

  /** Sections that are sent in stereo. */
  stereo() {
    return this.named().flatMap(({ mid, source }) => (source === 'screen-audio' ? [mid] : []));
  }

  /** @param {Source} source @param {MediaStreamTrack | null} track */
  #add(source, track) {
    const kind = source === 'camera' || source === 'screen' ? 'video' : 'audio';
    const lane = this.#peer.addTransceiver(track ?? kind, { direction: 'sendonly', sendEncodings: [{ ...ENCODINGS[source] }] });
    if (kind === 'video') {
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
}
