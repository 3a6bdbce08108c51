import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Signaling } from '../lib/signaling.js';
import { FakeClock, fakeSockets, settle, welcome } from './fakes.js';

function begin() {
  const clock = new FakeClock();
  const { Socket, made } = fakeSockets();
  const signaling = new Signaling({ url: 'ws://node/ws', clock, random: () => 1, Socket });
  const events = [];
  for (const type of ['state', 'welcome', 'message', 'refused', 'goodbye']) {
    signaling.addEventListener(type, (event) => events.push([type, event.detail]));
  }
  const of = (type) => events.filter(([name]) => name === type).map(([, detail]) => detail);
  return { clock, made, signaling, of };
}

async function joined(setup = begin()) {
  setup.signaling.join({ room: 'r', name: 'Ann', open: true });
  await setup.made[0].accept();
  await setup.made[0].answer('join', welcome({ hostKey: 'secret' }));
  return setup;
}

test('a join names the version and is answered by a welcome', async () => {
  const { made, signaling, of } = await joined();
  assert.deepEqual(made[0].sent[0], { type: 'join', version: 1, room: 'r', name: 'Ann', open: true, id: 1 });
  assert.equal(signaling.state, 'open');
  assert.equal(of('welcome')[0].participant, 'p1');
});

test('answers find their requests, whatever their order', async () => {
  const { made, signaling } = await joined();
  const first = signaling.request({ type: 'chat', text: 'a' });
  const second = signaling.request({ type: 'chat', text: 'b' });
  const [one, two] = made[0].sent.slice(-2);
  await made[0].say({ type: 'error', re: two.id, code: 'chat-closed', message: 'no' });
  await made[0].say({ type: 'ok', re: one.id });
  assert.equal((await first).type, 'ok');
  await assert.rejects(second, { code: 'chat-closed' });
});

test('what nobody asked for is a message', async () => {
  const { made, of } = await joined();
  await made[0].say({ type: 'audience-count', count: 3 });
  assert.deepEqual(of('message'), [{ type: 'audience-count', count: 3 }]);
});

test('a request that is never answered is given up', async () => {
  const { made, signaling, clock } = await joined();
  const request = signaling.request({ type: 'end' });
  const lost = assert.rejects(request, { code: 'timeout' });
  for (let second = 0; second < 11; second += 1) {
    await made[0].say({ type: 'audience-count', count: second });
    await clock.pass(1_000);
  }
  await lost;
});

test('a cut connection comes back with the resume token and the host key, and does not open the room again', async () => {
  const { made, signaling, clock, of } = await joined();
  const waiting = assert.rejects(signaling.request({ type: 'subscribe' }), { code: 'connection-lost' });
  await made[0].cut();
  await waiting;
  assert.equal(signaling.state, 'reconnecting');
  await clock.pass(300);
  await made[1].accept();
  const { open, resume, hostKey } = made[1].sent[0];
  assert.deepEqual({ open, resume, hostKey }, { open: undefined, resume: 'token-1', hostKey: 'secret' });
  await made[1].answer('join', welcome({ resumed: true, resume: 'token-2' }));
  assert.equal(signaling.state, 'open');
  assert.equal(of('welcome').length, 2);
});

test('the pauses between tries grow to five seconds', async () => {
  const { made, clock } = await joined();
  await made[0].cut();
  const pauses = [];
  for (let attempt = 1; attempt < 8; attempt += 1) {
    const before = clock.time;
    while (made.length === attempt) await clock.pass(50);
    pauses.push(clock.time - before);
    await made[attempt].cut();
  }
  assert.deepEqual(pauses, [300, 600, 1200, 2400, 4800, 5000, 5000]);
});

test('when the network comes back there is no pause', async () => {
  const { made, signaling, clock } = await joined();
  await made[0].cut();
  for (const socket of [1, 2, 3]) {
    await clock.pass(5_000);
    await made[socket]?.cut();
  }
  const before = made.length;
  signaling.networkChanged();
  assert.equal(made.length, before + 1);
});

test('a silent connection is given up at the second ping', async () => {
  const { made, signaling, clock } = await joined();
  await clock.pass(4_900);
  await made[0].answer('ping', { type: 'pong' });
  await clock.pass(4_000);
  assert.equal(signaling.state, 'open');
  await clock.pass(6_500);
  assert.equal(signaling.state, 'reconnecting');
});

test('after a change of network silence counts sooner', async () => {
  const { made, signaling, clock } = await joined();
  await made[0].answer('ping', { type: 'pong' });
  await clock.pass(10);
  signaling.networkChanged();
  await clock.pass(2_000);
  assert.equal(signaling.state, 'reconnecting');
});

test('final goodbyes end it; others lead back', async () => {
  for (const code of ['replaced', 'removed', 'room-ended']) {
    const { made, signaling, clock, of } = await joined();
    await made[0].say({ type: 'goodbye', code, message: '' });
    await made[0].cut();
    await clock.pass(60_000);
    assert.equal(signaling.state, 'closed');
    assert.equal(made.length, 1);
    assert.deepEqual(of('goodbye'), [{ code, message: '', final: true }]);
  }
  for (const code of ['shutting-down', 'slow-reader', 'rate-limited']) {
    const { made, signaling, clock } = await joined();
    await made[0].say({ type: 'goodbye', code, message: '' });
    assert.equal(signaling.state, 'reconnecting');
    await clock.pass(5_000);
    assert.equal(made.length, 2);
  }
});

test('after a final goodbye one can come back by asking', async () => {
  const { made, signaling } = await joined();
  await made[0].say({ type: 'goodbye', code: 'replaced', message: '' });
  signaling.join({ room: 'r', name: 'Ann', resume: 'token-1' });
  await made[1].accept();
  await made[1].answer('join', welcome({ resumed: true }));
  assert.equal(signaling.state, 'open');
});

test('a refused join waits for the caller, who may try again on the same connection', async () => {
  const { made, signaling, of } = begin();
  signaling.join({ room: 'r', name: 'Ann' });
  await made[0].accept();
  await made[0].answer('join', { type: 'error', code: 'room-unknown', message: 'no such room' });
  assert.deepEqual(of('refused'), [{ code: 'room-unknown', message: 'no such room' }]);
  assert.equal(signaling.state, 'idle');
  signaling.join({ room: 'r', name: 'Ann', open: true });
  await settle();
  assert.equal(made.length, 1);
  await made[0].answer('join', welcome());
  assert.equal(signaling.state, 'open');
});

test('a connection that never opens is tried again', async () => {
  const { made, signaling, clock } = begin();
  signaling.join({ room: 'r', name: 'Ann' });
  await clock.pass(8_300);
  assert.equal(made.length, 2);
});

test('a closed signaling stays closed', async () => {
  const { made, signaling, clock } = await joined();
  signaling.close();
  await clock.pass(60_000);
  assert.equal(made.length, 1);
  await assert.rejects(signaling.request({ type: 'ping' }), { code: 'connection-lost' });
});
