/**
 * Data-channel chat, and many by pairs: both sides open a page and wait; text and files go from one to the
 * other over a data channel, and a meeting of several is a connection for each pair.
 */
import assert from 'node:assert/strict';
import { hasLinks, receivesBy } from '../support/links.js';
import { hears } from '../support/media.js';
import { behaviour } from '../support/scene.js';
import { ROOM } from '../support/show.js';
import { until } from '../support/until.js';

const NAMES = ['Ann', 'Bob', 'Cho', 'Dee'];
/** Twelve pictures would be encoded, and twelve decoded: more than a test may take of the machine. */
const SOUND_ALONE = { cameras: 0 };
/** Messages that each of them says at once: as many as the node would take at once, and more. */
const EACH = 12;
/** Of a file that is sent: many chunks, and little enough to go through the node as well. */
const FILE_BYTES = 700_000;

behaviour('four in a meeting by pairs: chat and a file go over data channels, whole and in order', async (scene) => {
  const node = await scene.node({ topology: 'p2p' });
  const browser = await scene.chromium(SOUND_ALONE);
  const people = await meeting(scene, NAMES.map(() => ({ browser })), node.local);
  for (const person of people) await hasLinks(person, 3);
  await node.hasSessions(0);
  const before = await node.metric('roomcast_messages_total');
  await everyoneTalks(people);
  await sendsToAll(people[1], people, 'holiday.bin');
  const passed = (await node.metric('roomcast_messages_total') ?? 0) - (before ?? 0);
  scene.note(`${passed} messages reached the node while ${EACH * NAMES.length} were said and a file was sent`);
  assert(passed < EACH * NAMES.length, 'what is said does not pass through the node');
});

behaviour('two of four between whom nothing gets through, and no relay: their pair goes by the node, nothing is lost or doubled', async (scene) => {
  const guests = NAMES.map(() => scene.guest());
  const rift = scene.rift(guests[2], guests[3]);
  const node = await scene.node({ topology: 'p2p', args: ['--no-turn'] });
  const people = await meeting(scene, guests.map((guest) => ({ guest, ...SOUND_ALONE })), node.secure);
  const [ann, bob, cho, dee] = people;
  await receivesBy(cho, 'Dee', 'node', 40_000);
  await receivesBy(dee, 'Cho', 'node', 40_000);
  for (const person of [ann, bob]) await hasLinks(person, 3);
  for (const person of [cho, dee]) await hasLinks(person, 2);
  await hears(cho.page, 'Dee');
  await hears(dee.page, 'Cho');
  await everyoneTalks(people);
  await sendsToAll(cho, people, 'notes.bin');
  rift.close();
});

behaviour('Chromium and Firefox chat and send each other files over data channels', async (scene) => {
  const node = await scene.node({ topology: 'p2p' });
  const browsers = [await scene.chromium(), await scene.firefox()];
  const people = await meeting(scene, browsers.map((browser) => ({ browser })), node.secure);
  for (const person of people) await hasLinks(person, 1, 40_000);
  await everyoneTalks(people);
  await sendsToAll(people[0], people, 'from-chromium.bin');
  await sendsToAll(people[1], people, 'from-firefox.bin');
});

/**
 * @param {import('../support/scene.js').Scene} scene
 * @param {{ browser?: import('playwright-core').Browser, guest?: import('../support/network.js').Guest, cameras?: number }[]} machines
 * @param {string} origin
 */
async function meeting(scene, machines, origin) {
  const people = [];
  for (const [at, { browser, ...chromium }] of machines.entries()) {
    const person = await scene.person(NAMES[at], { browser, chromium });
    await person.calls(origin, ROOM);
    people.push(person);
  }
  return people;
}

/** All at once: each reads all that was said, each speaker's words in order, nothing twice. @param {import('../support/person.js').Person[]} people */
async function everyoneTalks(people) {
  const said = (/** @type {string} */ name) => Array.from({ length: EACH }, (_, at) => `${name} says ${at}`);
  await Promise.all(people.map(async (person) => {
    for (const text of said(person.label)) await person.says(text);
  }));
  for (const reader of people) {
    const complete = (/** @type {{ text: string }[]} */ all) => people.every(({ label }) => all.some(({ text }) => text === said(label).at(-1)));
    const shown = await until(`${reader.label} reads all`, () => reader.messages(), complete, 40_000);
    for (const { label } of people) {
      const texts = shown.filter(({ name }) => name === label).map(({ text }) => text);
      assert.deepEqual(texts.filter((text) => text.startsWith(`${label} says`)), said(label), `${reader.label} of ${label}`);
    }
  }
}

/** @param {import('../support/person.js').Person} sender @param {import('../support/person.js').Person[]} people @param {string} name */
async function sendsToAll(sender, people, name) {
  const contents = Buffer.from(Array.from({ length: FILE_BYTES }, (_, at) => (at * 31 + (at >> 8)) & 255));
  await sender.sendsFile(name, contents);
  for (const person of people) {
    if (person !== sender) assert((await person.takesFile(name)).equals(contents), `${name} at ${person.label}`);
  }
}
