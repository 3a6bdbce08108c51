import assert from 'node:assert/strict';
import { behaviour } from '../support/scene.js';
import { ROOM, roomAt } from '../support/show.js';
import { until } from '../support/until.js';

behaviour('the link that a host on the node’s own machine shares leads other machines to the room', async (scene) => {
  const guest = scene.guest();
  const node = await scene.node();
  const host = await scene.person('Ann');
  await host.opensRoom(node.local, ROOM);
  const link = await host.copiesLink('share-link');
  assert.equal(link, roomAt(node.lan));
  const viewer = await scene.person('Bob', { chromium: { guest } });
  await viewer.open(link);
  await viewer.phase('waiting');

  await host.page.locator('#open-share').click();
  const width = () => host.page.locator('[data-testid=share-code]').evaluate((image) => /** @type {HTMLImageElement} */ (image).naturalWidth);
  await until('the code for phones is shown', width);
  await host.page.locator('[data-testid=copy-share-link]').click();
  await host.page.locator('[data-testid=toast][data-key="toast.copied"]').waitFor();
});
