import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Courier } from '../lib/courier.js';
import { fromLink, fromNode, toLink, toNode } from '../lib/frames.js';
import { randomness } from './randomness.js';

/**
 * Two participants and the network between them: the node's way loses, doubles and reorders; the link
 * keeps everything in order, until it breaks with all that is in it.
 */
class World {
  now = 0;
  pages = { ann: 0, bob: 0 };
  couriers = {};
  flying = [];
  link = false;
  sent = { ann: [], bob: [] };
  /** What each page of each was given, by sender. */
  read = { ann: [], bob: [] };
  renewals = 0;
  #random;
  #loss;

  constructor(random, loss) {
    this.#random = random;
    this.#loss = loss;
    for (const who of ['ann', 'bob']) this.load(who);
  }

  other(who) {
    return who === 'ann' ? 'bob' : 'ann';
  }

  load(who) {
    this.pages[who] += 1;
    this.couriers[who] = new Courier({ incarnation: 1_000 * this.pages[who] + Math.floor(this.#random() * 999) });
    this.read[who].push([]);
    this.couriers[who].setPath(this.now, this.other(who), this.link ? 'link' : 'node');
    this.drain(who);
  }

  setLink(up) {
    this.link = up;
    if (!up) this.flying = this.flying.filter(({ via }) => via === 'node');
    for (const who of ['ann', 'bob']) {
      this.couriers[who].setPath(this.now, this.other(who), up ? 'link' : 'node');
      this.drain(who);
    }
  }

  say(who) {
    const text = `${who} ${this.sent[who].length}`;
    if (this.couriers[who].send(this.now, this.other(who), 'chat', { text })) this.sent[who].push(text);
    this.drain(who);
  }

  drain(who) {
    const courier = this.couriers[who];
    for (let output = courier.poll(); output; output = courier.poll()) {
      if (output.type === 'transmit') this.transmit(who, output);
      else if (output.type === 'deliver') this.read[who].at(-1).push(output.body.text);
      else if (output.type === 'renewed') this.renewals += 1;
    }
  }

  transmit(from, { to, via, stream, frame }) {
    if (via === 'link') {
      if (this.link) this.flying.push({ from, to, via, stream, frame, at: this.now + 5 });
      return;
    }
    const copies = this.#random() < this.#loss ? 0 : this.#random() < this.#loss ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      this.flying.push({ from, to, via, stream, frame, at: this.now + this.#random() * 300 });
    }
  }

  step() {
    const next = this.flying.sort((a, b) => a.at - b.at)[0];
    const deadlines = ['ann', 'bob'].map((who) => this.couriers[who].deadline());
    const at = Math.min(next?.at ?? Infinity, ...deadlines);
    if (at === Infinity) return false;
    this.now = Math.max(this.now, at);
    if (next && next.at <= at) {
      this.flying.shift();
      this.couriers[next.to].handle(this.now, next.from, next.stream, next.frame);
      this.drain(next.to);
    }
    for (const who of ['ann', 'bob']) {
      this.couriers[who].tick(this.now);
      this.drain(who);
    }
    return true;
  }

  rest() {
    this.#loss = 0;
    for (let steps = 0; this.step(); steps += 1) assert(steps < 20_000, 'it comes to rest');
  }
}

function indices(texts) {
  return texts.map((text) => Number(text.split(' ')[1]));
}

function chaos(seed, { reloads }) {
  const random = randomness(seed);
  const world = new World(random, 0.3);
  for (let turn = 0; turn < 300; turn += 1) {
    const what = random();
    if (what < 0.35) world.say(random() < 0.5 ? 'ann' : 'bob');
    else if (what < 0.4) world.setLink(!world.link);
    else if (reloads && what < 0.42) world.load(random() < 0.5 ? 'ann' : 'bob');
    else world.step();
  }
  world.rest();
  return world;
}

test('everything arrives once and in order, over loss, doubling, reordering and changing paths', () => {
  for (let seed = 1; seed <= 150; seed += 1) {
    const world = chaos(seed, { reloads: false });
    assert.deepEqual(world.read.bob, [world.sent.ann], `seed ${seed}`);
    assert.deepEqual(world.read.ann, [world.sent.bob], `seed ${seed}`);
    assert(world.couriers.ann.isIdle('chat') && world.couriers.bob.isIdle('chat'), `seed ${seed}`);
  }
});

test('over reloads of either page, no page is told anything twice or out of order', () => {
  for (let seed = 1; seed <= 150; seed += 1) {
    const world = chaos(seed, { reloads: true });
    for (const who of ['ann', 'bob']) {
      for (const page of world.read[who]) {
        const numbers = indices(page);
        assert(numbers.every((number, at) => at === 0 || number > numbers[at - 1]), `seed ${seed}: ${who} read ${numbers}`);
      }
    }
  }
});

test('when only the receiver loads its page anew, its pages together have read everything', () => {
  for (let seed = 1; seed <= 150; seed += 1) {
    const random = randomness(seed);
    const world = new World(random, 0.3);
    for (let turn = 0; turn < 300; turn += 1) {
      const what = random();
      if (what < 0.4) world.say('ann');
      else if (what < 0.45) world.setLink(!world.link);
      else if (what < 0.48) world.load('bob');
      else world.step();
    }
    world.rest();
    const all = [...new Set(world.read.bob.flatMap(indices))].sort((a, b) => a - b);
    assert.deepEqual(all, world.sent.ann.map((_, at) => at), `seed ${seed}`);
    for (const page of world.read.bob) {
      const numbers = indices(page);
      assert.deepEqual(numbers, numbers.map((_, at) => numbers[0] + at), `seed ${seed}: nothing is missing within a page`);
    }
  }
});

test('a page that comes back is known by its new number, and half a file is not sent to it', () => {
  const world = new World(randomness(1), 0);
  world.setLink(true);
  world.say('ann');
  world.rest();
  world.say('bob');
  world.rest();
  const { ann } = world.couriers;
  ann.send(world.now, 'bob', 'file', { t: 'chunk' });
  world.load('bob');
  world.flying = [];
  world.say('bob');
  world.rest();
  assert.equal(world.renewals, 1);
  assert(ann.isIdle('file'));
});

test('no more is under way than the path can take', () => {
  const courier = new Courier({ incarnation: 5 });
  courier.setPath(0, 'bob', 'node');
  courier.handle(0, 'bob', 'file', { from: 7, to: 5, ack: 0 });
  for (let at = 0; at < 300; at += 1) courier.send(0, 'bob', 'file', { at });
  const under = () => {
    let count = 0;
    while (courier.poll()) count += 1;
    return count;
  };
  assert.equal(under(), 8);
  assert.equal(courier.space('bob', 'file'), 0);
  assert.equal(courier.send(0, 'bob', 'file', { at: 0 }), false, 'the outbox is bounded');
  courier.setPath(0, 'bob', 'link');
  assert.equal(under(), 64 + 1, 'and a greeting');
});

test('frames travel unchanged as text and as bytes', () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, at) => at % 256);
  const frame = { from: 9, to: 0, number: 3, body: { text: 'Grüße', bytes } };
  const packed = /** @type {Uint8Array} */ (toLink(frame));
  assert.deepEqual(fromLink(packed.buffer), frame);
  assert.deepEqual(fromNode(toNode(frame)), frame);
  const plain = { from: 9, to: 8, ack: 12 };
  assert.deepEqual(fromLink(toLink(plain)), plain);
  assert.deepEqual(fromNode(toNode(plain)), plain);
});

test('what is no frame is nothing', () => {
  const bad = [
    '', 'x', 'null', '[]', '{}', '{"from":0,"to":0,"ack":1}', '{"from":1,"to":0}',
    '{"from":1,"to":-1,"ack":1}', '{"from":1,"to":0,"number":1,"body":[]}',
    '{"from":1.5,"to":0,"ack":1}', 'x'.repeat(100_000),
  ];
  for (const text of bad) assert.equal(fromLink(text), null, text.slice(0, 60));
  assert.equal(fromNode('{"from":1,"to":0,"number":1,"body":{"base64":"*"}}'), null);
  for (const bytes of [[], [0, 0, 0], [255, 255, 255, 255], [0, 0, 0, 9, 1]]) {
    assert.equal(fromLink(Uint8Array.from(bytes).buffer), null);
  }
  const random = randomness(7);
  for (let round = 0; round < 500; round += 1) {
    const noise = Uint8Array.from({ length: Math.floor(random() * 40) }, () => random() * 256);
    noise[0] = noise[1] = noise[2] = 0;
    assert.equal(fromLink(noise.buffer), null);
  }
});
