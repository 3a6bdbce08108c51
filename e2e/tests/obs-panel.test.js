import assert from 'node:assert/strict';
import { behaviour } from '../support/scene.js';
import { ROOM, roomAt } from '../support/show.js';
import { seesAndHears } from '../support/media.js';
import { until } from '../support/until.js';

behaviour('a host gets an address and a key for OBS, and what publishes with them is on stage with a badge', async (scene) => {
  const node = await scene.node();
  const browser = await scene.chromium();
  const host = await scene.person('Ann', { browser });
  await host.opensRoom(node.local, ROOM);
  await host.goesLive();
  await opensPanel(host);
  assert.equal(await host.page.locator('#whip-address').inputValue(), `${node.lan}/whip/${ROOM}`);
  const key = await keyOf(host);
  const line = (await host.page.locator('[data-testid=ffmpeg-line]').textContent()) ?? '';
  assert.ok(line.includes(`-bf 0`) && line.includes(`"${key}" "${node.lan}/whip/${ROOM}"`), line);
  await host.page.locator('[data-testid=copy-stream-key]').click();
  await host.page.locator('[data-testid=toast][data-key="encoder.copied-key"]').waitFor();
  await closesPanel(host);

  const program = await scene.person('OBS', { browser });
  await program.open(node.local);
  assert.equal(await publishes(program.page, ROOM, key), 201);
  const tile = host.page.locator('rc-tile[data-client=whip]');
  await tile.and(host.page.locator('[data-state=playing]')).waitFor();
  assert.equal(await tile.locator('.tile-client').textContent(), 'Program');
  await host.opensPeople();
  await host.page.locator('[data-testid=stage-list] li', { hasText: 'Ann (program)' }).locator('[data-testid=client]').waitFor();
  const viewer = await scene.person('Bob', { browser });
  await viewer.open(roomAt(node.local));
  await seesAndHears(viewer.page);
  await viewer.page.locator('rc-tile[data-client=whip][data-state=playing]').waitFor();
});

behaviour('a stream key is kept, made new when asked, and the old one opens nothing any more', async (scene) => {
  const node = await scene.node();
  const host = await scene.person('Ann');
  await host.opensRoom(node.local, ROOM);
  await opensPanel(host);
  const first = await keyOf(host);
  await closesPanel(host);
  await opensPanel(host);
  assert.equal(await keyOf(host), first);
  await host.page.locator('#renew-stream-key').click();
  await host.page.locator('#confirm').click();
  const second = await until('there is another key', () => keyOf(host), (key) => key !== first);
  scene.expectComplaints(/status of 403/);
  assert.equal(await publishes(host.page, ROOM, first), 403);
  assert.equal(await publishes(host.page, ROOM, second), 201);
});

behaviour('when no key can be made, the host is told why and may try again', async (scene) => {
  scene.expectComplaints(/status of (403|429)/, /ERR_FAILED/);
  const node = await scene.node();
  const host = await scene.person('Ann');
  await host.opensRoom(node.local, ROOM);
  const answers = [{ status: 403, json: { code: 'host-key-invalid', message: 'no' } }, { status: 429, json: { code: 'rate-limited', message: 'no' } }, null];
  await host.page.route('**/stream-keys', (route) => {
    const answer = answers.shift();
    return answer === undefined ? route.continue() : answer ? route.fulfill(answer) : route.abort();
  });
  await opensPanel(host);
  const fault = host.page.locator('[data-testid=encoder-fault]');
  for (const words of [/host key/, /too fast/, /did not answer/]) {
    await fault.filter({ hasText: words }).waitFor();
    await host.page.locator('#retry-stream-key').click();
  }
  assert.match(await keyOf(host), /^rcs_/);
});

behaviour('a personal link lets one in with what it says; without it, or with a wrong one, the page says why', async (scene) => {
  const node = await scene.node({ args: ['--auth', 'tokens'] });
  const browser = await scene.chromium();
  const token = async (/** @type {object} */ more) => (await (await fetch(`${node.local}/api/v1/tokens`, {
    method: 'POST', headers: { authorization: `Bearer ${node.apiKey}`, 'content-type': 'application/json' }, body: JSON.stringify({ room: ROOM, ...more }),
  })).json()).token;
  const host = await scene.person('somebody', { browser });
  await host.open(`${roomAt(node.local)}#token=${await token({ name: 'Ann', role: 'host', identity: 'ann' })}`);
  await host.phase('setup');
  assert.equal(await host.knows(({ room }) => room.me.name), 'Ann');
  assert.equal(new URL(host.page.url()).hash, '', 'the token does not stay in the address bar');
  await host.page.reload();
  await host.phase('setup');
  await opensPanel(host);
  assert.match(await keyOf(host), /^rcs_/);

  const guest = await scene.person('somebody', { browser });
  await guest.open(`${node.local}/r/elsewhere?#open&token=${await token({ room: 'elsewhere', name: 'Bob', role: 'viewer' })}`);
  await guest.page.locator('[data-testid=toast][data-key="toast.may-not-open"]').waitFor();
  await guest.phase('missing');

  const stranger = await scene.person('Mallory', { browser });
  await stranger.open(roomAt(node.local));
  await stranger.phase('token-missing');
  const forger = await scene.person('Mallory', { browser });
  await forger.open(`${roomAt(node.local)}#token=a.b.c`);
  await forger.phase('token-invalid');
});

/** @param {import('../support/person.js').Person} host */
async function opensPanel(host) {
  await host.page.locator('#open-share').click();
  await host.page.locator('#encoder summary').click();
}

/** @param {import('../support/person.js').Person} host */
async function closesPanel(host) {
  await host.page.locator('#share-dialog').getByRole('button', { name: 'Close' }).click();
}

/** @param {import('../support/person.js').Person} host @returns {Promise<string>} the key, once it is there */
async function keyOf(host) {
  await host.page.locator('rc-encoder[data-state=ready]').waitFor();
  return host.page.locator('#stream-key').inputValue();
}

/**
 * Publishes the fake camera as a program would, by WHIP.
 * @param {import('playwright-core').Page} page @param {string} room @param {string} key
 * @returns {Promise<number>} the status of the answer
 */
function publishes(page, room, key) {
  return page.evaluate(async ([name, bearer]) => {
    const stream = await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
    const peer = new RTCPeerConnection();
    for (const track of stream.getTracks()) peer.addTransceiver(track, { direction: 'sendonly' });
    await peer.setLocalDescription();
    const answer = await fetch(`/whip/${name}`, {
      method: 'POST', headers: { 'content-type': 'application/sdp', authorization: `Bearer ${bearer}` }, body: peer.localDescription?.sdp,
    });
    if (answer.ok) await peer.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
    Object.assign(globalThis, { program: peer });
    return answer.status;
  }, [room, key]);
}
