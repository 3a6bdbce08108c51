/**
 * How each picture arrives, in figures: what came since the figures were read before, once a second
 * or so. Who does not look at them pays nothing.
 */
import { realClock } from './clock.js';
import { chosenPair, statsOf } from './pair.js';

/** @import { Clock } from './clock.js' */
/** @import { Pair } from './pair.js' */
/** @import { Path } from './types.js' */

/**
 * @typedef {object} Figures
 * @property {number} width             of the picture as it comes, in pixels; 0 before the first frame
 * @property {number} height
 * @property {number} framesPerSecond   that were decoded
 * @property {number} bitrate           bits per second
 * @property {number} lossPercent       of its packets, on their way here
 * @property {number | null} roundTrip  milliseconds to the other end of the connection and back
 * @property {string | null} codec      `vp8`, `vp9`, `h264`, `av1`
 * @property {Path} path
 * @property {boolean} relayed
 * @property {'udp' | 'tcp' | 'tls' | null} transport
 */

/** A connection that brings pictures. @typedef {{ peer: RTCPeerConnection, path: Path }} Carrying */
/** Counters of one track. @typedef {{ at: number, bytes: number, packets: number, lost: number, frames: number }} Reading */

/** Rates over less than this say nothing. Milliseconds. */
const LEAST_SPAN = 200;

export class Gauge {
  /** The readings before, by track id. @type {Map<string, Reading>} */
  #readings = new Map();
  #clock;

  /** @param {{ clock?: Clock }} [options] */
  constructor({ clock = realClock } = {}) {
    this.#clock = clock;
  }

  /**
   * @param {Carrying[]} connections @param {ReadonlyMap<number, MediaStreamTrack>} tracks by publication
   * @returns {Promise<Map<number, Figures>>} of the pictures that were there at the reading before, too
   */
  async read(connections, tracks) {
    const publications = new Map([...tracks].map(([publication, { id }]) => [id, publication]));
    /** @type {Map<number, Figures>} */
    const figures = new Map();
    /** @type {Map<string, Reading>} */
    const readings = new Map();
    for (const { peer, path } of connections) {
      const stats = await statsOf(peer);
      const pair = chosenPair(stats);
      for (const entry of stats.values()) {
        if (entry.type !== 'inbound-rtp' || entry.kind !== 'video') continue;
        const publication = publications.get(entry.trackIdentifier);
        if (publication === undefined) continue;
        const [before, now] = [this.#readings.get(entry.trackIdentifier), reading(entry, this.#clock.now())];
        readings.set(entry.trackIdentifier, now);
        const rates = before && ratesBetween(before, now);
        if (rates) figures.set(publication, { ...rates, ...pictureOf(entry, stats), ...wayOf(pair), path });
      }
    }
    this.#readings = readings;
    return figures;
  }
}

/** @param {any} entry @param {number} at @returns {Reading} */
function reading(entry, at) {
  const { bytesReceived = 0, headerBytesReceived = 0, packetsReceived = 0, packetsLost = 0, framesDecoded = 0 } = entry;
  return { at, bytes: bytesReceived + headerBytesReceived, packets: packetsReceived, lost: packetsLost, frames: framesDecoded };
}

/** @param {Reading} before @param {Reading} now @returns {Pick<Figures, 'framesPerSecond' | 'bitrate' | 'lossPercent'> | null} */
function ratesBetween(before, now) {
  const span = now.at - before.at;
  // Counters that fall are those of another stream.
  if (span < LEAST_SPAN || now.bytes < before.bytes || now.frames < before.frames) return null;
  const gain = (/** @type {'bytes' | 'packets' | 'lost' | 'frames'} */ name) => Math.max(0, now[name] - before[name]);
  const expected = gain('packets') + gain('lost');
  return {
    framesPerSecond: (gain('frames') * 1_000) / span,
    bitrate: (gain('bytes') * 8_000) / span,
    lossPercent: expected > 0 ? (gain('lost') * 100) / expected : 0,
  };
}

/** @param {any} entry @param {ReadonlyMap<string, any>} stats @returns {Pick<Figures, 'width' | 'height' | 'codec'>} */
function pictureOf(entry, stats) {
  const name = stats.get(entry.codecId)?.mimeType?.split('/')[1]?.toLowerCase() ?? null;
  return { width: entry.frameWidth ?? 0, height: entry.frameHeight ?? 0, codec: name };
}

/** @param {Pair | null} way @returns {Pick<Figures, 'roundTrip' | 'relayed' | 'transport'>} */
function wayOf(way) {
  const seconds = way?.pair.currentRoundTripTime;
  const relayed = way?.local?.candidateType === 'relay' || way?.remote?.candidateType === 'relay';
  return {
    roundTrip: typeof seconds === 'number' ? Math.round(seconds * 1_000) : null,
    relayed,
    // To a relay one may go by other means than from there.
    transport: way?.local?.relayProtocol ?? way?.local?.protocol ?? null,
  };
}
