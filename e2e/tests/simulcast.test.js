import assert from 'node:assert/strict';
import { behaviour } from '../support/scene.js';
import { activeOf, BEST_WITHIN, chooses, goesOnInLayer, layersSent, sendsLayers } from '../support/layers.js';
import { look, seesAndHears } from '../support/media.js';
import { liveShow } from '../support/show.js';
import { until } from '../support/until.js';

/** Frames that an encoder had begun when its layer was stopped. */
const ON_THE_WAY = 2;

for (const codec of ['VP8', 'H264', 'VP9', 'AV1']) {
  behaviour(`a camera is published in three layers (${codec})`, async (scene) => {
    const { host, viewers: [viewer] } = await liveShow(scene, { search: `?codec=${codec.toLowerCase()}` });
    const layers = await sendsLayers(host.page, 'camera', ['q', 'h', 'f'], viewer);
    assert.deepEqual(layers.map((one) => one.codec), Array(3).fill(`video/${codec}`));
    rises(layers);
  });
}

behaviour('a screen is published in two layers', async (scene) => {
  const { host, viewers: [viewer] } = await liveShow(scene);
  await host.turns('screen', true);
  await seesAndHears(viewer.page, { source: 'screen' });
  rises(await sendsLayers(host.page, 'screen', ['h', 'f'], viewer));
});

behaviour('a layer that nobody takes is not encoded, until someone wants it', async (scene) => {
  const { host, viewers: [viewer] } = await liveShow(scene);
  await sendsLayers(host.page, 'camera', ['q', 'h', 'f'], viewer);
  await chooses(viewer, 'low');
  await until('the lowest layer alone', () => layersSent(host.page, 'camera'), (layers) => String(activeOf(layers)) === 'q');
  const [, half, full] = await goesOnInLayer(host.page, 'camera', 0);
  assert(half.frames <= ON_THE_WAY && full.frames <= ON_THE_WAY, `${half.frames}, ${full.frames}`);
  await seesAndHears(viewer.page);
  await chooses(viewer, 'high');
  await until('the full layer', () => layersSent(host.page, 'camera'), (layers) => activeOf(layers).includes('f'), BEST_WITHIN);
  await until('the full picture', () => look(viewer.page), (now) => (now?.width ?? 0) > 640, BEST_WITHIN);
});

behaviour('another camera is sent in the same layers, in the same session', async (scene) => {
  // Chromium's second fake camera gives depth pictures and its third JPEG; the fourth is like the first.
  const { host, viewers: [viewer] } = await liveShow(scene, { hostChromium: { cameras: 4 } });
  await sendsLayers(host.page, 'camera', ['q', 'h', 'f'], viewer);
  await host.page.evaluate(() => (globalThis.sessionBefore = globalThis.roomcast.room.publisher.peer));
  const chooser = host.page.locator('rc-controls [data-testid=choose-camera]');
  const before = await chooser.inputValue();
  await chooser.selectOption({ index: 3 });
  const used = () => host.page.evaluate(() => globalThis.roomcast.room.publisher.sent.get('camera')?.track.getSettings().deviceId);
  await until('the other camera', used, (id) => id !== undefined && id !== before);
  await goesOnInLayer(host.page, 'camera', 2);
  assert(await host.page.evaluate(() => globalThis.sessionBefore === globalThis.roomcast.room.publisher.peer));
  await seesAndHears(viewer.page);
});

/** Each layer is larger than the one before, as far as it was seen. @param {import('../support/layers.js').SentLayer[]} layers */
function rises(layers) {
  const seen = layers.map(({ width }) => width).filter((width) => width > 0);
  assert(seen.length > 1 && seen.every((width, at) => at === 0 || width > seen[at - 1]), `${seen}`);
}
