/** A show whose viewers are behind weak links: how they come, and where their figures go. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { motion } from './motion.js';
import { resultsFolder } from './places.js';
import { drawn, receives, recordsReception, timelineOf } from './reception.js';
import { drawnSending, recordsSending, sendingOf } from './sending.js';
import { ROOM, roomAt } from './show.js';

/** So large that a tile needs the best layer. Pixels. */
const LARGE = { width: 1600, height: 900 };

export class WeakShow {
  #scene;
  node;
  host;

  /** @param {import('./scene.js').Scene} scene @param {import('./node.js').Node} node @param {import('./person.js').Person} host */
  constructor(scene, node, host) {
    this.#scene = scene;
    this.node = node;
    this.host = host;
  }

  /** Someone is live whose picture needs all the bit rate that it may have. @param {import('./scene.js').Scene} scene */
  static async begins(scene) {
    const node = await scene.node();
    const host = await scene.person('Ann', { chromium: { args: motion() } });
    await host.opensRoom(node.local, ROOM);
    await host.goesLive();
    await recordsSending(host.page);
    return new WeakShow(scene, node, host);
  }

  /** A viewer opens the room from a machine of their own. @param {string} name @param {import('./network.js').Guest} guest */
  async viewer(name, guest) {
    const viewer = await this.#scene.person(name, { chromium: { guest }, context: { viewport: LARGE } });
    await recordsReception(viewer.page);
    await viewer.open(roomAt(this.node.lan));
    return viewer;
  }

  /** A viewer on the node's machine. @param {string} name @param {import('playwright-core').Browser} browser @param {{ width: number, height: number }} [viewport] */
  async neighbour(name, browser, viewport = LARGE) {
    const viewer = await this.#scene.person(name, { browser, context: { viewport } });
    await recordsReception(viewer.page);
    await viewer.open(roomAt(this.node.local));
    return viewer;
  }

  /** Keeps what a row of docs/PERFORMANCE.md is made of, and says it in the report. @param {string} row @param {Record<string, number>} said @param {import('./reception.js').Timeline} timeline */
  async keeps(row, said, timeline) {
    const folder = `${resultsFolder}network/`;
    mkdirSync(folder, { recursive: true });
    const sending = await sendingOf(this.host.page);
    const file = `${folder}${row.replace(/\W+/g, '-')}`;
    const lines = drawn(timeline).map(({ line, from, to }) => `${line}  ${drawnSending(sending, timeline.origin + from, timeline.origin + to)}`);
    writeFileSync(`${file}.json`, JSON.stringify({ row, ...said, timeline, sending }));
    writeFileSync(`${file}.txt`, `${JSON.stringify(said)}\n${lines.join('\n')}\n`);
    const words = Object.entries(said).map(([key, value]) => `${key} ${Number(value.toPrecision(3))}`);
    this.#scene.note(`${row}: ${words.join(', ')}`);
  }
}

/** A viewer watches for so long, from the first frame on. @param {import('./person.js').Person} viewer @param {number} seconds */
export async function watches(viewer, seconds) {
  await receives(viewer.page, seconds);
  return timelineOf(viewer.page);
}

/** A viewer leaves, and takes their browser along. @param {import('./person.js').Person} viewer */
export async function leaves(viewer) {
  await viewer.page.context().browser()?.close();
}
