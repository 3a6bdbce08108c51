/** Wires the dashboard: address, key, readings, parts. Parts name wishes in their markup; the table below answers. */
import { setAttribute } from '../dom.js';
import { chooseLanguage, LANGUAGE_NAMES, useLanguage } from '../i18n.js';
import { lasting, passing } from '../storage.js';
import { applyTheme } from '../theme.js';
import { Actions } from './actions.js';
import { Api, ApiError } from './api.js';
import { EVERY, load } from './loaders.js';
import { hashOf, readRoute } from './route.js';
import { AdminStore, initialState, roomView, STEP } from './state.js';
import { Watch } from './watch.js';
import { w } from './words.js';
import './elements/dialog.js';
import './elements/footer.js';
import './elements/keys.js';
import './elements/overview.js';
import './elements/room.js';
import './elements/rooms.js';
import './elements/said.js';
import './elements/sign-in.js';
import './elements/topbar.js';
import './elements/webhook.js';
import './elements/webhooks.js';

/** @import { Language } from '../i18n.js' */
/** @import { Theme } from '../store.js' */
/** @import { Part } from './elements/part.js' */
/** @import { AdminState, Dialog } from './state.js' */

/** Long enough to read it and to press "undo". Milliseconds. */
const SAID_STAYS = 10_000;
/** The element that plays a room. */
const PLAYER = '/sdk/roomcast.js';

/** What fills the middle in each view. */
const MIDDLE = {
  overview: 'rc-admin-overview', rooms: 'rc-admin-rooms', room: 'rc-admin-room', keys: 'rc-admin-keys', webhooks: 'rc-admin-webhooks', webhook: 'rc-admin-webhook',
};

const store = new AdminStore({
  ...initialState(),
  key: passing.read('api-key'),
  language: rememberedLanguage(),
  theme: /** @type {Theme} */ (lasting.read('theme') ?? 'system'),
  route: readRoute(location.hash),
}, show);
let api = new Api({ key: store.state.key ?? '' });
let leaving = 0;
/** @type {AdminState['said']} */
let shownSaid = null;
const watch = new Watch({ read, every: () => EVERY[store.state.route.view] });
const actions = new Actions({ store, api: () => api, changed: () => watch.now(), goTo: (hash) => (location.hash = hash) });

/** @type {Record<string, (detail: any) => unknown>} */
const ANSWERS = {
  'sign-in': ({ key }) => signIn(key.trim()),
  'sign-out': () => signOut(null),
  filter: ({ value }) => store.set({ filter: value }),
  'more-rooms': () => more({ roomsShown: store.state.roomsShown + STEP }),
  'more-deliveries': () => more({ deliveriesShown: store.state.deliveriesShown + STEP }),
  'more-people': () => store.state.room && more({ room: { ...store.state.room, shown: store.state.room.shown + STEP } }),
  'set-room': ({ room, setting, on }) => actions.setRoom({ room, change: { [setting]: on } }),
  'end-room': (wish) => actions.endRoom(wish),
  'set-role': (wish) => actions.setRole(wish),
  silence: (wish) => actions.silence(wish),
  mute: (wish) => actions.mute(wish),
  remove: (wish) => actions.remove(wish),
  'make-stream-key': ({ room, name, takeover }) => actions.makeStreamKey({ room, name: name.trim(), takeover: takeover !== undefined }),
  'renew-stream-key': (wish) => actions.renewStreamKey(wish),
  'remove-stream-key': (wish) => actions.removeStreamKey(wish),
  'make-api-key': ({ name }) => actions.makeApiKey({ name: name.trim() }),
  'revoke-api-key': (wish) => actions.revokeApiKey(wish),
  'make-webhook': ({ url, events }) => actions.makeWebhook({ url: url.trim(), events }),
  'enable-webhook': ({ id, on }) => actions.enableWebhook({ id, enabled: on }),
  'remove-webhook': (wish) => actions.removeWebhook(wish),
  'send-again': (wish) => actions.sendAgain(wish),
  confirm: (dialog) => store.set({ dialog: /** @type {Dialog} */ (dialog) }),
  confirmed: ({ ask, detail }) => {
    store.set({ dialog: null });
    ANSWERS[ask]?.(detail);
  },
  'close-dialog': () => store.set({ dialog: null }),
  undo: ({ ask, detail }) => {
    store.set({ said: null });
    ANSWERS[ask]?.(detail);
  },
  dismiss: () => store.set({ said: null }),
  copied: () => store.set({ said: { text: 'said.copied', params: {}, fault: false, undo: null } }),
  language: ({ value }) => {
    lasting.write('language', value);
    store.set({ language: value });
  },
  theme: ({ value }) => {
    lasting.write('theme', value);
    store.set({ theme: value });
  },
};

listen();
// For tests and the curious.
Object.assign(globalThis, { dashboard: { store } });
enterView();
store.set({});

