/** The sending media sections of a peer connection: one for each source, for as long as it lives. */
import { Lane } from './lane.js';
import { withSilence, withStereo } from './sdp.js';

/** @import { PublishedLayer, Source } from './types.js' */

/** A section that sends. @typedef {{ mid: string, source: Source, layers?: PublishedLayer[] }} NamedLane */
/** What the next negotiation has to do. @typedef {{ offer?: boolean, fresh?: boolean }} Outstanding */

export class Lanes {
  /** @type {Map<Source, Lane>} */
  #lanes = new Map();
  #peer;
  #codec;
  #layered;

  /**
   * @param {RTCPeerConnection} peer
   * @param {string | null} codec   the video codec to prefer
   * @param {{ layered?: boolean }} [options]   whether pictures may be sent in layers
   */
  constructor(peer, codec, { layered = false } = {}) {
    this.#peer = peer;
    this.#codec = codec;
    this.#layered = layered;
  }

  /**
   * Sends another track of a source, without a new offer where that can be.
   * @param {Source} source @param {MediaStreamTrack | null} track null sends nothing and keeps the section
   * @returns {Promise<Outstanding>}
   */
  async replace(source, track) {
    const lane = this.#lanes.get(source);
    if (lane && !lane.fits(track)) return { fresh: true };
    if (!lane?.sends) return { offer: true };
    if (lane.sender.track !== track) await lane.sender.replaceTrack(track);
    return lane.isTold ? {} : { offer: true };
  }

  /** Makes the media sections fit what is to be sent; the next offer tells. @param {ReadonlyMap<Source, MediaStreamTrack | null>} tracks */
  fill(tracks) {
    for (const [source, lane] of this.#lanes) {
      if (!tracks.has(source)) lane.end();
    }
    for (const [source, track] of tracks) {
      const lane = this.#lanes.get(source);
      const options = { source, track, codec: this.#codec, layered: this.#layered };
      if (!lane) this.#lanes.set(source, new Lane(this.#peer, options));
      else if (!lane.sends) lane.begin(track);
    }
  }

  /** Which section carries what, of those that send and are negotiated, for the other side to be told. @returns {NamedLane[]} */
  named() {
    return this.#negotiated().map(([mid, lane]) => {
      const layers = lane.tell();
      return { mid, source: lane.source, ...(layers.length > 0 ? { layers } : {}) };
    });
  }

  /** What the senders of sound are to be told in a description of the other side. @param {string} sdp */
  withSound(sdp) {
    return withSilence(withStereo(sdp, this.#of('screen-audio')), this.#of('microphone'));
  }

  /** Which layers of a source someone takes. @param {Source} source @param {string[]} rids */
  want(source, rids) {
    this.#lanes.get(source)?.want(rids);
  }

  /** Sends all layers until it is known again which are wanted. */
  wantAll() {
    for (const lane of this.#lanes.values()) lane.want(null);
  }

  /** What the other side took. @param {(mid: string) => boolean} layered   whether it takes layers in a section */
  answered(layered) {
    for (const [mid, lane] of this.#negotiated()) {
      if (!layered(mid)) lane.refuseLayers();
    }
  }

  /** @param {Source} source */
  #of(source) {
    return this.#negotiated().flatMap(([mid, lane]) => (lane.source === source ? [mid] : []));
  }

  /** @returns {[string, Lane][]} */
  #negotiated() {
    return [...this.#lanes.values()].flatMap((lane) => {
      const { mid } = lane.transceiver;
      return mid && lane.sends ? [/** @type {[string, Lane]} */ ([mid, lane])] : [];
    });
  }
}
