/** What the page's address says, and the addresses that it gives to others. */

/** @typedef {{ room: string | null, hostKey: string | null, open: boolean, codec: string | null }} Place */

/** Characters of a room's name, as the node counts them. */
export const MAX_ROOM_NAME = 64;

/** @param {Pick<Location, 'pathname' | 'hash' | 'search'>} location @returns {Place} */
export function readPlace({ pathname, hash, search }) {
  const inPath = /^\/r\/(.+)$/.exec(pathname)?.[1];
  const fragment = new URLSearchParams(hash.replace(/^#/, ''));
  return {
    room: inPath === undefined ? null : decoded(inPath),
    hostKey: fragment.get('host'),
    open: fragment.has('open'),
    codec: new URLSearchParams(search).get('codec'),
  };
}

/** @param {string} room */
export function roomPath(room) {
  return `/r/${encodeURIComponent(room)}`;
}

/** The link to give to others. @param {string} room @param {string} [origin] */
export function roomLink(room, origin = location.origin) {
  return origin + roomPath(room);
}

/** The link that makes another device host. @param {string} room @param {string} key */
export function hostLink(room, key, origin = location.origin) {
  return `${roomLink(room, origin)}#host=${encodeURIComponent(key)}`;
}

/**
 * The origin that others can open: this page's own, or what the node knows when the page was opened
 * on the node's machine.
 * @param {Pick<Location, 'hostname' | 'origin'>} location @param {string[]} origins
 */
export function shareOrigin({ hostname, origin }, origins) {
  return (isLocal(hostname) && origins[0]) || origin;
}

/** @param {string} hostname whether it means this machine, whoever says it */
export function isLocal(hostname) {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
}

/** The same node over HTTPS: one port speaks both. @param {string} host with its port @param {string} path */
export function secureAddress(host, path) {
  return `https://${host}${path}`;
}

/** @param {Pick<Location, 'protocol' | 'host'>} location */
export function socketUrl({ protocol, host }) {
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/ws`;
}

/** @param {string} name as typed @returns {boolean} whether the node takes it */
export function validRoomName(name) {
  const trimmed = name.trim();
  return trimmed !== '' && trimmed !== '.' && trimmed !== '..'
    && [...trimmed].length <= MAX_ROOM_NAME && !/[\p{Cc}\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u.test(trimmed);
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
