/** Media that does not get through: the person is told why in words, and the operator counts it. */
import assert from 'node:assert/strict';
import { behaviour } from '../support/scene.js';
import { ROOM, roomAt } from '../support/show.js';
import { until } from '../support/until.js';

behaviour('a viewer for whom UDP and relays are blocked is told so in words, and the operator sees the cause', async (scene) => {
  const home = scene.internet().home({ nat: 'cone', firewall: 'tcp-only' });
  const node = await scene.node({ topology: 'sfu', args: ['--no-turn'] });
  const host = await scene.person('Ann');
  await host.opensRoom(node.local, ROOM);
  await host.goesLive();
  const viewer = await scene.person('Bob', { chromium: { guest: home } });
  await viewer.open(roomAt(node.public));
  await viewer.phase('watching');
  const message = viewer.page.locator('[data-testid=stage-message]');
  await until('words for it', () => message.textContent(), (text) => /UDP/.test(text ?? ''), 40_000);
  const counted = async () => (await node.metrics()).filter((line) => /^roomcast_media_trouble.*no-udp/.test(line));
  await until('it is counted', counted, (lines) => lines.length > 0 && Number(lines[0].split(' ').at(-1)) > 0);
});

behaviour('two callers between whom nothing gets through talk by the node, and the page says why', async (scene) => {
  const guests = [scene.guest(), scene.guest()];
  scene.rift(guests[0], guests[1]);
  const node = await scene.node({ topology: 'auto', args: ['--no-turn'] });
  const people = await Promise.all(['Ann', 'Bob'].map((name, at) => scene.person(name, { chromium: { guest: guests[at] } })));
  for (const person of people) await person.calls(node.secure, ROOM);
  for (const [at, person] of people.entries()) {
    const other = people[1 - at].label;
    await person.page.locator(`rc-tile[aria-label=${other}][data-path=node][data-state=playing]`).waitFor({ timeout: 40_000 });
    await person.opensPeople();
    const words = await person.page.locator('[data-testid=stage-list] li[data-path=node] .person-path').getAttribute('title');
    assert.match(words ?? '', /No direct way/);
    scene.note(`${person.label} reads: ${words}`);
  }
});
