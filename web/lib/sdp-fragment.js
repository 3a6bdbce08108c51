/**
 * Fragments of session descriptions (`application/trickle-ice-sdpfrag`, RFC 8840): what WHIP and WHEP
 * send with PATCH. A fragment has the credentials of ICE and some candidates, of the media section that
 * carries all others.
 */

/**
 * @param {string} sdp                 the own description, as it is now
 * @param {readonly string[]} candidates   each as `candidate:…`
 * @param {{ ended?: boolean }} [options]  `ended`: no more candidates will follow
 * @returns {string}
 */
export function fragmentOf(sdp, candidates, { ended = false } = {}) {
  const lines = [
    line(sdp, /^a=group:BUNDLE .*$/m),
    line(sdp, /^m=.*$/m),
    line(sdp, /^a=mid:.*$/m),
    line(sdp, /^a=ice-ufrag:.*$/m),
    line(sdp, /^a=ice-pwd:.*$/m),
    ...candidates.map((candidate) => `a=${candidate}`),
    ended ? 'a=end-of-candidates' : '',
  ];
  return lines.filter(Boolean).map((text) => `${text}\r\n`).join('');
}

/**
 * An answer after an ICE restart: the earlier one with the credentials and candidates of a fragment.
 * Where a fragment has no candidates, those of before go on to hold.
 * @param {string} answer @param {string} fragment @returns {string}
 */
export function withFragment(answer, fragment) {
  const candidates = fragment.split(/\r?\n/).filter((text) => CANDIDATE.test(text));
  const kept = answer.split(/\r?\n/).filter((text) => text && !(candidates.length > 0 && CANDIDATE.test(text)));
  const renewed = kept.map((text) => {
    const name = /^a=ice-(?:ufrag|pwd):/.exec(text)?.[0];
    return name ? line(fragment, new RegExp(`^${name}.*$`, 'm')) || text : text;
  });
  const second = renewed.findIndex((text, at) => text.startsWith('m=') && at > renewed.findIndex(isMedia));
  renewed.splice(second < 0 ? renewed.length : second, 0, ...candidates);
  return renewed.map((text) => `${text}\r\n`).join('');
}

const CANDIDATE = /^a=(?:candidate:|end-of-candidates)/;

/** @param {string} text */
function isMedia(text) {
  return text.startsWith('m=');
}

/** @param {string} text @param {RegExp} pattern the first line that fits, or nothing */
function line(text, pattern) {
  return pattern.exec(text)?.[0].trimEnd() ?? '';
}
