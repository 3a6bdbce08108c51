/** What each view needs from the node, and what becomes of it. */
import { ApiError, path } from './api.js';

/** @import { Api } from './api.js' */
/** @import { AdminState, AdminStore, RoomView } from './state.js' */

/** How often each view is read anew. Milliseconds. */
export const EVERY = { overview: 5_000, rooms: 4_000, room: 2_500, keys: 30_000, webhooks: 15_000, webhook: 4_000 };
/** What changes seldom is read with every so manieth reading of a room. */
const SELDOM = 4;

/**
 * Reads what the view shows and puts it into the store.
 * @param {Api} api @param {AdminStore} store @param {number} turn counts the readings of this view
 * @param {() => number} [now]
 */
export async function load(api, store, turn, now = Date.now) {
  const { route } = store.state;
  switch (route.view) {
    case 'overview':
      return store.set({ ...(await overview(api)), now: now() });
    case 'rooms':
      return store.set({ rooms: await api.list('/rooms', store.state.roomsShown), now: now() });
    case 'room':
      return loadRoom(api, store, route.room, turn, now);
    case 'keys':
      return store.set({ apiKeys: (await api.list('/api-keys', 1_000)).items, now: now() });
    case 'webhooks':
      return store.set({ webhooks: (await api.list('/webhooks', 1_000)).items, now: now() });
    case 'webhook':
      return loadWebhook(api, store, route.id, now);
  }
}

/** @param {Api} api @returns {Promise<Partial<AdminState>>} */
async function overview(api) {
  const [server, history, troubles] = await Promise.all([api.get('/server'), api.get('/server/history'), api.get('/server/troubles')]);
  return { server, history, troubles: troubles.items };
}

/** @param {Api} api @param {AdminStore} store @param {string} name @param {number} turn @param {() => number} now */
async function loadRoom(api, store, name, turn, now) {
  const at = path('rooms', name);
  const { shown = 0, rates } = store.state.room ?? {};
  try {
    const [item, participants, sessions, seldom] = await Promise.all([
      api.get(at), api.list(`${at}/participants`, shown), api.list(`${at}/sessions`, shown), turn % SELDOM === 0 ? rarely(api, name) : {},
    ]);
    rates?.read(now(), sessions.items);
    store.setRoom(name, { item, participants, sessions, missing: false, ...seldom });
    store.set({ now: now() });
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'room-unknown') throw error;
    store.setRoom(name, { missing: true });
  }
}

/** @param {Api} api @param {string} name @returns {Promise<Partial<RoomView>>} */
async function rarely(api, name) {
  const [keys, troubles] = await Promise.all([api.list(`${path('rooms', name)}/stream-keys`, 1_000), api.get('/server/troubles')]);
  return { streamKeys: /** @type {any} */ (keys.items), troubles: troubles.items.filter((/** @type {{ room: string }} */ { room }) => room === name) };
}

/** @param {Api} api @param {AdminStore} store @param {string} id @param {() => number} now */
async function loadWebhook(api, store, id, now) {
  const [webhooks, deliveries] = await Promise.all([
    api.list('/webhooks', 1_000), api.list(`${path('webhooks', id)}/deliveries`, store.state.deliveriesShown),
  ]);
  store.set({ webhooks: /** @type {any} */ (webhooks.items), deliveries: /** @type {any} */ (deliveries), now: now() });
}
