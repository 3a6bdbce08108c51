import assert from 'node:assert/strict';
import { behaviour } from '../support/scene.js';
import { sendsLayers } from '../support/layers.js';
import { look, seesAndHears } from '../support/media.js';
import { ROOM, roomAt } from '../support/show.js';
import { until } from '../support/until.js';

behaviour('Firefox publishes VP8 in three layers', async (scene) => {
  const { host, viewer } = await firefoxIsLive(scene, '');
  await sendsLayers(host.page, 'camera', ['q', 'h', 'f'], viewer);
  await seesAndHears(viewer.page, { plain: true });
});

behaviour('Firefox publishes VP9 in one encoding, in which it is whole', async (scene) => {
  const { host, viewer } = await firefoxIsLive(scene, '?codec=vp9');
  const [only] = await sendsLayers(host.page, 'camera', [null], viewer);
  assert.equal(only.codec, 'video/VP9');
  await until('more than a quarter', () => look(viewer.page), (now) => (now?.width ?? 0) > 320);
});

/** @param {import('../support/scene.js').Scene} scene @param {string} search of the host's page */
async function firefoxIsLive(scene, search) {
  const node = await scene.node();
  const host = await scene.person('Ann', { browser: await scene.firefox() });
  await host.opensRoom(`${node.secure}/${search}`, ROOM);
  await host.goesLive();
  const viewer = await scene.person('Bob');
  await viewer.open(roomAt(node.local));
  await viewer.phase('watching');
  return { host, viewer };
}
