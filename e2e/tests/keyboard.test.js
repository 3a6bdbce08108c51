import assert from 'node:assert/strict';
import { behaviour } from '../support/scene.js';
import { seesAndHears } from '../support/media.js';
import { ROOM, roomAt } from '../support/show.js';

behaviour('a host goes live, mutes, chats and stops by keyboard alone', async (scene) => {
  const node = await scene.node();
  const host = await scene.person('Ann');
  const { keyboard } = host.page;
  await host.open(node.local);
  // The field has the focus already.
  await keyboard.type(ROOM);
  await keyboard.press('Enter');
  await host.phase('setup');
  await host.page.locator('#start-live:enabled').waitFor();
  await tabTo(host.page, '#start-live');
  await keyboard.press('Enter');
  await host.phase('live');
  const viewer = await scene.person('Bob');
  await viewer.open(roomAt(node.local));
  await seesAndHears(viewer.page);
  await keyboard.press('m');
  await host.page.locator('rc-controls [data-testid=toggle-microphone][aria-pressed=false]').waitFor();
  await keyboard.press('c');
  await keyboard.type('by keyboard');
  await keyboard.press('Enter');
  await viewer.reads('Ann', 'by keyboard');
  await keyboard.press('Escape');
  await keyboard.press('m');
  await host.page.locator('rc-controls [data-testid=toggle-microphone][aria-pressed=true]').waitFor();
  await tabTo(host.page, '#stop-live');
  await keyboard.press('Space');
  await viewer.phase('waiting');
});

behaviour('every control has a name, and the focus can be seen', async (scene) => {
  const node = await scene.node();
  const host = await scene.person('Ann');
  await host.opensRoom(node.local, ROOM);
  await host.goesLive();
  const nameless = await host.page.evaluate(() => [...document.querySelectorAll('button, input, select, textarea, a[href]')]
    .filter((element) => element.checkVisibility())
    .filter((element) => !(element.getAttribute('aria-label') || element.textContent?.trim() || /** @type {any} */ (element).labels?.length))
    .map((element) => element.outerHTML));
  assert.deepEqual(nameless, []);
});

/** Presses Tab until an element has the focus. @param {import('playwright-core').Page} page @param {string} selector */
async function tabTo(page, selector) {
  for (let presses = 0; presses < 60; presses += 1) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${selector} cannot be reached by Tab`);
}
