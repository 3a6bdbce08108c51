/**
 * The links of one participant, as the node lists them: opened, closed and made anew after each list.
 *
 * Events: `change` (`views` is new), `tracks` (what is received), `data` (`{ from, stream, data }`),
 * `reach` (`{ participant, link }`: the link that takes data, or null), `failed` (`{ participant, cause }`).
 */
import { realClock } from './clock.js';
import { Link } from './link.js';

/** @import { Clock } from './clock.js' */
/** @import { ClientMessage, LinkEntry, Links as Listing, LinkSignal, NoLink, Role, Source, TroubleCause } from './types.js' */

/**
 * One of the others who can hold a link, and how they are received.
 * @typedef {object} LinkView
 * @property {string} participant
 * @property {string} name
 * @property {Role} role
 * @property {'link' | 'node' | 'connecting'} path   the way media comes now
 * @property {NoLink | null} why                     why it does not come by link
 * @property {TroubleCause | null} cause             with `why: 'failed'`: what went wrong, as far as it was seen here
 * @property {'host' | 'srflx' | 'prflx' | 'relay' | null} candidateType   of a link that is up; `relay` when either side uses one
 */

/** Another try after a failure costs both sides ten seconds of trying. Milliseconds. */
const RELINK_EACH = 5_000;

export class Links extends EventTarget {
  /** The links that are held, by participant. @type {Map<string, Link>} */
  all = new Map();
  /** @type {ReadonlyMap<string, LinkEntry>} */
  entries = new Map();
  /** Whether everyone in the room is listed and can hold links. */
  mesh = false;
  /** @type {Map<string, TroubleCause>} */
  #causes = new Map();
  /** Links of an earlier page, by participant: there is nothing of them here. @type {Map<string, number> | null} */
  #stale = new Map();
  /** @type {Map<string, number>} */
  #relinked = new Map();
  /** What the node was told of each link. @type {WeakMap<Link, string>} */
  #told = new WeakMap();
  /** @type {ReadonlyMap<Source, MediaStreamTrack | null>} */
  #sent = new Map();
  #request;
  #codec;
  #clock;
  #createPeer;

  /**
   * @param {object} options
   * @param {(message: ClientMessage) => Promise<any>} options.request
   * @param {() => RTCPeerConnection} options.createPeer
   * @param {string | null} [options.codec]
   * @param {Clock} [options.clock]
   */
  constructor({ request, createPeer, codec = null, clock = realClock }) {
    super();
    this.#request = request;
    this.#createPeer = createPeer;
    this.#codec = codec;
    this.#clock = clock;
  }

  /** The node knows us again or anew. @param {{ resumed: boolean, first: boolean }} how `first`: nothing of this page was there before */
  welcomed({ resumed, first }) {
    if (!resumed) this.close();
    this.#stale = resumed && first ? null : new Map();
    for (const [participant, link] of this.all) {
      // The connection to the node did not survive what made us look for a new way, so neither did the
      // link: another one is up sooner than browsers believe in a second way for this one.
      if (resumed && link.unheard) this.#relink(participant);
      else link.repeat();
      if (link.state === 'failed') this.#tellState(participant, link);
    }
  }

  /** What the node lists. @param {Listing} listing */
  update({ mesh, links }) {
    this.mesh = mesh;
    this.entries = new Map(links.map((entry) => [entry.participant, entry]));
    // What was linked with an earlier page is no link with this one.
    this.#stale ??= new Map(links.filter(({ path }) => path === 'link').map(({ participant, link }) => [participant, link]));
    for (const [participant, link] of [...this.all]) {
      const entry = this.entries.get(participant);
      if (entry?.path === 'link' && entry.link === link.number) continue;
      // The other side gave it up first.
      if (entry?.why === 'failed') this.#causes.set(participant, link.cause ?? link.suspected);
      this.#close(participant);
    }
    for (const entry of links) if (entry.path === 'link' && !this.all.has(entry.participant)) this.#hold(entry);
    this.#emit('change', null);
  }

