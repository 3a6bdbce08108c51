import assert from 'node:assert/strict';
import { behaviour } from '../support/scene.js';
import { goesOn, look, seesAndHears } from '../support/media.js';
import { liveShow, ROOM, roomAt } from '../support/show.js';
import { until } from '../support/until.js';

for (const topology of /** @type {const} */ (['sfu', 'p2p'])) {
  behaviour(`a host adds the screen with its sound while live, and drops it again (${topology})`, async (scene) => {
    const { host, viewers: [viewer] } = await liveShow(scene, { topology });
    for (const round of [1, 2]) {
      await host.turns('screen', true);
      await seesAndHears(viewer.page, { source: 'screen' });
      await seesAndHears(viewer.page, { source: 'camera' });
      const sources = await viewer.knows((state) => state.room.room.stage[0].publications.map((one) => one.source).sort());
      assert.deepEqual(sources, ['camera', 'microphone', 'screen', 'screen-audio'], `round ${round}`);
      await host.turns('screen', false);
      await viewer.page.locator('rc-tile[data-source=screen]').waitFor({ state: 'detached' });
      const now = /** @type {import('../support/media.js').Look} */ (await look(viewer.page));
      await goesOn(viewer.page, now);
    }
    assert(await viewer.isSamePage());
  });
}

behaviour('a host goes live with the screen alone', async (scene) => {
  const node = await scene.node();
  const host = await scene.person('Ann');
  await host.opensRoom(node.local, ROOM);
  await host.page.locator('rc-setup [data-testid=toggle-microphone][aria-pressed=true]').waitFor();
  await host.turns('camera', false);
  await host.turns('microphone', false);
  await host.turns('screen', true);
  await host.goesLive();
  const viewer = await scene.person('Bob');
  await viewer.open(roomAt(node.local));
  await seesAndHears(viewer.page, { source: 'screen' });
  await until('one tile', () => viewer.page.locator('rc-tile').count(), (count) => count === 1);
});
