import { fileURLToPath } from 'node:url';
import { countsPeers, plays } from '../support/plays.js';
import { behaviour } from '../support/scene.js';
import { Site } from '../support/site.js';
import { until } from '../support/until.js';

const FOLDER = fileURLToPath(new URL('../../examples/classroom/', import.meta.url));
/** Where the site is that the node is told of. */
const SITE_PORT = 8000;

behaviour('the classroom: a pupil waits, sees the teacher, raises a hand, speaks and chats (a site of its own)', async (scene) => {
  const node = await scene.node({ args: ['--cors', `http://localhost:${SITE_PORT}`] });
  const site = scene.keep(await new Site({ folder: FOLDER }).listen(SITE_PORT));
  const { teacher, pupil } = await lesson(scene, `${site.origin}/?node=${node.local}`);

  await teacher.page.getByRole('button', { name: 'Share screen' }).click();
  await pupil.page.locator('figure[data-source=screen]').waitFor();

  await pupil.page.getByRole('button', { name: 'Raise hand' }).click();
  await teacher.page.getByRole('button', { name: 'Let speak' }).click();
  await pupil.page.getByRole('button', { name: 'Microphone' }).click();
  await until('the teacher hears the pupil', () => teacher.page.locator('#stage audio').count(), (count) => count === 1);
  await pupil.page.getByRole('button', { name: 'Back to my seat' }).click();
  await pupil.page.getByRole('button', { name: 'Raise hand' }).waitFor();

  await pupil.page.getByLabel('Message').fill('I know it!');
  await pupil.page.getByRole('button', { name: 'Send' }).click();
  await teacher.page.locator('#chat li', { hasText: 'Bob I know it!' }).waitFor();

  teacher.page.on('dialog', (dialog) => dialog.accept());
  await teacher.page.getByRole('button', { name: 'End the class' }).click();
  await pupil.page.getByText('The class is over.').waitFor();
});

behaviour('the classroom is served by the node itself', async (scene) => {
  const node = await scene.node({ args: ['--web-dir', FOLDER] });
  const teacher = await scene.person('Ann');
  await enters(teacher, node.local, 'Teach');
  await teacher.page.getByRole('button', { name: 'Camera' }).waitFor();
});

/** A lesson that has begun: the pupil was there first. @param {import('../support/scene.js').Scene} scene @param {string} address */
async function lesson(scene, address) {
  const pupil = await scene.person('Bob');
  await countsPeers(pupil);
  await enters(pupil, address, 'Attend');
  await pupil.page.getByText('The class has not begun.').waitFor();
  const teacher = await scene.person('Ann');
  await enters(teacher, address, 'Teach');
  await teacher.page.getByRole('button', { name: 'Camera' }).click();
  await pupil.page.locator('#stage figure').waitFor();
  await plays(pupil.page);
  return { teacher, pupil };
}

/** @param {import('../support/person.js').Person} person @param {string} address @param {'Attend' | 'Teach'} as */
async function enters(person, address, as) {
  await person.open(address);
  await person.page.getByLabel('Your name').fill(person.label);
  await person.page.getByRole('button', { name: as }).click();
}
