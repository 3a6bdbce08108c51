/** Wires the page: address, store, session, elements. Elements ask by `rc-ask`; the table below answers. */
import { App } from './app.js';
import { readPlace, roomPath, secureAddress, socketUrl, validRoomName } from './address.js';
import { chooseLanguage, LANGUAGE_NAMES, useLanguage } from './i18n.js';
import { canCapture } from './lib/capture.js';
import { chooseQuality, prefer, rememberedPreferences } from './preferences.js';
import { listenToDrops } from './drop.js';
import { Session } from './session.js';
import { listenToKeys } from './shortcuts.js';
import { lasting, passing } from './storage.js';
import { initialState, Store } from './store.js';
import { applyTheme } from './theme.js';

/** @import { Key, Language } from './i18n.js' */
/** @import { Theme } from './store.js' */

/** Long enough to read a sentence twice. Milliseconds. */
const TOAST_STAYS = 7_000;

const place = readPlace(location);
const preferences = rememberedPreferences();
const store = new Store({
  ...initialState(),
  ...preferences,
  relayOnly: preferences.relayOnly || place.relay,
  figures: place.stats ? new Map() : null,
  language: /** @type {Language} */ (rememberedLanguage() ?? chooseLanguage(navigator.languages)),
  theme: /** @type {Theme} */ (lasting.read('theme') ?? 'system'),
  secure: canCapture(),
  ownRooms: lasting.list('host:'),
});
/** @type {Session | null} */
let session = null;
let nextToast = 1;

/** @type {Record<string, (detail: any) => void>} */
const ANSWERS = {
  'host-room': ({ name }) => goTo(name, 'open'),
  'call-room': ({ name }) => goTo(name, 'call'),
  'watch-room': ({ name }) => goTo(name, null),
  'open-room': () => session?.openRoom(),
  'start-call': () => session?.startCall(),
  'join-again': () => session?.join(),
  'watch-instead': () => session?.watchInstead(),
  'use-host-key': ({ key }) => session?.useHostKey(key),
  'use-here': () => session?.useHere(),
  toggle: ({ source }) => session?.broadcast.toggle(source),
  'choose-device': ({ source, id }) => session?.broadcast.choose(source, id),
  'go-live': () => {
    store.dispatch('set', { checking: false, watchOnly: false });
    session?.broadcast.goLive();
  },
  'stop-live': () => session?.broadcast.stopLive(),
  'forget-screen': () => store.dispatch('studio', { screenLost: false }),
  'just-watch': () => {
    session?.broadcast.close();
    store.dispatch('set', { watchOnly: true, checking: false });
  },
  prepare: () => session?.podium.prepare(),
  'check-devices': () => session?.podium.checkDevices(),
  'join-stage': ({ sources }) => session?.podium.join(sources),
  'leave-stage': () => session?.leaveStage(),
  stage: ({ participant, on, name }) => session?.requests.stage(participant, on, name),
  hand: ({ raised, participant }) => session?.requests.hand(raised, participant),
  admit: ({ participants, admitted }) => session?.requests.admit(participants, admitted),
  'room-settings': (change) => session?.requests.changeSettings(change),
  leave: () => session?.leave(),
  say: ({ text, done }) => session?.requests.attempt(session.room.say(text)).then((sent) => done(sent !== null)),
  rename: ({ name }) => session?.rename(name),
  mute: ({ participant, source, muted }) => session?.requests.attempt(session.room.mute(participant, source, muted)),
  silence: ({ participant, silenced, name }) => session?.requests.silence(participant, silenced, name),
  remove: ({ participant }) => session?.requests.remove(participant),
  'chat-open': ({ open }) => session?.requests.attempt(session.room.openChat(open)),
  'make-stream-key': () => session?.streamKeys.make(),
  'renew-stream-key': () => {
    session?.streamKeys.renew();
    // Asked from a dialog of its own; the new key is wanted at once.
    store.dispatch('set', { dialog: { name: 'share', data: { encoder: true } } });
  },
  'end-room': () => session?.requests.attempt(session.room.end()),
  'send-files': ({ files }) => session?.requests.sendFiles(files),
  'answer-file': ({ id, accepted }) => session?.requests.answerFile(id, accepted),
  'stop-file': ({ ids }) => session?.requests.stopFiles(ids),
  'list-audience': ({ after }) => session?.requests.listAudience(after),
  shown: ({ track }) => session?.room.shown(track),
  seen: ({ shown }) => session?.viewing.see(shown),
  'sound-blocked': () => store.dispatch('set', { soundBlocked: true }),
  'sound-on': () => store.dispatch('set', { soundBlocked: false }),
  read: ({ number, files }) => {
    store.dispatch('read', number);
    store.dispatch('set', { filesSeen: files });
  },
  pin: ({ key }) => store.dispatch('set', { pinned: store.state.pinned === key ? null : key }),
  layout: () => store.dispatch('set', { view: store.state.view === 'grid' ? 'spotlight' : 'grid', pinned: null }),
  'self-view': ({ shown }) => prefer(store, 'selfView', shown),
  prefer: ({ name, on }) => prefer(store, name, on),
  quality: ({ quality }) => chooseQuality(store, quality),
  figures: () => store.dispatch('set', { figures: store.state.figures ? null : new Map() }),
  'relay-only': ({ on }) => {
    prefer(store, 'relayOnly', on);
    session?.room.setRelayOnly(on);
  },
  panel: ({ panel }) => store.dispatch('set', { panel: store.state.panel === panel ? null : panel }),
  'show-chat': () => store.dispatch('set', { panel: 'chat' }),
  dialog: ({ name, data }) => store.dispatch('set', { dialog: { name, data } }),
  'close-dialog': () => store.dispatch('set', { dialog: null }),
  dismiss: ({ id }) => store.dispatch('dismiss', id),
  copied: ({ text = 'toast.copied' }) => say(text),
  language: ({ language }) => {
    lasting.write('language', language);
    store.dispatch('set', { language });
  },
  theme: ({ theme }) => {
    lasting.write('theme', theme);
    store.dispatch('set', { theme });
  },
};

