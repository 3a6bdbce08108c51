/**
 * One visit to one room: joins, keeps what must outlive a reload, and turns what the node says into
 * what the page shows. The page's wishes come in as methods; everything seen goes to the store.
 */
import { Broadcast } from './broadcast.js';
import { Room } from './lib/room.js';
import { EMPTY_ROOM } from './store.js';
import { lasting, parsed, passing } from './storage.js';

/** @import { Welcome } from './lib/types.js' */
/** @import { Refused } from './lib/signaling.js' */
/** @import { Notice, Store } from './store.js' */
/** @import { Key } from './i18n.js' */

/** How often the page looks whether a room has been opened. Milliseconds. */
const LOOK_AGAIN = 3_000;
/** How long the last pictures stay when a node came back without its host. Milliseconds. */
const HOLD_STAGE = 15_000;

/** What a refused join becomes. @type {Record<string, Notice['kind']>} */
const NOTICE_OF = {
  'room-unknown': 'missing', 'room-exists': 'taken', 'name-invalid': 'invalid', 'version-unsupported': 'outdated',
  replaced: 'replaced', removed: 'removed', 'room-ended': 'ended',
};

export class Session {
  room;
  broadcast;
  #store;
  #name;
  #wantsOpen;
  #retry = 0;
  #hold = 0;
  #say;

  /**
   * @param {object} options
   * @param {Store} options.store
   * @param {string} options.url        of the WebSocket
   * @param {string} options.name       the room's
   * @param {boolean} options.open      open the room if it is not
   * @param {string | null} options.codec
   * @param {(key: Key, kind?: 'info' | 'warning', params?: Record<string, string | number>) => void} options.say
   */
  constructor({ store, url, name, open, codec, say }) {
    this.#store = store;
    this.#name = name;
    this.#wantsOpen = open;
    this.#say = say;
    this.room = new Room({ url, codec });
    this.broadcast = new Broadcast(store, this.room, name, say);
    store.dispatch('set', { roomName: name, hostKey: lasting.read(`host:${name}`), room: EMPTY_ROOM });
    this.#listen();
  }

  /** Goes in with all that is known: the host key, and the token of an earlier visit of this tab. */
  join() {
    clearTimeout(this.#retry);
    this.room.join({
      room: this.#name,
      name: displayName(),
      open: this.#wantsOpen || undefined,
      hostKey: this.#store.state.hostKey ?? undefined,
      resume: passing.read(`resume:${this.#name}`) ?? undefined,
    });
  }

  /** Opens the room instead of waiting for someone else to. */
  openRoom() {
    this.#wantsOpen = true;
    this.join();
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
    await this.#try(this.room.rename(name));
  }

  /** @param {string} [after] */
  async listAudience(after) {
    const page = await this.#try(this.room.listAudience(after));
    if (!page) return;
    const before = after ? (this.#store.state.audienceList?.members ?? []) : [];
    this.#store.dispatch('set', { audienceList: { members: [...before, ...page.participants], more: page.more } });
  }

  /**
   * Does something for the person, and says so when it was refused.
   * @template T @param {Promise<T>} wish @returns {Promise<T | null>}
   */
  async #try(wish) {
    try {
      return await wish;
    } catch (error) {
      this.refused(/** @type {Refused} */ (error).code);
      return null;
    }
  }

  /** Explains a refusal in a toast. @param {string} code */
  refused(code) {
    /** @type {Record<string, Key>} */
    const texts = {
      'chat-closed': 'toast.chat-closed', silenced: 'toast.silenced', 'rate-limited': 'toast.rate-limited',
      'name-invalid': 'toast.name-invalid', 'text-invalid': 'toast.text-invalid', 'stage-full': 'toast.stage-full',
      'connection-lost': 'toast.not-sent', timeout: 'toast.not-sent', 'participant-unknown': 'toast.gone-already',
    };
    this.#say(texts[code] ?? 'toast.refused', 'warning', { code });
  }

  #listen() {
    const { room } = this;
    const on = (/** @type {string} */ type, /** @type {(detail: any) => void} */ run) =>
      room.addEventListener(type, (event) => run(/** @type {CustomEvent} */ (event).detail));
    on('change', (state) => {
      this.#store.dispatch('room', state);
      this.#holdStage();
    });
    on('welcome', (welcome) => this.#welcomed(welcome));
    on('tracks', (tracks) => this.#store.dispatch('set', { tracks }));
    on('refused', ({ code }) => this.#joinRefused(code));
    on('goodbye', (goodbye) => this.#goodbye(goodbye));
    on('trouble', ({ session, code }) => this.#trouble(session, code));
  }

  /** @param {Welcome} welcome */
  async #welcomed(welcome) {
    passing.write(`resume:${this.#name}`, welcome.resume);
    const { participant, resume, resumed } = welcome;
    if (resumed) lasting.write(`seat:${this.#name}`, JSON.stringify({ participant, resume }));
    if (welcome.hostKey) this.#keepHostKey(welcome.hostKey);
    this.#wantsOpen = false;
    if (welcome.role !== 'host') return;
    const { studio, secure } = this.#store.state;
    if (studio.live || studio.opening || !secure) return;
    if (await this.broadcast.goOn()) return;
    // What an earlier page of this participant sent is not sent any more.
    if (welcome.resumed) this.room.unpublish();
    if (!this.#store.state.watchOnly) await this.broadcast.prepare();
  }

  /** @param {string} code */
  #joinRefused(code) {
    if (code === 'host-key-invalid') {
      this.#keepHostKey(null);
      this.#say('toast.host-key-invalid', 'warning');
      this.join();
      return;
    }
    const closed = code === 'room-unknown' && this.#store.state.hostKey !== null;
    const kind = closed ? 'closed' : (NOTICE_OF[code] ?? 'full');
    this.#store.dispatch('set', { notice: { kind, code }, held: null });
    if (kind === 'missing' || kind === 'closed' || kind === 'full') {
      this.#retry = Number(setTimeout(() => this.join(), LOOK_AGAIN));
    }
  }

  /** @param {{ code: string, final: boolean }} goodbye */
  #goodbye({ code, final }) {
    if (!final) return;
    clearTimeout(this.#retry);
    this.broadcast.close();
    // The other tab holds the token now, and a click takes it back; the others are over.
    if (code !== 'replaced') {
      this.broadcast.forget();
      passing.write(`resume:${this.#name}`, null);
    }
    if (code === 'room-ended') this.#keepHostKey(null);
    this.#store.dispatch('set', { notice: { kind: NOTICE_OF[code] ?? 'ended', code }, dialog: null });
  }

  /** @param {'publisher' | 'subscriber'} session @param {string | null} code */
  #trouble(session, code) {
    if (session === 'subscriber') {
      this.#store.dispatch('set', { trouble: code });
    } else if (code) {
      this.refused(code);
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

/** The name to go by: the chosen one, or a guest's, the same for as long as the tab lives. */
export function displayName() {
  const chosen = lasting.read('name');
  if (chosen) return chosen;
  const guest = passing.read('guest') ?? `Guest-${1000 + Math.floor(Math.random() * 9000)}`;
  passing.write('guest', guest);
  return guest;
}
