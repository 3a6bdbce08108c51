import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Links } from '../lib/links.js';
import { causeOf } from '../lib/trouble.js';
import { FakePeer, FakeTrack } from './fake-peer.js';
import { FakeClock, settle } from './fakes.js';

const entry = (participant, link, more = {}) => ({
  participant, name: participant, role: 'speaker', silenced: false, link, polite: false, path: 'link', ...more,
});

/** One participant's links, with the node played by the test. */
class Scene {
  clock = new FakeClock();
  peers = [];
  asked = [];
  failures = [];

  constructor() {
    const createPeer = () => {
      this.peers.push(new FakePeer({ iceServers: [{ urls: 'stun:x' }] }));
      return this.peers.at(-1);
    };
    const request = async (message) => void this.asked.push(message);
    this.links = new Links({ request, createPeer, clock: this.clock });
    this.links.addEventListener('failed', ({ detail }) => this.failures.push(detail));
    this.links.setTracks(new Map([['camera', new FakeTrack('video')]]));
    this.links.welcomed({ resumed: false, first: true });
  }

  async list(...links) {
    this.links.update({ type: 'links', mesh: true, node: false, links });
    await settle();
    await settle();
  }

  said(type) {
    return this.asked.filter((message) => message.type === type);
  }
}

test('a link is held for whom the list says, and closed when it says so no more', async () => {
  const scene = new Scene();
  await scene.list(entry('bob', 1), entry('cho', 2, { path: 'node', why: 'size' }));
  assert.deepEqual([...scene.links.all.keys()], ['bob']);
  assert.deepEqual(scene.said('link').map(({ to, link, description }) => [to, link, description.type]), [['bob', 1, 'offer']]);
  await scene.list(entry('bob', 1));
  assert.equal(scene.peers.length, 1, 'the same list changes nothing');
  await scene.list(entry('bob', 2));
  assert.deepEqual(scene.peers.map(({ signalingState }) => signalingState), ['closed', 'have-local-offer']);
  await scene.list();
  assert.equal(scene.links.all.size, 0);
  assert.equal(scene.peers[1].signalingState, 'closed');
});

test('what is for another number, someone unknown or a closed link is dropped', async () => {
  const scene = new Scene();
  await scene.list(entry('bob', 7, { polite: true }));
  const description = { type: 'offer', sdp: 'v=0\r\no=- 1 1 IN IP4 0\r\na=ice-ufrag:x\r\n' };
  for (const message of [{ from: 'bob', link: 6, description }, { from: 'bob', link: 8, description }, { from: 'eve', link: 7, description }]) {
    scene.links.receive({ type: 'link', ...message });
  }
  await settle();
  assert.equal(scene.peers[0].remoteDescription, null);
  await scene.list();
  scene.links.receive({ type: 'link', from: 'bob', link: 7, description });
  await settle();
  assert.equal(scene.peers[0].remoteDescription, null);
  await scene.list(entry('bob', 9, { polite: true }));
  scene.links.receive({ type: 'link', from: 'bob', link: 9, description });
  await settle();
  await settle();
  assert.equal(scene.peers[1].remoteDescription.sdp.includes('o=- 1 1'), true);
});

test('a link that is not up within ten seconds has failed, with a cause, and another try follows a new network', async () => {
  const scene = new Scene();
  await scene.list(entry('bob', 1));
  await scene.clock.pass(9_900);
  assert.deepEqual(scene.said('link-state'), []);
  await scene.clock.pass(200);
  assert.deepEqual(scene.said('link-state'), [{ type: 'link-state', participant: 'bob', link: 1, state: 'failed', cause: 'no-answer' }]);
  assert.deepEqual(scene.failures, [{ participant: 'bob', cause: 'no-answer' }]);
  await scene.list(entry('bob', 1, { path: 'node', why: 'failed' }));
  assert.equal(scene.links.all.size, 0);
  assert.equal(scene.links.causeOf('bob'), 'no-answer');
  scene.links.networkChanged();
  scene.links.networkChanged();
  assert.deepEqual(scene.said('relink'), [{ type: 'relink', participant: 'bob' }], 'once');
  await scene.list(entry('bob', 2));
  scene.peers[1].connect();
  await settle();
  assert.deepEqual(scene.said('link-state').at(-1), { type: 'link-state', participant: 'bob', link: 2, state: 'connected' });
  assert.equal(scene.links.causeOf('bob'), null);
});

