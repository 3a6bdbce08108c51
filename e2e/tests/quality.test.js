/** How good pictures are received: what a page asks for, what it gets for that, and what it says about it. */
import assert from 'node:assert/strict';
import { look, seesAndHears } from '../support/media.js';
import { behaviour } from '../support/scene.js';
import { liveShow, ROOM, roomAt } from '../support/show.js';
import { bitrates } from '../support/traffic.js';
import { until } from '../support/until.js';
import { wiretap } from '../support/wire.js';

/** @typedef {import('../support/person.js').Person} Person */

/** Less than the lowest layer of any picture. Bits a second. */
const NEARLY_NOTHING = 10_000;

behaviour('a page says how large it shows each picture, in pixels of the screen, and which one is the large one', async (scene) => {
  const node = await scene.node();
  const host = await scene.person('Ann');
  await host.opensRoom(node.local, ROOM);
  await host.goesLive();
  const bob = await scene.person('Bob', { context: { viewport: { width: 1200, height: 800 }, deviceScaleFactor: 2 } });
  const wire = await wiretap(bob);
  await bob.open(roomAt(node.local));
  await seesAndHears(bob.page);
  const alone = await wanted(bob, wire, 'camera', ({ width }) => width > 0);
  const box = await bob.page.locator('rc-tile').boundingBox();
  assert.ok(Math.abs(alone.width - (box?.width ?? 0) * 2) < 40, `${alone.width} of a tile of ${box?.width}`);
  await host.turns('screen', true);
  await seesAndHears(bob.page, { source: 'screen' });
  const screen = await wanted(bob, wire, 'screen', ({ spotlight }) => spotlight);
  const camera = await wanted(bob, wire, 'camera', ({ width, spotlight }) => !spotlight && width < alone.width);
  assert.ok(camera.width < screen.width / 2, `${camera.width} beside ${screen.width}`);
});

behaviour('who chooses Low gets the small picture, and who chooses Automatic the one that fits', async (scene) => {
  const { viewers: [bob] } = await liveShow(scene);
  await hasWidth(bob, (width) => width >= 960);
  await bob.choosesQuality('Low');
  await hasWidth(bob, (width) => width <= 320);
  await bob.choosesQuality('Automatic');
  await hasWidth(bob, (width) => width >= 960);
});

behaviour('Firefox gets the quality that is chosen, and says in figures what that is', async (scene) => {
  const node = await scene.node();
  const host = await scene.person('Ann');
  await host.opensRoom(node.local, ROOM);
  await host.goesLive();
  const bob = await scene.person('Bob', { browser: await scene.firefox() });
  await bob.open(`${roomAt(node.lan)}?stats`);
  await seesAndHears(bob.page, { within: 40_000 });
  const figure = (/** @type {string} */ name) => bob.page.locator(`[data-figure=${name}]`).textContent();
  await until('the way', () => figure('way'), (words) => words === 'Over the server, UDP');
  await bob.choosesQuality('Low');
  await until('the size of the small picture', () => figure('size'), (words) => parseInt(words ?? '', 10) <= 320);
  await bob.choosesQuality('Sound only');
  await getsNoPictures(bob);
});

behaviour('sound only stops all pictures and nothing else, also after a reload, and says the way back', async (scene) => {
  const { viewers: [bob] } = await liveShow(scene);
  await bob.choosesQuality('Sound only');
  await bob.page.locator('rc-tile[data-state=unwanted]').waitFor();
  await getsNoPictures(bob);
  await bob.page.reload();
  await bob.page.locator('[data-testid=sound-only]').waitFor();
  await getsNoPictures(bob);
  await bob.page.locator('#show-pictures').click();
  await seesAndHears(bob.page);
  assert.equal(await bob.page.locator('[data-testid=sound-only]').isVisible(), false);
});

