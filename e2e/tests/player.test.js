import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { countsPeers, playerIn, plays } from '../support/plays.js';
import { behaviour } from '../support/scene.js';
import { ROOM, roomAt } from '../support/show.js';
import { pageWith, Site } from '../support/site.js';
import { until } from '../support/until.js';

/** What Chromium says of an answer that is none, and what a page hears while there is no node. */
const NOT_OPEN = /status of 404/;
const REFUSED = /status of 40[13]/;
const NO_NODE = /WebSocket connection to .* failed|ERR_CONNECTION_|Failed to fetch/;

behaviour('a player on another site waits for the room, shows and sounds it, and comes back after the node was killed', async (scene) => {
  scene.expectComplaints(NOT_OPEN, NO_NODE);
  const node = await scene.node();
  const { page, player, is, says } = await watches(scene, await siteWith(scene, playerOf(node.local)));
  await is('waiting');
  await says('Nobody is live yet');
  const host = await scene.person('Ann');
  await host.opensRoom(node.local, ROOM);
  await until('it knows that nobody is live', () => player.evaluate((element) => element.reason?.code), (code) => code === 'not-live');
  await host.goesLive();
  await is('playing');
  await plays(page);
  await host.counts(1);

  await host.turns('screen', true);
  const small = player.locator('button.picture');
  await small.waitFor();
  await small.click();
  await plays(page);
  await host.turns('screen', false);
  await small.waitFor({ state: 'hidden' });

  await node.end('SIGKILL');
  await is('reconnecting', 30_000);
  await node.start();
  await host.phase('live');
  await is('playing', 30_000);
  await plays(page);

  await host.page.locator('#end-room').click();
  await host.page.locator('#confirm').click();
  await is('waiting', 30_000);
});

behaviour('a player without a token says why it is refused, and plays with one', async (scene) => {
  scene.expectComplaints(REFUSED);
  const node = await scene.node({ args: ['--auth', 'tokens'] });
  const host = await scene.person('Ann');
  await host.open(`${roomAt(node.local)}#token=${await tokenFor(node, { role: 'host' })}`);
  await host.goesLive();
  const { page, player, is, says } = await watches(scene, await siteWith(scene, playerOf(node.local)));
  await is('refused');
  await says('Watching needs a permission.');
  assert.equal(await player.evaluate((element) => element.reason.code), 'token-missing');
  await player.evaluate((element, token) => element.setAttribute('token', token), await tokenFor(node, { grants: { subscribe: true } }));
  await is('playing');
  await plays(page);
  await host.counts(1);

  const restarted = page.waitForResponse((response) => response.request().method() === 'PATCH' && response.status() === 200);
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await restarted;
  await plays(page);

  await host.turns('camera', false);
  await player.getByText('Sound only').waitFor();
  await host.turns('camera', true);
  await player.getByText('Sound only').waitFor({ state: 'hidden' });

  await player.locator('.frame').focus();
  for (const [key, what, now] of /** @type {const} */ ([['m', 'muted', true], ['m', 'muted', false], ['f', 'full', true], ['f', 'full', false]])) {
    await page.keyboard.press(key);
    await until(`${what} is ${now} after ${key}`, () => player.evaluate(standing), (is) => is[what] === now);
  }
  await player.locator('button.pip').click();
  await until('it is in a window of its own', () => player.evaluate(standing), ({ apart }) => apart);

  await player.evaluate((element) => element.stop());
  await is('stopped');
  await host.counts(0);
  await player.getByText('Try again').click();
  await is('playing');
});

behaviour('a player in a frame of another site plays at once, and sounds after a click', async (scene) => {
  const { node } = await onAir(scene);
  const frame = `<iframe src="${node.local}/embed/${ROOM}" width="640" height="360" allow="autoplay; fullscreen; picture-in-picture"></iframe>`;
  const site = await siteWith(scene, frame);
  const viewer = await scene.person('Bob', { chromium: { autoplay: false } });
  await countsPeers(viewer);
  await tellsOfRefusedSound(viewer);
  // Playwright's own looks into a page count as clicks for the browser: this does not.
  const refused = viewer.page.waitForEvent('console', (message) => message.text() === 'sound is refused');
  await viewer.page.goto(site.origin);
  await refused;
  const inside = /** @type {import('playwright-core').Frame} */ (viewer.page.frames()[1]);
  const { player, is } = playerIn(inside);
  await is('playing');
  await plays(inside, { sound: false });
  await player.getByText('Tap for sound').click();
  await plays(inside);
  assert.equal(await player.getByText('Tap for sound').isVisible(), false);
});

