import assert from 'node:assert/strict';
import { behaviour } from '../support/scene.js';
import { seesAndHears } from '../support/media.js';
import { liveShow } from '../support/show.js';

for (const topology of /** @type {const} */ (['sfu', 'auto'])) {
  behaviour(`a viewer who loads the page anew is the same participant and watches on (${topology})`, async (scene) => {
    const { host, viewers: [viewer] } = await liveShow(scene, { topology });
    await viewer.says('before');
    await host.reads('Bob', 'before');
    const before = await viewer.knows((state) => state.room.me.participant);
    await viewer.page.reload();
    await seesAndHears(viewer.page);
    assert.equal(await viewer.knows((state) => state.room.me.participant), before);
    await viewer.reads('Bob', 'before');
    await host.counts(1);
  });
}

for (const topology of /** @type {const} */ (['sfu', 'p2p'])) {
  behaviour(`a host who loads the page anew goes on being live without a click (${topology})`, async (scene) => {
    const { host, viewers: [viewer] } = await liveShow(scene, { topology });
    await host.turns('microphone', false);
    await host.page.reload();
    await host.phase('live');
    await host.page.locator('rc-controls [data-testid=toggle-microphone][aria-pressed=false]').waitFor();
    await seesAndHears(viewer.page, { sound: false });
    await host.turns('microphone', true);
    await seesAndHears(viewer.page);
    assert(await viewer.isSamePage());
  });
}

behaviour('a host who stopped and loads the page anew is not live', async (scene) => {
  const { host, viewers: [viewer] } = await liveShow(scene);
  await host.page.locator('#stop-live').click();
  await host.phase('setup');
  await host.page.reload();
  await host.phase('setup');
  await viewer.phase('waiting');
});
