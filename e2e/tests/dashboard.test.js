import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { screenshotFolder } from '../support/places.js';
import { behaviour } from '../support/scene.js';
import { liveShow, ROOM } from '../support/show.js';
import { until } from '../support/until.js';

/** @typedef {import('../support/person.js').Person} Person */

behaviour('an operator signs in, sees a live room, mutes and takes it back, removes someone, and ends the room', async (scene) => {
  // The wrong key, and what was being read of the room when it ended.
  scene.expectComplaints(/status of 40[134]/);
  mkdirSync(screenshotFolder, { recursive: true });
  const { node, host, viewers: [viewer] } = await liveShow(scene);
  const operator = await besides(scene, host);
  const { page } = operator;
  await operator.open(`${node.local}/admin`);
  await page.locator('#api-key').fill('rck_0_wrong');
  await page.keyboard.press('Enter');
  await page.locator('#sign-in-fault', { hasText: 'does not know this key' }).waitFor();
  await signsIn(operator, node);
  await page.locator('[data-figure=participants] b', { hasText: '2' }).waitFor();

  await page.getByRole('link', { name: 'Rooms' }).click();
  await page.locator(`[data-room=${ROOM}] .mark.live`).waitFor();
  await page.getByRole('link', { name: ROOM }).click();
  await page.locator('roomcast-player[state=playing]').waitFor();
  const bob = page.locator('#people [data-participant]', { hasText: 'Bob' });
  const ann = page.locator('#people [data-participant]', { hasText: 'Ann' });
  await page.locator('#sessions [data-kind=publisher]', { hasText: 'Ann' }).locator('.mark.good, .mark.fair').waitFor();
  await page.locator('#sessions [data-kind=subscriber]', { hasText: 'Bob' }).getByTitle(/^The way to this receiver carries [\d.]+ [kM]?bit\/s$/).waitFor();
  await looksRight(page, 'room');

  await ann.getByRole('button', { name: 'Stop Ann’s camera for everyone' }).click();
  await viewer.page.locator('rc-tile[data-source=camera][data-state=off]').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await viewer.page.locator('rc-tile[data-source=camera][data-state=playing]').waitFor();

  await bob.getByRole('button', { name: 'Remove Bob' }).click();
  await page.locator('#confirm').click();
  await viewer.phase('removed');
  await bob.waitFor({ state: 'detached' });

  await page.getByRole('button', { name: 'End room' }).click();
  await page.locator('#dialog').getByRole('button', { name: 'Cancel' }).click();
  await host.phase('live');
  await page.getByRole('button', { name: 'End room' }).click();
  await page.locator('#confirm').click();
  await host.phase('ended');
  await page.locator('.nothing', { hasText: 'No room was opened yet' }).waitFor();
});

behaviour('an API key is made and revoked in the dashboard, and shown once; nothing sticks out on a phone', async (scene) => {
  scene.expectComplaints(/status of 40[013]/);
  mkdirSync(screenshotFolder, { recursive: true });
  const node = await scene.node();
  const operator = await scene.person('Olga');
  const { page } = operator;
  await operator.open(`${node.local}/admin`);
  await signsIn(operator, node);
  await page.locator('.chart').first().waitFor();
  await looksRight(page, 'overview');

  await page.getByRole('link', { name: 'API keys' }).click();
  await page.locator('#api-key-name').fill('Website');
  await page.keyboard.press('Enter');
  const key = await page.locator('#secret').inputValue();
  await looksRight(page, 'secret');
  await page.locator('#close-secret').click();
  const answers = async () => (await fetch(`${node.local}/api/v1/server`, { headers: { authorization: `Bearer ${key}` } })).status;
  assert.equal(await answers(), 200);
  const row = page.locator('[data-api-key]', { hasText: 'Website' });
  assert.equal((await row.textContent())?.includes(key), false);
  await row.getByRole('button', { name: 'Revoke' }).click();
  await page.locator('#confirm').click();
  await row.waitFor({ state: 'detached' });
  assert.equal(await answers(), 403);
  await looksRight(page, 'keys');

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.locator('#api-key').waitFor();
  await page.reload();
  await page.locator('#api-key').waitFor();
  await looksRight(page, 'sign-in');
});

