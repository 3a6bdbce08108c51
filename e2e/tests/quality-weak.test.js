/** What is said of a network that is really weak, to the one who has it and to the host. */
import assert from 'node:assert/strict';
import { behaviour } from '../support/scene.js';
import { until } from '../support/until.js';
import { WeakShow } from '../support/weak.js';

/** The node is sure after some seconds. Milliseconds. */
const NOTICED_WITHIN = 40_000;

behaviour('a viewer behind a weak link reads what it carries, and the host that they suffer, until they ask for less', async (scene) => {
  const show = await WeakShow.begins(scene);
  const bob = await show.viewer('Bob', await scene.linkedGuest({ rate: '400k', queue: '200ms', delay: '20ms' }));
  const mark = bob.page.locator('[data-testid=reception]');
  const words = () => mark.locator('.in-full').textContent();
  await until('Bob reads what his network carries', words, (said) => /^Your network carries [\d.]+ kbit\/s: /.test(said ?? ''), NOTICED_WITHIN);
  await show.host.page.locator('[data-testid=struggling-count]', { hasText: '1' }).waitFor();
  await show.host.opensPeople();
  const row = show.host.page.locator('[data-testid=struggling-list] li', { hasText: 'Bob' });
  assert.match((await row.getAttribute('title')) ?? '', /bit\/s · .* lost$/);
  await bob.choosesQuality('Low');
  await mark.waitFor({ state: 'hidden', timeout: NOTICED_WITHIN });
  await row.waitFor({ state: 'detached' });
});
