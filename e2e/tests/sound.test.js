import assert from 'node:assert/strict';
import { behaviour } from '../support/scene.js';
import { hears, look, seesAndHears } from '../support/media.js';
import { ROOM, liveShow, roomAt } from '../support/show.js';
import { until } from '../support/until.js';

behaviour('a browser that refuses sound shows the picture and a button, which brings the sound', async (scene) => {
  const { node } = await liveShow(scene, { viewers: [] });
  const viewer = await scene.person('Bob', { chromium: { autoplay: false } });
  await viewer.page.goto(roomAt(node.local));
  // Playwright's own looks into a page count as clicks for the browser: these do not.
  const devtools = await viewer.page.context().newCDPSession(viewer.page);
  const blocked = { expression: 'roomcast.store.state.soundBlocked', userGesture: false };
  await until('sound is refused', async () => (await devtools.send('Runtime.evaluate', blocked)).result.value);
  await viewer.page.getByRole('button', { name: 'Tap for sound' }).waitFor();
  await seesAndHears(viewer.page, { sound: false });
  assert.equal((await look(viewer.page))?.muted, true);
  await viewer.page.getByRole('button', { name: 'Tap for sound' }).click();
  await viewer.page.locator('#tap-for-sound').waitFor({ state: 'hidden' });
  await until('the sound is on', () => look(viewer.page), (now) => now?.muted === false);
  await seesAndHears(viewer.page);
});

behaviour('a host who goes live with the microphone alone is heard, and seen once the camera is on', async (scene) => {
  const node = await scene.node({ topology: 'auto' });
  const host = await scene.person('Ann');
  await host.opensRoom(node.local, ROOM);
  await host.page.locator('rc-setup [data-testid=toggle-microphone][aria-pressed=true]').waitFor();
  await host.turns('camera', false);
  await host.goesLive();
  const viewer = await scene.person('Bob');
  await viewer.open(roomAt(node.local));
  await hears(viewer.page, 'Ann');
  await host.turns('camera', true);
  await seesAndHears(viewer.page);
});

behaviour('a viewer sets the volume, silences the sound, and goes to the full screen and back', async (scene) => {
  const { viewers: [{ page }] } = await liveShow(scene);
  await page.locator('rc-tile').hover();
  await page.locator('rc-tile input.volume').fill('0.5');
  assert.equal(await page.locator('rc-tile video').evaluate((video) => /** @type {HTMLVideoElement} */ (video).volume), 0.5);
  await page.locator('[data-testid=tile-sound]').click();
  await until('silenced', () => look(page), (now) => now?.muted === true);
  await page.locator('[data-testid=tile-sound]').click();
  await until('heard again', () => look(page), (now) => now?.muted === false);
  await page.locator('[data-testid=tile-fullscreen]').click();
  await until('full screen', () => page.evaluate(() => document.fullscreenElement?.localName), (name) => name === 'rc-tile');
  await page.locator('rc-tile').hover();
  await page.locator('[data-testid=tile-fullscreen]').click();
  await until('back', () => page.evaluate(() => document.fullscreenElement === null));
  await seesAndHears(page);
});

behaviour('a viewer takes the picture out of the page, and puts it back', async (scene) => {
  const { viewers: [{ page }] } = await liveShow(scene);
  await page.locator('rc-tile').hover();
  await page.locator('[data-testid=tile-pip]').click();
  await until('picture in picture', () => page.evaluate(() => document.pictureInPictureElement?.localName), (name) => name === 'video');
  await page.locator('[data-testid=tile-pip]').click();
  await until('back', () => page.evaluate(() => document.pictureInPictureElement === null));
});
