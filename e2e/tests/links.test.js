/** Links under trouble: offers that meet, a node that goes away, a pair that finds no way and later one. */
import assert from 'node:assert/strict';
import { hasLinks, receivesBy } from '../support/links.js';
import { goesOn, look, seesAndHears } from '../support/media.js';
import { behaviour } from '../support/scene.js';
import { ROOM } from '../support/show.js';
import { until } from '../support/until.js';

/** What a page may say while there is no node. */
const NO_NODE = /WebSocket connection to .* failed|ERR_CONNECTION_/;

behaviour('both callers share their screens at the same moment, again and again, and see each other’s', async (scene) => {
  const { people } = await call(scene);
  for (let round = 0; round < 3; round += 1) {
    await Promise.all(people.map((person) => person.turns('screen', true)));
    await Promise.all(people.map((person, at) => seesAndHears(person.page, { source: 'screen', of: people[1 - at].label })));
    await Promise.all(people.map((person) => person.turns('screen', false)));
    await Promise.all(people.map((person) => person.page.locator('rc-tile[data-source=screen]').waitFor({ state: 'detached' })));
  }
  for (const [at, person] of people.entries()) await seesAndHears(person.page, { of: people[1 - at].label });
});

behaviour('ICE of a link is restarted when the network changes, and its peer connection stays', async (scene) => {
  const { people: [ann, bob] } = await call(scene);
  const before = await ufrag(ann.page);
  await ann.page.evaluate(() => {
    const [link] = globalThis.roomcast.room.links.values();
    globalThis.peerBefore = link.peer;
    globalThis.roomcast.room.networkChanged();
  });
  await until('new ICE credentials', () => ufrag(ann.page), (now) => now !== before);
  assert(await ann.page.evaluate(() => [...globalThis.roomcast.room.links.values()][0].peer === globalThis.peerBefore));
  await hasLinks(ann, 1);
  await goesOn(bob.page, /** @type {any} */ (await look(bob.page)));
});

behaviour('a call goes on while the node is away, and is whole when it is back', async (scene) => {
  scene.expectComplaints(NO_NODE);
  const { node, people } = await call(scene);
  await node.end('SIGKILL');
  await Promise.all(people.map((person) => person.page.locator('body[data-connection=reconnecting]').waitFor()));
  for (const { page } of people) await goesOn(page, /** @type {any} */ (await look(page)));
  await node.start();
  for (const person of people) await person.page.locator('body[data-connection=open]').waitFor();
  for (const [at, person] of people.entries()) {
    await seesAndHears(person.page, { of: people[1 - at].label });
    await receivesBy(person, people[1 - at].label, 'link');
    assert(await person.isSamePage());
  }
});

behaviour('a pair that goes by the node comes back to a link when the way between the two is free', async (scene) => {
  const guests = [scene.guest(), scene.guest()];
  const rift = scene.rift(guests[0], guests[1]);
  const { people } = await call(scene, guests);
  for (const [at, person] of people.entries()) {
    await receivesBy(person, people[1 - at].label, 'node', 40_000);
    await seesAndHears(person.page, { of: people[1 - at].label });
  }
  rift.close();
  await people[0].page.evaluate(() => globalThis.roomcast.room.networkChanged());
  for (const [at, person] of people.entries()) {
    await receivesBy(person, people[1 - at].label, 'link', 40_000);
    await seesAndHears(person.page, { of: people[1 - at].label });
  }
});

/**
 * A call of two, on the node's machine or on guests; without a relay when they are guests.
 * @param {import('../support/scene.js').Scene} scene @param {import('../support/network.js').Guest[]} [guests]
 */
async function call(scene, guests) {
  const node = await scene.node({ topology: 'auto', args: guests ? ['--no-turn'] : [] });
  const people = [];
  for (const [at, name] of ['Ann', 'Bob'].entries()) {
    const person = await scene.person(name, { chromium: { guest: guests?.[at] } });
    await person.calls(guests ? node.secure : node.local, ROOM);
    people.push(person);
  }
  if (!guests) for (const [at, person] of people.entries()) await seesAndHears(person.page, { of: people[1 - at].label });
  return { node, people };
}

/** @param {import('playwright-core').Page} page */
function ufrag(page) {
  return page.evaluate(() => {
    const [link] = globalThis.roomcast.room.links.values();
    return /a=ice-ufrag:(\S+)/.exec(link?.peer.localDescription?.sdp ?? '')?.[1] ?? null;
  });
}