behaviour('a webhook is made in the dashboard, its deliveries are seen there and sent again', async (scene) => {
  scene.expectComplaints(/status of 400/);
  mkdirSync(screenshotFolder, { recursive: true });
  const receiver = scene.keep(createServer((request, response) => {
    heard.push(request.headers['roomcast-event']);
    response.end();
  }).listen(0, '127.0.0.1'));
  /** @type {unknown[]} */
  const heard = [];
  await once(receiver, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (receiver.address());
  const node = await scene.node({ args: ['--webhook-allow', '127.0.0.0/8'] });
  const operator = await scene.person('Olga');
  const { page } = operator;
  await operator.open(`${node.local}/admin#/webhooks`);
  await page.locator('#api-key').fill(node.apiKey);
  await page.keyboard.press('Enter');
  await page.locator('#webhook-url').fill('http://10.0.0.1/');
  await page.keyboard.press('Enter');
  await page.locator('[data-testid=said][data-word="said.webhook-target"]').waitFor();
  await page.locator('#webhook-url').fill(`http://127.0.0.1:${port}/hook`);
  await page.keyboard.press('Enter');
  assert.match(await page.locator('#secret').inputValue(), /^[0-9a-f]{64}$/);
  await page.locator('#close-secret').click();
  await looksRight(page, 'webhooks');

  const host = await besides(scene, operator, 'Ann');
  await host.opensRoom(node.local, ROOM);
  await page.getByRole('link', { name: 'Deliveries' }).click();
  const joined = page.locator('[data-delivery][data-state=delivered]', { hasText: 'Participant joined' });
  await joined.waitFor();
  await looksRight(page, 'deliveries');
  const before = heard.length;
  await joined.getByRole('button', { name: 'Send again' }).click();
  await until('it was sent again', () => heard.slice(before), (again) => again.includes('participant.joined'));
});

behaviour('the dashboard is used by keyboard, and every control of it has a name', async (scene) => {
  const { node, host } = await liveShow(scene, { viewers: [] });
  const operator = await besides(scene, host);
  const { page } = operator;
  await operator.open(`${node.local}/admin#/rooms/${ROOM}`);
  // The field has the focus already.
  await page.keyboard.type(node.apiKey);
  await page.keyboard.press('Enter');
  await page.locator('#people [data-participant]').waitFor();
  const nameless = await page.evaluate(() => [...document.querySelectorAll('button, input, select, textarea, a[href], summary, svg[role=img]')]
    .filter((element) => element.checkVisibility())
    .filter((element) => !(element.getAttribute('aria-label') || element.textContent?.trim() || /** @type {any} */ (element).labels?.length))
    .map((element) => element.outerHTML));
  assert.deepEqual(nameless, []);
  const remove = page.getByRole('button', { name: 'Remove Ann' });
  await remove.focus();
  // The figures are read anew in the meantime, and the focus stays where it is.
  const readAt = () => page.evaluate(() => /** @type {any} */ (globalThis).dashboard.store.state.now);
  const before = await readAt();
  await until('the room was read again', readAt, (now) => now > before);
  assert.equal(await remove.evaluate((element) => element === document.activeElement), true);
  await page.keyboard.press('Enter');
  await page.locator('#confirm').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('#dialog').waitFor({ state: 'hidden' });
});

/** Someone in the browser of another: one less to start. @param {import('../support/scene.js').Scene} scene @param {Person} other @param {string} [name] */
function besides(scene, other, name = 'Olga') {
  return scene.person(name, { browser: other.page.context().browser() ?? undefined });
}

/** @param {Person} operator @param {import('../support/node.js').Node} node */
async function signsIn(operator, node) {
  await operator.page.locator('#api-key').fill(node.apiKey);
  await operator.page.locator('#sign-in').click();
  await operator.page.locator('[data-figure=version]').waitFor();
}

/** Nothing is wider than the window, on any device and ground. @param {import('playwright-core').Page} page @param {string} name */
async function looksRight(page, name) {
  for (const [device, width, height] of /** @type {const} */ ([['phone', 390, 844], ['desktop', 1280, 800]])) {
    await page.setViewportSize({ width, height });
    for (const colorScheme of /** @type {const} */ (['dark', 'light'])) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(content <= window, `${name}: ${content} pixels wide in a window of ${window}`);
      await page.screenshot({ path: `${screenshotFolder}dashboard-${name}-${device}-${colorScheme}.png` });
    }
  }
}
