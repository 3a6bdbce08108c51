/**
 * Chooses, for each of the others, whether to show what comes by their link or through the node:
 * make before break. What is shown stays until the other path has a picture that moves; when the page
 * shows that, the node is told, and takes the old path down.
 *
 * Events: `tracks` (`tracks` is new), `change` (`paths` is new).
 */
import { realClock } from './clock.js';

/** @import { Clock } from './clock.js' */
/** @import { Path } from './types.js' */

/**
 * @typedef {object} Arriving
 * @property {MediaStreamTrack} track
 * @property {() => Promise<number>} count   frames or packets so far
 */
/** What can be shown of a publication. `quiet`: no frames are to be expected. @typedef {{ publication: number, quiet: boolean } & Partial<Record<Path, Arriving>>} Offered */
/** @typedef {{ participant: string, offered: Offered[] }} Person */

/**
 * How someone is received.
 * @typedef {object} Standing
 * @property {Path | null} path                   the one that is shown
 * @property {Map<Path, number>} since             when each became available. Milliseconds
 * @property {Path | null} told
 * @property {number} changed                     when the path did. Milliseconds
 * @property {Map<Path, Map<number, Coming>>} coming   by publication
 */
/** A track that comes by a path: its count when it was looked at first, since when it rises, and whether it flows. @typedef {{ track: MediaStreamTrack, from: number | null, since: number | null, flows: boolean }} Coming */

/** Often enough for nobody to wait for it. Milliseconds. */
const LOOK_EVERY = 50;
/** A first frame may come long before the second one: this many after it, and a picture moves. */
const STEADY_FRAMES = 8;
/** A screen may have nothing new to show for long. Milliseconds after its first frame. */
const STEADY_WITHIN = 1_500;
/** Of sound one packet is enough, and there may be few: who is silent sends one in 400 ms. */
const STEADY_PACKETS = 0;
/** A picture may be out of sight, where no frame is drawn, or its page may not say what it shows. Milliseconds. */
const SHOWN_WITHIN = 3_000;
/** The node holds a link that is not wanted for ten seconds: one that is there longer is wanted. Milliseconds. */
const LINK_STAYS = 12_000;

export class Paths extends EventTarget {
  /** What to show, by publication. @type {ReadonlyMap<number, MediaStreamTrack>} */
  tracks = new Map();
  /** @type {ReadonlyMap<string, Path>} */
  paths = new Map();
  /** @type {Person[]} */
  #people = [];
  /** @type {Map<string, Standing>} */
  #standings = new Map();
  /** The track whose picture is on screen, by publication. A track may come again, and that it was there before says nothing. @type {Map<number, MediaStreamTrack>} */
  #onScreen = new Map();
  #ticket = 0;
  #looking = false;
  #tell;
  #clock;

  /** @param {{ tell: (participant: string, via: Path) => void, clock?: Clock }} options `tell`: this path is shown now */
  constructor({ tell, clock = realClock }) {
    super();
    this.#tell = tell;
    this.#clock = clock;
  }

  /** What there is now. @param {Person[]} people */
  update(people) {
    this.#people = people;
    const there = new Set(people.map(({ participant }) => participant));
    for (const who of this.#standings.keys()) if (!there.has(who)) this.#standings.delete(who);
    const published = new Set(people.flatMap(({ offered }) => offered.map(({ publication }) => publication)));
    for (const one of this.#onScreen.keys()) if (!published.has(one)) this.#onScreen.delete(one);
    for (const person of people) this.#note(person);
    this.#show();
    this.#look();
  }

  /** The page shows the picture of this track. @param {MediaStreamTrack} track */
  shown(track) {
    for (const { offered } of this.#people) {
      for (const { publication, link, node } of offered) {
        if (link?.track === track || node?.track === track) this.#onScreen.set(publication, track);
      }
    }
  }

  /** The node knows nothing of what it was told before. */
  forget() {
    for (const standing of this.#standings.values()) standing.told = null;
    this.#look();
  }

  stop() {
    this.#clock.cancel(this.#ticket);
    this.update([]);
  }

  /** Which paths there are to someone, and whether the one that is shown is still among them. @param {Person} person */
  #note(person) {
    const standing = this.#standing(person.participant);
    for (const path of PATHS) {
      const available = person.offered.some((offered) => offered[path]);
      if (!available) standing.since.delete(path);
      else if (!standing.since.has(path)) standing.since.set(path, this.#clock.now());
      standing.coming.set(path, coming(person.offered, path, standing.coming.get(path)));
    }
    if (standing.path !== null && standing.since.has(standing.path)) return;
    const [other] = standing.since.keys();
    this.#change(standing, other ?? null);
  }

  /** @param {string} participant */
  #standing(participant) {
    const known = this.#standings.get(participant);
    if (known) return known;
    /** @type {Standing} */
    const standing = { path: null, since: new Map(), told: null, changed: 0, coming: new Map() };
    this.#standings.set(participant, standing);
    return standing;
  }

  /** @param {Standing} standing @param {Path | null} path */
  #change(standing, path) {
    standing.path = path;
    standing.told = null;
    standing.changed = this.#clock.now();
  }

  /** Where someone is to be received in the end: by what came last, and by the link if it stays. @param {Standing} standing @returns {Path | null} */
  #target({ since }) {
    const [link, node] = [since.get('link'), since.get('node')];
    if (link === undefined || node === undefined) return link !== undefined ? 'link' : node !== undefined ? 'node' : null;
    if (this.#clock.now() - Math.max(link, node) > LINK_STAYS) return 'link';
    return link > node ? 'link' : 'node';
  }

  /** Looks again while anything is under way. */
  #look() {
    this.#clock.cancel(this.#ticket);
    const busy = this.#people.some(({ participant }) => this.#isBusy(this.#standing(participant)));
    if (busy) this.#ticket = this.#clock.after(() => this.#step(), LOOK_EVERY);
  }

