/** What the page's address says, and the addresses that it gives to others. */

/**
 * @typedef {object} Place
 * @property {string | null} room
 * @property {string | null} hostKey
 * @property {string | null} token   says who comes and what they may
 * @property {boolean} open          open the room
 * @property {boolean} call          join the call, or begin it
 * @property {boolean} relay         all media by the relay
 * @property {boolean} stats         show how pictures arrive
 * @property {string | null} codec
 */

/** Characters of a room's name, as the node counts them. */
export const MAX_ROOM_NAME = 64;

/** @param {Pick<Location, 'pathname' | 'hash' | 'search'>} location @returns {Place} */
export function readPlace({ pathname, hash, search }) {
  const inPath = /^\/r\/(.+)$/.exec(pathname)?.[1];
  const fragment = new URLSearchParams(hash.replace(/^#/, ''));
  const wishes = new URLSearchParams(search);
  return {
    room: inPath === undefined ? null : decoded(inPath),
    hostKey: fragment.get('host'),
    token: fragment.get('token'),
    open: fragment.has('open'),
    call: fragment.has('call'),
    relay: wishes.has('relay'),
    stats: wishes.has('stats'),
    codec: wishes.get('codec'),
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

/** The link that joins a call, whoever comes first. @param {string} room @param {string} [origin] */
export function callLink(room, origin = location.origin) {
  return `${roomLink(room, origin)}#call`;
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
