/** The caller page: one page opens and waits, another opens as the caller, and both see and hear each other. */
import assert from 'node:assert/strict';
import { hasLinks, receivesBy } from '../support/links.js';
import { seesAndHears } from '../support/media.js';
import { behaviour } from '../support/scene.js';
import { ROOM } from '../support/show.js';

behaviour('one address opened twice, nothing pressed: both see and hear each other', async (scene) => {
  const node = await scene.node({ topology: 'auto' });
  const first = await scene.person('Ann');
  await first.calls(node.local, ROOM);
  assert.equal(new URL(first.page.url()).pathname, `/r/${ROOM}`);
  const second = await scene.person('Bob');
  await second.calls(node.local, ROOM);
  await seesAndHears(first.page, { of: 'Bob' });
  await seesAndHears(second.page, { of: 'Ann' });
  await receivesBy(first, 'Bob', 'link');
  for (const person of [first, second]) await hasLinks(person, 1);
  await node.hasSessions(0);
});

behaviour('both pages opened at the same moment find each other', async (scene) => {
  const node = await scene.node({ topology: 'auto' });
  const people = await Promise.all(['Ann', 'Bob'].map((name) => scene.person(name)));
  await Promise.all(people.map((person) => person.calls(node.local, ROOM)));
  await seesAndHears(people[0].page, { of: 'Bob' });
  await seesAndHears(people[1].page, { of: 'Ann' });
});

behaviour('once a call is open its plain address joins it, and who leaves can come back', async (scene) => {
  const node = await scene.node({ topology: 'auto' });
  const first = await scene.person('Ann');
  await first.calls(node.local, ROOM);
  const second = await scene.person('Bob');
  await second.open(`${node.local}/r/${ROOM}`);
  await seesAndHears(first.page, { of: 'Bob' });
  await seesAndHears(second.page, { of: 'Ann' });
  await second.page.reload();
  await seesAndHears(first.page, { of: 'Bob' });
  await seesAndHears(second.page, { of: 'Ann' });
  await second.page.locator('#leave-call').click();
  await second.phase('left');
  await first.page.locator('rc-tile:not([data-local])').waitFor({ state: 'detached' });
  await second.page.locator('#join-again').click();
  await second.phase('live');
  await seesAndHears(first.page, { of: 'Bob' });
  assert(await first.isSamePage());
});

behaviour('Chromium waits, and Firefox calls by the same address', async (scene) => {
  const node = await scene.node({ topology: 'auto' });
  const first = await scene.person('Ann');
  await first.calls(node.secure, ROOM);
  const second = await scene.person('Bob', { browser: await scene.firefox() });
  await second.calls(node.secure, ROOM);
  await seesAndHears(first.page, { of: 'Bob', plain: true, within: 40_000 });
  await seesAndHears(second.page, { of: 'Ann', within: 40_000 });
});
