import assert from 'node:assert/strict';
import { behaviour } from '../support/scene.js';
import { seesAndHears } from '../support/media.js';
import { ROOM, roomAt } from '../support/show.js';
import { until } from '../support/until.js';

behaviour('another machine on the LAN watches over plain HTTP, without a certificate', async (scene) => {
  const guest = scene.guest();
  const node = await scene.node({ topology: 'auto' });
  await until('it says where to watch from the LAN', () => node.said, (said) => new RegExp(`LAN .*${node.lan}`).test(said));
  const host = await scene.person('Ann');
  await host.opensRoom(node.local, ROOM);
  await host.goesLive();
  const viewer = await scene.person('Bob', { chromium: { guest } });
  await viewer.open(roomAt(node.lan));
  await seesAndHears(viewer.page);
  assert.equal(await viewer.page.evaluate(() => isSecureContext), false);
});

behaviour('a host on another machine is sent to HTTPS on the same port, and goes live there', async (scene) => {
  const guest = scene.guest();
  const node = await scene.node();
  const host = await scene.person('Ann', { chromium: { guest } });
  await host.open(node.lan);
  await host.page.locator('#room-name').fill(ROOM);
  await host.page.locator('#go-live').click();
  await host.page.waitForURL(roomAt(node.secure));
  await host.phase('setup');
  await host.goesLive();
  const viewer = await scene.person('Bob');
  await viewer.open(roomAt(node.local));
  await seesAndHears(viewer.page);
});
