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
import { Carrier } from './carrier.js';
import { added, isHost, merged } from './chat.js';
import { Files } from './files.js';
import { Media, on } from './media.js';
import { afterTrouble, stillPublished } from './publication-troubles.js';
import { Requests } from './requests.js';
import { Signaling } from './signaling.js';
import { Talk } from './talk.js';

/** @import { ChatMessage, Codec, JoinParameters, NamedParticipant, Preference, Reception, Role, RoomState, ServerMessage, StrugglingParticipant, Welcome } from './types.js' */
/** @import { Clock } from './clock.js' */
/** @import { SignalingState } from './signaling.js' */
/** @import { LinkView } from './links.js' */
/** @import { ToldTrouble } from './publication-troubles.js' */

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
 * @property {ToldTrouble[]} publicationTroubles   of one's own publications; for hosts: of all
 * @property {Reception | null} reception   how what the node sends arrives here; null while nothing is to be said
 * @property {{ participants: StrugglingParticipant[], count: number }} struggling   for hosts: whose reception is not good, some of them, and how many there are
 * @property {boolean} resumed   whether the last welcome took up an earlier participant
 */

const NOBODY_STRUGGLES = { participants: [], count: 0 };

export class Room extends Requests {
  /** @type {Snapshot} */
  state = {
    connection: 'idle', me: null, room: null, audience: 0, chat: [], subscriptions: {}, origins: [], resumed: false,
    links: [], hands: [], waitingList: [], publicationTroubles: [], reception: null, struggling: NOBODY_STRUGGLES,
  };
  #signaling;
  #media;
  #carrier;
  #talk;
  #files;

  /**
   * @param {object} options
   * @param {string} options.url                        of the WebSocket
   * @param {string | null} [options.codec]             the video codec to prefer
   * @param {Signaling} [options.signaling]
   * @param {(configuration: RTCConfiguration) => RTCPeerConnection} [options.createPeer]
   * @param {Clock} [options.clock]
   */
  constructor({ url, codec = null, signaling = new Signaling({ url }), createPeer = (configuration) => new RTCPeerConnection(configuration), clock }) {
    const request = (/** @type {any} */ message) => signaling.request(message);
    super(request);
    this.#signaling = signaling;
    this.#media = new Media({ request, codec, createPeer, clock });
    this.#carrier = new Carrier({ request });
    this.#files = new Files({ carrier: this.#carrier });
    this.#talk = new Talk({ request, carrier: this.#carrier, reach: () => this.#reach() });
    this.#listen();
  }

