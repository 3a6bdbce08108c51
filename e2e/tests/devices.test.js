import assert from 'node:assert/strict';
import { behaviour } from '../support/scene.js';
import { goesOn, hearsNothing, look, seesAndHears } from '../support/media.js';
import { liveShow } from '../support/show.js';
import { until } from '../support/until.js';

/** Chromium's second fake camera gives depth pictures and its third JPEG; the fourth is like the first. */
const CAMERAS = 4;

behaviour('a host switches to another camera and microphone while live', async (scene) => {
  const { host, viewers: [viewer] } = await liveShow(scene, { hostChromium: { cameras: CAMERAS } });
  for (const source of ['camera', 'microphone']) {
    const chooser = host.page.locator(`rc-controls [data-testid=choose-${source}]`);
    const before = await chooser.inputValue();
    const others = await chooser.locator('option').evaluateAll((options) => options.map((option) => /** @type {HTMLOptionElement} */ (option).value));
    const other = others[others.length - 1];
    assert(other !== before, `there is a second ${source}: ${others}`);
    const now = /** @type {import('../support/media.js').Look} */ (await look(viewer.page));
    await chooser.selectOption(other);
    const used = () => host.page.evaluate((name) => globalThis.roomcast.room.publisher.sent.get(name)?.track.getSettings().deviceId, source);
    await until(`the other ${source} is sent`, used, (id) => id === other);
    await goesOn(viewer.page, now);
  }
  assert(await viewer.isSamePage());
});

for (const topology of /** @type {const} */ (['sfu', 'p2p'])) {
  behaviour(`a muted microphone is silent, a camera that is off shows no picture, and both come back (${topology})`, async (scene) => {
    const { host, viewers: [viewer] } = await liveShow(scene, { topology });
    await host.turns('microphone', false);
    await viewer.page.locator('rc-tile .tile-name.silent').waitFor();
    await hearsNothing(viewer.page);
    await host.turns('microphone', true);
    await seesAndHears(viewer.page);
    await host.turns('camera', false);
    await viewer.page.locator('rc-tile[data-state=off]').waitFor();
    await host.turns('camera', true);
    await viewer.page.locator('rc-tile[data-state=playing]').waitFor();
    await seesAndHears(viewer.page);
    assert(await viewer.isSamePage());
  });
}
