/**
 * The simple live room: a host shares the screen with its sound, joiners press a button, and all media
 * of both sides travels by TURN. Here the relay is this node, and there is no other server.
 */
import assert from 'node:assert/strict';
import { connections, hasLinks } from '../support/links.js';
import { seesAndHears } from '../support/media.js';
import { behaviour } from '../support/scene.js';
import { ROOM, roomAt } from '../support/show.js';
import { comesOnStage } from '../support/stage.js';

behaviour('a screen with its sound reaches the joiners, and a joiner the host, by this node’s relay alone', async (scene) => {
  const { host, joiners } = await relayedRoom(scene, 'auto');
  await hasLinks(host, 2);
  await comesOnStage(host, joiners[0]);
  await seesAndHears(host.page, { of: 'Bob' });
  await seesAndHears(joiners[1].page, { of: 'Bob' });
  await seesAndHears(joiners[1].page, { source: 'screen' });
  for (const person of [host, ...joiners]) await onlyRelays(person, 2);
  await joiners[0].page.locator('rc-tile[data-source=screen][data-path=relay]').waitFor();
});

behaviour('media through the node goes by its relay as well, when the room is set to it', async (scene) => {
  const { host, joiners } = await relayedRoom(scene, 'sfu');
  for (const person of [host, ...joiners]) await onlyRelays(person, 1);
});

behaviour('one participant who wants it is reached by relays only, whatever the others use', async (scene) => {
  const node = await scene.node({ topology: 'auto' });
  const host = await scene.person('Ann');
  await host.opensRoom(node.local, ROOM);
  await host.goesLive();
  const shy = await scene.person('Bob');
  await shy.open(`${node.local}/r/${ROOM}?relay`);
  const other = await scene.person('Cho');
  await other.open(roomAt(node.local));
  for (const viewer of [shy, other]) await seesAndHears(viewer.page);
  await onlyRelays(shy, 2);
  const [toHost] = (await connections(other.page)).filter(({ name }) => name === 'Ann');
  assert(['host', 'prflx'].includes(toHost.local ?? ''), JSON.stringify(toHost));
});

/** @param {import('../support/scene.js').Scene} scene @param {'auto' | 'sfu'} topology */
async function relayedRoom(scene, topology) {
  const node = await scene.node({ topology });
  const host = await scene.person('Ann');
  await host.opensRoom(node.local, ROOM);
  await host.setsRoom({ relayOnly: true });
  await host.page.locator('rc-setup [data-testid=toggle-microphone][aria-pressed=true]').waitFor();
  await host.turns('camera', false);
  await host.turns('microphone', false);
  await host.turns('screen', true);
  await host.goesLive();
  const joiners = await Promise.all(['Bob', 'Cho'].map((name) => scene.person(name)));
  for (const joiner of joiners) {
    await joiner.open(node.local);
    await joiner.page.locator('#room-name').fill(ROOM);
    await joiner.page.locator('#watch').click();
  }
  for (const joiner of joiners) await seesAndHears(joiner.page, { source: 'screen' });
  return { node, host, joiners };
}

/** @param {import('../support/person.js').Person} person @param {number} atLeast connections that carry media */
async function onlyRelays(person, atLeast) {
  const all = (await connections(person.page)).filter(({ local }) => local !== null);
  assert(all.length >= atLeast, JSON.stringify(all));
  for (const one of all) assert.equal(one.local, 'relay', `${person.label}: ${JSON.stringify(all)}`);
}
