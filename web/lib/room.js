/**
 * A room as one participant lives it: signaling, both media sessions and the words between them.
 *
 * Events:
 * - `change` (`Snapshot`): `state` is new
 * - `waiting`: a host has to let us in; `welcome` or `goodbye` follows
 * - `welcome`, `refused` (the join was refused), `goodbye`
 * - `tracks` (`ReadonlyMap<number, MediaStreamTrack>`): what is received changed, by publication. When
 *   the path changes there is another track, which has frames already; the old one lives a moment longer
 * - `sent`: what is published changed
 * - `trouble` (`{ session, code, cause, participant? }`): `session` is `publisher`, `subscriber` or
 *   `link`; `code` what the node refused, of a subscriber the cause; `cause` why media does not get
 *   through (`TroubleCause`), null when it does again
 * - `files` (`FileTransfer[]`): all transfers, oldest first, each a new object when it changed
 */
import { Publisher } from './publisher.js';
import { Signaling } from './signaling.js';
import { Subscriber } from './subscriber.js';

/** @import { AudienceMember, ChatMessage, Codec, JoinParameters, NamedParticipant, Role, RoomState, ServerMessage, SettingsChange, Source, Welcome } from './types.js' */
/** @import { SignalingState } from './signaling.js' */
/** @import { LinkView } from './links.js' */

/**
 * @typedef {object} Snapshot
 * @property {SignalingState} connection
 * @property {{ participant: string, name: string, role: Role } | null} me
 * @property {RoomState | null} room
 * @property {number} audience
 * @property {ChatMessage[]} chat
 * @property {Record<number, { state: 'playing' | 'codec-unsupported', codec?: Codec }>} subscriptions
 * @property {string[]} origins   for hosts: where others reach this node, the best first
 * @property {LinkView[]} links  how each of the others who can hold a link is received
 * @property {NamedParticipant[]} hands         for hosts: whose hands are up, the longest first
 * @property {NamedParticipant[]} waitingList   for hosts: who waits to be let in
 * @property {boolean} resumed   whether the last welcome took up an earlier participant
 */

/** The page keeps what a node keeps, and somewhat more of what came while it was open. */
const CHAT_KEPT = 500;

export class Room extends EventTarget {
  /** @type {Snapshot} */
  state = {
    connection: 'idle', me: null, room: null, audience: 0, chat: [], subscriptions: {}, origins: [], resumed: false,
    links: [], hands: [], waitingList: [],
  };
  #signaling;
  #relayOnly = false;
  publisher;
  subscriber;

  /** @param {{ url: string, codec?: string | null, signaling?: Signaling }} options */
  constructor({ url, codec = null, signaling = new Signaling({ url }) }) {
    super();
    this.#signaling = signaling;
    const request = (/** @type {any} */ message) => signaling.request(message);
    this.publisher = new Publisher({ request, codec });
    this.subscriber = new Subscriber({ request });
    this.#listen();
  }

  /** Goes in, or tries again with other parameters. @param {JoinParameters} parameters */
  join(parameters) {
    this.#signaling.join(parameters);
  }

  /** The network changed or came back. */
  networkChanged() {
    this.#signaling.networkChanged();
    this.publisher.networkChanged();
    this.subscriber.networkChanged();
  }

  /** The page woke up: find out what of all this still lives, without disturbing what does. */
  wake() {
    this.#signaling.networkChanged();
  }

  /** @param {string} text */
  say(text) {
    return this.#signaling.request({ type: 'chat', text });
  }

  /** @param {string} name */
  async rename(name) {
    await this.#signaling.request({ type: 'rename', name });
    this.#signaling.renamed(name);
    if (this.state.me) this.#set({ me: { ...this.state.me, name } });
  }

  /** Host. @param {string} participant @param {Source} source @param {boolean} muted */
  mute(participant, source, muted) {
    return this.#signaling.request({ type: 'mute', participant, source, muted });
  }

  /** Host. @param {string} participant @param {boolean} silenced */
  silence(participant, silenced) {
    return this.#signaling.request({ type: 'silence', participant, silenced });
  }

  /** Host. @param {string} participant */
  remove(participant) {
    return this.#signaling.request({ type: 'remove', participant });
  }

  /** Host. @param {boolean} open */
  openChat(open) {
    return this.#signaling.request({ type: 'chat-open', open });
  }

  /** Host. @param {string} [after] @returns {Promise<{ participants: AudienceMember[], more: boolean }>} */
  listAudience(after) {
    return this.#signaling.request({ type: 'audience', after });
  }

  /**
   * Raises one's hand, or lowers it; a host lowers another's.
   * @param {boolean} raised @param {string} [participant]
   */
  hand(raised, participant) {
    return this.#signaling.request({ type: 'hand', raised, participant });
  }

  /** Host: brings a viewer on stage or takes a speaker off; anyone: takes oneself off. @param {string} participant @param {boolean} on */
  stage(participant, on) {
    return this.#signaling.request({ type: 'stage', participant, on });
  }

  /** Host. @param {SettingsChange} change */
  settings(change) {
    return this.#signaling.request({ type: 'settings', ...change });
  }

