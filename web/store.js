/**
 * One store: what the page knows, and the few ways in which that changes. It does nothing by itself:
 * `session.js` and `broadcast.js` act, elements show.
 */
import { realClock } from './lib/clock.js';

/** @import { Clock } from './lib/clock.js' */
/** @import { AudienceMember, Source } from './lib/types.js' */
/** @import { Snapshot } from './lib/room.js' */
/** @import { Figures } from './lib/figures.js' */
/** @import { Device } from './lib/capture.js' */
/** @import { Key, Language } from './i18n.js' */
/** @import { FileCard } from './transfers.js' */

/** @typedef {'system' | 'light' | 'dark'} Theme */
/** How good pictures are to be at most; `sound`: none at all. @typedef {'auto' | 'high' | 'medium' | 'low' | 'sound'} PictureQuality */
/** What a toast offers to do about a participant. @typedef {{ about: string, text: Key, ask: string, detail: Record<string, unknown> }} Offer */
/** @typedef {{ key: string, params?: Record<string, string | number>, kind: 'info' | 'warning', id: number, offer?: Offer }} Toast */

/**
 * What this page's own devices do.
 * @typedef {object} Studio
 * @property {boolean} live                                        on stage: what is turned on is sent
 * @property {boolean} opening                                     a device is being asked for
 * @property {Partial<Record<Source, MediaStreamTrack>>} tracks    what was captured
 * @property {Partial<Record<Source, boolean>>} muted
 * @property {Device[]} devices
 * @property {{ camera?: string, microphone?: string }} chosen
 * @property {{ source: Source, fault: string } | null} fault      the last device that failed
 * @property {boolean} screenLost                                  shared before a reload: only a click brings it back
 */

/**
 * A page of its own, in place of the room.
 * @typedef {object} Notice
 * @property {'missing' | 'closed' | 'taken' | 'full' | 'invalid' | 'outdated' | 'replaced' | 'removed' | 'ended'
 *   | 'lobby' | 'locked' | 'denied' | 'left' | 'token-missing' | 'token-invalid' | 'token-expired'} kind
 * @property {string} [code]   the error code of the node
 */

/**
 * The stream key with which a program such as OBS publishes here.
 * @typedef {object} StreamKey
 * @property {string} id
 * @property {string} key       the node does not show it again
 */

/**
 * @typedef {object} State
 * @property {string | null} roomName           null on the home page
 * @property {Snapshot} room
 * @property {Notice | null} notice
 * @property {ReadonlyMap<number, MediaStreamTrack>} tracks   received, by publication
 * @property {Snapshot['room']} held            the stage as it was before the node went away
 * @property {string | null} trouble            why media does not arrive
 * @property {Studio} studio
 * @property {boolean} watchOnly                on stage, but does not want to be seen from here
 * @property {boolean} checking                 looks at the devices before others do, in a call
 * @property {boolean} handRaised
 * @property {string | null} pinned             key of the tile that is to be large
 * @property {'grid' | 'spotlight'} view
 * @property {boolean} selfView                 whether one sees oneself
 * @property {boolean} checkFirst               check devices before every call
 * @property {PictureQuality} quality           of what is received
 * @property {ReadonlyMap<number, Figures> | null} figures   how pictures arrive, by publication; null while nobody wants to know
 * @property {boolean} relayOnly                one's own wish: all media by the relay
 * @property {string[]} speaking                participants who speak now
 * @property {string | null} speaker            participant who has the floor
 * @property {FileCard[]} files                 sent and received, in the order in which they began
 * @property {number} filesSeen                 how many of them were seen
 * @property {boolean} dragging                 a file is held over the page
 * @property {string | null} hostKey
 * @property {string | null} token              with which one came
 * @property {{ key: StreamKey | null, busy: boolean, fault: string | null }} encoder   `fault`: why there is no key, a code
 * @property {string[]} ownRooms                rooms whose host key is kept here
 * @property {boolean} soundBlocked             the browser refuses sound until a click
 * @property {'chat' | 'people' | null} panel
 * @property {number} read                      the number of the last message that was seen
 * @property {{ members: AudienceMember[], more: boolean } | null} audienceList
 * @property {{ name: string, data?: any } | null} dialog
 * @property {Toast[]} toasts
 * @property {Language} language
 * @property {Theme} theme
 * @property {boolean} secure                   whether cameras may be used on this page
 */

/** @type {Studio} */
export const EMPTY_STUDIO = {
  live: false, opening: false, tracks: {}, muted: {}, devices: [], chosen: {}, fault: null, screenLost: false,
};

/** @type {Snapshot} */
export const EMPTY_ROOM = {
  connection: 'idle', me: null, room: null, audience: 0, chat: [], subscriptions: {}, origins: [], resumed: false,
  links: [], hands: [], waitingList: [], publicationTroubles: [], reception: null, struggling: { participants: [], count: 0 },
};