  /** What the other side of a link says. @param {{ from: string, link: number } & LinkSignal} message */
  receive({ from, link: number, description, tracks, candidate }) {
    const link = this.all.get(from);
    if (link?.number === number) link.receive({ description, tracks, candidate });
  }

  /** What every link is to carry; null keeps a source without sending anything. @param {ReadonlyMap<Source, MediaStreamTrack | null>} tracks */
  setTracks(tracks) {
    this.#sent = tracks;
    for (const link of this.all.values()) link.setTracks(tracks);
  }

  /** The network is another one: every link looks for a new way, and what failed is tried again. */
  networkChanged() {
    for (const link of this.all.values()) if (link.state === 'connected') link.restart();
    for (const { participant, path, why } of this.entries.values()) {
      if (path === 'node' && why === 'failed') this.#relink(participant);
    }
  }

  /** Other ICE servers or rules. @param {RTCConfiguration} configuration @param {{ now: boolean }} when or from the next gathering on */
  configure(configuration, { now }) {
    for (const { peer } of this.all.values()) peer.setConfiguration?.({ ...peer.getConfiguration(), ...configuration });
    if (now) for (const link of this.all.values()) if (link.state !== 'failed') link.restart();
  }

  /** Why the last link with someone failed, as far as it was seen here. @param {string} participant */
  causeOf(participant) {
    return this.#causes.get(participant) ?? null;
  }

  close() {
    for (const participant of [...this.all.keys()]) this.#close(participant);
    this.entries = new Map();
    this.mesh = false;
  }

  /** @param {LinkEntry} entry */
  #hold({ participant, link: number, polite }) {
    if (this.#stale?.get(participant) === number) {
      this.#relink(participant);
      return;
    }
    const send = (/** @type {LinkSignal} */ signal) => this.#request({ type: 'link', to: participant, link: number, ...signal });
    const link = new Link({ number, polite, peer: this.#createPeer(), codec: this.#codec, send, clock: this.#clock });
    this.all.set(participant, link);
    this.#listen(participant, link);
    link.start(this.#sent);
  }

  /** @param {string} participant @param {Link} link */
  #listen(participant, link) {
    const present = () => this.all.get(participant) === link;
    link.addEventListener('state', () => present() && this.#stateChanged(participant, link));
    link.addEventListener('tracks', () => present() && this.#emit('tracks', null));
    link.addEventListener('reach', () => present() && this.#emit('reach', { participant, link: link.reaches ? link : null }));
    link.addEventListener('data', (event) => {
      const { stream, data } = /** @type {CustomEvent} */ (event).detail;
      if (present()) this.#emit('data', { from: participant, stream, data });
    });
  }

  /** @param {string} participant @param {Link} link */
  #stateChanged(participant, link) {
    if (link.state !== 'connecting' && this.#told.get(link) !== link.state) this.#tellState(participant, link);
    this.#emit('change', null);
  }

  /** @param {string} participant @param {Link} link */
  #tellState(participant, link) {
    const { state, number, cause } = link;
    this.#told.set(link, state);
    if (state === 'failed' && cause) {
      this.#causes.set(participant, cause);
      this.#tell({ type: 'link-state', participant, link: number, state, cause });
      this.#emit('failed', { participant, cause });
    } else if (state === 'connected') {
      this.#causes.delete(participant);
      this.#tell({ type: 'link-state', participant, link: number, state });
    }
  }

  /** @param {string} participant */
  #close(participant) {
    const link = this.all.get(participant);
    this.all.delete(participant);
    link?.close();
    this.#emit('reach', { participant, link: null });
    this.#emit('tracks', null);
  }

  /** @param {string} participant */
  #relink(participant) {
    const now = this.#clock.now();
    if (now - (this.#relinked.get(participant) ?? -Infinity) < RELINK_EACH) return;
    this.#relinked.set(participant, now);
    this.#tell({ type: 'relink', participant });
  }

  /** What the node does not hear now, it learns from the state of things later. @param {ClientMessage} message */
  #tell(message) {
    this.#request(message).catch(() => {});
  }

  /** @param {string} type @param {unknown} detail */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
