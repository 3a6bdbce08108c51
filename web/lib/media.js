/**
 * All media of one participant: what is sent, by links and to the node, and what is received by
 * either. It follows what the node says of the room and of the links.
 *
 * Events: `tracks`, `change` (how the others are received), `sent`, `trouble`: see `Room`.
 */
import { realClock } from './clock.js';
import { Demand } from './demand.js';
import { Gauge } from './figures.js';
import { Ice } from './ice.js';
import { Links } from './links.js';
import { Paths } from './paths.js';
import { Publisher } from './publisher.js';
import { streamOf } from './sdp.js';
import { Subscriber } from './subscriber.js';

/** @import { Clock } from './clock.js' */
/** @import { LinkView } from './links.js' */
/** @import { Offered, Person } from './paths.js' */
/** @import { ClientMessage, Links as Listing, Preference, Publication, RoomState, Source, StageMember, TroubleCause, TroublePlace, Welcome } from './types.js' */

/** What is on the stage, and what of it cannot be decoded. @typedef {{ room: RoomState | null, me: { participant: string } | null, subscriptions: Record<number, { state: string }> }} Stage */

export class Media extends EventTarget {
  publisher;
  subscriber;
  links;
  #paths;
  #demand;
  #gauge;
  #ice = new Ice();
  /** How pictures are wanted, whichever way they come. @type {Preference[]} */
  #preferences = [];
  /** @type {Stage} */
  #stage = { room: null, me: null, subscriptions: {} };
  #first = true;
  #request;

