/**
 * One visit to one room: joins, keeps what must outlive a reload, and turns what the node says into
 * what the page shows. The page's wishes come in as methods; everything seen goes to the store.
 */
import { Broadcast } from './broadcast.js';
import { listenForSpeakers } from './levels.js';
import { Room } from './lib/room.js';
import { measureWhileShown } from './measuring.js';
import { Podium } from './podium.js';
import { Requests } from './requests.js';
import { EMPTY_ROOM } from './store.js';
import { StreamKeys } from './stream-keys.js';
import { lasting, parsed, passing } from './storage.js';
import { showTransfers } from './transfers.js';
import { Viewing } from './viewing.js';

/** @import { FileTransfer } from './lib/files.js' */
/** @import { Welcome } from './lib/types.js' */
/** @import { Snapshot } from './lib/room.js' */
/** @import { Notice, Store } from './store.js' */
/** @import { Say } from './podium.js' */
/** @import { Key } from './i18n.js' */

/** How often the page looks whether a room has been opened. Milliseconds. */
const LOOK_AGAIN = 3_000;
/** Where the chat does not fit beside the pictures. */
const PHONE = '(width <= 760px) and (orientation: portrait)';
/** Between finding that there is no call and opening it, or the other way round. Milliseconds. */
const TURN = 50;
/** How long the last pictures stay when a node came back without its host. Milliseconds. */
const HOLD_STAGE = 15_000;

/** What a refused join becomes. @type {Record<string, Notice['kind']>} */
const NOTICE_OF = {
  'room-unknown': 'missing', 'room-exists': 'taken', 'name-invalid': 'invalid', 'version-unsupported': 'outdated',
  replaced: 'replaced', removed: 'removed', 'room-ended': 'ended', 'room-locked': 'locked', denied: 'denied', left: 'left',
  'token-missing': 'token-missing', 'token-invalid': 'token-invalid', 'token-expired': 'token-expired',
  'key-invalid': 'token-invalid', forbidden: 'token-invalid',
};
/** Notices after which the page tries again by itself. */
const RETRIED = ['missing', 'closed', 'full', 'locked'];

export class Session {
  room;
  broadcast;
  podium;
  requests;
  streamKeys;
  viewing;
  #store;
  #name;
  #wantsOpen;
  #wantsCall;
  #retry = 0;
  #hold = 0;
  #say;
  /** Why media does not get through, by session. @type {{ publisher: string | null, subscriber: string | null }} */
  #troubles = { publisher: null, subscriber: null };

