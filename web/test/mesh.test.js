import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { Room } from '../lib/room.js';
import { Signaling } from '../lib/signaling.js';
import { FakePeer, FakeTrack } from './fake-peer.js';
import { FakeClock, fakeSockets, settle, welcome } from './fakes.js';

const ROOM = { name: 'r', live: false, chatOpen: true, kind: 'call', topology: 'p2p', relayOnly: false, locked: false, waitingRoom: false };
const member = (participant, role, publications = []) => ({ participant, name: participant, role, connected: true, publications });
const entry = (participant, link, more = {}) => ({ participant, name: participant, role: 'speaker', silenced: false, link, polite: false, path: 'link', ...more });

/** Rooms wait by the real clock: none may outlive its test. @type {Room[]} */
const rooms = [];
afterEach(() => rooms.splice(0).forEach((room) => room.stop()));

/** A page in a call, whose node and network are the test. */
class Page {
  peers = [];

  async enter(more = {}) {
    const { Socket, made } = fakeSockets();
    this.made = made;
    const signaling = new Signaling({ url: 'ws://x', clock: new FakeClock(), Socket });
    const createPeer = (configuration) => {
      this.peers.push(new FakePeer(configuration));
      return this.peers.at(-1);
    };
    this.room = new Room({ url: 'ws://x', signaling, createPeer });
    rooms.push(this.room);
    this.room.join({ room: 'r', name: 'Ann' });
    await made[0].accept();
    await made[0].answer('join', welcome({ role: 'host', room: { ...ROOM, stage: [member('p1', 'host')] }, ...more }));
    return this;
  }

  get node() {
    return this.made.at(-1);
  }

  said(type) {
    return this.node.sent.filter((message) => message.type === type);
  }

  async list(links, more = {}) {
    await this.node.say({ type: 'links', mesh: true, node: false, links, ...more });
    await settle();
  }

  /** Makes a listed link that is up, whose other side greets. */
  async linked(participant, link) {
    await this.list([entry(participant, link)]);
    this.peers.at(-1).connect();
    await settle();
    this.frame({ from: 77, to: 0, ack: 0 });
  }

  get channel() {
    return this.peers.at(-1).channels[0];
  }

  frame(frame, channel = this.channel) {
    const event = new Event('message');
    event.data = JSON.stringify(frame);
    channel.dispatchEvent(event);
  }

  get incarnation() {
    return JSON.parse(this.channel.sent[0]).from;
  }

  texts() {
    return this.room.state.chat.map(({ name, text }) => `${name}: ${text}`);
  }
}

test('where everyone is linked with everyone, words go over links and stand at once', async () => {
  const page = await new Page().enter();
  await page.linked('bob', 1);
  await page.room.say('hello');
  assert.deepEqual(page.said('chat'), []);
  assert.deepEqual(page.texts(), ['Ann: hello']);
  assert.equal(JSON.parse(page.channel.sent.at(-1)).body.text, 'hello');
  page.frame({ from: 77, to: page.incarnation, number: 1, body: { text: ' hi \u202e ' } });
  page.frame({ from: 77, to: page.incarnation, number: 1, body: { text: 'hi' } });
  page.frame({ from: 77, to: page.incarnation, number: 2, body: { text: 5 } });
  page.frame({ from: 77, to: page.incarnation, number: 3, body: { text: '   ' } });
  assert.deepEqual(page.texts(), ['Ann: hello', 'bob: hi']);
  const numbers = page.room.state.chat.map(({ number }) => number);
  assert(numbers[0] < numbers[1] && numbers[1] < 1, 'before the next one that the node numbers');
});

test('whoever has no link is told through the node', async () => {
  const page = await new Page().enter();
  await page.list([entry('bob', 1, { path: 'node', why: 'failed' })]);
  await page.room.say('hello');
  const [greeting] = page.said('direct');
  assert.deepEqual([greeting.to, greeting.stream], [['bob'], 'chat']);
  await page.node.say({ type: 'direct', from: 'bob', stream: 'chat', data: JSON.stringify({ from: 77, to: JSON.parse(greeting.data).from, ack: 0 }) });
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(JSON.parse(page.said('direct').at(-1).data).body.text, 'hello');
});