  /**
   * @param {object} options
   * @param {(message: ClientMessage) => Promise<any>} options.request
   * @param {string | null} options.codec
   * @param {(configuration: RTCConfiguration) => RTCPeerConnection} options.createPeer
   * @param {Clock} [options.clock]
   */
  constructor({ request, codec, createPeer, clock = realClock }) {
    super();
    this.#request = request;
    const session = (/** @type {boolean} */ failed) => createPeer(this.#ice.ofSession(failed));
    this.publisher = new Publisher({ request, codec, createPeer: session });
    this.subscriber = new Subscriber({ request, streamOf: (publication) => this.#streamOf(publication), createPeer: session });
    this.#demand = new Demand({ request, clock });
    this.#gauge = new Gauge({ clock });
    this.links = new Links({ request, codec, createPeer: () => createPeer(this.#ice.ofLink()), clock });
    this.#paths = new Paths({ tell: (participant, via) => this.#tell({ type: 'receiving', participant, via }), clock });
    this.#listen();
  }

  /** What is to be shown, by publication. */
  get tracks() {
    return this.#paths.tracks;
  }

  /** The page shows the picture of this track. @param {MediaStreamTrack} track */
  shown(track) {
    this.#paths.shown(track);
  }

  /** How pictures are wanted: the whole list. @param {Preference[]} preferences */
  prefer(preferences) {
    this.#preferences = preferences;
    this.#bring();
  }

  /** How each picture arrives, since this was asked before. @returns {Promise<ReadonlyMap<number, import('./figures.js').Figures>>} by publication */
  measure() {
    const links = [...this.links.all.values()].map(({ peer }) => ({ peer, path: /** @type {const} */ ('link') }));
    const { peer } = this.subscriber;
    return this.#gauge.read(peer ? [...links, { peer, path: /** @type {const} */ ('node') }] : links, this.tracks);
  }

  /** How each of the others is received. @returns {LinkView[]} */
  get views() {
    return [...this.links.entries.values()].map(({ participant, name, role, path, why }) => {
      const link = this.links.all.get(participant);
      const up = link?.state === 'connected';
      const shown = this.#paths.paths.get(participant) ?? (path === 'node' ? 'node' : 'link');
      return {
        participant, name, role,
        path: shown === 'link' && !up ? 'connecting' : shown,
        why: why ?? null,
        cause: why === 'failed' ? this.links.causeOf(participant) : null,
        candidateType: up ? link.candidateType : null,
      };
    });
  }

  /** @param {Welcome} welcome */
  welcomed({ resumed, iceServers }) {
    this.setServers(iceServers);
    this.links.welcomed({ resumed, first: this.#first });
    this.#first = false;
    this.publisher.resume(resumed);
    this.subscriber.resume(resumed);
    this.#demand.resume(resumed);
    this.#paths.forget();
  }

  /** What the stage is like now. @param {Stage} stage */
  follow(stage) {
    this.#stage = stage;
    if (this.#ice.setRelayOnly({ room: stage.room?.relayOnly ?? false })) this.#rulesChanged();
    this.#sendByLinks();
    this.#bring();
  }

  /** @param {Listing} listing */
  list(listing) {
    this.links.update(listing);
    this.publisher.setNeeded(listing.node);
    this.#bring();
  }

  /** @param {RTCIceServer[]} servers */
  setServers(servers) {
    if (this.#ice.setServers(servers ?? [])) this.links.configure(this.#ice.ofLink(), { now: false });
  }

  /** @param {boolean} on */
  setRelayOnly(on) {
    if (this.#ice.setRelayOnly({ own: on })) this.#rulesChanged();
  }

  networkChanged() {
    this.publisher.networkChanged();
    this.subscriber.networkChanged();
    this.links.networkChanged();
  }

  /** @param {string} code @param {'publisher' | 'subscriber'} session */
  closed(session, code) {
    if (session === 'publisher') this.publisher.closed(code);
    else this.subscriber.closed();
  }

  stop() {
    this.publisher.stop();
    this.subscriber.stop();
    this.links.close();
    this.#demand.stop();
    this.#paths.stop();
  }

  #listen() {
    const { publisher, subscriber, links } = this;
    on(publisher, 'change', () => {
      this.#sendByLinks();
      this.#emit('sent', publisher.sent);
    });
    on(publisher, 'trouble', ({ code, cause }) => this.#trouble('publisher', code, cause));
    on(subscriber, 'trouble', ({ cause }) => this.#trouble('subscriber', cause, cause));
    on(subscriber, 'tracks', () => this.#bring());
    on(links, 'tracks', () => this.#bring());
    on(links, 'change', () => {
      this.#bring();
      this.#emit('change', null);
    });
    on(links, 'failed', ({ participant, cause }) => this.#trouble('link', null, cause, participant));
    on(this.#paths, 'tracks', (tracks) => this.#emit('tracks', tracks));
    on(this.#paths, 'change', () => this.#emit('change', null));
  }

  /** What a host has muted is not sent: on links there is no node to stop it. */
  #sendByLinks() {
    const own = this.#members().find(({ participant }) => participant === this.#stage.me?.participant);
    const stopped = new Set(own?.publications.filter(({ mutedByHost }) => mutedByHost).map(({ source }) => source));
    /** @type {Map<Source, MediaStreamTrack | null>} */
    const tracks = new Map();
    for (const [source, { track }] of this.publisher.sent) tracks.set(source, stopped.has(source) ? null : track);
    this.links.setTracks(tracks);
  }

  /** Brings together what comes by link and through the node. */
  #bring() {
    const others = this.#members().filter(({ participant }) => participant !== this.#stage.me?.participant);
    const people = others.map((member) => this.#person(member));
    this.#paths.update(people);
    const byNode = others.filter(({ participant }) => this.links.entries.get(participant)?.path !== 'link').flatMap(({ publications }) => publications);
    this.subscriber.expect(byNode.filter((one) => !this.#undecodable(one)).map(({ publication }) => publication));
    // A link has one quality, which its two ends find by themselves.
    const there = new Set(byNode.map(({ publication }) => publication));
    this.#demand.want(this.#preferences.filter(({ publication }) => there.has(publication)));
  }

  /** @param {StageMember} member @returns {Person} */
  #person({ participant, publications }) {
    const link = this.links.all.get(participant);
    const received = link && link.state !== 'failed' ? link.received : null;
    const offered = publications.map((one) => {
      const { publication, source, muted, mutedByHost } = one;
      /** @type {Offered} */
      const offer = { publication, quiet: muted || mutedByHost || this.#undecodable(one) || this.#isPaused(publication) };
      const [byLink, byNode] = [received?.get(source)?.receiver, this.subscriber.receivers.get(publication)];
      // What a host has muted is not heard here either.
      if (byLink) byLink.track.enabled = !mutedByHost;
      if (byLink) offer.link = arriving(byLink);
      if (byNode) offer.node = arriving(byNode);
      return offer;
    });
    return { participant, offered };
  }

  /** Camera and microphone of someone belong together, and so do a screen and its sound. @param {number} publication */
  #streamOf(publication) {
    for (const { participant, publications } of this.#members()) {
      const source = publications.find((one) => one.publication === publication)?.source;
      if (source) return `${participant}-${streamOf(source)}`;
    }
    return null;
  }

  /** @param {Publication} publication */
  #undecodable({ publication }) {
    return this.#stage.subscriptions[publication]?.state === 'codec-unsupported';
  }

  /** @param {number} publication */
  #isPaused(publication) {
    return this.#preferences.some((one) => one.publication === publication && one.quality === 'paused');
  }

  #members() {
    return this.#stage.room?.stage ?? [];
  }

  #rulesChanged() {
    this.links.configure(this.#ice.ofLink(), { now: true });
    this.publisher.reopen();
    this.subscriber.reopen();
  }

  /** @param {TroublePlace} session @param {string | null} code @param {TroubleCause | null} cause @param {string} [participant] */
  #trouble(session, code, cause, participant) {
    if (cause) this.#tell({ type: 'media-trouble', where: session, participant, cause });
    this.#emit('trouble', { session, code, cause, participant });
  }

  /** What the node does not hear now, it learns later or never: nothing depends on it. @param {ClientMessage} message */
  #tell(message) {
    this.#request(message).catch(() => {});
  }

  /** @param {string} type @param {unknown} detail */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** @param {RTCRtpReceiver} receiver @returns {import('./paths.js').Arriving} */
function arriving(receiver) {
  return { track: receiver.track, count: () => countOf(receiver) };
}

/** Pictures that were decoded, or packets of sound. @param {RTCRtpReceiver} receiver */
async function countOf(receiver) {
  const report = await receiver.getStats().catch(() => null);
  let count = 0;
  report?.forEach((entry) => {
    if (entry.type === 'inbound-rtp') count = Math.max(count, (entry.kind === 'video' ? entry.framesDecoded : entry.packetsReceived) ?? 0);
  });
  return count;
}

/** @param {EventTarget} target @param {string} type @param {(detail: any) => void} run */
export function on(target, type, run) {
  target.addEventListener(type, (event) => run(/** @type {CustomEvent} */ (event).detail));
}