  /** Whom words reach without the node. Only a room that is set to links does without the node's memory of what was said. */
  #reach() {
    const { mesh, entries } = this.#media.links;
    return { mesh: mesh && this.state.room?.topology === 'p2p', entries };
  }

  /** What is sent. */
  get publisher() {
    return this.#media.publisher;
  }

  /** What is received through the node. */
  get subscriber() {
    return this.#media.subscriber;
  }

  /** The links that are held, by participant. */
  get links() {
    return this.#media.links.all;
  }

  /** Goes in, or tries again with other parameters. @param {JoinParameters} parameters */
  join(parameters) {
    this.#signaling.join({ links: true, ...parameters });
  }

  /** The network changed or came back. */
  networkChanged() {
    this.#signaling.networkChanged();
    this.#media.networkChanged();
  }

  /** The page woke up: find out what of all this still lives, without disturbing what does. */
  wake() {
    this.#signaling.networkChanged();
  }

  /** Says something to everyone, by links where they reach everyone. @param {string} text @returns {Promise<unknown>} */
  say(text) {
    return this.#talk.say(text, { mayTalk: this.#mayTalk(this.state.me?.participant) });
  }

  /**
   * Offers a file to some of the others, or to all who are listed in `state.links`.
   * @param {File} file @param {string[]} [to]
   * @returns {Promise<import('./files.js').FileTransfer[]>} rejects with `too-large`, or `participant-unknown` when nobody is there
   */
  async sendFile(file, to = [...this.#media.links.entries.keys()]) {
    return this.#files.send(file, to);
  }

  /** @param {string} id of an incoming offer */
  acceptFile(id) {
    this.#files.accept(id);
  }

  /** @param {string} id of an incoming offer */
  declineFile(id) {
    this.#files.decline(id);
  }

  /** Stops a transfer of either direction. @param {string} id */
  cancelFile(id) {
    this.#files.cancel(id);
  }

  /**
   * A page that shows pictures says so with the first frame of each track: a path that is not needed
   * any more ends then, and not before. @param {MediaStreamTrack} track
   */
  shown(track) {
    this.#media.shown(track);
  }

  /**
   * How the pictures that come through the node are wanted: the whole list, which holds until the next.
   * What is not named comes as good as the network carries. @param {Preference[]} pictures
   */
  prefer(pictures) {
    this.#media.prefer(pictures);
  }

  /**
   * How each picture arrives: what came since this was called before. Once a second is often enough.
   * @returns {Promise<ReadonlyMap<number, import('./figures.js').Figures>>} by publication
   */
  measure() {
    return this.#media.measure();
  }

  /** Whether all media of this participant goes by a relay, whatever the room's setting is. @param {boolean} on */
  setRelayOnly(on) {
    this.#media.setRelayOnly(on);
  }

  /** @param {string} name */
  async rename(name) {
    await this.#signaling.request({ type: 'rename', name });
    this.#signaling.renamed(name);
    if (this.state.me) this.#set({ me: { ...this.state.me, name } });
  }

  /** Takes back what an earlier page of this participant published. */
  unpublish() {
    for (const message of /** @type {const} */ ([{ type: 'unpublish' }, { type: 'announce', tracks: [] }])) {
      this.#signaling.request(/** @type {any} */ (message)).catch(() => {});
    }
  }

  /** Leaves for good. */
  leave() {
    this.#signaling.request({ type: 'leave' }).catch(() => {});
    this.stop();
  }

  /** Ends everything here, without a word to the node. */
  stop() {
    this.#signaling.close();
    this.#end();
  }

  #listen() {
    const signaling = this.#signaling;
    on(signaling, 'state', (state) => this.#set({ connection: state }));
    on(signaling, 'asked', () => this.subscriber.ask());
    on(signaling, 'welcome', (welcome) => this.#welcomed(welcome));
    on(signaling, 'message', (message) => this.#receive(message));
    for (const type of ['waiting', 'refused']) on(signaling, type, (detail) => this.#emit(type, detail));
    on(signaling, 'goodbye', (goodbye) => this.#goodbye(goodbye));
    on(this.#media, 'change', () => this.#set({ links: this.#media.views }));
    for (const type of ['tracks', 'sent', 'trouble']) on(this.#media, type, (detail) => this.#emit(type, detail));
    on(this.#media.links, 'reach', ({ participant, link }) => {
      if (this.#carrier.has(participant)) this.#carrier.setLink(participant, link);
    });
    on(this.#media.links, 'data', ({ from, stream, data }) => this.#carrier.fromLink(from, stream, data));
    on(this.#carrier, 'delivered', ({ from, stream, body }) => {
      if (stream === 'file') this.#files.handle(from, body);
      else this.#talk.heard(from, body.text, { mayTalk: this.#mayTalk(from) });
    });
    on(this.#files, 'change', (transfers) => this.#emit('files', transfers));
    on(this.#talk, 'said', ({ from, text }) => this.#said(from, text));
  }

  /** @param {Welcome} welcome */
  #welcomed(welcome) {
    const { resumed, room, audience } = welcome;
    const me = { participant: welcome.participant, name: welcome.name, role: welcome.role };
    const chat = resumed ? merged(this.state.chat, welcome.chat) : welcome.chat;
    const subscriptions = resumed ? this.state.subscriptions : {};
    // What is wrong with media is told anew, if it still is.
    const untroubled = { publicationTroubles: [], reception: null, struggling: NOBODY_STRUGGLES };
    this.#set({ me, room, audience, chat, resumed, subscriptions, ...untroubled, origins: welcome.origins ?? [] });
    this.#emit('welcome', welcome);
    this.#media.follow(this.state);
    this.#media.welcomed(welcome);
    this.#carrier.repeat();
  }

  /** @param {ServerMessage} message */
  #receive(message) {
    switch (message.type) {
      case 'room': {
        const { type, ...room } = message;
        this.#set({ room, publicationTroubles: stillPublished(this.state.publicationTroubles, room) });
        this.#media.follow(this.state);
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
      case 'hand-lowered':
        this.#emit('hand-lowered', null);
        break;
      case 'hands':
        this.#set({ hands: message.hands });
        break;
      case 'waiting-list':
        this.#set({ waitingList: message.participants });
        break;
      case 'offer':
        // Of another session the node judges anew.
        if (message.fresh) this.#set({ reception: null });
        this.subscriber.offered(message);
        break;
      case 'subscription': {
        const { publication, state, codec } = message;
        this.#set({ subscriptions: { ...this.state.subscriptions, [publication]: { state, codec } } });
        this.#media.follow(this.state);
        break;
      }
      case 'publication-trouble':
        this.#set({ publicationTroubles: afterTrouble(this.state.publicationTroubles, message) });
        break;
      case 'layers':
        this.publisher.setWanted(message.source, message.wanted);
        break;
      case 'reception': {
        const { type, ...reception } = message;
        this.#set({ reception });
        break;
      }
      case 'struggling':
        this.#set({ struggling: { participants: message.participants, count: message.count } });
        break;
      case 'session-closed':
        this.#media.closed(message.session, message.code);
        break;
      default:
        this.#receiveFromOthers(message);
    }
  }

  /** What concerns links, and what others hand over. @param {ServerMessage} message */
  #receiveFromOthers(message) {
    switch (message.type) {
      case 'links':
        this.#media.list(message);
        this.#carrier.reachable(message.links.map(({ participant }) => participant));
        for (const [participant, link] of this.links) this.#carrier.setLink(participant, link.reaches ? link : null);
        break;
      case 'link':
        this.#media.links.receive(message);
        break;
      case 'direct':
        this.#carrier.fromNode(message.from, message.stream, message.data);
        break;
      case 'ice-servers':
        this.#media.setServers(message.iceServers);
        break;
    }
  }

  /** Words that did not come from the node stand behind those that are there. @param {string | null} from null: oneself @param {string} text */
  #said(from, text) {
    const { me, room, chat } = this.state;
    const participant = from ?? me?.participant ?? '';
    const name = from === null ? me?.name : this.#media.links.entries.get(from)?.name;
    const message = { at: Date.now(), participant, name: name ?? '', host: isHost(room, participant), text };
    this.#set({ chat: added(chat, message) });
  }

  /** @param {string | undefined} participant */
  #mayTalk(participant) {
    const { room } = this.state;
    return Boolean(room?.chatOpen) || isHost(room, participant);
  }

  /** @param {{ code: string, message: string, final: boolean }} goodbye */
  #goodbye(goodbye) {
    if (goodbye.final) this.#end();
    this.#emit('goodbye', goodbye);
  }

  #end() {
    this.#media.stop();
    this.#carrier.stop();
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
