/** The networks of the other tests are what they say. */
import assert from 'node:assert/strict';
import { LAN, PORT, PUBLIC } from '../support/addresses.js';
import { Mirror } from '../support/burst.js';
import { Echo } from '../support/echo.js';
import { behaviour } from '../support/scene.js';

behaviour('without a NAT a machine is seen under its own address', async (scene) => {
  const { home, echo } = await laboratory(scene, { nat: 'none' });
  const { answers, tcp } = await echo.askedFrom(home);
  assert.deepEqual(answers.map(addressOf), [home.publicAddress, home.publicAddress]);
  assert(tcp);
});

behaviour('a cone-like NAT shows all destinations one port, and nothing comes in unasked', async (scene) => {
  const { home, echo } = await laboratory(scene, { nat: 'cone' });
  const { answers: [one, other], unasked, tcp } = await echo.askedFrom(home);
  assert.equal(addressOf(one), home.publicAddress);
  assert.equal(one, other);
  assert.equal(unasked, 0);
  assert(tcp);
});

behaviour('a symmetric NAT shows each destination another port', async (scene) => {
  const { home, echo } = await laboratory(scene, { nat: 'symmetric' });
  const { answers: [one, other], unasked } = await echo.askedFrom(home);
  assert.deepEqual([one, other].map(addressOf), [home.publicAddress, home.publicAddress]);
  assert.notEqual(one, other);
  assert.equal(unasked, 0);
});

behaviour('behind a firewall against UDP only TCP gets out', async (scene) => {
  const { home, echo } = await laboratory(scene, { firewall: 'tcp-only' });
  assert.deepEqual(await echo.askedFrom(home), { answers: [null, null], unasked: 0, tcp: true });
});

behaviour('behind the strictest firewall only TLS gets out', async (scene) => {
  const { home, echo } = await laboratory(scene, { firewall: 'tls-only' });
  assert.deepEqual(await echo.askedFrom(home), { answers: [null, null], unasked: 0, tcp: false });
  assert.deepEqual(await echo.askedFrom(home, { tls: true }), { answers: [null, null], unasked: 0, tcp: true });
});

behaviour('a machine that moves into another network is seen under another address', async (scene) => {
  const { home, echo } = await laboratory(scene, { nat: 'cone' });
  const before = home.publicAddress;
  assert.equal(addressOf((await echo.askedFrom(home)).answers[0]), before);
  home.moves({ nat: 'symmetric' });
  assert.notEqual(home.publicAddress, before);
  assert.equal(addressOf((await echo.askedFrom(home)).answers[0]), home.publicAddress);
});

behaviour('a link is as late, as slow and as lossy as it is told, from then on', async (scene) => {
  const { link, burst } = await linked(scene);
  assert.equal((await burst(100)).numbers.length, 100);
  await link.set({ delay: '40ms' });
  const late = await burst(1);
  assert(late.took[0] >= 80, `there and back after ${late.took[0]} ms`);
  // A queue of 20,000 bytes, and a packet of 1,000 bytes each 8 ms.
  await link.set({ delay: '0ms', rate: '1M', queue: '20000' }, 'down');
  const slow = await burst(100);
  assert(slow.numbers.length < 100 && slow.took.length >= 20, `${slow.took.length} came back`);
  assert(slow.took[slow.took.length - 1] >= (slow.took.length - 1) * 8, `the last one after ${slow.took[slow.took.length - 1]} ms`);
  await link.set({ rate: 'none', delay: '0ms', loss: '50%' }, 'down');
  const lossy = await burst(200);
  assert(lossy.numbers.length > 60 && lossy.numbers.length < 140, `${lossy.numbers.length} came back`);
  const { up, down } = await link.counts();
  assert.equal(up.passed.packets, 401);
  assert.equal(down.lost.packets, 200 - lossy.numbers.length);
  assert.equal(down.overflowed.packets, 100 - slow.numbers.length);
});

behaviour('a link keeps the order of packets, also with jitter, until it is told otherwise', async (scene) => {
  const { link, burst } = await linked(scene);
  await link.set({ delay: '10ms', jitter: '30ms' });
  const inOrder = (/** @type {number[]} */ numbers) => numbers.every((number, at) => at === 0 || number > numbers[at - 1]);
  assert(inOrder((await burst(50)).numbers));
  await link.set({ reorder: '20%' }, 'down');
  const { numbers } = await burst(50);
  assert(numbers.length === 50 && !inOrder(numbers), `${numbers}`);
});

behaviour('a link says which of its words it does not understand', async (scene) => {
  const { link } = await linked(scene);
  await assert.rejects(link.set({ loss: 'much' }), /loss=much/);
});

/** @param {import('../support/scene.js').Scene} scene */
async function linked(scene) {
  const guest = await scene.linkedGuest();
  const mirror = await scene.keep(new Mirror()).listen(LAN);
  return { link: guest.link, burst: (/** @type {number} */ count) => mirror.burstFrom(guest, count) };
}

/** @param {import('../support/scene.js').Scene} scene @param {import('../support/internet.js').Kind} kind */
async function laboratory(scene, kind) {
  const home = scene.internet().home(kind);
  // In the place of the node, on its port: that is the one the firewalls know.
  const echo = await scene.keep(new Echo()).listen(PUBLIC, PORT);
  return { home, echo };
}

/** @param {string | null} answer */
function addressOf(answer) {
  return answer?.split(':')[0];
}
