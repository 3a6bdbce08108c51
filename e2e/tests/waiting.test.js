import { behaviour } from '../support/scene.js';
import { seesAndHears } from '../support/media.js';
import { ROOM, roomAt } from '../support/show.js';

behaviour('a page waits for a room to be opened, then for someone to go live, and starts by itself', async (scene) => {
  const node = await scene.node({ topology: 'auto' });
  const viewer = await scene.person('Bob');
  await viewer.open(roomAt(node.local));
  await viewer.phase('missing');
  const host = await scene.person('Ann');
  await host.opensRoom(node.local, ROOM);
  await viewer.phase('waiting');
  await host.goesLive();
  await viewer.phase('watching');
  await seesAndHears(viewer.page);
  if (!(await viewer.isSamePage())) throw new Error('the viewer had to load the page anew');
});

behaviour('a host stops and goes live again, and viewers wait without loading the page anew', async (scene) => {
  const node = await scene.node();
  const host = await scene.person('Ann');
  await host.opensRoom(node.local, ROOM);
  await host.goesLive();
  const viewer = await scene.person('Bob');
  await viewer.open(roomAt(node.local));
  await seesAndHears(viewer.page);
  await host.page.locator('#stop-live').click();
  await host.phase('setup');
  await viewer.phase('waiting');
  await host.goesLive();
  await viewer.phase('watching');
  await seesAndHears(viewer.page);
  if (!(await viewer.isSamePage())) throw new Error('the viewer had to load the page anew');
});
