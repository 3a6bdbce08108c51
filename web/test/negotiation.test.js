import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Link } from '../lib/link.js';
import { FakePeer, FakeTrack } from './fake-peer.js';
import { FakeClock, settle } from './fakes.js';
import { randomness } from './randomness.js';

const KINDS = { camera: 'video', screen: 'video', microphone: 'audio', 'screen-audio': 'audio' };
const tracks = (...sources) => new Map(sources.map((source) => [source, new FakeTrack(KINDS[source])]));

/** Two ends of a link; what each says waits in a queue until the test hands it over. */
class Pair {
  clock = new FakeClock();
  ends = {};
  queues = { ann: [], bob: [] };
  said = { ann: [], bob: [] };
  /** Whether the way to the node is cut, by who speaks. */
  cut = { ann: false, bob: false };

  constructor() {
    for (const [who, polite] of [['ann', false], ['bob', true]]) {
      const peer = new FakePeer();
      const send = async (signal) => {
        if (this.cut[who]) throw Object.assign(new Error('lost'), { code: 'connection-lost' });
        this.said[who].push(signal);
        this.queues[who].push(structuredClone(signal));
      };
      this.ends[who] = new Link({ number: 1, polite, peer, codec: null, send, clock: this.clock });
    }
  }

  get ann() {
    return this.ends.ann;
  }

  get bob() {
    return this.ends.bob;
  }

  async hand(from) {
    const signal = this.queues[from].shift();
    if (signal) this.ends[from === 'ann' ? 'bob' : 'ann'].receive(signal);
    await settled();
    return signal;
  }

  async talk() {
    await settled();
    while (this.queues.ann.length + this.queues.bob.length > 0) {
      await this.hand('ann');
      await this.hand('bob');
    }
  }

  types(who) {
    return this.said[who].map(({ description, candidate }) => description?.type ?? (candidate ? 'candidate' : 'end'));
  }

  agrees(what = '') {
    for (const [from, to] of [['ann', 'bob'], ['bob', 'ann']]) {
      assert.equal(this.ends[from].peer.signalingState, 'stable', `${what}: ${from} is stable`);
      const sent = [...this.sent[from].keys()].sort();
      assert.deepEqual([...this.ends[to].received.keys()].sort(), sent, `${what}: ${to} receives what ${from} sends`);
      for (const [source, { track }] of this.ends[to].received) assert.equal(track.kind, KINDS[source], what);
    }
  }

  sent = { ann: new Map(), bob: new Map() };

  start(ann, bob) {
    this.sent = { ann, bob };
    this.ann.start(ann);
    this.bob.start(bob);
  }

  setTracks(who, sent) {
    this.sent[who] = sent;
    this.ends[who].setTracks(sent);
  }
}

async function settled() {
  for (let turn = 0; turn < 8; turn += 1) await settle();
}

test('the side that came first has the first word, and both end with what the other sends', async () => {
  const pair = new Pair();
  pair.start(tracks('camera', 'microphone'), tracks('microphone'));
  await settled();
  assert.deepEqual([pair.types('ann'), pair.types('bob')], [['offer'], []]);
  await pair.talk();
  assert.deepEqual(pair.types('ann'), ['offer', 'answer']);
  pair.agrees();
  assert.equal(pair.bob.peer.rollbacks, 0);
});

test('when both offer at once, the polite side gives way, and nothing is lost', async () => {
  const pair = new Pair();
  pair.start(tracks('camera'), tracks());
  await pair.talk();
  pair.setTracks('ann', tracks('camera', 'screen'));
  pair.setTracks('bob', tracks('camera', 'microphone'));
  await settled();
  assert.equal(pair.ann.peer.signalingState, 'have-local-offer');
  assert.equal(pair.bob.peer.signalingState, 'have-local-offer');
  await pair.talk();
  pair.agrees();
  assert.deepEqual([pair.ann.peer.rollbacks, pair.bob.peer.rollbacks], [0, 1]);
});

test('the polite side does not wait for ever for the first word', async () => {
  const pair = new Pair();
  pair.bob.start(tracks('microphone'));
  await pair.clock.pass(2_900);
  assert.deepEqual(pair.types('bob'), []);
  await pair.clock.pass(200);
  await settled();
  assert.deepEqual(pair.types('bob'), ['offer']);
});

test('candidates that come before their description are kept for it', async () => {
  const pair = new Pair();
  pair.start(tracks('camera'), tracks());
  await settled();
  pair.ann.peer.gather('candidate:early');
  const [offer, candidate] = pair.queues.ann.splice(0);
  pair.bob.receive(candidate);
  await settled();
  assert.deepEqual(pair.bob.peer.candidates, []);
  pair.bob.receive(offer);
  await settled();
  assert.deepEqual(pair.bob.peer.candidates, ['candidate:early']);
});

test('no candidate leaves before the description that it belongs to', async () => {
  const pair = new Pair();
  pair.start(tracks('camera'), tracks());
  pair.ann.peer.gather();
  await settled();
  pair.ann.peer.gather();
  await settled();
  assert.deepEqual(pair.types('ann'), ['offer', 'candidate', 'candidate']);
});

test('what comes twice changes nothing', async () => {
  const pair = new Pair();
  pair.start(tracks('camera'), tracks('microphone'));
  for (let round = 0; round < 40; round += 1) {
    await settled();
    for (const [from, to] of [['ann', 'bob'], ['bob', 'ann']]) {
      const signal = pair.queues[from].shift();
      if (!signal) continue;
      for (let time = 0; time < 2; time += 1) pair.ends[to].receive(structuredClone(signal));
      await settled();
    }
  }
  pair.agrees();
});

