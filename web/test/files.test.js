import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Carrier } from '../lib/carrier.js';
import { cleanName } from '../lib/file-rules.js';
import { Files } from '../lib/files.js';
import { FakeClock, settle } from './fakes.js';

/** Participants who reach each other through the node, or by links that take everything at once. */
class Scene {
  clock = new FakeClock();
  people = new Map();
  handed = 0;
  #links;

  constructor(names, { links }) {
    this.#links = links;
    names.forEach((name, at) => this.enter(name, 100 + at));
    for (const name of names) this.meet(name);
  }

  enter(name, incarnation) {
    const request = async ({ to, stream, data }) => {
      this.handed += 1;
      this.clock.after(() => this.people.get(to[0])?.carrier.fromNode(name, stream, data), 10);
    };
    const carrier = new Carrier({ request, clock: this.clock, incarnation });
    const files = new Files({ carrier });
    carrier.addEventListener('delivered', ({ detail }) => files.handle(detail.from, detail.body));
    this.people.set(name, { carrier, files });
  }

  meet(name) {
    const { carrier } = this.people.get(name);
    const others = [...this.people.keys()].filter((other) => other !== name);
    carrier.reachable(others);
    if (this.#links) for (const other of others) carrier.setLink(other, this.link(name, other));
  }

  link(from, to) {
    return {
      send: (stream, data) => {
        const copy = typeof data === 'string' ? data : data.slice().buffer;
        this.clock.after(() => this.people.get(to)?.carrier.fromLink(from, stream, copy), 20);
        return true;
      },
    };
  }

  files(name) {
    return this.people.get(name).files;
  }

  one(name) {
    return this.files(name).list.at(-1);
  }

  async pass(milliseconds) {
    for (let passed = 0; passed < milliseconds; passed += 20) {
      await this.clock.pass(20);
      // Files are read by the machine, not by promises alone.
      await new Promise((resolve) => setImmediate(resolve));
      await settle();
    }
  }
}

const contents = (size) => Uint8Array.from({ length: size }, (_, at) => (at * 31 + (at >> 8)) & 255);
const file = (size, name = 'notes.txt') => new File([contents(size)], name, { type: 'text/plain' });

for (const links of [true, false]) {
  const way = links ? 'by a link' : 'through the node';

  test(`a file arrives whole ${way}`, async () => {
    const scene = new Scene(['ann', 'bob'], { links });
    scene.files('ann').send(file(700_000), ['bob']);
    await scene.pass(200);
    assert.deepEqual([scene.one('bob').state, scene.one('bob').name, scene.one('bob').size], ['offered', 'notes.txt', 700_000]);
    scene.files('bob').accept(scene.one('bob').id);
    await scene.pass(6_000);
    assert.deepEqual([scene.one('ann').state, scene.one('bob').state], ['done', 'done']);
    assert.deepEqual(new Uint8Array(await scene.one('bob').blob.arrayBuffer()), contents(700_000));
    assert.equal(scene.handed > 0, !links);
  });
}

test('a file goes on when the link breaks half-way', async () => {
  const scene = new Scene(['ann', 'bob'], { links: true });
  scene.files('ann').send(file(3_000_000), ['bob']);
  await scene.pass(100);
  scene.files('bob').accept(scene.one('bob').id);
  await scene.pass(100);
  assert.equal(scene.one('bob').state, 'moving');
  for (const [name, other] of [['ann', 'bob'], ['bob', 'ann']]) scene.people.get(name).carrier.setLink(other, null);
  await scene.pass(16_000);
  assert.equal(scene.one('ann').state, 'done');
  assert.deepEqual(new Uint8Array(await scene.one('bob').blob.arrayBuffer()), contents(3_000_000));
});

test('an empty file arrives', async () => {
  const scene = new Scene(['ann', 'bob'], { links: true });
  scene.files('ann').send(file(0), ['bob']);
  await scene.pass(200);
  scene.files('bob').accept(scene.one('bob').id);
  await scene.pass(200);
  assert.deepEqual([scene.one('ann').state, scene.one('bob').state, scene.one('bob').blob.size], ['done', 'done', 0]);
});

test('each receiver has a transfer of their own: one takes the file, another does not', async () => {
  const scene = new Scene(['ann', 'bob', 'cho'], { links: true });
  const sent = scene.files('ann').send(file(50_000), ['bob', 'cho']);
  assert.equal(new Set(sent.map(({ group }) => group)).size, 1);
  await scene.pass(200);
  scene.files('bob').accept(scene.one('bob').id);
  scene.files('cho').decline(scene.one('cho').id);
  await scene.pass(2_000);
  assert.deepEqual(scene.files('ann').list.map(({ participant, state }) => [participant, state]), [['bob', 'done'], ['cho', 'declined']]);
});

test('either side stops a transfer, and the other is told', async () => {
  for (const [who, other] of [['ann', 'bob'], ['bob', 'ann']]) {
    const scene = new Scene(['ann', 'bob'], { links: false });
    scene.files('ann').send(file(2_000_000), ['bob']);
    await scene.pass(200);
    scene.files('bob').accept(scene.one('bob').id);
    await scene.pass(1_000);
    assert.equal(scene.one(who).state, 'moving');
    scene.files(who).cancel(scene.one(who).id);
    await scene.pass(2_000);
    assert.deepEqual([scene.one(who).state, scene.one(other).state], ['cancelled', 'stopped']);
    assert.equal(scene.one('bob').blob, null);
  }
});

test('a sender who leaves or loads the page anew half-way: the receiver is told', async () => {
  for (const leaves of [true, false]) {
    const scene = new Scene(['ann', 'bob'], { links: false });
    scene.files('ann').send(file(2_000_000), ['bob']);
    await scene.pass(200);
    scene.files('bob').accept(scene.one('bob').id);
    await scene.pass(1_000);
    if (leaves) {
      scene.people.get('bob').carrier.reachable([]);
    } else {
      scene.enter('ann', 500);
      scene.meet('ann');
      scene.people.get('ann').carrier.send('bob', 'chat', { text: 'back' });
      await scene.pass(500);
    }
    assert.deepEqual([scene.one('bob').state, scene.one('bob').fault, scene.one('bob').blob], ['failed', 'left', null]);
  }
});

test('a file that is too large for the way is not offered, and not taken', async () => {
  const scene = new Scene(['ann', 'bob'], { links: false });
  const large = { name: 'film.mkv', size: 17 * 1024 * 1024, type: '' };
  assert.throws(() => scene.files('ann').send(large, ['bob']), { code: 'too-large' });
  assert.throws(() => scene.files('ann').send(file(1), []), { code: 'participant-unknown' });
  for (const size of [17 * 1024 * 1024, -1, 1.5, 'x', null]) scene.files('bob').handle('ann', { do: 'offer', id: `o${size}`, size, name: 'x' });
  assert.deepEqual(scene.files('bob').list, []);
});

test('chunks that do not fit end the transfer', async () => {
  const bad = [{ at: 5, bytes: contents(4) }, { at: 0, bytes: contents(11) }, { at: 0 }, { at: 0, bytes: 'text' }, { at: 0, bytes: contents(0) }];
  for (const chunk of bad) {
    const scene = new Scene(['ann', 'bob'], { links: true });
    const bob = scene.files('bob');
    bob.handle('ann', { do: 'offer', id: 'o', size: 10, name: 'x' });
    bob.accept('o');
    bob.handle('ann', { do: 'chunk', id: 'o', ...chunk });
    assert.deepEqual([scene.one('bob').state, scene.one('bob').fault], ['failed', 'broken']);
  }
});

test('nobody touches the transfers of others, and offers are bounded', async () => {
  const scene = new Scene(['ann', 'bob', 'eve'], { links: true });
  const bob = scene.files('bob');
  bob.handle('ann', { do: 'offer', id: 'o', size: 10, name: 'x' });
  bob.accept('o');
  for (const body of [{ do: 'chunk', at: 0, bytes: contents(10) }, { do: 'stop' }, { do: 'done' }]) bob.handle('eve', { id: 'o', ...body });
  bob.handle('eve', { do: 'offer', id: 'o', size: 1, name: 'y' });
  bob.handle('ann', { do: 'done', id: 'o' });
  bob.handle('ann', { do: 'accept', id: 'o' });
  assert.deepEqual(bob.list.map(({ participant, state, moved }) => [participant, state, moved]), [['ann', 'moving', 0]]);
  for (let at = 0; at < 100; at += 1) bob.handle('eve', { do: 'offer', id: `e${at}`, size: 1, name: 'y' });
  assert.equal(bob.list.length, 1 + 8);
});

test('a name is the last part of a path, without what deceives', () => {
  const names = {
    '../../etc/passwd': 'passwd', 'C:\\Windows\\evil.exe': 'evil.exe', '/': 'file', '': 'file', '..': 'file', '.bashrc': 'bashrc',
    'a\u0000b\u001f.txt': 'ab.txt', 'invoice\u202efdp.exe': 'invoicefdp.exe', 'über uns.pdf': 'über uns.pdf', 'a<b>:"|?*.txt': 'ab.txt',
    'trailing. ': 'trailing',
  };
  for (const [from, to] of Object.entries(names)) assert.equal(cleanName(from), to);
  assert.equal(cleanName(undefined), 'file');
  const long = cleanName(`${'x'.repeat(500)}.tar.gz`);
  assert.equal(long.length, 128);
  assert(long.endsWith('.gz'));
});
