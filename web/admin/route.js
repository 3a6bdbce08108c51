/** Where one is in the dashboard: the fragment of its address. */

/**
 * @typedef {{ view: 'overview' | 'rooms' | 'keys' | 'webhooks' }
 *   | { view: 'room', room: string }
 *   | { view: 'webhook', id: string }} Route
 */

/** @param {string} hash @returns {Route} the overview for what is not known */
export function readRoute(hash) {
  const [first, second] = hash.replace(/^#?\/?/, '').split('/').map(decoded);
  if (first === 'rooms') return second ? { view: 'room', room: second } : { view: 'rooms' };
  if (first === 'webhooks') return second ? { view: 'webhook', id: second } : { view: 'webhooks' };
  return first === 'keys' ? { view: 'keys' } : { view: 'overview' };
}

/** @param {Route} route */
export function hashOf(route) {
  if (route.view === 'room') return `#/rooms/${encodeURIComponent(route.room)}`;
  if (route.view === 'webhook') return `#/webhooks/${encodeURIComponent(route.id)}`;
  return route.view === 'overview' ? '#/' : `#/${route.view}`;
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
