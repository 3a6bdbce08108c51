import { behaviour } from '../support/scene.js';
import { look, seesAndHears } from '../support/media.js';
import { ROOM, roomAt } from '../support/show.js';
import { until } from '../support/until.js';

behaviour('Firefox sees and hears a broadcast in VP8', async (scene) => {
  const { viewer } = await firefoxWatches(scene, '');
  await viewer.phase('watching');
  await seesAndHears(viewer.page, { within: 40_000 });
});

behaviour('a viewer whose browser cannot decode the broadcast is told so, and hears it', async (scene) => {
  const { viewer } = await firefoxWatches(scene, '?codec=h264');
  await viewer.phase('watching');
  await viewer.page.locator('rc-tile[data-state=unsupported]').waitFor();
  await viewer.page.locator('[data-testid=stage-message]', { hasText: 'H264' }).waitFor();
  await until('sound', () => look(viewer.page), (now) => now !== null && now.energy > 0);
});

/** @param {import('../support/scene.js').Scene} scene @param {string} search of the host's page */
async function firefoxWatches(scene, search) {
  const node = await scene.node();
  const host = await scene.person('Ann');
  await host.opensRoom(`${node.local}/${search}`, ROOM);
  await host.goesLive();
  const viewer = await scene.person('Bob', { browser: await scene.firefox() });
  await viewer.open(roomAt(node.lan));
  return { host, viewer };
}