test('a late answer to an offer that is answered already is not taken for the next one', async () => {
  const pair = new Pair();
  pair.start(tracks('camera'), tracks());
  await settled();
  await pair.hand('ann');
  const answer = pair.queues.bob[0];
  await pair.talk();
  pair.setTracks('ann', tracks('camera', 'screen'));
  await settled();
  pair.ann.receive(structuredClone(answer));
  await settled();
  assert.equal(pair.ann.peer.signalingState, 'have-local-offer');
  await pair.talk();
  pair.agrees();
});

test('what cannot be read changes nothing', async () => {
  const pair = new Pair();
  pair.start(tracks('camera'), tracks('microphone'));
  const noise = [
    { description: { type: 'offer', sdp: 'nonsense' } }, { description: { type: 'answer', sdp: '' } }, { description: { type: 'rollback' } },
    { description: { type: 'pranswer', sdp: 'v=0' } }, { candidate: { candidate: 'nonsense' } }, { candidate: null }, {},
    { description: { type: 'offer' }, tracks: 'none' },
  ];
  for (let round = 0; round < 10; round += 1) {
    for (const end of Object.values(pair.ends)) for (const signal of noise) end.receive(structuredClone(signal));
    await settled();
    await pair.hand('ann');
    await pair.hand('bob');
  }
  await pair.talk();
  pair.agrees();
});

test('a flood of candidates for no description takes no more than its place', async () => {
  const pair = new Pair();
  pair.bob.start(tracks());
  for (let at = 0; at < 5_000; at += 1) pair.bob.receive({ candidate: { candidate: `candidate:${at}`, usernameFragment: 'none' } });
  for (let turn = 0; turn < 2_000; turn += 1) await settle();
  pair.start(tracks('camera'), tracks());
  await pair.talk();
  pair.agrees();
});

test('names of tracks that are none of ours are dropped', async () => {
  const pair = new Pair();
  pair.start(tracks('camera'), tracks());
  await settled();
  pair.queues.ann[0].tracks.push({ mid: '0', source: '__proto__' }, { mid: '77', source: 'screen' });
  await pair.hand('ann');
  assert.deepEqual([...pair.bob.received.keys()], ['camera']);
});

test('an offer that got lost is said again until it is answered', async () => {
  const pair = new Pair();
  pair.start(tracks('camera'), tracks());
  await settled();
  pair.queues.ann.length = 0;
  await pair.clock.pass(4_100);
  await pair.talk();
  pair.agrees();
  assert.deepEqual(pair.types('ann').slice(0, 2), ['offer', 'offer']);
  assert.equal(pair.said.ann[0].description.sdp, pair.said.ann[1].description.sdp);
});

test('what is said while the node is away is said when it is back', async () => {
  const pair = new Pair();
  pair.cut.ann = true;
  pair.start(tracks('camera'), tracks());
  await settled();
  pair.ann.peer.gather();
  await settled();
  assert.deepEqual(pair.types('ann'), []);
  pair.cut.ann = false;
  pair.ann.repeat();
  await settled();
  assert.deepEqual(pair.types('ann'), ['offer', 'candidate']);
  await pair.talk();
  pair.agrees();
  assert.equal(pair.bob.peer.candidates.length, 1);
});

test('both restart ICE at once: new credentials, the same connections', async () => {
  const pair = new Pair();
  pair.start(tracks('camera'), tracks('camera'));
  await pair.talk();
  const ufrag = (end) => /ice-ufrag:(\S+)/.exec(end.peer.localDescription.sdp)[1];
  const before = [ufrag(pair.ann), pair.ann.peer, pair.bob.peer];
  pair.ann.restart();
  pair.bob.restart();
  await pair.talk();
  pair.agrees();
  assert.notEqual(ufrag(pair.ann), before[0]);
  assert.deepEqual([pair.ann.peer, pair.bob.peer], before.slice(1));
});

test('a source that is turned off and on again keeps its section, one that is muted by a host is not sent', async () => {
  const pair = new Pair();
  pair.start(tracks('camera', 'microphone'), tracks());
  await pair.talk();
  const lanes = pair.ann.peer.getTransceivers().length;
  const { track } = pair.bob.received.get('camera');
  pair.setTracks('ann', tracks('microphone'));
  await pair.talk();
  pair.agrees();
  pair.setTracks('ann', tracks('microphone', 'camera'));
  await pair.talk();
  pair.agrees();
  assert.equal(pair.ann.peer.getTransceivers().length, lanes);
  assert.equal(pair.bob.received.get('camera').track, track);
  pair.setTracks('ann', new Map([['camera', null], ['microphone', new FakeTrack('audio')]]));
  await settled();
  assert.equal(pair.ann.peer.getTransceivers()[0].sender.track, null);
  assert.deepEqual(pair.queues.ann, [], 'without a word');
});

test('whatever both sides turn on and off, at any time and with any delay, both end with what the other sends', async () => {
  const sources = Object.keys(KINDS);
  for (let seed = 1; seed <= 120; seed += 1) {
    const random = randomness(seed);
    const pair = new Pair();
    pair.start(tracks(...sources.filter(() => random() < 0.4)), tracks(...sources.filter(() => random() < 0.4)));
    for (let turn = 0; turn < 60; turn += 1) {
      const what = random();
      const who = random() < 0.5 ? 'ann' : 'bob';
      if (what < 0.25) pair.setTracks(who, tracks(...sources.filter(() => random() < 0.5)));
      else if (what < 0.3) pair.ends[who].restart();
      else if (what < 0.35) pair.ends[who].peer.gather();
      else if (what < 0.4) await pair.clock.pass(random() * 3_000);
      else await pair.hand(who);
      if (random() < 0.7) await settled();
    }
    await pair.talk();
    await pair.clock.pass(9_000);
    await pair.talk();
    pair.agrees(`seed ${seed}`);
  }
});