behaviour('Firefox, and a player of another project, play a browser host on other sites', async (scene) => {
  const { node, host } = await onAir(scene);
  const firefox = await watches(scene, await siteWith(scene, playerOf(node.lan)), await scene.firefox());
  const foreign = await scene.person('Cho');
  await countsPeers(foreign);
  await foreign.open((await siteOfEyevinn(scene, node.local)).origin);
  await plays(foreign.page);
  await firefox.is('playing', 40_000);
  await plays(firefox.page, { within: 40_000 });
  await host.counts(2);
});

/** Runs in the page. @param {any} player */
function standing(player) {
  const { muted, shadowRoot } = player;
  return { muted, full: document.fullscreenElement === player, apart: shadowRoot.pictureInPictureElement !== null };
}

/** A node and a host who is live. @param {import('../support/scene.js').Scene} scene */
async function onAir(scene) {
  const node = await scene.node();
  const host = await scene.person('Ann');
  await host.opensRoom(node.local, ROOM);
  await host.goesLive();
  return { node, host };
}

/** A site with the player `@eyevinn/webrtc-player`. @param {import('../support/scene.js').Scene} scene @param {string} node */
async function siteOfEyevinn(scene, node) {
  const contents = `
    import { WebRTCPlayer } from '@eyevinn/webrtc-player';
    const player = new WebRTCPlayer({ video: document.querySelector('video'), type: 'whep', iceServers: [] });
    await player.load(new URL('${node}/whep/${ROOM}'));
    player.unmute();`;
  const resolveDir = fileURLToPath(new URL('..', import.meta.url));
  const { outputFiles: [bundle] } = await build({ stdin: { contents, resolveDir }, bundle: true, format: 'esm', write: false });
  const page = pageWith('<video autoplay muted playsinline></video><script type="module" src="/player.js"></script>');
  return scene.keep(await new Site({ pages: { '/index.html': page, '/player.js': bundle.text } }).listen());
}

/** @param {import('../support/node.js').Node} node @param {object} more what the token is to say @returns {Promise<string>} */
async function tokenFor(node, more) {
  const headers = { authorization: `Bearer ${node.apiKey}`, 'content-type': 'application/json' };
  const made = await fetch(`${node.local}/api/v1/tokens`, { method: 'POST', headers, body: JSON.stringify({ room: ROOM, ...more }) });
  return (await made.json()).token;
}

/** @param {import('../support/person.js').Person} person */
function tellsOfRefusedSound(person) {
  return person.page.context().addInitScript(() => {
    const { play } = HTMLMediaElement.prototype;
    HTMLMediaElement.prototype.play = function () {
      const playing = play.call(this);
      playing.catch(({ name }) => name === 'NotAllowedError' && console.debug('sound is refused'));
      return playing;
    };
  });
}

/** @param {string} node @param {string} [attributes] */
function playerOf(node, attributes = '') {
  return `<script type="module" src="${node}/sdk/roomcast.js"></script>
    <roomcast-player room="${ROOM}" src="${node}" controls ${attributes}></roomcast-player>`;
}

/** @param {import('../support/scene.js').Scene} scene @param {string} body */
async function siteWith(scene, body) {
  return scene.keep(await new Site({ pages: { '/index.html': pageWith(body) } }).listen());
}

/** @param {import('../support/scene.js').Scene} scene @param {Site} site @param {import('playwright-core').Browser} [browser] */
async function watches(scene, site, browser) {
  const viewer = await scene.person('Bob', { browser });
  await countsPeers(viewer);
  await viewer.open(site.origin);
  return { page: viewer.page, ...playerIn(viewer.page) };
}