/** @returns {State} */
export function initialState() {
  return {
    roomName: null, room: EMPTY_ROOM, notice: null, tracks: new Map(), held: null, trouble: null,
    studio: EMPTY_STUDIO, watchOnly: false, checking: false, handRaised: false, pinned: null, view: 'grid',
    selfView: true, checkFirst: false, quality: 'auto', figures: null, relayOnly: false, speaking: [], speaker: null, files: [], filesSeen: 0, dragging: false, hostKey: null, token: null,
    encoder: { key: null, busy: false, fault: null }, ownRooms: [], soundBlocked: false,
    panel: 'chat', read: 0, audienceList: null, dialog: null, toasts: [],
    language: 'en', theme: 'system', secure: true,
  };
}

/** Toasts at a time: more cannot be read. */
const MOST_TOASTS = 3;

/**
 * The actions. Each takes the state and its argument and gives what changes.
 * @satisfies {Record<string, (state: State, argument: any) => Partial<State>>}
 */
export const ACTIONS = {
  /** @param {State} _ @param {Partial<State>} change */
  set: (_, change) => change,
  /** @param {State} state @param {Partial<Studio>} change */
  studio: (state, change) => ({ studio: { ...state.studio, ...change } }),
  /** @param {State} state @param {Snapshot} room */
  room: (state, room) => ({
    room,
    notice: room.me && room.connection === 'open' ? null : state.notice,
    held: heldStage(state, room),
  }),
  /** Messages up to here were seen. @param {State} state @param {number} number */
  read: (state, number) => ({ read: Math.max(state.read, number) }),
  /** @param {State} state @param {Toast} toast */
  toast: (state, toast) => ({
    toasts: [...state.toasts.filter((other) => other.key !== toast.key), toast].slice(-MOST_TOASTS),
  }),
  /** @param {State} state @param {number} id */
  dismiss: (state, id) => ({ toasts: state.toasts.filter((toast) => toast.id !== id) }),
};

/**
 * A node that was started again comes back before its host does: the last pictures stay until then.
 * @param {State} state @param {Snapshot} next
 */
function heldStage(state, next) {
  if (next.room?.live) return null;
  const before = state.room.room;
  const cameBack = next.connection === 'open' && state.room.me?.participant !== next.me?.participant;
  return cameBack && !next.resumed && before?.live && !state.studio.live ? before : state.held;
}

/** Whether something in the chat has not been seen. @param {State} state */
export function hasUnread({ room, read, files, filesSeen }) {
  return (room.chat.at(-1)?.number ?? -1) > read || files.length > filesSeen;
}

/** What the page shows. @param {State} state */
export function phaseOf(state) {
  if (state.roomName === null) return 'home';
  if (state.notice) return state.notice.kind;
  const { me, room } = state.room;
  if (!me || !room) return 'joining';
  if (state.checking) return 'setup';
  if (state.studio.live) return 'live';
  if (!state.watchOnly && room.kind === 'call' && me.role !== 'viewer') return state.secure ? 'live' : 'setup';
  if (!state.watchOnly && me.role === 'host') return 'setup';
  return room.live || state.held || room.kind === 'call' ? 'watching' : 'waiting';
}

/** Nobody sees that something is so late, and the first picture is on its way by then. Milliseconds. */
const FOLLOWS_WITHIN = 50;

export class Store {
  #state;
  /** @type {Set<(state: State) => void>} */
  #readers = new Set();
  #scheduled = false;
  #ticket = 0;
  #clock;

  /** @param {State} [state] @param {{ clock?: Clock }} [options] */
  constructor(state = initialState(), { clock = realClock } = {}) {
    this.#state = state;
    this.#clock = clock;
  }

  get state() {
    return this.#state;
  }

  /**
   * @template {keyof typeof ACTIONS} Name
   * @param {Name} name
   * @param {Parameters<(typeof ACTIONS)[Name]>[1]} argument
   */
  dispatch(name, argument) {
    this.#change(name, argument);
    if (this.#scheduled) return;
    this.#scheduled = true;
    // Several changes in one turn are shown once, still within the click that caused them.
    queueMicrotask(() => this.#show());
  }

  /**
   * What came from the node: known at once, and shown with what comes right behind it. To show a room takes long, and
   * media is not to wait for that.
   * @template {keyof typeof ACTIONS} Name
   * @param {Name} name
   * @param {Parameters<(typeof ACTIONS)[Name]>[1]} argument
   */
  follow(name, argument) {
    this.#change(name, argument);
    if (!this.#scheduled && !this.#ticket) this.#ticket = this.#clock.after(() => this.#show(), FOLLOWS_WITHIN);
  }

  /** @param {(state: State) => void} reader @returns {() => void} ends it */
  subscribe(reader) {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  /** @param {keyof typeof ACTIONS} name @param {any} argument */
  #change(name, argument) {
    const action = /** @type {(state: State, argument: any) => Partial<State>} */ (ACTIONS[name]);
    this.#state = { ...this.#state, ...action(this.#state, argument) };
  }

  #show() {
    this.#clock.cancel(this.#ticket);
    this.#ticket = 0;
    this.#scheduled = false;
    for (const reader of this.#readers) reader(this.#state);
  }
}
