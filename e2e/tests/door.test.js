/** Who comes in: the waiting room and the lock. */
import assert from 'node:assert/strict';
import { behaviour } from '../support/scene.js';
import { ROOM, roomAt } from '../support/show.js';

behaviour('who comes to a room with a waiting room waits until a host lets them in, or turns them away', async (scene) => {
  const { node, browser, host } = await openRoom(scene);
  await host.page.locator('#waiting-room').check();
  const [bob, cho] = await Promise.all(['Bob', 'Cho'].map((name) => scene.person(name, { browser })));
  for (const guest of [bob, cho]) {
    await guest.open(roomAt(node.local));
    await guest.phase('lobby');
    await host.asking('waiting', guest.label).waitFor();
  }
  await host.asking('waiting', 'Bob').locator('[data-testid=admit]').click();
  await bob.phase('waiting');
  assert.equal(await bob.role(), 'viewer');
  await host.asking('waiting', 'Cho').locator('[data-testid=deny]').click();
  await cho.phase('denied');
  await host.counts(1);
  await bob.page.reload();
  await bob.phase('waiting');
});

behaviour('who leaves while waiting is not in the list any more, and all can be let in at once', async (scene) => {
  const { node, browser, host } = await openRoom(scene);
  await host.page.locator('#waiting-room').check();
  const guests = await Promise.all(['Bob', 'Cho', 'Dee'].map((name) => scene.person(name, { browser })));
  for (const guest of guests) {
    await guest.open(roomAt(node.local));
    await guest.phase('lobby');
  }
  await guests[0].page.close();
  await host.asking('waiting', 'Bob').waitFor({ state: 'detached' });
  await host.page.locator('[data-testid=admit-all]').click();
  for (const guest of guests.slice(1)) await guest.phase('waiting');
  await host.counts(2);
});

behaviour('a locked room lets nobody in but who was there, and its hosts; unlocked, those who wait come in', async (scene) => {
  const { node, browser, host } = await openRoom(scene);
  const link = await host.copiesLink('host-link');
  const bob = await scene.person('Bob', { browser });
  await bob.open(roomAt(node.local));
  await bob.phase('waiting');
  await host.page.locator('#room-locked').check();
  await bob.page.locator('[data-testid=locked]').waitFor();
  const late = await scene.person('Cho', { browser });
  await late.open(roomAt(node.local));
  await late.phase('locked');
  await bob.page.reload();
  await bob.phase('waiting');
  const device = await scene.person('Ann’s phone', { browser });
  await device.open(link);
  assert.equal(await device.role(), 'host');
  await host.page.locator('#room-locked').uncheck();
  await late.phase('waiting');
});

/** A host who has the list of people open. @param {import('../support/scene.js').Scene} scene */
async function openRoom(scene) {
  const node = await scene.node();
  const browser = await scene.chromium();
  const host = await scene.person('Ann', { browser });
  await host.opensRoom(node.local, ROOM);
  await host.opensPeople();
  return { node, browser, host };
}
