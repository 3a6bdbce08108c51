/** Where a player finds its room. */

/** A machine reaches itself safely whatever the scheme, and browsers know that. */
const LOCAL = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Why a room cannot even be asked for. @typedef {{ code: 'mixed-content' | 'src-invalid', message: string }} Misplaced */

/**
 * @param {string} room
 * @param {object} from
 * @param {string | null} from.src      the address of a node; without it, the one that this module came from
 * @param {{ protocol: string, href: string }} from.page
 * @param {string} from.module
 * @returns {string | Misplaced} of the room's WHEP endpoint
 */
export function addressOf(room, { src, page, module }) {
  let node;
  try {
    node = src ? new URL(`${src.replace(/\/*$/, '')}/`, page.href) : new URL('/', module);
  } catch {
    return { code: 'src-invalid', message: `“${src}” is no address.` };
  }
  if (page.protocol === 'https:' && node.protocol === 'http:' && !LOCAL.test(node.hostname)) {
    return { code: 'mixed-content', message: 'A secure page cannot ask an insecure address.' };
  }
  return new URL(`whep/${encodeURIComponent(room)}`, node).href;
}
