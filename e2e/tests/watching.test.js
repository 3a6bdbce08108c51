import { behaviour } from '../support/scene.js';
import { look, seesAndHears } from '../support/media.js';
import { until } from '../support/until.js';
import { liveShow, roomAt } from '../support/show.js';

behaviour('one host goes live, and three viewers in browsers of their own see and hear it', async (scene) => {
  const { host, viewers } = await liveShow(scene, { viewers: ['Bob', 'Cho', 'Dee'] });
  await Promise.all([host, ...viewers].map((person) => person.counts(3)));
});

behaviour('a viewer who comes late sees the picture at once', async (scene) => {
  const { node } = await liveShow(scene);
  const late = await scene.person('Cho');
  await late.open(roomAt(node.local));
  await seesAndHears(late.page);
  // Speed is shown, not judged: the machine of a test says nothing about it.
  const first = await until('the first frame was timed', () => late.page.evaluate(() =>
    performance.getEntriesByName('roomcast:first-frame')[0]?.startTime ?? -1));
  if (first > 0) console.log(`first frame ${Math.round(first)} ms after the page was opened`);
  const state = (await look(late.page))?.state;
  if (state !== 'playing') throw new Error(`the tile is ${state}`);
});
