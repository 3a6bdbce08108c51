import { behaviour } from '../support/scene.js';
import { seesAndHears } from '../support/media.js';

behaviour('one host goes live, and three viewers in browsers of their own see and hear it', async (scene) => {
  const node = await scene.node();
  const host = await scene.person('Ann');
  await host.opensRoom(node.local, 'garden');
  await host.goesLive();
  const viewers = await Promise.all(['Bob', 'Cho', 'Dee'].map((name) => scene.person(name)));
  await Promise.all(viewers.map((viewer) => viewer.open(`${node.local}/r/garden`)));
  await Promise.all(viewers.map((viewer) => seesAndHears(viewer.page)));
  await Promise.all([host, ...viewers].map((person) => person.counts(3)));
});
