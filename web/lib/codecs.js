/** In which order to offer codecs for publishing. */

/** VP8 first: every browser that speaks WebRTC decodes it. */
export const PUBLISH_ORDER = /** @type {const} */ (['vp8', 'vp9', 'h264', 'av1']);

/**
 * Sorts a browser's codecs so that the wanted one comes first, then the rest in our own order.
 * What is not a codec of its own (RTX, FEC) keeps its place at the end.
 * @template {{ mimeType: string }} T
 * @param {T[]} codecs
 * @param {string | null} [wanted]
 * @returns {T[]}
 */
export function preferCodec(codecs, wanted) {
  const known = PUBLISH_ORDER.includes(/** @type {any} */ (wanted));
  const order = known ? [wanted, ...PUBLISH_ORDER.filter((name) => name !== wanted)] : PUBLISH_ORDER;
  const rank = (/** @type {T} */ codec) => {
    const at = order.indexOf(/** @type {any} */ (nameOf(codec.mimeType)));
    return at < 0 ? order.length : at;
  };
  return [...codecs].sort((a, b) => rank(a) - rank(b));
}

/** The name of a codec, such as `vp8`. @param {string} mimeType @returns {string} */
export function nameOf(mimeType) {
  return mimeType.slice(mimeType.indexOf('/') + 1).toLowerCase();
}
