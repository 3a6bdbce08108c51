/** Calls through the networks that people have: NATs, firewalls, and a network that changes under a call. */
import assert from 'node:assert/strict';
import { framesSeen, watchFrames } from '../support/frames.js';
import { connections, hasLinks } from '../support/links.js';
import { seesAndHears } from '../support/media.js';
import { behaviour } from '../support/scene.js';
import { ROOM, roomAt } from '../support/show.js';
import { until } from '../support/until.js';

/** Within which a call is back after the network changed. Milliseconds. */
const BACK_WITHIN = 3_000;
/** What browsers say about requests and sockets that lost their network. */
const NETWORK_LOST = /WebSocket connection to .* failed|ERR_NETWORK_CHANGED|ERR_INTERNET_DISCONNECTED|ERR_CONNECTION_|ERR_ADDRESS_/;

/** @typedef {import('../support/internet.js').Kind} Kind */

behaviour('two callers behind symmetric NATs are joined by the node’s relay', async (scene) => {
  const { ann, bob } = await callBetween(scene, { nat: 'symmetric' }, { nat: 'symmetric' });
  for (const person of [ann, bob]) {
    const [link] = await hasLinks(person, 1);
    assert.equal(link.local, 'relay', JSON.stringify(link));
    await person.page.locator('rc-tile[data-path=relay]').waitFor();
  }
});

behaviour('a caller whose firewall lets TCP out and no UDP is heard and seen', async (scene) => {
  const { bob } = await callBetween(scene, { nat: 'cone' }, { nat: 'cone', firewall: 'tcp-only' });
  const [link] = await hasLinks(bob, 1);
  assert.deepEqual([link.local, link.relayProtocol === 'udp'], ['relay', false], JSON.stringify(link));
});

behaviour('a caller whose firewall lets nothing out but TLS to the node’s port is heard and seen', async (scene) => {
  const { bob } = await callBetween(scene, { nat: 'symmetric' }, { nat: 'cone', firewall: 'tls-only' });
  const [link] = await hasLinks(bob, 1);
  assert.deepEqual([link.local, link.relayProtocol], ['relay', 'tls'], JSON.stringify(link));
});

for (const firewall of /** @type {const} */ (['tcp-only', 'tls-only'])) {
  behaviour(`a viewer behind a firewall that is ${firewall} watches a show that goes through the node`, async (scene) => {
    const home = scene.internet().home({ nat: 'cone', firewall });
    const node = await scene.node({ topology: 'sfu' });
    const host = await scene.person('Ann');
    await host.opensRoom(node.local, ROOM);
    await host.goesLive();
    const viewer = await scene.person('Bob', { chromium: { guest: home, args: [await node.trusted()] } });
    await viewer.open(roomAt(node.public));
    await seesAndHears(viewer.page, { within: 40_000 });
    const [session] = (await connections(viewer.page)).filter(({ kind }) => kind === 'subscriber');
    assert.notEqual(session.relayProtocol ?? session.protocol, 'udp', JSON.stringify(session));
  });
}

for (const nat of /** @type {const} */ (['cone', 'symmetric'])) {
  behaviour(`a caller moves to another network, with a NAT that is ${nat}, and the call is back within ${BACK_WITHIN / 1000} s`, async (scene) => {
    scene.expectComplaints(NETWORK_LOST);
    const { ann, bob, home } = await callBetween(scene, { nat: 'cone' }, { nat: 'cone' });
    await watchFrames(ann.page, { of: 'Bob' });
    await watchFrames(bob.page, { of: 'Ann' });
    home.moves({ nat });
    const moved = Date.now();
    const outages = await Promise.all([ann, bob].map(async (person) => {
      const back = await until(`${person.label} sees again`, () => firstFrameSince(person.page, moved), Boolean, 30_000);
      return /** @type {number} */ (back) - moved;
    }));
    scene.note(`back after ${outages.map(Math.round).join(' and ')} ms`);
    await seesAndHears(ann.page, { of: 'Bob' });
    await seesAndHears(bob.page, { of: 'Ann' });
    for (const outage of outages) assert(outage < BACK_WITHIN, `back after ${outage} ms`);
    for (const person of [ann, bob]) {
      await hasLinks(person, 1);
      assert(await person.isSamePage());
    }
  });
}

/** @param {import('../support/scene.js').Scene} scene @param {Kind} annsNetwork @param {Kind} bobsNetwork */
async function callBetween(scene, annsNetwork, bobsNetwork) {
  const internet = scene.internet();
  const homes = [internet.home(annsNetwork), internet.home(bobsNetwork)];
  const node = await scene.node({ topology: 'auto' });
  const args = [await node.trusted()];
  const ann = await scene.person('Ann', { chromium: { guest: homes[0], args } });
  const bob = await scene.person('Bob', { chromium: { guest: homes[1], args } });
  await ann.calls(node.public, ROOM);
  await bob.calls(node.public, ROOM);
  await seesAndHears(ann.page, { of: 'Bob', within: 40_000 });
  await seesAndHears(bob.page, { of: 'Ann', within: 40_000 });
  return { ann, bob, home: homes[1], node };
}

/** @param {import('playwright-core').Page} page @param {number} since milliseconds since 1970 */
async function firstFrameSince(page, since) {
  // What was decoded already is shown for some moments yet.
  const settled = since + 250;
  return (await framesSeen(page)).times.find((time) => time > settled) ?? null;
}