behaviour('a picture that is scrolled out of sight costs nothing, and is there again when it is seen', async (scene) => {
  const { host, viewers: [bob] } = await liveShow(scene);
  await host.turns('screen', true);
  await seesAndHears(bob.page, { source: 'screen' });
  const strip = bob.page.locator('.tiles');
  // As if many stood in the strip.
  await strip.evaluate((box) => box.append(Object.assign(document.createElement('div'), { style: 'flex: none; width: 10px; height: 5000px' })));
  await strip.evaluate((box) => box.scrollTo(0, 4000));
  await until('the camera costs nothing out of sight', () => bitrates(bob.page, 'camera'), ({ video }) => video < NEARLY_NOTHING);
  assert.equal((await look(bob.page))?.state, 'playing', 'it is not taken for one that froze');
  await seesAndHears(bob.page, { source: 'screen', sound: false });
  await strip.evaluate((box) => box.scrollTo(0, 0));
  await seesAndHears(bob.page);
});

behaviour('a page that nobody looks at gets sound alone, and its pictures are there at once when it is looked at again', async (scene) => {
  const { viewers: [bob] } = await liveShow(scene);
  await looksAway(bob, true);
  await getsNoPictures(bob);
  await looksAway(bob, false);
  await seesAndHears(bob.page, { within: 3_000 });
  assert.equal((await look(bob.page))?.state, 'playing');
});

for (const [where, button] of Object.entries({ 'in a window of its own': 'tile-pip', 'on the full screen': 'tile-fullscreen' })) {
  behaviour(`a picture ${where} goes on when the page is out of sight, and the others rest`, async (scene) => {
    const { host, viewers: [bob] } = await liveShow(scene);
    await host.turns('screen', true);
    await seesAndHears(bob.page, { source: 'screen' });
    const screen = bob.page.locator('rc-tile[data-source=screen]');
    await screen.hover();
    await screen.getByTestId(button).click();
    await looksAway(bob, true);
    await until('the camera rests', () => bitrates(bob.page, 'camera'), ({ video }) => video < NEARLY_NOTHING);
    assert.ok((await bitrates(bob.page, 'screen')).video > NEARLY_NOTHING);
    await looksAway(bob, false);
    await bob.page.evaluate(() => (document.fullscreenElement ? document.exitFullscreen() : document.exitPictureInPicture()));
    await seesAndHears(bob.page);
  });
}

behaviour('a key shows in figures how a picture arrives, and hides them again', async (scene) => {
  const { viewers: [bob] } = await liveShow(scene);
  await bob.page.keyboard.press('q');
  const words = async () => Object.fromEntries(await bob.page.locator('[data-testid=tile-figures] span').evaluateAll((spans) =>
    spans.map((span) => [/** @type {HTMLElement} */ (span).dataset.figure, span.textContent])));
  const complete = (/** @type {any} */ { size, rate, frames, trip }) => /^\d+ × \d+$/.test(size) && /^[\d.]+ [kM]bit\/s$/.test(rate) && parseInt(frames, 10) >= 5 && trip;
  const said = await until('figures of a picture that plays', words, complete);
  const seen = await look(bob.page);
  assert.equal(said.codec, 'VP8');
  assert.equal(said.loss, '0 % lost');
  assert.match(said.way, /^Over the server, UDP$/);
  assert.ok(parseInt(said.trip, 10) < 200, said.trip);
  assert.ok(parseInt(said.size, 10) <= (seen?.width ?? 0) * 4);
  await bob.page.keyboard.press('q');
  await bob.page.locator('[data-testid=tile-figures]').waitFor({ state: 'hidden' });
  assert.equal(await bob.knows((state) => state.figures), null);
});

behaviour('figures of a link say that it is one', async (scene) => {
  const { viewers: [bob] } = await liveShow(scene, { topology: 'p2p' });
  await bob.page.keyboard.press('q');
  await until('the way', () => bob.page.locator('[data-figure=way]').textContent(), (words) => words === 'Direct, UDP');
  assert.equal(await bob.page.locator('rc-tile [data-testid=choose-quality]').isVisible(), false, 'a link has one quality');
});

behaviour('a network that holds the picture down is named in words, until it is good again', async (scene) => {
  const { bob, atBob } = await tappedShow(scene);
  atBob.keepsBack('reception');
  atBob.tells({ type: 'reception', standing: 'limited', available: 480_000, lossPercent: 1 });
  const mark = bob.page.locator('[data-testid=reception]');
  await until('the words', () => mark.locator('.in-full').textContent(), (words) => words === 'Your network carries 480 kbit/s: the picture is smaller');
  atBob.tells({ type: 'reception', standing: 'good', available: 3_000_000, lossPercent: 0 });
  await mark.waitFor({ state: 'hidden' });
});