  /**
   * @param {object} options
   * @param {Store} options.store
   * @param {string} options.url        of the WebSocket
   * @param {string} options.name       the room's
   * @param {boolean} options.open      open the room if it is not
   * @param {boolean} options.call      join the call, or open it if there is none
   * @param {string | null} options.codec
   * @param {Say} options.say
   */
  constructor({ store, url, name, open, call, codec, say }) {
    this.#store = store;
    this.#name = name;
    this.#wantsOpen = open;
    this.#wantsCall = call;
    this.#say = say;
    this.room = new Room({ url, codec });
    this.room.setRelayOnly(store.state.relayOnly);
    this.broadcast = new Broadcast(store, this.room, name, say);
    this.requests = new Requests({ store, room: this.room, say });
    this.streamKeys = new StreamKeys({ store, room: name });
    this.podium = new Podium({ store, broadcast: this.broadcast, say });
    this.viewing = new Viewing({ store, room: this.room });
    listenForSpeakers(store, () => this.#peers());
    measureWhileShown(store, this.room);
    store.follow('set', { roomName: name, hostKey: lasting.read(`host:${name}`), token: passing.read(`token:${name}`), room: EMPTY_ROOM });
    this.#listen();
  }

  /** Goes in with all that is known: the host key, and the token of an earlier visit of this tab. */
  join() {
    clearTimeout(this.#retry);
    this.room.join({
      room: this.#name,
      name: displayName(),
      open: this.#wantsOpen || undefined,
      kind: this.#wantsOpen && this.#wantsCall ? 'call' : undefined,
      hostKey: this.#store.state.hostKey ?? undefined,
      token: this.#store.state.token ?? undefined,
      resume: passing.read(`resume:${this.#name}`) ?? undefined,
    });
  }

  /** Opens the room instead of waiting for someone else to. */
  openRoom() {
    this.#wantsOpen = true;
    this.join();
  }

  /** Joins the call of this name, or begins it. */
  startCall() {
    this.#wantsCall = true;
    this.openRoom();
  }

  /** Leaves for good, and gives every device back. */
  leave() {
    this.#over();
    this.#store.dispatch('set', { watchOnly: false, checking: false, handRaised: false });
    this.room.leave();
    this.#store.dispatch('set', { notice: { kind: 'left' }, dialog: null });
  }

  /** Watches a room that someone else has opened. */
  watchInstead() {
    this.#wantsOpen = false;
    this.#store.dispatch('set', { watchOnly: false });
    this.join();
  }

  /** Becomes host by a key that was typed or came with the link. @param {string} key */
  useHostKey(key) {
    this.#keepHostKey(key.trim());
    this.#wantsOpen = false;
    this.join();
  }

  /** Takes the place back from another tab, whose token is newer than ours. */
  useHere() {
    const seat = parsed(lasting.read(`seat:${this.#name}`));
    if (seat && seat.participant === this.room.state.me?.participant) passing.write(`resume:${this.#name}`, seat.resume);
    this.join();
  }

  /** @param {string} name */
  async rename(name) {
    lasting.write('name', name);
    await this.requests.attempt(this.room.rename(name));
  }

  /** Goes off the stage by one's own wish. */
  async leaveStage() {
    const { me } = this.room.state;
    if (!me) return;
    this.podium.goingOff();
    await this.podium.goOff();
    await this.requests.attempt(this.room.stage(me.participant, false));
  }

  #listen() {
    const { room } = this;
    const on = (/** @type {string} */ type, /** @type {(detail: any) => void} */ run) =>
      room.addEventListener(type, (event) => run(/** @type {CustomEvent} */ (event).detail));
    on('change', (state) => {
      const before = this.#store.state.room;
      this.#store.follow('room', state);
      this.podium.changed(before, state);
      if (audienceChanged(before, state)) this.requests.refreshAudience();
      this.#holdStage();
    });
    on('hand-lowered', () => this.#store.dispatch('set', { handRaised: false }));
    on('waiting', () => this.#store.dispatch('set', { notice: { kind: 'lobby' } }));
    on('welcome', (welcome) => this.#welcomed(welcome));
    on('tracks', (tracks) => this.#store.follow('set', { tracks }));
    on('refused', ({ code }) => this.#joinRefused(code));
    on('goodbye', (goodbye) => this.#goodbye(goodbye));
    on('trouble', (trouble) => this.#trouble(trouble));
    on('files', (transfers) => this.#files(transfers));
  }

  /** @param {Welcome} welcome */
  async #welcomed(welcome) {
    passing.write(`resume:${this.#name}`, welcome.resume);
    const { participant, resume, resumed } = welcome;
    if (resumed) lasting.write(`seat:${this.#name}`, JSON.stringify({ participant, resume }));
    if (welcome.hostKey) this.#keepHostKey(welcome.hostKey);
    this.#wantsOpen = false;
    if (!welcome.resumed) this.#store.follow('set', { handRaised: false });
    // On a phone a call needs the whole page; the chat is a touch away.
    if (!welcome.resumed && welcome.room.kind === 'call' && matchMedia(PHONE).matches) this.#store.dispatch('set', { panel: null });
    const { studio, secure, checking } = this.#store.state;
    if (welcome.role === 'viewer') {
      // On stage before the node was started again, and not any more.
      if (studio.live) await this.podium.goOff();
      return;
    }
    if (studio.live || studio.opening || checking || !secure) return;
    if (await this.broadcast.goOn()) return;
    // What an earlier page of this participant sent is not sent any more.
    if (welcome.resumed) this.room.unpublish();
    if (!this.#store.state.watchOnly) await this.podium.enter(welcome.role === 'host');
  }

  /** @param {string} code */
  #joinRefused(code) {
    if (this.#joinsOtherwise(code)) return;
    const closed = code === 'room-unknown' && this.#store.state.hostKey !== null;
    const kind = closed ? 'closed' : (NOTICE_OF[code] ?? 'full');
    // Whoever may not come back is not to be seen by a camera that is still on.
    if (kind.startsWith('token-')) this.#over();
    this.#store.dispatch('set', { notice: { kind, code }, held: null });
    if (RETRIED.includes(kind)) {
      this.#retry = Number(setTimeout(() => this.join(), LOOK_AGAIN));
    }
  }

  /** Whether there is another way in, which is tried. @param {string} code */
  #joinsOtherwise(code) {
    if (this.#wantsCall && (code === 'room-unknown' || code === 'room-exists')) {
      // Whoever comes first opens the call, and two who come at once find each other.
      this.#wantsOpen = code === 'room-unknown';
      this.#retry = Number(setTimeout(() => this.join(), TURN));
      return true;
    }
    if (code === 'host-key-invalid') {
      this.#keepHostKey(null);
      this.#say('toast.host-key-invalid', 'warning');
    } else if (code === 'forbidden' && this.#wantsOpen) {
      // Only a host's token opens a room: wait for one, like everyone else.
      this.#wantsOpen = this.#wantsCall = false;
      this.#say('toast.may-not-open', 'warning');
    } else {
      return false;
    }
    this.join();
    return true;
  }

  /** @param {{ code: string, final: boolean }} goodbye */
  #goodbye({ code, final }) {
    if (!final) return;
    // The other tab holds the token now, and a click takes it back; the others are over.
    if (code === 'replaced') this.broadcast.close();
    else this.#over();
    if (code === 'room-ended') {
      this.#keepHostKey(null);
      this.streamKeys.forget();
    }
    this.#store.dispatch('set', { notice: { kind: NOTICE_OF[code] ?? 'ended', code }, dialog: null });
  }

  /** @param {FileTransfer[]} transfers */
  #files(transfers) {
    const before = this.#store.state.files;
    showTransfers(this.#store, transfers);
    const { files, panel } = this.#store.state;
    if (panel === 'chat') return;
    for (const { id, own, peer, name } of files) {
      if (own || before.some((card) => card.id === id)) continue;
      this.#say('toast.file-offered', 'info', { name: peer, file: name }, { about: peer, text: 'file.show', ask: 'show-chat', detail: {} });
    }
  }

  /** The connections that carry sound. @returns {RTCPeerConnection[]} */
  #peers() {
    const { publisher, subscriber, links } = this.room;
    return [publisher.peer, subscriber.peer, ...[...links.values()].map((link) => link.peer)].filter((peer) => peer !== null);
  }

  /** Nothing is left to come back to. */
  #over() {
    clearTimeout(this.#retry);
    this.broadcast.close();
    this.broadcast.forget();
    passing.write(`resume:${this.#name}`, null);
  }

  /** @param {{ session: 'publisher' | 'subscriber' | 'link', code: string | null, cause: string | null }} trouble */
  #trouble({ session, code, cause }) {
    // A pair without a link goes by the node; the list of people says why.
    if (session === 'link') return;
    this.#troubles[session] = cause ?? (session === 'subscriber' ? code : null);
    const { publisher, subscriber } = this.#troubles;
    this.#store.dispatch('set', { trouble: subscriber ?? publisher });
    if (session === 'publisher' && code) {
      this.requests.refused(code);
      this.broadcast.stopLive();
    }
  }

  #holdStage() {
    const { held } = this.#store.state;
    if (held && !this.#hold) {
      this.#hold = Number(setTimeout(() => this.#store.dispatch('set', { held: null }), HOLD_STAGE));
    } else if (!held) {
      clearTimeout(this.#hold);
      this.#hold = 0;
    }
  }

  /** @param {string | null} key */
  #keepHostKey(key) {
    lasting.write(`host:${this.#name}`, key);
    this.#store.dispatch('set', { hostKey: key });
  }
}

/** Whether the list of the audience is out of date. @param {Snapshot} before @param {Snapshot} now */
function audienceChanged(before, now) {
  const onStage = (/** @type {Snapshot} */ { room }) => room?.stage.map(({ participant }) => participant).join() ?? '';
  return now.connection === 'open' && (before.audience !== now.audience || onStage(before) !== onStage(now));
}

/** The name to go by: the chosen one, or a guest's, the same for as long as the tab lives. */
export function displayName() {
  const chosen = lasting.read('name');
  if (chosen) return chosen;
  const guest = passing.read('guest') ?? `Guest-${1000 + Math.floor(Math.random() * 9000)}`;
  passing.write('guest', guest);
  return guest;
}
