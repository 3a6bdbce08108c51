import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Flow } from '../lib/flow.js';
import { fragmentOf, withFragment } from '../lib/sdp-fragment.js';
import { iceServersOf } from '../lib/whep-session.js';
import { Whep } from '../lib/whep.js';
import { ANSWER, created, FakeNode, FakeReceiver, refusal } from './fake-node.js';
import { FakeClock } from './fakes.js';

/** Milliseconds. */
const STEP = 250;

/** Everything that is asked of the fake node takes many turns of promises. */
async function calm() {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function watching({ answers = {}, token = null } = {}) {
  const node = new FakeNode();
  Object.assign(node.answers, answers);
  const clock = new FakeClock();
  const peers = [];
  const createPeer = (configuration) => peers[peers.push(new FakeReceiver(configuration)) - 1];
  const whep = new Whep({ url: 'http://node:8443/whep/garden', token, fetch: node.fetch, createPeer, clock, random: () => 1 });
  const states = [];
  whep.addEventListener('state', ({ detail }) => states.push(detail.reason ? `${detail.phase} ${detail.reason.code}` : detail.phase));
  whep.start();
  await calm();
  // Answers come between the steps, as they would.
  const pass = async (time) => {
    for (let left = time; left >= 0; left -= STEP) {
      await clock.pass(Math.min(left, STEP));
      await calm();
    }
  };
  return { node, whep, peers, states, pass, clock };
}

test('a viewer offers two pictures and four voices, and receives what the node fills in', async () => {
  const { node, whep, peers, states } = await watching({ token: 'secret' });
  const [post] = node.of('POST');
  assert.equal(post.url, 'http://node:8443/whep/garden');
  assert.deepEqual(post.headers, { 'content-type': 'application/sdp', accept: 'application/sdp', authorization: 'Bearer secret' });
  assert.deepEqual([...post.body.matchAll(/^m=(\w+)/gm)].map(([, kind]) => kind), ['video', 'video', 'audio', 'audio', 'audio', 'audio']);
  assert.equal([...post.body.matchAll(/stereo=1/g)].length >= 4, true);
  assert.equal(peers[0].remoteDescription.sdp, ANSWER);
  assert.deepEqual(peers[0].configuration.iceServers, []);
  await peers[0].become('connected');
  assert.deepEqual(states, ['connecting', 'connected']);
  whep.stop();
});

test('tracks are told in the order of the sections', async () => {
  const { whep, peers } = await watching();
  const told = new Promise((resolve) => whep.addEventListener('tracks', ({ detail }) => resolve(detail)));
  whep.stop();
  whep.start();
  const { video, audio } = await told;
  assert.deepEqual([video.length, audio.length], [2, 4]);
  assert.equal(video[0], peers[1].getTransceivers()[0].receiver.track);
  whep.stop();
});

test('candidates are told together, with the entity tag, and names that nobody can look up are not', async () => {
  const { node, peers, pass, whep } = await watching();
  peers[0].found('candidate:1 1 udp 1 192.0.2.9 5000 typ host');
  peers[0].found('candidate:2 1 udp 1 0a-b.local 5000 typ host');
  await pass(50);
  peers[0].found('candidate:3 1 udp 1 192.0.2.9 5001 typ host');
  await pass(100);
  peers[0].found(null);
  await pass(0);
  const [first, second] = node.of('PATCH');
  assert.equal(first.url, 'http://node:8443/whep/garden/s1');
  assert.equal(first.headers['if-match'], '"e1"');
  assert.deepEqual([...first.body.matchAll(/candidate:(\d)/g)].map(([, id]) => id), ['1', '3']);
  assert.match(first.body, /a=mid:0\r\na=ice-ufrag:own1\r\na=ice-pwd:pass1\r\n/);
  assert.match(second.body, /a=end-of-candidates/);
  whep.stop();
});

test('nothing is trickled to a node that does not take it', async () => {
  const { node, peers, pass, whep } = await watching({ answers: { POST: [created({ 'accept-patch': '' })] } });
  peers[0].found('candidate:1 1 udp 1 192.0.2.9 5000 typ host');
  await pass(1_000);
  assert.equal(node.of('PATCH').length, 0);
  whep.stop();
});

test('a path that is lost is looked for anew in the same session', async () => {
  const restarted = { status: 200, body: 'a=ice-ufrag:node2\r\na=ice-pwd:secret2\r\n', headers: { etag: '"e2"' } };
  const { node, peers, pass, states, whep } = await watching({ answers: { PATCH: [restarted, { status: 204 }] } });
  await peers[0].become('connected');
  await peers[0].become('disconnected');
  await pass(2_000);
  const [patch] = node.of('PATCH');
  assert.equal(patch.headers['if-match'], '"*"');
  assert.match(patch.body, /a=ice-ufrag:own2\r\n/);
  assert.match(peers[0].remotes[1], /a=ice-ufrag:node2\r\na=ice-pwd:secret2\r\na=candidate:1 /);
  peers[0].found('candidate:4 1 udp 1 192.0.2.9 5000 typ host');
  await pass(100);
  assert.equal(node.of('PATCH')[1].headers['if-match'], '"e2"');
  await peers[0].become('connected');
  assert.deepEqual(states, ['connecting', 'connected', 'reconnecting', 'connected']);
  assert.equal(node.of('POST').length, 1);
  whep.stop();
});

test('when the network changes, another path is looked for while the old one goes on', async () => {
  const restarted = { status: 200, body: 'a=ice-ufrag:node2\r\na=ice-pwd:secret2\r\n', headers: { etag: '"e2"' } };
  const { node, peers, states, whep } = await watching({ answers: { PATCH: [restarted] } });
  await peers[0].become('connected');
  whep.networkChanged();
  await calm();
  assert.equal(node.of('PATCH').length, 1);
  assert.deepEqual(states, ['connecting', 'connected']);
  whep.stop();
});

test('a session that the node does not know any more is opened anew', async () => {
  const { node, peers, pass, states, whep } = await watching({ answers: { PATCH: [refusal(404, 'session-unknown')] } });
  await peers[0].become('connected');
  await peers[0].become('failed');
  await pass(1_000);
  assert.equal(node.of('POST').length, 2);
  assert.equal(node.of('DELETE').length, 1);
  assert(peers[0].closed);
  await peers[1].become('connected');
  assert.deepEqual(states, ['connecting', 'connected', 'reconnecting', 'connected']);
  whep.stop();
});

test('a node that is away is asked again, longer each time, and found when it is back', async () => {
  const answers = { POST: [created(), 'nobody', 'nobody', 'nobody', created()], PATCH: ['nobody'] };
  const { node, peers, pass, states, whep } = await watching({ answers });
  await peers[0].become('connected');
  await peers[0].become('failed');
  await pass(1_250);
  assert.equal(node.of('POST').length, 3);
  await pass(10_000);
  assert.equal(node.of('POST').length, 5);
  await peers.at(-1).become('connected');
  assert.deepEqual(states, ['connecting', 'connected', 'reconnecting', 'reconnecting unreachable', 'connected']);
  whep.stop();
});

test('a room that is not open yet is waited for', async () => {
  const answers = { POST: [refusal(404, 'room-unknown'), refusal(404, 'room-unknown'), created()] };
  const { peers, pass, states, whep } = await watching({ answers });
  assert.deepEqual(states, ['connecting', 'waiting room-unknown']);
  await pass(5_000);
  await peers.at(-1).become('connected');
  assert.deepEqual(states, ['connecting', 'waiting room-unknown', 'connected']);
  whep.stop();
});

test('the node says how long to wait', async () => {
  const answers = { POST: [refusal(429, 'rate-limited', { 'retry-after': '20' }), created()] };
  const { node, pass, whep } = await watching({ answers });
  await pass(19_000);
  assert.equal(node.of('POST').length, 1);
  await pass(1_000);
  assert.equal(node.of('POST').length, 2);
  whep.stop();
});

test('a refusal is for good, until it is tried again', async () => {
  const answers = { POST: [refusal(401, 'token-expired'), created()] };
  const { node, pass, states, whep, peers } = await watching({ answers });
  await pass(60_000);
  assert.deepEqual(states, ['connecting', 'refused token-expired']);
  assert.equal(whep.state.reason.message, 'it is token-expired');
  assert.equal(node.of('POST').length, 1);
  assert(peers[0].closed);
  whep.start();
  await calm();
  assert.equal(node.of('POST').length, 2);
  whep.stop();
});

test('an address that does not speak WHEP is said to be none', async () => {
  const { states, whep } = await watching({ answers: { POST: [{ status: 404, body: '<html>' }] } });
  assert.deepEqual(states, ['connecting', 'refused http-404']);
  whep.stop();
});

test('where no UDP gets through, the relays of the node are used, and the cause is told', async () => {
  const { peers, pass, states, whep } = await watching();
  await pass(8_000);
  await pass(1_000);
  assert.deepEqual(peers[1].configuration.iceServers, [{ urls: 'turn:node:8443?transport=udp', username: 'u,1', credential: 'c"x' }]);
  peers[1].dispatchEvent(Object.assign(new Event('icecandidateerror'), { errorCode: 701 }));
  await pass(8_000);
  assert.deepEqual(states, ['connecting', 'connecting turn-unreachable']);
  await pass(2_000);
  await peers[2].become('connected');
  assert.equal(states.at(-1), 'connected');
  whep.stop();
});

test('who stops is gone at the node at once, also while the answer is on its way', async () => {
  const { node, peers, whep, states } = await watching();
  whep.stop();
  const [gone] = node.of('DELETE');
  assert.deepEqual([gone.url, gone.keepalive], ['http://node:8443/whep/garden/s1', true]);
  assert(peers[0].closed);
  whep.start();
  whep.stop();
  await calm();
  assert.equal(states.at(-1), 'idle');
  assert.equal(peers.length, 2);
});

test('who stops says so before the connection ends, and does not wait for long', async () => {
  const { node, peers, whep, pass } = await watching();
  await peers[0].become('connected');
  whep.stop();
  assert.equal(peers[0].closed, false);
  await calm();
  assert(peers[0].closed);
  node.answers.DELETE = ['never'];
  whep.start();
  await calm();
  await peers[1].become('connected');
  whep.stop();
  await pass(750);
  assert.equal(peers[1].closed, false);
  await pass(250);
  assert(peers[1].closed);
});

test('the servers of a Link header', () => {
  const header = '<stun:a:1>; rel="ice-server", <turns:b:2?transport=tcp>; rel=ice-server; username="x"; credential=y, <http://c>; rel="next"';
  assert.deepEqual(iceServersOf(header), [{ urls: 'stun:a:1' }, { urls: 'turns:b:2?transport=tcp', username: 'x', credential: 'y' }]);
  assert.deepEqual(iceServersOf(''), []);
});

test('fragments hold what is to be told, and answers take what was', () => {
  assert.equal(fragmentOf('v=0\r\nm=audio 9 x 1\r\na=mid:a\r\na=ice-ufrag:u\r\na=ice-pwd:p\r\n', []), 'm=audio 9 x 1\r\na=mid:a\r\na=ice-ufrag:u\r\na=ice-pwd:p\r\n');
  const answer = 'v=0\r\nm=video 9 x 1\r\na=ice-ufrag:o\r\na=candidate:1 old\r\nm=audio 9 x 1\r\na=mid:1\r\n';
  assert.equal(
    withFragment(answer, 'a=ice-ufrag:n\na=ice-pwd:q\na=candidate:2 new\n'),
    'v=0\r\nm=video 9 x 1\r\na=ice-ufrag:n\r\na=candidate:2 new\r\nm=audio 9 x 1\r\na=mid:1\r\n',
  );
});

test('what arrives is known by its packets, and ceases with them', async () => {
  const clock = new FakeClock();
  const peer = new FakeReceiver({});
  const flow = new Flow(peer, { clock });
  const changes = [];
  flow.addEventListener('change', ({ detail }) => changes.push([...detail].sort().join()));
  let packets = 0;
  const comes = async (ids, time) => {
    for (let passed = 0; passed < time; passed += 250) {
      packets += 1;
      for (const id of ids) peer.packets.set(id, packets);
      await clock.pass(250);
    }
  };
  await comes([], 1_000);
  await comes(['a'], 1_000);
  await comes(['a', 'b'], 1_000);
  assert.deepEqual(changes, ['a', 'a,b']);
  await comes(['b'], 4_000);
  assert.deepEqual(changes, ['a', 'a,b', 'b']);
  await comes([], 4_000);
  assert.equal(changes.length, 3, 'a network that stumbles is forgiven');
  await comes([], 3_000);
  assert.deepEqual(changes, ['a', 'a,b', 'b', '']);
  flow.stop();
});
