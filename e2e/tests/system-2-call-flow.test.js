/**
 * The call flow: A calls B; offer, answer and candidates are carried by the node, STUN tells each its
 * public address, and the media goes directly.
 */
import assert from 'node:assert/strict';
import { hasLinks } from '../support/links.js';
import { seesAndHears } from '../support/media.js';
import { behaviour } from '../support/scene.js';
import { ROOM } from '../support/show.js';

behaviour('two callers behind NATs learn their public addresses from this node, and media goes straight between them', async (scene) => {
  const internet = scene.internet();
  const homes = [internet.home({ nat: 'cone' }), internet.home({ nat: 'cone' })];
  const node = await scene.node({ topology: 'auto' });
  const ann = await scene.person('Ann', { chromium: { guest: homes[0] } });
  const bob = await scene.person('Bob', { chromium: { guest: homes[1] } });
  await ann.calls(node.public, ROOM);
  await bob.calls(node.public, ROOM);
  await Promise.all([seesAndHears(ann.page, { of: 'Bob' }), seesAndHears(bob.page, { of: 'Ann' })]);
  const [there] = await hasLinks(ann, 1);
  const [back] = await hasLinks(bob, 1);
  assert.equal(there.remoteAddress, homes[1].publicAddress, JSON.stringify(there));
  assert.equal(back.remoteAddress, homes[0].publicAddress, JSON.stringify(back));
  for (const link of [there, back]) assert(link.local !== 'relay' && link.remote !== 'relay', JSON.stringify(link));
  await node.hasSessions(0);
});

for (const [caller, called] of /** @type {const} */ ([['Chromium', 'Firefox'], ['Firefox', 'Chromium']])) {
  behaviour(`${caller} calls ${called}: both see and hear, straight between them`, async (scene) => {
    const node = await scene.node({ topology: 'auto' });
    const browsers = { Chromium: await scene.chromium(), Firefox: await scene.firefox() };
    const ann = await scene.person('Ann', { browser: browsers[caller] });
    const bob = await scene.person('Bob', { browser: browsers[called] });
    await ann.calls(node.secure, ROOM);
    await bob.calls(node.secure, ROOM);
    await Promise.all([
      seesAndHears(ann.page, { of: 'Bob', plain: called === 'Firefox', within: 40_000 }),
      seesAndHears(bob.page, { of: 'Ann', plain: caller === 'Firefox', within: 40_000 }),
    ]);
    for (const person of [ann, bob]) {
      const [link] = await hasLinks(person, 1);
      assert(link.local !== 'relay' && link.remote !== 'relay', JSON.stringify(link));
    }
    await node.hasSessions(0);
  });
}
