/** Viewers behind links that are weak: how they come, and where their figures go. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { motion } from './motion.js';
import { resultsFolder } from './places.js';
import { drawn, receives, recordsReception, timelineOf } from './reception.js';
import { ROOM, roomAt } from './show.js';

/** So large that a tile needs the best layer. Pixels. */
const SCREEN = { width: 1600, height: 900 };

/** Someone is live whose picture needs all the bit rate that it may have. @param {import('./scene.js').Scene} scene */
export async function busyShow(scene) {
  const node = await scene.node();
  const host = await scene.person('Ann', { chromium: { args: motion() } });
  await host.opensRoom(node.local, ROOM);
  await host.goesLive();
  return { node, host };
}

/**
 * A viewer opens the room from a machine of their own.
 * @param {import('./scene.js').Scene} scene @param {string} name
 * @param {import('./node.js').Node} node @param {import('./network.js').Guest} guest
 */
export async function watchesFrom(scene, name, node, guest) {
  const viewer = await scene.person(name, { chromium: { guest }, context: { viewport: SCREEN } });
  await recordsReception(viewer.page);
  await viewer.open(roomAt(node.lan));
  return viewer;
}

/**
 * A viewer watches for so long, from the first frame on, and leaves.
 * @param {import('./person.js').Person} viewer @param {number} seconds
 * @returns {Promise<import('./reception.js').Timeline>}
 */
export async function watches(viewer, seconds) {
  await receives(viewer.page, seconds);
  return timelineOf(viewer.page);
}

/**
 * Keeps what a row of docs/PERFORMANCE.md is made of, and says it in the report.
 * @param {import('./scene.js').Scene} scene @param {string} row @param {Record<string, number>} said
 * @param {import('./reception.js').Timeline} timeline
 */
export function keepsRow(scene, row, said, timeline) {
  const folder = `${resultsFolder}network/`;
  mkdirSync(folder, { recursive: true });
  const file = `${folder}${row.replace(/\W+/g, '-')}`;
  writeFileSync(`${file}.json`, JSON.stringify({ row, ...said, timeline }));
  writeFileSync(`${file}.txt`, `${JSON.stringify(said)}\n${drawn(timeline)}\n`);
  const words = Object.entries(said).map(([key, value]) => `${key} ${Number(value.toPrecision(3))}`);
  scene.note(`${row}: ${words.join(', ')}`);
}
