import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { Room } from '../lib/room.js';
import { Signaling } from '../lib/signaling.js';
import { FakePeer } from './fake-peer.js';
import { FakeClock, fakeSockets, settle, welcome } from './fakes.js';

/** Their sessions wait by the real clock: none may outlive its test. @type {Room[]} */
const rooms = [];
afterEach(() => rooms.splice(0).forEach((room) => room.stop()));

const picture = (publication) => ({ publication, source: 'camera', muted: false, mutedByHost: false });
const member = (participant, publications) => ({ participant, name: participant, role: 'speaker', connected: true, publications });
const ROOM = { name: 'r', live: true, chatOpen: true, kind: 'call', topology: 'auto', relayOnly: false, stage: [member('bob', [picture(7)]), member('cho', [picture(8)])] };
const link = (participant, path) => ({ participant, name: participant, role: 'speaker', silenced: false, link: 1, polite: false, path });

async function entered() {
  const { Socket, made } = fakeSockets();
  const clock = new FakeClock();
  const signaling = new Signaling({ url: 'ws://x', clock: new FakeClock(), Socket });
  const room = new Room({ url: 'ws://x', signaling, clock, createPeer: (configuration) => new FakePeer(configuration) });
  rooms.push(room);
  room.join({ room: 'r', name: 'Ann' });
  await made[0].accept();
  await made[0].answer('join', welcome({ room: ROOM }));
  const come = async (more) => {
    room.join({ room: 'r', name: 'Ann' });
    await made[0].answer('join', welcome({ room: ROOM, ...more }));
  };
  return { room, clock, node: made[0], come, said: () => made[0].sent.filter(({ type }) => type === 'prefer') };
}

const both = [{ publication: 7, quality: 'low' }, { publication: 8, quality: 'low' }];

test('what is wanted of pictures that come by links is not said to the node, until they come through it', async () => {
  const { room, clock, node, said } = await entered();
  await node.say({ type: 'links', mesh: true, node: true, links: [link('bob', 'link'), link('cho', 'node')] });
  room.prefer(both);
  assert.deepEqual(said().at(-1).pictures, [{ publication: 8, quality: 'low' }]);
  await node.say({ type: 'links', mesh: true, node: true, links: [link('bob', 'node'), link('cho', 'node')] });
  await clock.pass(600);
  assert.deepEqual(said().at(-1).pictures, both);
});

test('what was wanted is said again to a node that does not know this participant any more', async () => {
  const { room, clock, come, said } = await entered();
  room.prefer(both);
  await settle();
  await come({ resumed: true });
  assert.equal(said().length, 1);
  await come({ resumed: false });
  await clock.pass(600);
  assert.equal(said().length, 2);
  assert.deepEqual(said()[1].pictures, both);
});

test('how the network does is forgotten when one comes back, and by a new session', async () => {
  const { room, node, come } = await entered();
  const poor = { standing: 'poor', available: 90_000, lossPercent: 12 };
  const tell = async () => {
    await node.say({ type: 'reception', ...poor });
    await node.say({ type: 'struggling', participants: [{ participant: 'bob', name: 'Bob', reception: poor }], count: 3 });
    assert.deepEqual(room.state.reception, poor);
    assert.equal(room.state.struggling.count, 3);
  };
  await tell();
  await come({ resumed: true });
  assert.deepEqual([room.state.reception, room.state.struggling], [null, { participants: [], count: 0 }]);
  await tell();
  await node.say({ type: 'offer', offer: 1, sdp: 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n', tracks: [], fresh: true });
  assert.equal(room.state.reception, null);
  assert.equal(room.state.struggling.count, 3, 'that is about others');
});
