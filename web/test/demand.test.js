import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Demand } from '../lib/demand.js';
import { FakeClock, settle } from './fakes.js';

function begin() {
  const clock = new FakeClock();
  const sent = [];
  const node = { answer: async () => ({ type: 'ok' }) };
  const request = (message) => {
    sent.push(message);
    return node.answer(message);
  };
  return { clock, sent, node, demand: new Demand({ request, clock }) };
}

const refusing = (code) => async () => {
  throw Object.assign(new Error(code), { code });
};
const at = (width, more = {}) => [{ publication: 7, quality: 'auto', width, height: width / 2, ...more }];

test('the first wish is said at once, and the next ones twice a second, the last one always', async () => {
  const { clock, sent, demand } = begin();
  demand.want(at(100));
  assert.equal(sent.length, 1);
  for (let width = 110; width <= 200; width += 10) {
    demand.want(at(width));
    await clock.pass(100);
  }
  await clock.pass(1_000);
  assert.ok(sent.length <= 4, String(sent.length));
  assert.deepEqual(sent.at(-1), { type: 'prefer', pictures: [{ publication: 7, quality: 'auto', width: 200, height: 100 }] });
});

test('nothing is said twice, in whatever order it is wanted', async () => {
  const { clock, sent, demand } = begin();
  const [one, other] = [{ publication: 1, quality: 'low' }, { publication: 2, quality: 'paused' }];
  demand.want([one, other]);
  await clock.pass(5_000);
  demand.want([other, one]);
  await clock.pass(5_000);
  assert.equal(sent.length, 1);
});

test('what changes back before its turn is not said', async () => {
  const { clock, sent, demand } = begin();
  demand.want(at(100));
  demand.want(at(100, { quality: 'paused' }));
  demand.want(at(100));
  await clock.pass(5_000);
  assert.equal(sent.length, 1);
});

test('whoever wants nothing in particular says nothing', async () => {
  const { clock, sent, demand } = begin();
  demand.want([]);
  demand.resume(false);
  await clock.pass(5_000);
  assert.deepEqual(sent, []);
});

test('sizes fit on the wire; a picture that does not come has none', () => {
  const { sent, demand } = begin();
  demand.want([
    { publication: 3, quality: 'high', width: 100_000, height: 40.4, spotlight: true },
    { publication: 1, quality: 'paused', width: 640, height: 360, spotlight: true },
    { publication: 2, width: 640, height: 0 },
  ]);
  assert.deepEqual(sent[0].pictures, [
    { publication: 1, quality: 'paused' },
    { publication: 2, quality: 'auto' },
    { publication: 3, quality: 'high', width: 65_535, height: 40, spotlight: true },
  ]);
});

test('no more is wanted than a full stage can show', () => {
  const { sent, demand } = begin();
  demand.want(Array.from({ length: 100 }, (_, publication) => ({ publication, quality: 'low' })));
  assert.equal(sent[0].pictures.length, 32);
});

test('a node that does not know us any more is told again; one that does is not', async () => {
  const { clock, sent, demand } = begin();
  demand.want(at(100));
  await clock.pass(1_000);
  demand.resume(true);
  assert.equal(sent.length, 1);
  demand.resume(false);
  assert.equal(sent.length, 2);
  assert.deepEqual(sent[1], sent[0]);
});

test('what may have been lost with the connection is said when it is back', async () => {
  const { clock, sent, node, demand } = begin();
  node.answer = refusing('connection-lost');
  demand.want(at(100));
  await settle();
  await clock.pass(5_000);
  assert.equal(sent.length, 1, 'nobody is there to hear it');
  node.answer = async () => ({ type: 'ok' });
  demand.resume(true);
  assert.equal(sent.length, 2);
  await clock.pass(5_000);
  assert.equal(sent.length, 2);
});

test('a node that asks for patience is asked again later, one that does not understand is left in peace', async () => {
  const { clock, sent, node, demand } = begin();
  node.answer = refusing('rate-limited');
  demand.want(at(100));
  await settle();
  node.answer = refusing('unknown-message');
  await clock.pass(1_900);
  assert.equal(sent.length, 1);
  await clock.pass(200);
  assert.equal(sent.length, 2);
  await clock.pass(60_000);
  assert.equal(sent.length, 2);
});

test('after the end nothing is said', async () => {
  const { clock, sent, demand } = begin();
  demand.want(at(100));
  demand.want(at(200));
  demand.stop();
  await clock.pass(5_000);
  assert.equal(sent.length, 1);
});
