/**
 * What has no API and must be written into a description.
 *
 * Stereo Opus: a sender encodes two channels when the *other* side's description asks for it, a
 * receiver plays two when its own does (RFC 7587, section 7.1). Silence that is hardly sent is asked of
 * a sender likewise.
 *
 * The bit rate to begin with: Chromium begins at 300 kbit/s, with a picture a quarter as wide, and
 * keeps it small for ten seconds even where the network carries ten times that. Other browsers ignore
 * the parameter.
 */

/** @import { Source } from './types.js' */

/** Enough for music; speech needs a quarter of it. Bits per second. */
const STEREO_BITRATE = 128_000;

/**
 * Enough for 960x540 at once. An uplink that is slower is found out within a second by the browser's
 * own congestion control. Kilobits per second, as the parameter is.
 */
const START_KILOBITS = 1_500;

/**
 * @param {string} sdp
 * @param {string[]} mids   the media sections to change; others are left alone
 * @returns {string}
 */
export function withStereo(sdp, mids) {
  return withOpus(sdp, mids, { stereo: 1, 'sprop-stereo': 1, maxaveragebitrate: STEREO_BITRATE });
}

/**
 * Asks the sender of speech to send little while nobody speaks (RFC 7587, section 3.1.3): a packet in
 * 400 ms instead of twenty. Not for music, whose quiet passages would suffer.
 * @param {string} sdp   the other side's
 * @param {string[]} mids
 */
export function withSilence(sdp, mids) {
  return withOpus(sdp, mids, { usedtx: 1 });
}

/**
 * Says which sections belong together: a browser keeps the sound and the picture of one stream together,
 * and nothing else (RFC 8830). There may be one of each in a stream.
 * @param {string} sdp   the sender's
 * @param {ReadonlyMap<string, string>} streams   names of streams by mid; other sections are left alone
 * @returns {string}
 */
export function withStreams(sdp, streams) {
  return sdp
    .split(/(?=^m=)/m)
    .map((section) => {
      const stream = streams.get(midOf(section));
      return stream === undefined ? section : section.replace(/^(a=(?:ssrc:\d+ )?msid:)\S+/gm, `$1${stream}`);
    })
    .join('');
}

/** What of one person is played together: camera and microphone, a screen and its sound. @param {Source} source */
export function streamOf(source) {
  return source.startsWith('screen') ? 'screen' : 'camera';
}

/** @param {string} sdp @param {string[]} mids @param {Record<string, number>} wanted */
function withOpus(sdp, mids, wanted) {
  if (mids.length === 0) return sdp;
  return sdp
    .split(/(?=^m=)/m)
    .map((section) => (mids.includes(midOf(section)) ? opusSection(section, wanted) : section))
    .join('');
}

/** @param {string} section */
function midOf(section) {
  return /^a=mid:(\S+)/m.exec(section)?.[1] ?? '';
}

/** @param {string} section @param {Record<string, number>} wanted */
function opusSection(section, wanted) {
  const payload = /^a=rtpmap:(\d+) opus\//im.exec(section)?.[1];
  return payload ? withParameters(section, payload, wanted) : section;
}

/**
 * Asks the sender of the video sections to begin at a useful bit rate.
 * @param {string} sdp   the answer to the sender's offer
 * @returns {string}
 */
export function withStartBitrate(sdp) {
  return sdp
    .split(/(?=^m=)/m)
    .map((section) => {
      // The first payload type is the one that is sent.
      const payload = /^m=video \d+ \S+ (\d+)/.exec(section)?.[1];
      return payload ? withParameters(section, payload, { 'x-google-start-bitrate': START_KILOBITS }) : section;
    })
    .join('');
}

/**
 * Whether the other side takes several encodings in a section (RFC 8853).
 * @param {string} sdp   its answer
 * @param {string} mid
 */
export function takesLayers(sdp, mid) {
  return sdp.split(/(?=^m=)/m).some((section) => midOf(section) === mid && /^a=simulcast:.*\brecv /m.test(section));
}

/**
 * Sets format parameters of a payload type, in place of those of the same name.
 * @param {string} section @param {string} payload @param {Record<string, number>} wanted
 */
function withParameters(section, payload, wanted) {
  const added = Object.entries(wanted).map(([name, value]) => `${name}=${value}`);
  const line = new RegExp(`^a=fmtp:${payload} ([^\\r\\n]*)`, 'm');
  if (!line.test(section)) {
    return section.replace(new RegExp(`^(a=rtpmap:${payload} [^\\r\\n]*)`, 'm'), `$1\r\na=fmtp:${payload} ${added.join(';')}`);
  }
  return section.replace(line, (_, parameters) => {
    const kept = parameters.split(';').filter((/** @type {string} */ p) => !((p.split('=')[0] ?? '').trim() in wanted));
    return `a=fmtp:${payload} ${[...kept, ...added].join(';')}`;
  });
}
