import { behaviour } from '../support/scene.js';
import { firstFrameAfter, seesAndHears } from '../support/media.js';
import { liveShow, roomAt } from '../support/show.js';

behaviour('one host goes live, and three viewers in browsers of their own see and hear it', async (scene) => {
  const { host, viewers } = await liveShow(scene, { topology: 'auto', viewers: ['Bob', 'Cho', 'Dee'] });
  await Promise.all([host, ...viewers].map((person) => person.counts(3)));
});

behaviour('a viewer who comes late sees the picture at once', async (scene) => {
  const { node } = await liveShow(scene);
  const late = await scene.person('Cho');
  await late.open(roomAt(node.local));
  const first = await firstFrameAfter(late.page);
  await late.page.locator('rc-tile[data-state=playing]').waitFor();
  await seesAndHears(late.page);
  // Speed is shown, not judged: the machine of a test says little about it.
  scene.note(`first frame ${Math.round(first)} ms after the page was opened`);
});
