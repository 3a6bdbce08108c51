/** The stage: hands, being brought onto it, going off it again. */
import assert from 'node:assert/strict';
import { seesAndHears } from '../support/media.js';
import { behaviour } from '../support/scene.js';
import { liveShow } from '../support/show.js';
import { agrees, comesOnStage } from '../support/stage.js';

for (const topology of /** @type {const} */ (['p2p', 'sfu'])) {
  behaviour(`a viewer raises a hand, is brought on stage, is seen by all, and is taken off again (${topology})`, async (scene) => {
    const { host, viewers: [bob, cho] } = await liveShow(scene, { topology, viewers: ['Bob', 'Cho'] });
    await comesOnStage(host, bob);
    assert.equal(await bob.role(), 'speaker');
    for (const person of [host, cho]) await seesAndHears(person.page, { of: 'Bob' });
    await seesAndHears(bob.page, { of: 'Ann' });
    await host.page.locator('[data-testid=stage-list] li', { hasText: 'Bob' }).locator('[data-testid=stage-off]').click();
    await bob.phase('watching');
    assert.equal(await bob.role(), 'viewer');
    await cho.page.locator('rc-tile[aria-label=Bob]').waitFor({ state: 'detached' });
    await seesAndHears(bob.page, { of: 'Ann' });
    for (const person of [host, bob, cho]) assert(await person.isSamePage());
  });
}

behaviour('a hand that was raised can be lowered by either side', async (scene) => {
  const { host, viewers: [bob] } = await liveShow(scene);
  const hand = bob.page.locator('#raise-hand');
  await host.opensPeople();
  await hand.click();
  await host.asking('hands', 'Bob').waitFor();
  await hand.click();
  await host.asking('hands', 'Bob').waitFor({ state: 'detached' });
  await hand.click();
  await host.asking('hands', 'Bob').locator('[data-testid=lower-hand]').click();
  await host.asking('hands', 'Bob').waitFor({ state: 'detached' });
});

behaviour('a viewer whom a host brings on stage unasked opens no device before saying so, and leaves by themselves', async (scene) => {
  const { host, viewers: [bob] } = await liveShow(scene);
  await host.opensPeople();
  await host.inAudience('Bob').locator('[data-testid=stage-on]').click();
  await bob.page.locator('#join-stage').waitFor();
  assert.deepEqual(await bob.knows((state) => Object.keys(state.studio.tracks)), []);
  await agrees(bob);
  await seesAndHears(host.page, { of: 'Bob' });
  await bob.page.locator('#leave-stage').click();
  await bob.phase('watching');
  assert.deepEqual(await bob.knows((state) => Object.keys(state.studio.tracks)), []);
});
