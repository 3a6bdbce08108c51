import assert from 'node:assert/strict';
import { behaviour } from '../support/scene.js';
import { ROOM, roomAt } from '../support/show.js';
import { until } from '../support/until.js';

/** What a node keeps for those who come later. */
const KEPT = 200;

behaviour('everyone chats with names and times, and those who come later read what was said', async (scene) => {
  const node = await scene.node({ topology: 'auto' });
  const browser = await scene.chromium();
  const host = await scene.person('Ann', { browser });
  await host.opensRoom(node.local, ROOM);
  const bob = await scene.person('Bob', { browser });
  await bob.open(roomAt(node.local));
  await bob.phase('waiting');
  await host.says('Good morning!');
  await bob.reads('Ann', 'Good morning!');
  await bob.says('Morning');
  await host.reads('Bob', 'Morning');
  const late = await scene.person('Cho', { browser });
  await late.open(roomAt(node.local));
  await late.reads('Ann', 'Good morning!');
  await late.reads('Bob', 'Morning');
  const messages = await late.messages();
  assert(messages.every(({ time }) => Math.abs(Date.now() - Date.parse(time)) < 60_000), JSON.stringify(messages));
  assert.deepEqual(messages.map(({ number }) => number), [1, 2]);
});

behaviour('markup in names and messages is shown as text and never run', async (scene) => {
  const node = await scene.node();
  const browser = await scene.chromium();
  const markup = '<img src=x onerror="document.title=1"><b>bold</b> &amp;';
  const host = await scene.person('<i>Ann</i>', { browser });
  await host.opensRoom(node.local, ROOM);
  await host.says(markup);
  const bob = await scene.person('Bob', { browser });
  await bob.open(roomAt(node.local));
  await bob.reads('<i>Ann</i>', markup);
  assert.equal(await bob.page.locator('.messages img, .messages b:not(.badge), .messages i').count(), 0);
});

behaviour('a name can be changed, and later messages carry the new one', async (scene) => {
  const node = await scene.node();
  const browser = await scene.chromium();
  const host = await scene.person('Ann', { browser });
  await host.opensRoom(node.local, ROOM);
  const bob = await scene.person('Bob', { browser });
  await bob.open(roomAt(node.local));
  await bob.says('one');
  await host.reads('Bob', 'one');
  await bob.page.locator('#change-name').click();
  await bob.page.locator('#display-name').fill('Robert');
  await bob.page.locator('#save-name').click();
  await bob.page.locator('.chat-as', { hasText: 'Robert' }).waitFor();
  await bob.says('two');
  await host.reads('Robert', 'two');
  await host.reads('Bob', 'one');
});

behaviour(`of a long talk the last ${KEPT} messages are there for those who come later`, async (scene) => {
  const node = await scene.node();
  const browser = await scene.chromium();
  const host = await scene.person('Ann', { browser });
  await host.opensRoom(node.local, ROOM);
  // Each speaker may say eight at once: a speaker for every eight of them.
  const speakers = 26;
  await host.page.evaluate(talk, { speakers, each: 8, room: ROOM });
  const late = await scene.person('Cho', { browser });
  await late.open(roomAt(node.local));
  const said = speakers * 8;
  const messages = await until('the end of the talk', () => late.messages(), (all) => all.at(-1)?.number === said);
  assert.equal(messages.length, KEPT);
  assert.equal(messages[0].number, said - KEPT + 1);
});

/** Runs in a page: speakers of their own connections. @param {{ speakers: number, each: number, room: string }} plan */
async function talk({ speakers, each, room }) {
  const { Signaling } = await import(/** @type {any} */ ('/lib/signaling.js'));
  for (let speaker = 0; speaker < speakers; speaker += 1) {
    const signaling = new Signaling({ url: `ws://${location.host}/ws` });
    const joined = new Promise((resolve) => signaling.addEventListener('welcome', resolve, { once: true }));
    signaling.join({ room, name: `Speaker ${speaker}` });
    await joined;
    for (let message = 0; message < each; message += 1) await signaling.request({ type: 'chat', text: `${speaker}.${message}` });
    signaling.close();
  }
}
