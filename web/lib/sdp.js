/**
 * The one thing that has no API: stereo Opus. A sender encodes two channels when the *other* side's
 * description asks for it, a receiver plays two when its own does (RFC 7587, section 7.1).
 */

/** Enough for music; speech needs a quarter of it. Bits per second. */
const STEREO_BITRATE = 128_000;

/**
 * @param {string} sdp
 * @param {string[]} mids   the media sections to change; others are left alone
 * @returns {string}
 */
export function withStereo(sdp, mids) {
  if (mids.length === 0) return sdp;
  return sdp
    .split(/(?=^m=)/m)
    .map((section) => (mids.includes(midOf(section)) ? stereoSection(section) : section))
    .join('');
}

/** @param {string} section */
function midOf(section) {
  return /^a=mid:(\S+)/m.exec(section)?.[1] ?? '';
}

/** @param {string} section */
function stereoSection(section) {
  const payload = /^a=rtpmap:(\d+) opus\//im.exec(section)?.[1];
  if (!payload) return section;
  const wanted = `stereo=1;sprop-stereo=1;maxaveragebitrate=${STEREO_BITRATE}`;
  const line = new RegExp(`^a=fmtp:${payload} ([^\\r\\n]*)`, 'm');
  if (!line.test(section)) {
    return section.replace(new RegExp(`^(a=rtpmap:${payload} [^\\r\\n]*)`, 'm'), `$1\r\na=fmtp:${payload} ${wanted}`);
  }
  return section.replace(line, (_, parameters) => {
    const kept = parameters.split(';').filter((/** @type {string} */ p) => !/^\s*(sprop-)?stereo=|^\s*maxaveragebitrate=/.test(p));
    return `a=fmtp:${payload} ${[...kept, wanted].join(';')}`;
  });
}
