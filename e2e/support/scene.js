/**
 * A test as a scene: nodes, browsers and people that end with it. A scene also holds every page to
 * one rule: nothing may be complained about in its console (a refused inline style, a failed
 * request, an exception). When it fails, what could explain it goes to `results/`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { openChromium, openFirefox } from './browser.js';
import { Internet } from './internet.js';
import { Guest, Rift } from './network.js';
import { Node } from './node.js';
import { Person } from './person.js';
import { resultsFolder } from './places.js';

/** A test that takes longer hangs. Milliseconds. */
const TIME_LIMIT = 150_000;
/** How long a page's own calls wait for what they need. Milliseconds. */
const PATIENCE = 20_000;

/** @typedef {{ person: Person, lines: string[], complaints: string[] }} Watched */

/**
 * @param {string} behaviour   a sentence
 * @param {(scene: Scene) => Promise<void>} play
 */
export function behaviour(behaviour, play) {
  test(behaviour, { timeout: TIME_LIMIT }, async (context) => {
    const scene = new Scene(behaviour, (note) => context.diagnostic(note));
    try {
      await play(scene);
      scene.checkConsoles();
    } catch (error) {
      await scene.keepTraces();
      throw error;
    } finally {
      await scene.end();
    }
  });
}

export class Scene {
  #name;
  /** @type {Node[]} */
  #nodes = [];
  /** @type {import('playwright-core').Browser[]} */
  #browsers = [];
  /** @type {{ remove: () => unknown }[]} */
  #networks = [];
  /** @type {Internet | null} */
  #internet = null;
  /** @type {{ close: () => unknown }[]} */
  #others = [];
  /** @type {Watched[]} */
  #watched = [];
  /** @type {RegExp[]} */
  #expected = [];

  /** @param {string} name @param {(note: string) => void} note */
  constructor(name, note) {
    this.#name = name;
    /** Says something worth knowing in the report. */
    this.note = note;
  }

  /**
   * Starts a node. Its rooms are of the simplest kind unless a test is about another: all media by the node.
   * @param {{ topology?: 'auto' | 'p2p' | 'sfu', args?: string[] }} [options]
   */
  async node({ topology = 'sfu', args = [] } = {}) {
    const node = new Node(['--topology', topology, ...args]);
    this.#nodes.push(node);
    return node.start();
  }

  /** Brings another machine into the LAN. */
  guest() {
    const guest = new Guest();
    this.#networks.push(guest);
    guest.addPath();
    return guest;
  }

  /**
   * A machine whose link to the node can be made bad, and changed by `guest.link.set(…)`.
   * @param {import('./link.js').Conditions} [conditions] in both directions
   */
  async linkedGuest(conditions = {}) {
    const guest = new Guest();
    this.#networks.push(guest);
    await guest.addLink(conditions);
    return guest;
  }

  /** Keeps two guests from reaching each other by UDP. @param {Guest} one @param {Guest} other */
  rift(one, other) {
    return this.keep(new Rift(one, other));
  }

