import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Paths } from '../lib/paths.js';
import { FakeClock } from './fakes.js';

/** A track that has brought as many frames as the test says. */
class Source {
  frames = 0;
  constructor(name) {
    this.track = { id: name };
  }
  count = async () => this.frames;
}

class Scene {
  clock = new FakeClock();
  told = [];
  shown = [];
  paths;

  constructor() {
    this.paths = new Paths({ clock: this.clock, tell: (participant, via) => this.told.push([participant, via]) });
    this.paths.addEventListener('tracks', ({ detail }) => this.shown.push([...detail.values()].map(({ id }) => id).join(' ')));
  }

  offer(...offered) {
    this.paths.update([{ participant: 'bob', offered }]);
  }

  /** Time passes, and what is named brings frames. */
  async flow(milliseconds, ...sources) {
    for (let passed = 0; passed < milliseconds; passed += 50) {
      for (const source of sources) source.frames += 1;
      await this.clock.pass(50);
    }
  }
}

test('what is shown stays until the other path has frames, and the node is told', async () => {
  const scene = new Scene();
  const [link, node] = [new Source('link'), new Source('node')];
  scene.offer({ publication: 1, quiet: false, link });
  await scene.flow(1_000, link);
  assert.deepEqual(scene.told, [['bob', 'link']]);
  scene.offer({ publication: 1, quiet: false, link, node });
  await scene.flow(3_000, link);
  assert.deepEqual(scene.shown, ['link']);
  await scene.flow(350, link, node);
  assert.deepEqual(scene.shown, ['link'], 'first frames are no picture that moves');
  await scene.flow(200, link, node);
  assert.deepEqual(scene.shown, ['link', 'node']);
  await scene.flow(600, link, node);
  assert.deepEqual(scene.told, [['bob', 'link'], ['bob', 'node']]);
  scene.offer({ publication: 1, quiet: false, node });
  await scene.flow(500, node);
  assert.deepEqual(scene.shown, ['link', 'node']);
  assert.equal(scene.told.length, 2);
});

test('who is silent sends few packets, and the first of them proves the way', async () => {
  const scene = new Scene();
  const [link, node] = [new Source('link'), new Source('node')];
  for (const source of [link, node]) source.track.kind = 'audio';
  scene.offer({ publication: 1, quiet: false, link });
  await scene.flow(1_000, link);
  scene.offer({ publication: 1, quiet: false, link, node });
  await scene.flow(1_000, link);
  assert.deepEqual(scene.shown, ['link']);
  node.frames += 1;
  await scene.flow(50, link);
  assert.deepEqual(scene.shown, ['link', 'node']);
});

test('picture and sound change together', async () => {
  const scene = new Scene();
  const all = ['link-1', 'link-2', 'node-1', 'node-2'].map((name) => new Source(name));
  const [link1, link2, node1, node2] = all;
  scene.offer({ publication: 1, quiet: false, node: node1 }, { publication: 2, quiet: false, node: node2 });
  await scene.flow(1_000, node1, node2);
  scene.offer({ publication: 1, quiet: false, node: node1, link: link1 }, { publication: 2, quiet: false, node: node2 });
  await scene.flow(1_000, node1, node2, link1);
  scene.offer({ publication: 1, quiet: false, node: node1, link: link1 }, { publication: 2, quiet: false, node: node2, link: link2 });
  await scene.flow(1_000, node1, node2, link1);
  assert.equal(scene.shown.at(-1), 'node-1 node-2');
  await scene.flow(600, ...all);
  assert.equal(scene.shown.at(-1), 'link-1 link-2');
});

test('nothing is awaited of what is muted', async () => {
  const scene = new Scene();
  const [node, link] = [new Source('node'), new Source('link')];
  scene.offer({ publication: 1, quiet: true, node });
  await scene.flow(1_000);
  scene.offer({ publication: 1, quiet: true, node, link });
  await scene.flow(200);
  assert.equal(scene.shown.at(-1), 'link');
});

test('frames of an earlier use of a section do not count', async () => {
  const scene = new Scene();
  const [link, node] = [new Source('link'), new Source('node')];
  node.frames = 900;
  scene.offer({ publication: 1, quiet: false, link });
  await scene.flow(600, link);
  scene.offer({ publication: 1, quiet: false, link, node });
  await scene.flow(2_000, link);
  assert.deepEqual(scene.shown, ['link']);
  await scene.flow(350, link, node);
  assert.deepEqual(scene.shown, ['link'], 'first frames are no picture that moves');
  await scene.flow(200, link, node);
  assert.deepEqual(scene.shown, ['link', 'node']);
});

