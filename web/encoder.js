/** What a program outside of the browser needs to publish here: OBS, FFmpeg, or another that speaks WHIP. */
import { shareOrigin } from './address.js';

/** @import { Key } from './i18n.js' */
/** @import { PublicationTrouble } from './lib/types.js' */

/**
 * The address to publish to. A certificate that names no host is one that the node made itself, which
 * such programs refuse; the same port speaks plain HTTP, and the media is encrypted either way.
 * @param {Pick<Location, 'hostname' | 'origin'>} location @param {string[]} origins as the node knows them @param {string} room
 */
export function whipAddress(location, origins, room) {
  const origin = new URL(shareOrigin(location, origins));
  if (!hasName(origin.hostname)) origin.protocol = 'http:';
  return `${origin.origin}/whip/${encodeURIComponent(room)}`;
}

/**
 * A line that sends a file as if it were live: no B-frames, and a key frame every two seconds.
 * @param {string} address @param {string} key
 */
export function ffmpegLine(address, key) {
  return `ffmpeg -re -i input.mp4 -c:v libx264 -preset veryfast -tune zerolatency -profile:v baseline -pix_fmt yuv420p`
    + ` -r 30 -g 60 -bf 0 -b:v 2500k -c:a libopus -ar 48000 -ac 2 -b:a 128k -f whip -authorization "${key}" "${address}"`;
}

/** What each trouble is called in the catalogue: what is wrong and what to do. @type {Record<PublicationTrouble['kind'], Key>} */
const ADVICE = {
  'no-key-frame': 'publication.no-key-frame', 'b-frames': 'publication.b-frames', undecodable: 'publication.undecodable', loss: 'publication.loss',
};

/** The same in a word or two. @type {Record<PublicationTrouble['kind'], Key>} */
const SHORT = {
  'no-key-frame': 'publication.no-key-frame-short', 'b-frames': 'publication.b-frames-short',
  undecodable: 'publication.undecodable-short', loss: 'publication.loss-short',
};

/** @param {PublicationTrouble} trouble @returns {[Key, Key, Record<string, string | number>]} in a sentence, in a word or two, and what is filled in */
export function wordsOfTrouble(trouble) {
  const params = trouble.kind === 'loss' ? { percent: trouble.percent } : trouble.kind === 'undecodable' ? { codec: trouble.codec.toUpperCase() } : {};
  return [ADVICE[trouble.kind] ?? 'publication.unknown', SHORT[trouble.kind] ?? 'publication.unknown-short', /** @type {Record<string, string | number>} */ (params)];
}

/** @param {string} hostname */
function hasName(hostname) {
  return hostname !== 'localhost' && !hostname.startsWith('[') && !/^\d+(\.\d+){3}$/.test(hostname) && !hostname.endsWith('.local');
}