  /** The world outside of the LAN: to be asked for before the node, which looks for its addresses when it starts. */
  internet() {
    if (!this.#internet) this.#networks.push((this.#internet = new Internet()));
    return this.#internet;
  }

  /** Something that is to be closed at the end. @template {{ close: () => unknown }} T @param {T} other */
  keep(other) {
    this.#others.push(other);
    return other;
  }

  /** A browser process. @param {import('./browser.js').ChromiumOptions} [options] */
  async chromium(options) {
    const browser = await openChromium(options);
    this.#browsers.push(browser);
    return browser;
  }

  async firefox() {
    const browser = await openFirefox();
    this.#browsers.push(browser);
    return browser;
  }

  /**
   * A person with a page of their own, in a fresh profile.
   * @param {string} name      by which the others know them
   * @param {object} [options]
   * @param {import('playwright-core').Browser} [options.browser]   without it, a process of their own
   * @param {import('./browser.js').ChromiumOptions} [options.chromium]   of that process
   * @param {import('playwright-core').BrowserContextOptions} [options.context]
   */
  async person(name, { browser, chromium, context } = {}) {
    const in_ = browser ?? (await this.chromium(chromium));
    const profile = await in_.newContext({ ignoreHTTPSErrors: true, ...context });
    profile.setDefaultTimeout(PATIENCE);
    await profile.addInitScript((chosen) => {
      try {
        localStorage.setItem('roomcast:name', localStorage.getItem('roomcast:name') ?? chosen);
      } catch {
        // The first empty page of a profile has no storage.
      }
    }, name);
    return this.watch(new Person(await profile.newPage(), name));
  }

  /** A person whose page is in the profile of another one. @param {Person} other @param {string} name */
  async secondPage(other, name) {
    return this.watch(new Person(await other.page.context().newPage(), name));
  }

  /** Complaints of this kind belong to the test. @param {...RegExp} expected */
  expectComplaints(...expected) {
    this.#expected.push(...expected);
  }

  /** @template {Person} T @param {T} person */
  watch(person) {
    const watched = { person, lines: /** @type {string[]} */ ([]), complaints: /** @type {string[]} */ ([]) };
    this.#watched.push(watched);
    person.page.on('console', (message) => {
      const line = `${message.type()}: ${message.text()}`;
      watched.lines.push(line);
      if (message.type() === 'error' || message.type() === 'warning') watched.complaints.push(line);
    });
    person.page.on('pageerror', (error) => watched.complaints.push(`exception: ${error.stack ?? error}`));
    return person;
  }

  checkConsoles() {
    for (const { person, complaints } of this.#watched) {
      const unexpected = complaints.filter((line) => !this.#expected.some((pattern) => pattern.test(line)));
      if (unexpected.length > 0) throw new Error(`the console of ${person.label}: ${unexpected.join('\n')}`);
    }
  }

  /** Keeps what can explain a failure. */
  async keepTraces() {
    const folder = `${resultsFolder}${this.#name.replace(/\W+/g, '-').slice(0, 60)}/`;
    mkdirSync(folder, { recursive: true });
    for (const { person, lines, complaints } of this.#watched) {
      const file = `${folder}${person.label.replace(/\W+/g, '-')}`;
      writeFileSync(`${file}.console.txt`, [...lines, ...complaints].join('\n'));
      const state = String(await withinSeconds(person.page.evaluate(pageState)).catch(String));
      writeFileSync(`${file}.state.json`, state);
      // Where only the output is kept, it has to tell where things stood.
      this.note(`${person.label}: ${standing(state)}; ${complaints.join(' | ')}`);
      await withinSeconds(person.page.screenshot({ path: `${file}.png` })).catch(() => {});
    }
    this.#nodes.forEach((node, at) => writeFileSync(`${folder}node${at}.log`, node.said + node.log));
  }

  /** Ends everything, whatever state it is in. */
  async end() {
    for (const other of this.#others) await other.close();
    await Promise.all(this.#browsers.map((browser) => browser.close().catch(() => {})));
    await Promise.all(this.#nodes.map((node) => node.remove()));
    for (const network of this.#networks) await network.remove();
  }
}

/** Runs in the page. */
async function pageState() {
  const { room: visit, store } = /** @type {any} */ (globalThis).roomcast;
  const describe = async (/** @type {RTCPeerConnection | null | undefined} */ peer) => peer && {
    state: peer.connectionState,
    local: peer.localDescription?.sdp.split('\r\n'),
    remote: peer.remoteDescription?.sdp.split('\r\n'),
    rtp: [...(await peer.getStats()).values()].filter(({ type }) => type.endsWith('bound-rtp')),
  };
  const { room, ...rest } = store.state;
  const sessions = { publisher: await describe(visit?.publisher.peer), subscriber: await describe(visit?.subscriber.peer) };
  return JSON.stringify({ phase: document.body.dataset.phase, room, rest, sessions }, null, 1);
}

/** In one line what {@link pageState} tells of sessions, or why it tells nothing. @param {string} state */
function standing(state) {
  if (!state.startsWith('{')) return state;
  const { phase, sessions } = JSON.parse(state);
  const packets = (/** @type {any} */ { type, kind, packetsSent, packetsReceived }) => `${type} ${kind} ${packetsSent ?? packetsReceived ?? '?'}`;
  const told = Object.entries(sessions).map(([half, session]) => session && `${half} ${session.state} (${session.rtp.map(packets).join(', ')})`);
  return [phase, ...told.filter(Boolean)].join('; ');
}

/** A page that hangs must not hold the end up. @template T @param {Promise<T>} promise @returns {Promise<T>} */
function withinSeconds(promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('the page does not answer')), 5_000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