  /** Host: lets someone in who waits, or turns them away. @param {string} participant @param {boolean} admitted */
  admit(participant, admitted) {
    return this.#signaling.request({ type: 'admit', participant, admitted });
  }

  /** Whether all media of this participant goes by a relay, whatever the room's setting is. @param {boolean} on */
  setRelayOnly(on) {
    this.#relayOnly = on;
  }

  /** Host: ends the room for everyone. */
  end() {
    return this.#signaling.request({ type: 'end' });
  }

  /** Takes back what an earlier page of this participant published. */
  unpublish() {
    this.#signaling.request({ type: 'unpublish' }).catch(() => {});
  }

  /** Leaves for good. */
  leave() {
    this.#signaling.request({ type: 'leave' }).catch(() => {});
    this.stop();
  }

  /** Ends both sessions and the connection here, without a word to the node. */
  stop() {
    this.publisher.stop();
    this.subscriber.stop();
    this.#signaling.close();
  }

  #listen() {
    const { publisher, subscriber } = this;
    on(this.#signaling, 'state', (state) => this.#set({ connection: state }));
    on(this.#signaling, 'welcome', (welcome) => this.#welcomed(welcome));
    on(this.#signaling, 'message', (message) => this.#receive(message));
    on(this.#signaling, 'waiting', () => this.#emit('waiting', null));
    on(this.#signaling, 'refused', (refusal) => this.#emit('refused', refusal));
    on(this.#signaling, 'goodbye', (goodbye) => this.#goodbye(goodbye));
    on(publisher, 'change', () => this.#emit('sent', publisher.sent));
    on(publisher, 'trouble', (trouble) => this.#emit('trouble', { session: 'publisher', ...trouble }));
    on(subscriber, 'tracks', (tracks) => this.#emit('tracks', tracks));
    on(subscriber, 'trouble', (trouble) => this.#emit('trouble', { session: 'subscriber', code: null, ...trouble }));
  }

  /** @param {Welcome} welcome */
  #welcomed(welcome) {
    const { resumed, room, audience } = welcome;
    const me = { participant: welcome.participant, name: welcome.name, role: welcome.role };
    const chat = resumed ? merged(this.state.chat, welcome.chat) : welcome.chat;
    const subscriptions = resumed ? this.state.subscriptions : {};
    this.#set({ me, room, audience, chat, resumed, subscriptions, origins: welcome.origins ?? [] });
    this.#emit('welcome', welcome);
    this.publisher.resume(resumed);
    this.subscriber.resume(resumed);
    this.#expect();
  }

  /** @param {ServerMessage} message */
  #receive(message) {
    switch (message.type) {
      case 'room': {
        const { type, ...room } = message;
        this.#set({ room });
        this.#expect();
        break;
      }
      case 'audience-count':
        this.#set({ audience: message.count });
        break;
      case 'chat':
        this.#set({ chat: merged(this.state.chat, [message.message]) });
        break;
      case 'role':
        if (this.state.me) this.#set({ me: { ...this.state.me, role: message.role } });
        break;
      case 'hands':
        this.#set({ hands: message.hands });
        break;
      case 'waiting-list':
        this.#set({ waitingList: message.participants });
        break;
      case 'offer':
        this.subscriber.offered(message);
        break;
      case 'subscription': {
        const { publication, state, codec } = message;
        this.#set({ subscriptions: { ...this.state.subscriptions, [publication]: { state, codec } } });
        this.#expect();
        break;
      }
      case 'session-closed':
        if (message.session === 'publisher') this.publisher.closed(message.code);
        else this.subscriber.closed();
        break;
    }
  }

  /** @param {{ code: string, message: string, final: boolean }} goodbye */
  #goodbye(goodbye) {
    if (goodbye.final) {
      this.publisher.stop();
      this.subscriber.stop();
    }
    this.#emit('goodbye', goodbye);
  }

  /** Tells the subscriber session what of the stage should arrive. */
  #expect() {
    const { room, me, subscriptions } = this.state;
    const others = (room?.stage ?? []).filter((member) => member.participant !== me?.participant);
    const wanted = others
      .flatMap((member) => member.publications.map((publication) => publication.publication))
      .filter((publication) => subscriptions[publication]?.state !== 'codec-unsupported');
    this.subscriber.expect(wanted);
  }

  /** @param {Partial<Snapshot>} change */
  #set(change) {
    this.state = { ...this.state, ...change };
    this.#emit('change', this.state);
  }

  /** @param {string} type @param {unknown} detail */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/**
 * Joins two runs of messages by their numbers, each number once, in order.
 * @param {ChatMessage[]} known @param {ChatMessage[]} more
 */
export function merged(known, more) {
  const last = known.at(-1)?.number ?? -1;
  if (more.every((message, at) => message.number > (more[at - 1]?.number ?? last))) {
    return [...known, ...more].slice(-CHAT_KEPT);
  }
  const byNumber = new Map([...known, ...more].map((message) => [message.number, message]));
  return [...byNumber.values()].sort((a, b) => a.number - b.number).slice(-CHAT_KEPT);
}

/** @param {EventTarget} target @param {string} type @param {(detail: any) => void} run */
function on(target, type, run) {
  target.addEventListener(type, (event) => run(/** @type {CustomEvent} */ (event).detail));
}
