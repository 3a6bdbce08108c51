/** What the dashboard knows, and one way in which that changes. */
import { Rates } from './rates.js';

/** @import { Language } from '../i18n.js' */
/** @import { Theme } from '../store.js' */
/** @import { Flow } from './rates.js' */
/** @import { Route } from './route.js' */
/** @import { ApiKey, ConnectionTrouble, Delivery, History, Participant, RoomItem, Server, Session, StreamKey, Webhook } from './types.js' */
/** @import { Word } from './words.js' */

/** A list, as far as it was asked for. @template T @typedef {{ items: T[], more: boolean }} Listed */

/**
 * One room, looked at closely.
 * @typedef {object} RoomView
 * @property {string} name
 * @property {RoomItem | null} item              null before it was read
 * @property {boolean} missing                   there is no such room, or not any more
 * @property {Listed<Participant>} participants
 * @property {Listed<Session>} sessions
 * @property {Rates} rates                       readings of the sessions
 * @property {StreamKey[]} streamKeys
 * @property {ConnectionTrouble[]} troubles
 * @property {string | null} viewToken           with which the preview comes in
 * @property {number} shown                      people and sessions that are asked for
 */

/**
 * What stands over the page: a question, or a secret that is shown once.
 * @typedef {{ kind: 'confirm', title: Word, text: Word, act: Word, params: Record<string, string | number>, ask: string, detail: Record<string, unknown> }
 *   | { kind: 'secret', title: Word, text: Word, secret: string }} Dialog
 */

/** @typedef {{ text: Word, params: Record<string, string | number>, fault: boolean, undo: { ask: string, detail: Record<string, unknown> } | null }} Said */

/**
 * @typedef {object} AdminState
 * @property {Language} language
 * @property {Theme} theme
 * @property {string | null} key           the API key; null: signed out
 * @property {{ busy: boolean, fault: string | null }} signIn   `fault`: a code
 * @property {Route} route
 * @property {string | null} fault         why the newest figures are missing, a code
 * @property {number} now                  when what is here was read
 * @property {Server | null} server
 * @property {History} history
 * @property {ConnectionTrouble[]} troubles
 * @property {Listed<RoomItem> | null} rooms
 * @property {number} roomsShown
 * @property {string} filter               of the list of rooms
 * @property {RoomView | null} room
 * @property {ApiKey[] | null} apiKeys
 * @property {Webhook[] | null} webhooks
 * @property {Listed<Delivery> | null} deliveries
 * @property {number} deliveriesShown
 * @property {Dialog | null} dialog
 * @property {Said | null} said
 */

/** Items that are asked for at first, and with each "more". */
export const STEP = 50;

/** @returns {AdminState} */
export function initialState() {
  return {
    language: 'en', theme: 'system', key: null, signIn: { busy: false, fault: null }, route: { view: 'overview' }, fault: null, now: 0,
    server: null, history: { every: 10, points: [] }, troubles: [], rooms: null, roomsShown: STEP, filter: '', room: null,
    apiKeys: null, webhooks: null, deliveries: null, deliveriesShown: STEP, dialog: null, said: null,
  };
}

/** @param {string} name @returns {RoomView} */
export function roomView(name) {
  return {
    name, item: null, missing: false, participants: { items: [], more: false }, sessions: { items: [], more: false }, rates: new Rates(),
    streamKeys: [], troubles: [], viewToken: null, shown: STEP,
  };
}

export class AdminStore {
  #state;
  #reader;
  #scheduled = false;

  /** @param {AdminState} state @param {(state: AdminState) => void} reader */
  constructor(state, reader) {
    this.#state = state;
    this.#reader = reader;
  }

  get state() {
    return this.#state;
  }

  /** Changes of one turn are shown once. @param {Partial<AdminState>} change */
  set(change) {
    this.#state = { ...this.#state, ...change };
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#reader(this.#state);
    });
  }

  /** Changes the room that is looked at, if it is still that one. @param {string} name @param {Partial<RoomView>} change */
  setRoom(name, change) {
    const { room } = this.#state;
    if (room?.name === name) this.set({ room: { ...room, ...change } });
  }
}
