import assert from 'node:assert/strict';
import { behaviour } from '../support/scene.js';
import { hearsNothing, seesAndHears } from '../support/media.js';
import { liveShow, ROOM, roomAt } from '../support/show.js';

for (const topology of /** @type {const} */ (['sfu', 'p2p'])) {
  behaviour(`a host mutes another host’s microphone for everyone, and gives it back (${topology})`, async (scene) => {
    const { host, viewers: [viewer] } = await liveShow(scene, { topology });
    const link = await host.copiesLink('host-link');
    const second = await scene.person('Eve');
    await second.open(link);
    await second.phase('setup');
    await second.page.locator('#just-watch').click();
    await second.opensPeople();
    const mute = second.page.locator('[data-testid=stage-list] [data-testid=mute-microphone]');
    await mute.click();
    await hearsNothing(viewer.page);
    await host.page.locator('rc-controls [data-testid=toggle-microphone]:disabled').waitFor();
    await mute.click();
    await seesAndHears(viewer.page);
    await host.page.locator('rc-controls [data-testid=toggle-microphone]:enabled').waitFor();
  });
}

behaviour('a host closes the chat, silences one person, and opens both again', async (scene) => {
  const { host, bob } = await quietRoom(scene);
  await host.opensPeople();
  await host.page.locator('#chat-open').uncheck();
  await bob.page.locator('.chat-closed').waitFor();
  assert.equal(await bob.page.locator('#chat-input').isVisible(), false);
  await host.page.locator('#chat-open').check();
  await bob.page.locator('#chat-input').waitFor();
  const silence = host.inAudience('Bob').locator('[data-testid=silence]');
  await silence.click();
  await host.page.locator('[data-testid=silence].pressed').waitFor();
  await bob.says('hello?');
  await bob.page.locator('[data-testid=toast][data-key="toast.silenced"]').waitFor();
  await silence.click();
  await host.page.locator('[data-testid=silence]:not(.pressed)').waitFor();
  await bob.says('hello!');
  await bob.reads('Bob', 'hello!');
});

behaviour('a host removes someone, who is told so and stays out', async (scene) => {
  const { host, bob } = await quietRoom(scene);
  await host.opensPeople();
  await host.inAudience('Bob').locator('[data-testid=remove]').click();
  await host.page.locator('#confirm').click();
  await bob.phase('removed');
  await host.counts(0);
  assert(await bob.isSamePage());
});

behaviour('a host ends the room: everyone is told, and its name and chat are free again', async (scene) => {
  const { node, host, bob } = await quietRoom(scene);
  await host.says('last words');
  await bob.reads('Ann', 'last words');
  await host.page.locator('#just-watch').click();
  await host.page.locator('#end-room').click();
  await host.page.locator('#confirm').click();
  await bob.phase('ended');
  await host.phase('ended');
  const next = await scene.person('Cho');
  await next.opensRoom(node.local, ROOM);
  assert.deepEqual(await next.messages(), []);
});

/** A host and a viewer without media. @param {import('../support/scene.js').Scene} scene */
async function quietRoom(scene) {
  const node = await scene.node();
  const browser = await scene.chromium();
  const host = await scene.person('Ann', { browser });
  await host.opensRoom(node.local, ROOM);
  const bob = await scene.person('Bob', { browser });
  await bob.open(roomAt(node.local));
  await bob.phase('waiting');
  return { node, host, bob };
}
