import { behaviour } from '../support/scene.js';
import { ROOM, roomAt } from '../support/show.js';

behaviour('a room may have any visible name, in any script', async (scene) => {
  const node = await scene.node();
  const browser = await scene.chromium();
  for (const name of ['小花园', 'Friday & co / “№ 1”?', '<b>bold</b>', '100%']) {
    const host = await scene.person('Ann', { browser });
    await host.opensRoom(node.local, name);
    const viewer = await scene.person('Bob', { browser });
    await viewer.open(host.page.url());
    await viewer.phase('waiting');
    await viewer.page.locator('#room-title', { hasText: name }).waitFor();
  }
});

behaviour('a name that no room can have is explained', async (scene) => {
  const node = await scene.node();
  const person = await scene.person('Ann');
  await person.open(`${node.local}/r/${'a'.repeat(65)}`);
  await person.phase('invalid');
  await person.open(node.local);
  await person.page.locator('#go-live').click();
  await person.page.locator('#room-name-hint.wrong').waitFor();
});

behaviour('who comes to a full room waits, and is let in when someone leaves', async (scene) => {
  const node = await scene.node({ args: ['--max-participants', '2'] });
  const browser = await scene.chromium();
  const host = await scene.person('Ann', { browser });
  await host.opensRoom(node.local, ROOM);
  const bob = await scene.person('Bob', { browser });
  await bob.open(roomAt(node.local));
  await bob.phase('waiting');
  const cho = await scene.person('Cho', { browser });
  await cho.open(roomAt(node.local));
  await cho.phase('full');
  await host.opensPeople();
  await host.inAudience('Bob').locator('[data-testid=remove]').click();
  await host.page.locator('#confirm').click();
  await cho.phase('waiting');
});