/** @param {AdminState} state */
function show(state) {
  useLanguage(state.language);
  applyTheme(state.theme);
  document.documentElement.lang = state.language;
  document.title = w('title');
  /** @type {HTMLElement} */ (document.querySelector('.skip')).textContent = w('skip');
  document.body.dataset.view = state.key === null ? 'sign-in' : state.route.view;
  setAttribute(document.body, 'data-stale', state.fault !== null);
  mount(state.key === null ? 'rc-admin-sign-in' : MIDDLE[state.route.view]);
  for (const part of document.querySelectorAll('[data-view], #main > *')) if (part instanceof HTMLElement && part.localName.startsWith('rc-')) /** @type {Part} */ (part).state = state;
  saidGoes(state);
}

/** @param {string} tag */
function mount(tag) {
  const main = /** @type {HTMLElement} */ (document.getElementById('main'));
  if (main.firstElementChild?.localName === tag) return;
  main.replaceChildren(document.createElement(tag));
  /** @type {HTMLElement | null} */ (main.querySelector('[autofocus]'))?.focus();
}

/** @param {AdminState} state */
function saidGoes({ said }) {
  if (said === shownSaid) return;
  shownSaid = said;
  clearTimeout(leaving);
  if (said) leaving = Number(setTimeout(() => store.state.said === said && store.set({ said: null }), SAID_STAYS));
}

/** One reading. @param {number} turn @returns {Promise<boolean>} whether the node answered */
async function read(turn) {
  try {
    await load(api, store, turn);
    if (store.state.fault) store.set({ fault: null });
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.isKey || error.status === 403) signOut(error.code);
    else store.set({ fault: error.code });
    return false;
  }
}

/** A key is good when the node answers to it. @param {string} key */
async function signIn(key) {
  store.set({ signIn: { busy: true, fault: null } });
  api = new Api({ key });
  try {
    await api.get('/server');
    passing.write('api-key', key);
    store.set({ key, signIn: { busy: false, fault: null } });
    enterView();
  } catch (error) {
    const fault = error instanceof ApiError ? error.code : 'internal';
    store.set({ signIn: { busy: false, fault } });
  }
}

/** Forgets the key and all that it showed. @param {string | null} fault why, a code */
function signOut(fault) {
  watch.stop();
  passing.write('api-key', null);
  const { language, theme, route } = store.state;
  store.set({ ...initialState(), language, theme, route, signIn: { busy: false, fault } });
}

/** Begins with what the address names. */
function enterView() {
  const route = readRoute(location.hash);
  const { key, room } = store.state;
  const view = route.view === 'room' ? (room?.name === route.room ? room : roomView(route.room)) : null;
  store.set({ route, room: view, deliveries: null, dialog: null });
  if (key === null) return;
  watch.begin();
  if (route.view !== 'room') return;
  import(PLAYER).catch(() => {});
  if (!view?.viewToken) actions.viewToken(route.room);
}

/** @param {Partial<AdminState>} change */
function more(change) {
  store.set(change);
  watch.now();
}

function listen() {
  addEventListener('hashchange', () => {
    enterView();
    document.getElementById('main')?.focus();
    scrollTo(0, 0);
  });
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) watch.stop();
    else if (store.state.key !== null) watch.begin();
  });
  document.addEventListener('rc-ask', (event) => answer(/** @type {CustomEvent} */ (event).detail.wish, {}));
  document.addEventListener('click', (event) => heard(event, 'ask', {}));
  document.addEventListener('change', (event) => {
    const field = /** @type {HTMLInputElement | HTMLSelectElement} */ (event.target);
    heard(event, 'change', field instanceof HTMLInputElement ? { on: field.checked } : { value: field.value });
  });
  document.addEventListener('input', (event) => heard(event, 'input', { value: /** @type {HTMLInputElement} */ (event.target).value }));
  document.addEventListener('submit', async (event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const data = new FormData(form);
    // What was refused stays, to be mended.
    if ((await heard(event, 'submit', { ...Object.fromEntries(data), events: data.getAll('events') })) === true) form.reset();
  });
}

/** Finds the wish of what was used. @param {Event} event @param {'ask' | 'change' | 'input' | 'submit'} kind @param {Record<string, unknown>} more */
function heard(event, kind, more) {
  const element = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest(`[data-${kind}]`));
  if (!element) return undefined;
  return answer(/** @type {string} */ (element.dataset[kind]), { ...JSON.parse(element.dataset.detail ?? '{}'), ...more });
}

/** @param {string} wish @param {Record<string, unknown>} detail */
function answer(wish, detail) {
  return ANSWERS[wish]?.(detail);
}

/** @returns {Language} */
function rememberedLanguage() {
  const language = lasting.read('language');
  return /** @type {Language} */ (language && language in LANGUAGE_NAMES ? language : chooseLanguage(navigator.languages));
}
