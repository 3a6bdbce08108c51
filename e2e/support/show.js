/** What most tests begin with: a node, a host who is live, and viewers who see and hear. */
import { seesAndHears } from './media.js';

/** The room of all tests. */
export const ROOM = 'garden';

/**
 * @param {import('./scene.js').Scene} scene
 * @param {object} [options]
 * @param {string[]} [options.viewers]    names
 * @param {'auto' | 'p2p' | 'sfu'} [options.topology]
 * @param {string} [options.search]       of the host's page, such as `?codec=h264`
 * @param {import('./browser.js').ChromiumOptions} [options.hostChromium]
 */
export async function liveShow(scene, { viewers: names = ['Bob'], topology, search = '', hostChromium } = {}) {
  const node = await scene.node({ topology });
  const host = await scene.person('Ann', { chromium: hostChromium });
  await host.opensRoom(`${node.local}/${search}`, ROOM);
  await host.goesLive();
  const viewers = await Promise.all(names.map((name) => scene.person(name)));
  await Promise.all(viewers.map((viewer) => viewer.open(roomAt(node.local))));
  await Promise.all(viewers.map((viewer) => seesAndHears(viewer.page)));
  return { node, host, viewers };
}

/** @param {string} origin */
export function roomAt(origin) {
  return `${origin}/r/${ROOM}`;
}
