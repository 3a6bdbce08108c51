/** How a viewer comes onto the stage, by what the two press. */

/**
 * A viewer raises a hand, a host brings them onto the stage, and they turn their devices on.
 * @param {import('./person.js').Person} host @param {import('./person.js').Person} viewer
 */
export async function comesOnStage(host, viewer) {
  await viewer.page.locator('#raise-hand').click();
  if ((await host.page.locator('body').getAttribute('data-panel')) !== 'people') await host.opensPeople();
  await host.asking('hands', viewer.label).locator('[data-testid=stage-on]').click();
  await agrees(viewer);
}

/** Someone who was brought onto the stage says yes to being seen and heard. @param {import('./person.js').Person} person */
export async function agrees(person) {
  await person.page.locator('#join-stage').click();
  await person.phase('live');
}
