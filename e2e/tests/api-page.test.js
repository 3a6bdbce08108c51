import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { behaviour } from '../support/scene.js';
import { screenshotFolder } from '../support/places.js';

const LOOKS = [
  { device: 'desktop', colorScheme: /** @type {const} */ ('light'), viewport: { width: 1280, height: 800 } },
  { device: 'phone', colorScheme: /** @type {const} */ ('dark'), viewport: { width: 390, height: 844 } },
];

for (const { device, colorScheme, viewport } of LOOKS) {
  behaviour(`the page of the HTTP API shows every operation on a ${colorScheme} ${device}`, async (scene) => {
    mkdirSync(screenshotFolder, { recursive: true });
    const node = await scene.node();
    const reader = await scene.person('Reader', { context: { colorScheme, viewport } });
    const { page } = reader;
    await reader.open(`${node.local}/api`);
    const makesRooms = page.locator('#makeRoom');
    await makesRooms.getByText('waitingRoom').first().waitFor();
    await makesRooms.getByText('curl -X POST').waitFor();

    const description = await (await fetch(`${node.local}/api/v1/openapi.json`)).json();
    const told = Object.values(description.paths).flatMap((item) => Object.values(item).map((operation) => operation.operationId));
    const shown = await page.locator('article').evaluateAll((cards) => cards.map((card) => card.id));
    assert.deepEqual(shown.sort(), told.sort());

    await makesRooms.locator('summary').click();
    await makesRooms.getByText('hostKey').waitFor();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(wide, 0, 'nothing sticks out');
    await page.screenshot({ path: `${screenshotFolder}api-${device}-${colorScheme}.png` });
  });
}
