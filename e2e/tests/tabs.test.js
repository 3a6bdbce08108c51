import { behaviour } from '../support/scene.js';
import { Person } from '../support/person.js';
import { seesAndHears } from '../support/media.js';
import { liveShow } from '../support/show.js';

behaviour('a duplicated tab takes the place over, and the first one can take it back', async (scene) => {
  const { host, viewers: [first] } = await liveShow(scene);
  const opened = first.page.context().waitForEvent('page');
  // Browsers copy the storage of a tab into one that it opens.
  await first.page.evaluate(() => void globalThis.open(location.href));
  const second = scene.watch(new Person(await opened, 'Bob’s second tab'));
  await second.phase('watching');
  await first.phase('replaced');
  await host.counts(1);
  await first.page.locator('#use-here').click();
  await first.phase('watching');
  await second.phase('replaced');
  await seesAndHears(first.page);
  await host.counts(1);
});
