import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cushion } from '../lib/cushion.js';
import { FakeClock } from './fakes.js';

function begin() {
  const clock = new FakeClock();
  const receiver = { jitterBufferTarget: null };
  const counters = { type: 'inbound-rtp', packetsReceived: 0, packetsLost: 0 };
  const peer = { getStats: async () => new Map([['in', { ...counters }]]), getReceivers: () => [receiver, {}] };
  const cushion = new Cushion(peer, { clock });
  return {
    clock, receiver, counters, cushion,
    /** So many seconds in which some of two hundred packets a second are lost. */
    async lose(percent, seconds) {
      for (let half = 0; half < seconds * 2; half += 1) {
        counters.packetsReceived += 100 - percent;
        counters.packetsLost += percent;
        await clock.pass(500);
      }
    },
  };
}

test('without loss nothing is held back', async () => {
  const { lose, receiver } = begin();
  await lose(0, 20);
  assert.equal(receiver.jitterBufferTarget, null);
});

test('the more is lost, the longer media is held back, within seconds', async () => {
  const { lose, receiver } = begin();
  await lose(2, 3);
  assert.equal(receiver.jitterBufferTarget, 100);
  await lose(5, 4);
  assert.equal(receiver.jitterBufferTarget, 200);
  await lose(10, 4);
  assert.equal(receiver.jitterBufferTarget, 250);
});

test('a loss at the very beginning is answered at once', async () => {
  const { lose, receiver } = begin();
  await lose(5, 0.5);
  assert.equal(receiver.jitterBufferTarget, 200);
});

test('it ends when the network has been calm for a while, and not between two bursts', async () => {
  const { lose, receiver } = begin();
  await lose(5, 4);
  await lose(0, 8);
  assert.equal(receiver.jitterBufferTarget, 200);
  await lose(5, 3);
  await lose(0, 8);
  assert.equal(receiver.jitterBufferTarget, 200);
  await lose(0, 8);
  assert.equal(receiver.jitterBufferTarget, null);
});

test('a few lost packets of a few say nothing, nor do counters that begin anew', async () => {
  const { lose, counters, receiver, clock } = begin();
  counters.packetsReceived = 20;
  counters.packetsLost = 5;
  await clock.pass(500);
  counters.packetsReceived = 30;
  counters.packetsLost = 8;
  await clock.pass(1_000);
  assert.equal(receiver.jitterBufferTarget, null);
  await lose(0, 10);
  Object.assign(counters, { packetsReceived: 0, packetsLost: 0 });
  await lose(0, 2);
  assert.equal(receiver.jitterBufferTarget, null);
});

test('a connection that is over is not looked at any more', async () => {
  const { lose, cushion, receiver } = begin();
  cushion.stop();
  await lose(10, 10);
  assert.equal(receiver.jitterBufferTarget, null);
});
