import assert from 'node:assert/strict';
import { behaviour } from '../support/scene.js';
import { goesOn, look, seesAndHears } from '../support/media.js';
import { Proxy } from '../support/proxy.js';
import { ROOM, roomAt } from '../support/show.js';
import { until } from '../support/until.js';

/** Browsers say so when a WebSocket or a request gets no connection. */
const NO_CONNECTION = /WebSocket connection to .* failed|ERR_CONNECTION_|ERR_EMPTY_RESPONSE/;

for (const topology of /** @type {const} */ (['sfu', 'p2p'])) {
  behaviour(`a cut WebSocket is resumed without leaving the stage, and media goes on meanwhile (${topology})`, async (scene) => {
    scene.expectComplaints(NO_CONNECTION);
    const { proxy, host, viewer } = await showThroughProxy(scene, topology);
    const before = await Promise.all([host, viewer].map((person) => person.knows((state) => state.room.me.participant)));
    proxy.cut();
    await Promise.all([host, viewer].map((person) => person.page.locator('body[data-connection=reconnecting]').waitFor()));
    await goesOn(viewer.page, /** @type {any} */ (await look(viewer.page)));
    proxy.mend();
    for (const [at, person] of [host, viewer].entries()) {
      await person.page.locator('body[data-connection=open]').waitFor();
      const { me, resumed } = await person.knows((state) => state.room);
      assert.deepEqual([me.participant, resumed], [before[at], true]);
    }
    await host.phase('live');
    await goesOn(viewer.page, /** @type {any} */ (await look(viewer.page)));
    await viewer.says('still here');
    await host.reads('Bob', 'still here');
  });
}

behaviour('a connection that silently hangs is noticed and resumed', async (scene) => {
  scene.expectComplaints(NO_CONNECTION);
  const { proxy, host, viewer } = await showThroughProxy(scene);
  proxy.stall();
  proxy.mend();
  // The old connections hang on; only new ones come through.
  await until('the viewer has resumed', () => viewer.knows((state) => state.room), (room) => room.resumed && room.connection === 'open');
  await until('the host has resumed', () => host.knows((state) => state.room), (room) => room.resumed && room.connection === 'open');
  await goesOn(viewer.page, /** @type {any} */ (await look(viewer.page)));
  await host.says('can you hear me?');
  await viewer.reads('Ann', 'can you hear me?');
});

behaviour('chat that was said while a viewer was cut off is there when they are back', async (scene) => {
  scene.expectComplaints(NO_CONNECTION);
  const node = await scene.node();
  const proxy = await scene.keep(new Proxy(node.port)).listen();
  const browser = await scene.chromium();
  const host = await scene.person('Ann', { browser });
  await host.opensRoom(node.local, ROOM);
  const viewer = await scene.person('Bob', { browser });
  await viewer.open(roomAt(proxy.origin));
  await viewer.phase('waiting');
  proxy.cut();
  await viewer.page.locator('body[data-connection=reconnecting]').waitFor();
  await host.says('you missed this');
  await host.reads('Ann', 'you missed this');
  proxy.mend();
  await viewer.reads('Ann', 'you missed this');
  assert.equal((await viewer.messages()).length, 1);
});

/** A host and a viewer whose WebSockets go through a proxy. @param {import('../support/scene.js').Scene} scene @param {'p2p' | 'sfu'} [topology] */
async function showThroughProxy(scene, topology) {
  const node = await scene.node({ topology });
  const proxy = await scene.keep(new Proxy(node.port)).listen();
  const host = await scene.person('Ann');
  await host.opensRoom(proxy.origin, ROOM);
  await host.goesLive();
  const viewer = await scene.person('Bob');
  await viewer.open(roomAt(proxy.origin));
  await seesAndHears(viewer.page);
  return { node, proxy, host, viewer };
}
