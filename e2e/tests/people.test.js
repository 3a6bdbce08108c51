import assert from 'node:assert/strict';
import { behaviour } from '../support/scene.js';
import { ROOM, roomAt } from '../support/show.js';

behaviour('who is on stage and how many watch is shown to everyone, and follows those who go', async (scene) => {
  const node = await scene.node({ topology: 'auto' });
  const browser = await scene.chromium();
  const host = await scene.person('Ann', { browser });
  await host.opensRoom(node.local, ROOM);
  await host.goesLive();
  await host.counts(0);
  const bob = await scene.person('Bob', { browser });
  await bob.open(roomAt(node.local));
  await bob.counts(1);
  const cho = await scene.person('Cho', { browser });
  await cho.open(roomAt(node.local));
  for (const person of [host, bob, cho]) await person.counts(2);
  await bob.page.getByRole('group', { name: 'Ann' }).waitFor();
  await host.opensPeople();
  assert.deepEqual(await host.page.locator('[data-testid=stage-list] .person-name').allTextContents(), ['Ann (you)']);
  await host.inAudience('Bob').waitFor();
  await host.inAudience('Cho').waitFor();
  await cho.page.close();
  await host.counts(1);
  await bob.counts(1);
});

behaviour('a viewer sees no list of the audience and none of the host’s tools', async (scene) => {
  const node = await scene.node();
  const browser = await scene.chromium();
  const host = await scene.person('Ann', { browser });
  await host.opensRoom(node.local, ROOM);
  const bob = await scene.person('Bob', { browser });
  await bob.open(roomAt(node.local));
  await bob.phase('waiting');
  for (const tool of ['#open-people', 'rc-controls', '#end-room', '[data-testid=audience-list]']) {
    assert.equal(await bob.page.locator(tool).isVisible(), false, tool);
  }
});
