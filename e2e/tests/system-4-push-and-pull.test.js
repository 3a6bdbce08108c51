/** Push and pull on a LAN, one to many: a pusher, many pullers, one connection for each of them. */
import assert from 'node:assert/strict';
import { hasLinks, receivesBy } from '../support/links.js';
import { seesAndHears } from '../support/media.js';
import { behaviour } from '../support/scene.js';
import { ROOM, roomAt } from '../support/show.js';

const PULLERS = ['Bob', 'Cho', 'Dee', 'Eve', 'Fay', 'Gus', 'Hal', 'Ida'];
/** Of the camera: eight pictures are encoded and eight decoded on the machine of the test. */
const FRAMES_PER_SECOND = 5;
/** For the whole crowd, on a machine that is busy with it. Milliseconds. */
const PATIENCE = 40_000;

behaviour('eight pullers on the LAN watch a pusher by links; they come and go, the pusher reloads, and it goes on', async (scene) => {
  const guest = scene.guest();
  const node = await scene.node({ topology: 'p2p' });
  const pusher = await scene.person('Ann', { chromium: { framesPerSecond: FRAMES_PER_SECOND } });
  await pusher.opensRoom(node.local, ROOM);
  await pusher.goesLive();
  const browser = await scene.chromium({ guest });
  const pulls = async (/** @type {string} */ name) => {
    const puller = await scene.person(name, { browser, context: { viewport: { width: 480, height: 270 } } });
    await puller.open(roomAt(node.lan));
    return puller;
  };
  const pullers = [];
  for (const name of PULLERS) pullers.push(await pulls(name));
  await everyoneSees(pullers);
  await hasLinks(pusher, PULLERS.length, PATIENCE);
  assert.equal(await pullers[0].page.evaluate(() => isSecureContext), false);
  await node.hasSessions(0);

  for (const gone of pullers.splice(0, 3)) await gone.page.close();
  await hasLinks(pusher, PULLERS.length - 3);
  await everyoneSees(pullers);
  for (const name of ['Jan', 'Kit']) pullers.push(await pulls(name));
  await everyoneSees(pullers);

  await pusher.page.reload();
  await pusher.phase('live');
  await hasLinks(pusher, pullers.length, PATIENCE);
  await everyoneSees(pullers);
  for (const puller of pullers) {
    await receivesBy(puller, 'Ann', 'link');
    assert(await puller.isSamePage(), puller.label);
  }
});

/** Looking costs as well: a few at a time. @param {import('../support/person.js').Person[]} pullers */
async function everyoneSees(pullers) {
  for (let at = 0; at < pullers.length; at += 4) {
    await Promise.all(pullers.slice(at, at + 4).map((puller) => seesAndHears(puller.page, { within: PATIENCE })));
  }
}
