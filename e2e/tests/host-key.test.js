import assert from 'node:assert/strict';
import { behaviour } from '../support/scene.js';
import { seesAndHears } from '../support/media.js';
import { ROOM, roomAt } from '../support/show.js';

behaviour('the host link makes another device host; without the key nobody is', async (scene) => {
  const node = await scene.node();
  const first = await scene.person('Ann');
  await first.opensRoom(node.local, ROOM);
  const link = await first.copiesLink('host-link');
  assert.match(link, /#host=.+/);

  const stranger = await scene.person('Mallory');
  await stranger.opensRoomOfAnother(node.local, ROOM);
  await stranger.page.locator('#watch-instead').click();
  await stranger.phase('waiting');
  assert.equal(await stranger.role(), 'viewer');

  const device = await scene.person('Ann’s phone');
  await device.open(link);
  await device.phase('setup');
  assert.equal(await device.role(), 'host');
  assert.equal(new URL(device.page.url()).hash, '', 'the key does not stay in the address bar');
  await device.goesLive();
  await stranger.phase('watching');
  await seesAndHears(stranger.page);
});

behaviour('a wrong host key is refused and said so; a right one is taken from the dialog', async (scene) => {
  const node = await scene.node();
  const browser = await scene.chromium();
  const host = await scene.person('Ann', { browser });
  await host.opensRoom(node.local, ROOM);
  const link = await host.copiesLink('host-link');

  const forger = await scene.person('Mallory', { browser });
  await forger.open(`${roomAt(node.local)}#host=AAAAAAAAAAAAAAAAAAAAAA`);
  await forger.page.locator('[data-testid=toast][data-key="toast.host-key-invalid"]').waitFor();
  await forger.phase('waiting');
  assert.equal(await forger.role(), 'viewer');

  const device = await scene.person('Ann’s other device', { browser });
  await device.opensRoomOfAnother(node.local, ROOM);
  await device.page.locator('#have-host-key').click();
  await device.page.locator('#host-key').fill(link);
  await device.page.locator('#use-host-key').click();
  await device.phase('setup');
  assert.equal(await device.role(), 'host');
});