behaviour('a host sees who suffers and how badly, and the list stands still while figures change', async (scene) => {
  const { host, atHost } = await tappedShow(scene);
  atHost.keepsBack('struggling');
  const weak = (/** @type {string} */ name, /** @type {string} */ standing, /** @type {number} */ available) =>
    ({ participant: name, name, reception: { standing, available, lossPercent: 3 } });
  const tell = (/** @type {any[]} */ ...participants) => atHost.tells({ type: 'struggling', participants, count: participants.length });
  tell(weak('Bob', 'limited', 480_000), weak('Zoe', 'poor', 90_000));
  await host.page.locator('[data-testid=struggling-count]', { hasText: '2' }).waitFor();
  await host.opensPeople();
  const rows = host.page.locator('[data-testid=struggling-list] li');
  assert.deepEqual(await rows.evaluateAll((all) => all.map((row) => row.getAttribute('data-participant'))), ['Zoe', 'Bob']);
  assert.equal(await rows.first().getAttribute('title'), '90 kbit/s · 3 % lost');
  const zoe = await rows.first().elementHandle();
  tell(weak('Zoe', 'poor', 120_000), weak('Bob', 'limited', 30_000));
  await host.page.locator('li[title="120 kbit/s · 3 % lost"]').waitFor();
  assert.ok(await zoe?.evaluate((row) => row.isConnected), 'it is the same row');
  tell();
  await rows.first().waitFor({ state: 'detached' });
  await host.page.locator('[data-testid=struggling-count]').waitFor({ state: 'hidden' });
});

/** A host who is live and a viewer, to both of whom the test may speak as the node. @param {import('../support/scene.js').Scene} scene */
async function tappedShow(scene) {
  const node = await scene.node();
  const [host, bob] = [await scene.person('Ann'), await scene.person('Bob')];
  const [atHost, atBob] = [await wiretap(host), await wiretap(bob)];
  await host.opensRoom(node.local, ROOM);
  await host.goesLive();
  await bob.open(roomAt(node.local));
  await seesAndHears(bob.page);
  return { host, bob, atHost, atBob };
}

/** @param {Person} person @param {(width: number) => boolean} fits */
async function hasWidth({ page, label }, fits) {
  await until(`the picture of ${label} has another size`, () => look(page), (now) => fits(now?.width ?? 0), 25_000);
}

/** @param {Person} person */
async function getsNoPictures({ page, label }) {
  const rates = await until(`no pictures come to ${label}`, () => bitrates(page), ({ video }) => video < NEARLY_NOTHING);
  assert.ok(rates.audio > NEARLY_NOTHING, `sound goes on: ${rates.audio}`);
}

/**
 * What the page last said of a picture, once it says so.
 * @param {Person} person @param {Awaited<ReturnType<typeof wiretap>>} wire @param {string} source @param {(preference: any) => boolean} holds
 */
async function wanted(person, wire, source, holds) {
  const publication = await person.knows((state) =>
    Object.fromEntries(state.room.room.stage.flatMap((/** @type {any} */ { publications }) => publications).map((/** @type {any} */ one) => [one.source, one.publication])));
  const newest = () => wire.said('prefer').at(-1)?.pictures.find((/** @type {any} */ one) => one.publication === publication[source]);
  return until(`what is wanted of ${source}`, newest, (preference) => preference && holds(preference));
}

/** As when another tab is brought to the front. Driven browsers take every page for the one in front. @param {Person} person @param {boolean} away */
async function looksAway({ page }, away) {
  await page.evaluate((hidden) => {
    for (const [name, value] of Object.entries({ hidden, visibilityState: hidden ? 'hidden' : 'visible' })) {
      Object.defineProperty(document, name, { configurable: true, get: () => value });
    }
    document.dispatchEvent(new Event('visibilitychange'));
  }, away);
}