const app = new App();
store.subscribe((state) => {
  useLanguage(state.language);
  applyTheme(state.theme);
  app.show(state);
});
document.addEventListener('rc-ask', (event) => {
  const { wish, detail } = /** @type {CustomEvent} */ (event).detail;
  ANSWERS[wish]?.(detail);
});
listenToKeys(store, (name, detail = {}) => ANSWERS[name]?.(detail));
listenToDrops(store, (name, detail) => ANSWERS[name]?.(detail));
listenToNetwork();
addEventListener('popstate', () => location.reload());

// For tests and the curious: what the page knows, and the room it is in.
Object.assign(globalThis, { roomcast: { room: null, store, session: null } });
if (place.room !== null) enter(place.room, place.call ? 'call' : place.open ? 'open' : null, place);
else store.dispatch('set', {});

/** How one comes: to open a room, to a call, or to watch. @typedef {'open' | 'call' | null} Purpose */

/** @param {string} name @param {Purpose} purpose */
function goTo(name, purpose) {
  const room = name.trim();
  if (!validRoomName(room)) return;
  // Cameras need HTTPS, and the same port speaks it.
  if (purpose && !store.state.secure) {
    location.href = secureAddress(location.host, `${roomPath(room)}#${purpose}`);
    return;
  }
  history.pushState(null, '', roomPath(room) + location.search);
  enter(room, purpose);
}

/** @param {string} name @param {Purpose} purpose @param {{ hostKey?: string | null, token?: string | null }} [secrets] */
function enter(name, purpose, { hostKey = null, token = null } = {}) {
  // A call stays one when its address is copied or loaded anew; the secrets must not be seen.
  history.replaceState(null, '', location.pathname + location.search + (purpose === 'call' ? '#call' : ''));
  if (hostKey) lasting.write(`host:${name}`, hostKey);
  if (token) passing.write(`token:${name}`, token);
  if (!validRoomName(name)) {
    store.dispatch('set', { roomName: name, notice: { kind: 'invalid' } });
    return;
  }
  session = new Session({
    store, url: socketUrl(location), name, open: purpose === 'open', call: purpose === 'call', codec: place.codec, say,
  });
  Object.assign(globalThis, { roomcast: { room: session.room, store, session } });
  session.join();
}

/**
 * @param {Key} key @param {'info' | 'warning'} [kind] @param {Record<string, string | number>} [params]
 * @param {import('./store.js').Offer} [offer]
 */
function say(key, kind = 'info', params = {}, offer) {
  const id = nextToast++;
  store.dispatch('toast', { id, key, kind, params, offer });
  setTimeout(() => store.dispatch('dismiss', id), TOAST_STAYS);
}

function listenToNetwork() {
  const changed = () => session?.room.networkChanged();
  addEventListener('online', changed);
  /** @type {any} */ (navigator).connection?.addEventListener?.('change', changed);
  // A phone that was asleep finds its connections dead.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') session?.room.wake();
  });
}

function rememberedLanguage() {
  const language = lasting.read('language');
  return language && language in LANGUAGE_NAMES ? language : null;
}