  /** @param {Standing} standing */
  #isBusy({ path, told, since }) {
    return path !== null && (told !== path || since.size > 1);
  }

  async #step() {
    if (this.#looking) return;
    this.#looking = true;
    for (const person of this.#people) {
      const standing = this.#standing(person.participant);
      if (this.#isBusy(standing)) await this.#advance(person, standing);
    }
    this.#looking = false;
    this.#show();
    this.#look();
  }

  /** @param {Person} person @param {Standing} standing */
  async #advance(person, standing) {
    const target = this.#target(standing);
    if (target === null) return;
    if (!(await this.#flows(person, standing, target)) || !standing.since.has(target)) return;
    if (standing.path !== target) this.#change(standing, target);
    else if (standing.told !== target && this.#isSettled(person, standing, target)) {
      standing.told = target;
      this.#tell(person.participant, target);
    }
  }

  /** Whether the other path may end: what comes by this one is on screen. @param {Person} person @param {Standing} standing @param {Path} path */
  #isSettled({ offered }, { changed }, path) {
    if (this.#clock.now() - changed >= SHOWN_WITHIN) return true;
    return offered.every(({ publication, quiet, ...by }) => {
      const track = by[path]?.track;
      return quiet || track?.kind !== 'video' || this.#onScreen.get(publication) === track;
    });
  }

  /** Whether all that is to be seen and heard of someone comes by a path. @param {Person} person @param {Standing} standing @param {Path} path */
  async #flows({ offered }, standing, path) {
    let all = true;
    for (const { publication, quiet, ...by } of offered) {
      const arriving = by[path];
      const entry = standing.coming.get(path)?.get(publication);
      if (quiet || entry?.flows) continue;
      if (!arriving || !entry) {
        // What this path does not bring yet, and the other does, has to come first.
        if (by.link || by.node) all = false;
        continue;
      }
      if (!this.#isSteady(entry, await arriving.count())) all = false;
    }
    return all;
  }

  /** @param {Coming} entry @param {number} count frames so far */
  #isSteady(entry, count) {
    const now = this.#clock.now();
    entry.from ??= count;
    if (count > entry.from) entry.since ??= now;
    const waited = entry.since === null ? 0 : now - entry.since;
    const steady = entry.track.kind === 'audio' ? STEADY_PACKETS : STEADY_FRAMES;
    entry.flows = count - entry.from > steady || waited >= STEADY_WITHIN;
    return entry.flows;
  }

  /** Brings what is to be shown up to date. */
  #show() {
    /** @type {Map<number, MediaStreamTrack>} */
    const tracks = new Map();
    /** @type {Map<string, Path>} */
    const paths = new Map();
    for (const { participant, offered } of this.#people) {
      const { path } = this.#standing(participant);
      if (path === null) continue;
      paths.set(participant, path);
      for (const { publication, ...by } of offered) {
        const track = (by[path] ?? by.link ?? by.node)?.track;
        if (track) tracks.set(publication, track);
      }
    }
    const [before, were] = [this.tracks, this.paths];
    this.tracks = tracks;
    this.paths = paths;
    if (!isSame(before, tracks)) this.dispatchEvent(new CustomEvent('tracks', { detail: tracks }));
    if (!isSame(were, paths)) this.dispatchEvent(new CustomEvent('change', { detail: paths }));
  }
}

const PATHS = /** @type {const} */ (['link', 'node']);

/**
 * What comes by a path now. A track that was there before goes on counting where it was: a media
 * section is used again, and its frames of earlier say nothing.
 * @param {Offered[]} offered @param {Path} path @param {Map<number, Coming>} [before] @returns {Map<number, Coming>}
 */
function coming(offered, path, before) {
  return new Map(offered.flatMap(({ publication, ...by }) => {
    const track = by[path]?.track;
    if (!track) return [];
    const known = before?.get(publication);
    return [[publication, known?.track === track ? known : { track, from: null, since: null, flows: false }]];
  }));
}

/** @template K, V @param {ReadonlyMap<K, V>} one @param {ReadonlyMap<K, V>} other */
function isSame(one, other) {
  return one.size === other.size && [...one].every(([key, value]) => other.get(key) === value);
}
