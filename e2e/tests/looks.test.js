import { mkdirSync } from 'node:fs';
import { behaviour } from '../support/scene.js';
import { seesAndHears } from '../support/media.js';
import { screenshotFolder } from '../support/places.js';
import { ROOM, roomAt } from '../support/show.js';

const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  for (const [device, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
    behaviour(`nothing sticks out of the page on a ${colorScheme} ${device}`, async (scene) => {
      mkdirSync(screenshotFolder, { recursive: true });
      const node = await scene.node();
      const context = { colorScheme, viewport, hasTouch: device === 'phone', isMobile: device === 'phone' };
      const host = await scene.person('Ann', { context });
      const viewer = await scene.person('Bob', { context });
      const shoot = async (/** @type {import('../support/person.js').Person} */ person, /** @type {string} */ phase) => {
        await checkWidth(person.page, phase);
        await person.page.screenshot({ path: `${screenshotFolder}${phase}-${device}-${colorScheme}.png` });
      };
      await host.open(node.local);
      await shoot(host, 'home');
      await host.opensRoom(node.local, ROOM);
      await host.page.locator('#start-live:enabled').waitFor();
      await shoot(host, 'setup');
      await viewer.open(roomAt(node.local));
      await viewer.phase('waiting');
      await shoot(viewer, 'waiting');
      await host.goesLive();
      await seesAndHears(viewer.page);
      if (device === 'desktop') {
        await viewer.says('The picture is there at once!');
        await host.reads('Bob', 'The picture is there at once!');
        await host.says('Welcome, Bob.');
        await viewer.reads('Ann', 'Welcome, Bob.');
      }
      await shoot(host, 'live');
      await shoot(viewer, 'watching');
      await host.page.locator('#end-room').click();
      await host.page.locator('#confirm').click();
      await viewer.phase('ended');
      await shoot(viewer, 'ended');
    });
  }
}

/** @param {import('playwright-core').Page} page @param {string} phase */
async function checkWidth(page, phase) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  if (content > window) throw new Error(`${phase}: ${content} pixels wide in a window of ${window}`);
}
