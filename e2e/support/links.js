/** By which way media travels: read from the browsers' own connections, and from what the page says of it. */
import { until } from './until.js';

/** @typedef {import('playwright-core').Page} Page */

/**
 * One peer connection of a page.
 * @typedef {object} Connection
 * @property {string} kind        `link`, `publisher` or `subscriber`
 * @property {string} name        of the other side, of a link
 * @property {string} state
 * @property {string | null} local    type of the local candidate of the pair that is used: `host`, `srflx`, `prflx`, `relay`
 * @property {string | null} remote   of the other side's
 * @property {string | null} remoteAddress
 * @property {string | null} protocol    between this page and what it sends to: `udp`, `tcp`
 * @property {string | null} relayProtocol   between this page and its relay: `udp`, `tcp`, `tls`
 */

/** @param {Page} page @returns {Promise<Connection[]>} those that are open */
export function connections(page) {
  return page.evaluate(connectionsInside);
}

/** @param {Page} page @returns {Promise<Connection[]>} */
export async function links(page) {
  return (await connections(page)).filter(({ kind }) => kind === 'link');
}

/**
 * Waits until all links of a page are up.
 * @param {import('./person.js').Person} person @param {number} count @param {number} [within] milliseconds
 */
export function hasLinks(person, count, within) {
  const up = (/** @type {Connection[]} */ all) =>
    all.length === count && all.every(({ state, local }) => state === 'connected' && local !== null);
  return until(`${person.label} has ${count} links`, () => links(person.page), up, within);
}

/**
 * Waits until somebody's media comes by the given way, as the page says.
 * @param {import('./person.js').Person} person @param {string} of name @param {'link' | 'relay' | 'node'} path
 * @param {number} [within] milliseconds
 */
export function receivesBy(person, of, path, within) {
  const shown = () => person.page.locator(`rc-tile[aria-label="${of}"]`).first().getAttribute('data-path');
  return until(`${person.label} receives ${of} by ${path}`, shown, (now) => now === path, within);
}

/** Runs in the page. */
async function connectionsInside() {
  const { room } = /** @type {any} */ (globalThis).roomcast;
  const names = new Map((room?.state.links ?? []).map((/** @type {any} */ one) => [one.participant, one.name]));
  /** @type {[string, string, RTCPeerConnection | null | undefined][]} */
  const peers = [
    ['publisher', '', room?.publisher.peer],
    ['subscriber', '', room?.subscriber.peer],
    ...[...(room?.links?.entries() ?? [])].map(([participant, link]) => ['link', names.get(participant) ?? participant, link.peer]),
  ];
  const open = peers.filter(([, , peer]) => peer && peer.connectionState !== 'closed');
  return Promise.all(open.map(async ([kind, name, peer]) => {
    const stats = /** @type {Map<string, any>} */ (/** @type {unknown} */ (await peer?.getStats()));
    const all = [...stats.values()];
    const chosen = all.find(({ type }) => type === 'transport')?.selectedCandidatePairId;
    // Firefox marks the pair instead.
    const pair = stats.get(chosen) ?? all.find((entry) => entry.type === 'candidate-pair' && entry.selected);
    const [local, remote] = [stats.get(pair?.localCandidateId), stats.get(pair?.remoteCandidateId)];
    return {
      kind, name, state: peer?.connectionState ?? '',
      local: local?.candidateType ?? null,
      remote: remote?.candidateType ?? null,
      remoteAddress: remote?.address ?? null,
      protocol: local?.protocol ?? null,
      relayProtocol: local?.relayProtocol ?? null,
    };
  }));
}