test('a link that breaks restarts ICE, and has failed when that does not help', async () => {
  const scene = new Scene();
  await scene.list(entry('bob', 1));
  const [peer] = scene.peers;
  peer.connect();
  await scene.clock.pass(60_000);
  peer.connect('disconnected');
  await scene.clock.pass(1_000);
  peer.connect();
  await scene.clock.pass(60_000);
  assert.equal(scene.said('link-state').length, 1, 'a short silence is forgiven');
  peer.connect('failed');
  await scene.clock.pass(7_900);
  assert.equal(scene.said('link-state').length, 1);
  await scene.clock.pass(200);
  assert.equal(scene.said('link-state').at(-1).state, 'failed');
  assert.equal(scene.said('link-state').at(-1).cause, 'lost');
});

test('a page that was loaded anew asks for new links instead of the old ones', async () => {
  const scene = new Scene();
  scene.links.welcomed({ resumed: true, first: true });
  await scene.list(entry('bob', 3), entry('cho', 4, { path: 'node', why: 'setting' }));
  assert.equal(scene.peers.length, 0);
  assert.deepEqual(scene.said('relink'), [{ type: 'relink', participant: 'bob' }]);
  await scene.list(entry('bob', 5), entry('cho', 6));
  assert.deepEqual([...scene.links.all.keys()], ['bob', 'cho']);
});

test('links go on while the node is away, and those that failed meanwhile are told', async () => {
  const scene = new Scene();
  await scene.list(entry('bob', 1), entry('cho', 2));
  scene.peers[0].connect();
  await settle();
  await scene.clock.pass(11_000);
  scene.asked.length = 0;
  scene.links.welcomed({ resumed: true, first: false });
  await scene.list(entry('bob', 1), entry('cho', 2));
  assert.equal(scene.peers.length, 2);
  assert.equal(scene.peers[0].signalingState, 'have-local-offer', 'not touched');
  assert.deepEqual(scene.said('link-state').map(({ participant, state }) => [participant, state]), [['cho', 'failed']]);
});

test('new credentials reach the links that are open', async () => {
  const scene = new Scene();
  await scene.list(entry('bob', 1));
  const iceServers = [{ urls: 'turn:x', username: 'u', credential: 'c' }];
  scene.links.configure({ iceServers }, { now: false });
  assert.deepEqual(scene.peers[0].getConfiguration().iceServers, iceServers);
});

test('each kind of trouble has its cause', () => {
  const evidence = (more) => causeOf({
    connected: false, answered: true, own: new Set(['host']), errors: [], relays: false, relayOnly: false, servers: false, toNode: false, ...more,
  });
  assert.equal(evidence({ connected: true }), 'lost');
  assert.equal(evidence({ answered: false }), 'no-answer');
  assert.equal(evidence({ relays: true, errors: [701, 401] }), 'turn-refused');
  assert.equal(evidence({ relays: true, errors: [701] }), 'turn-unreachable');
  assert.equal(evidence({ relayOnly: true, own: new Set() }), 'only-relay');
  assert.equal(evidence({ own: new Set() }), 'no-candidates');
  assert.equal(evidence({ toNode: true }), 'no-udp');
  assert.equal(evidence({ servers: true, errors: [701] }), 'no-udp');
  assert.equal(evidence({}), 'only-relay');
  assert.equal(evidence({ relays: true, own: new Set(['host', 'relay']) }), 'unknown');
});

test('when the node was lost while a link looked for a new way, another link is asked for, and else what was said is repeated', async () => {
  for (const changes of [true, false]) {
    const scene = new Scene();
    await scene.list(entry('bob', 1));
    const [{ description }] = scene.said('link');
    const bob = new FakePeer();
    await bob.setRemoteDescription(description);
    scene.links.receive({ type: 'link', from: 'bob', link: 1, description: await bob.createAnswer() });
    await settle();
    assert.equal(scene.peers[0].signalingState, 'stable');
    if (changes) scene.links.all.get('bob').restart();
    await settle();
    scene.links.welcomed({ resumed: true, first: false });
    await settle();
    assert.equal(scene.said('relink').length, changes ? 1 : 0);
  }
});