test('when the shown path is gone the other is shown at once, and when all are gone nothing is', async () => {
  const scene = new Scene();
  const [link, node] = [new Source('link'), new Source('node')];
  scene.offer({ publication: 1, quiet: false, link });
  scene.offer({ publication: 1, quiet: false, node });
  assert.deepEqual(scene.shown, ['link', 'node']);
  scene.offer({ publication: 1, quiet: false });
  assert.deepEqual(scene.shown, ['link', 'node', '']);
  scene.paths.update([]);
  assert.equal(scene.paths.paths.size, 0);
});

test('a link that stays when both have been there for long is the one to use', async () => {
  const scene = new Scene();
  const [link, node] = [new Source('link'), new Source('node')];
  scene.offer({ publication: 1, quiet: false, link });
  await scene.flow(100, link);
  scene.offer({ publication: 1, quiet: false, link, node });
  await scene.flow(1_000, link, node);
  assert.equal(scene.shown.at(-1), 'node');
  await scene.flow(12_000, link, node);
  assert.equal(scene.shown.at(-1), 'link');
  assert.deepEqual(scene.told.at(-1), ['bob', 'link']);
});

test('after it was resumed, the node is told again', async () => {
  const scene = new Scene();
  const link = new Source('link');
  scene.offer({ publication: 1, quiet: false, link });
  await scene.flow(1_000, link);
  scene.paths.forget();
  await scene.flow(1_000, link);
  assert.deepEqual(scene.told, [['bob', 'link'], ['bob', 'link']]);
});

test('it does not look when nothing is under way', async () => {
  const scene = new Scene();
  const link = new Source('link');
  let looks = 0;
  link.count = async () => (looks += 1);
  scene.offer({ publication: 1, quiet: false, link });
  await scene.flow(2_000);
  const before = looks;
  await scene.flow(5_000);
  assert.equal(looks, before);
});

test('the other path stays until the page shows the new picture, or has it out of sight', async () => {
  for (const isShown of [true, false]) {
    const scene = new Scene();
    const [link, node] = [new Source('link'), new Source('node')];
    for (const source of [link, node]) source.track.kind = 'video';
    scene.offer({ publication: 1, quiet: false, link });
    scene.paths.shown(link.track);
    await scene.flow(1_000, link);
    scene.offer({ publication: 1, quiet: false, link, node });
    await scene.flow(2_000, link, node);
    assert.deepEqual([scene.shown.at(-1), scene.told.length], ['node', 1], 'shown by nobody yet');
    if (isShown) scene.paths.shown(node.track);
    await scene.flow(isShown ? 100 : 1_500, link, node);
    assert.deepEqual(scene.told, [['bob', 'link'], ['bob', 'node']]);
  }
});

test('a track that was on screen before is waited for again', async () => {
  const scene = new Scene();
  const [node, link] = [new Source('node'), new Source('link')];
  for (const source of [node, link]) source.track.kind = 'video';
  scene.offer({ publication: 1, quiet: false, node });
  scene.paths.shown(node.track);
  await scene.flow(1_000, node);
  scene.offer({ publication: 1, quiet: false, node, link });
  await scene.flow(600, node, link);
  scene.paths.shown(link.track);
  await scene.flow(100, node, link);
  scene.offer({ publication: 1, quiet: false, link });
  scene.offer({ publication: 1, quiet: false, link, node });
  await scene.flow(1_000, node, link);
  assert.deepEqual([scene.shown.at(-1), scene.told.at(-1)], ['node', ['bob', 'link']], 'not on screen again yet');
  scene.paths.shown(node.track);
  await scene.flow(100, node, link);
  assert.deepEqual(scene.told.at(-1), ['bob', 'node']);
});

test('a change that is taken back before it was seen is told at once', async () => {
  const scene = new Scene();
  const [node, link] = [new Source('node'), new Source('link')];
  for (const source of [node, link]) source.track.kind = 'video';
  scene.offer({ publication: 1, quiet: false, node });
  scene.paths.shown(node.track);
  await scene.flow(1_000, node);
  scene.offer({ publication: 1, quiet: false, node, link });
  await scene.flow(600, node, link);
  scene.offer({ publication: 1, quiet: false, node });
  assert.deepEqual(scene.shown, ['node', 'link', 'node']);
  await scene.flow(100, node);
  assert.deepEqual(scene.told, [['bob', 'node'], ['bob', 'node']]);
});
