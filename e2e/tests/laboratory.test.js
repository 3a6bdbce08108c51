/** The networks of the other tests are what they say. */
import assert from 'node:assert/strict';
import { PORT, PUBLIC } from '../support/addresses.js';
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
