/** What the page says about quality, in all its looks: nothing sticks out, and screenshots to look at. */
import { mkdirSync } from 'node:fs';
import { seesAndHears } from '../support/media.js';
import { screenshotFolder } from '../support/places.js';
import { behaviour } from '../support/scene.js';
import { ROOM, roomAt } from '../support/show.js';
import { wiretap } from '../support/wire.js';

const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  for (const [device, viewport] of Object.entries(SIZES)) {
    behaviour(`what is said about quality fits on a ${colorScheme} ${device}`, async (scene) => {
      mkdirSync(screenshotFolder, { recursive: true });
      const node = await scene.node();
      const context = { colorScheme, viewport, hasTouch: device === 'phone', isMobile: device === 'phone' };
      const host = await scene.person('Ann', { context });
      const bob = await scene.person('Bob', { context });
      const [atHost, atBob] = [await wiretap(host), await wiretap(bob)];
      const shoot = async (/** @type {import('../support/person.js').Person} */ { page }, /** @type {string} */ name) => {
        const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
        if (content > window) throw new Error(`${name}: ${content} pixels wide in a window of ${window}`);
        await page.screenshot({ path: `${screenshotFolder}quality-${name}-${device}-${colorScheme}.png` });
      };
      atBob.keepsBack('reception');
      atHost.keepsBack('struggling');
      await host.opensRoom(node.local, ROOM);
      await host.goesLive();
      await bob.open(roomAt(node.local));
      await seesAndHears(bob.page);
      await bob.page.keyboard.press('q');
      await bob.page.locator('[data-testid=tile-figures] [data-figure=rate]:not(:empty)').waitFor();
      atBob.tells({ type: 'reception', standing: 'limited', available: 480_000, lossPercent: 1 });
      await bob.page.locator('[data-testid=reception]').waitFor();
      if (device === 'desktop') await bob.page.locator('rc-tile').hover();
      await shoot(bob, 'limited');
      await bob.page.locator('#open-settings').click();
      await shoot(bob, 'settings');
      await bob.page.locator('#settings-dialog [data-testid=choose-quality]').selectOption('sound');
      await bob.page.locator('#settings-dialog').getByRole('button', { name: 'Close' }).click();
      await bob.page.locator('[data-testid=sound-only]').waitFor();
      await shoot(bob, 'sound-only');
      const weak = (/** @type {string} */ name, /** @type {string} */ standing, /** @type {number} */ available) =>
        ({ participant: name, name, reception: { standing, available, lossPercent: standing === 'poor' ? 12 : 3 } });
      atHost.tells({ type: 'struggling', count: 24, participants: [weak('Zoe of the long name that goes on and on', 'poor', 90_000), weak('Bob', 'limited', 480_000)] });
      await host.page.locator('[data-testid=struggling-count]').waitFor();
      await shoot(host, 'badge');
      await host.opensPeople();
      await shoot(host, 'struggling');
    });
  }
}