test('words go through the node where not everyone can be linked, after one’s own earlier words have arrived', async () => {
  const page = await new Page().enter();
  await page.linked('bob', 1);
  await page.room.say('first');
  await page.list([entry('bob', 1)], { mesh: false });
  const second = page.room.say('second');
  await settle();
  assert.deepEqual(page.said('chat'), []);
  page.frame({ from: 77, to: page.incarnation, ack: 1 });
  await settle();
  assert.deepEqual(page.said('chat').map(({ text }) => text), ['second']);
  await page.node.answer('chat', { type: 'ok' });
  await second;
});

test('a closed chat is closed on links too, for others and for oneself', async () => {
  const page = await new Page().enter();
  await page.linked('bob', 1);
  await page.node.say({ type: 'room', ...ROOM, chatOpen: false, stage: [member('eve', 'host'), member('p1', 'speaker')] });
  page.frame({ from: 77, to: page.incarnation, number: 1, body: { text: 'psst' } });
  await assert.rejects(page.room.say('hello'), { code: 'chat-closed' });
  assert.deepEqual(page.texts(), []);
});

test('what is published is announced, and brought to the node only while someone receives it there', async () => {
  const page = await new Page().enter();
  await page.list([]);
  const setting = page.room.publisher.setTracks({ microphone: new FakeTrack('audio') });
  await settle();
  assert.deepEqual(page.said('announce').map(({ tracks }) => tracks), [[{ source: 'microphone', muted: false }]]);
  await page.node.answer('announce', { type: 'ok' });
  await setting;
  assert.deepEqual(page.said('publish'), []);
  await page.list([], { node: true });
  await settle();
  assert.deepEqual(page.said('publish').map(({ tracks, fresh }) => [tracks[0].source, fresh]), [['microphone', true]]);
  await page.node.answer('publish', { type: 'published', sdp: '' });
  await page.list([], { node: false });
  await settle();
  assert.equal(page.said('unpublish').length, 1);
  assert.equal(page.room.publisher.peer, null);
});

test('a host’s mute is kept on links by both sides', async () => {
  const page = await new Page().enter();
  await page.list([entry('bob', 1)]);
  const track = new FakeTrack('audio');
  page.room.publisher.setTracks({ microphone: track });
  await settle();
  const publication = { publication: 5, source: 'microphone', muted: false, mutedByHost: true };
  await page.node.say({ type: 'room', ...ROOM, stage: [member('p1', 'speaker', [publication])] });
  assert.deepEqual([...page.room.publisher.sent.keys()], ['microphone']);
  assert.equal(page.peers[0].getTransceivers().find(({ sender }) => sender.track === track), undefined);
});

test('who may use relays only says so to every connection', async () => {
  const page = await new Page().enter({ iceServers: [{ urls: ['turn:x'], username: 'u', credential: 'c' }] });
  await page.list([entry('bob', 1)]);
  assert.equal(page.peers[0].getConfiguration().iceTransportPolicy, 'all');
  page.room.setRelayOnly(true);
  assert.equal(page.peers[0].getConfiguration().iceTransportPolicy, 'relay');
  await page.list([entry('bob', 1), entry('cho', 2)]);
  assert.equal(page.peers[1].getConfiguration().iceTransportPolicy, 'relay');
  assert.deepEqual(page.peers[1].getConfiguration().iceServers[0].urls, ['turn:x']);
});

test('one who waits at the door comes in by a welcome without a question, or is turned away', async () => {
  const { Socket, made } = fakeSockets();
  const room = new Room({ url: 'ws://x', signaling: new Signaling({ url: 'ws://x', clock: new FakeClock(), Socket }) });
  rooms.push(room);
  let waiting = 0;
  room.addEventListener('waiting', () => (waiting += 1));
  room.join({ room: 'r', name: 'Ann' });
  await made[0].accept();
  await made[0].answer('join', { type: 'waiting' });
  assert.deepEqual([waiting, room.state.me], [1, null]);
  await made[0].say(welcome());
  assert.equal(room.state.me.participant, 'p1');
  assert.equal(room.state.connection, 'open');
  await made[0].say({ type: 'goodbye', code: 'denied', message: '' });
  assert.equal(room.state.connection, 'closed');
});
