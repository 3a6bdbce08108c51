/** By which path a person's picture and sound come here, and why, in words. */
import { t } from './i18n.js';

/** @import { Key } from './i18n.js' */
/** @import { State } from './store.js' */

/**
 * - `link`: straight from their device to this one
 * - `relay`: between the two devices, handed on by a relay that cannot look inside
 * - `node`: by the node, which forwards to everyone
 * - `connecting`: a link is being made
 * @typedef {'link' | 'relay' | 'node' | 'connecting'} Way
 */
/** @typedef {{ way: Way, why: string | null, cause: string | null }} Path */

/** @type {Record<string, Key>} */
const WHY = { failed: 'path.why-failed', size: 'path.why-size', setting: 'path.why-setting' };
/** What was seen of it. @type {Record<string, Key>} */
const CAUSES = {
  'no-udp': 'path.no-udp', 'only-relay': 'path.only-relay', 'turn-unreachable': 'path.turn-unreachable', lost: 'path.lost',
  'turn-refused': 'path.turn-refused', 'no-candidates': 'path.no-candidates', 'no-answer': 'path.no-answer',
};
/** @type {Record<Way, Key>} */
const WORDS = { link: 'path.link', relay: 'path.relay', node: 'path.node', connecting: 'path.connecting' };

/**
 * @param {State} state @param {string} participant
 * @returns {Path | null} null for oneself
 */
export function pathOf(state, participant) {
  const { me, links } = state.room;
  if (participant === me?.participant) return null;
  const link = links.find((one) => one.participant === participant);
  if (!link) return { way: 'node', why: null, cause: null };
  const way = link.path === 'link' && link.candidateType === 'relay' ? 'relay' : link.path;
  return { way, why: link.why ?? null, cause: link.cause ?? null };
}

/** @type {Record<Way, Key>} */
const SHORT = { link: 'path.link-short', relay: 'path.relay-short', node: 'path.node-short', connecting: 'path.connecting-short' };

/** A word or two. @param {Path} path */
export function shortWords({ way }) {
  return t(SHORT[way]);
}

/** A sentence or two. @param {Path} path */
export function wordsOf({ way, why, cause }) {
  const words = [t(WORDS[way])];
  if (way === 'node' && why) words.push(t(WHY[why] ?? 'path.why-setting'));
  const key = cause ? CAUSES[cause] : undefined;
  if (way === 'node' && why === 'failed' && key) words.push(t(key));
  return words.join(' ');
}

/** What each cause is called in the catalogue. @type {Record<string, Key>} */
const TROUBLES = {
  'no-udp': 'trouble.no-udp', 'only-relay': 'trouble.only-relay', 'turn-unreachable': 'trouble.turn-unreachable',
  'turn-refused': 'trouble.turn-refused', 'no-candidates': 'trouble.no-candidates', 'no-answer': 'trouble.no-answer',
  lost: 'trouble.lost', unknown: 'trouble.unknown', 'no-path': 'stage.no-path',
};

/** @param {string} cause why media did not get through @returns {Key} what happened and what to do next */
export function troubleKey(cause) {
  return TROUBLES[cause] ?? 'trouble.unknown';
}
