/** How well what the node sends arrives, in words: for the one whose reception it is, and for hosts. */
import { bitRate } from './format.js';
import { language, t } from './i18n.js';

/** @import { Key } from './i18n.js' */
/** @import { Reception, StrugglingParticipant } from './lib/types.js' */
/** @import { State } from './store.js' */

/** Of a hundred packets: from here on, that is what is heard and seen. */
const MUCH_LOST = 5;

/**
 * What keeps pictures small, or worse; nothing when all is well.
 * @param {Pick<State, 'room' | 'quality'>} state @returns {{ full: string, short: string } | null}
 */
export function receptionWords({ room: { reception }, quality }) {
  if (!reception || reception.standing === 'good') return null;
  const poor = reception.standing === 'poor';
  // Who asked for no pictures does not miss them.
  if (!poor && quality === 'sound') return null;
  const { available, lossPercent } = reception;
  if (poor && lossPercent >= MUCH_LOST) {
    return { full: t('reception.lost', { percent: lossPercent }), short: t('reception.lost-short', { percent: lossPercent }) };
  }
  if (available === undefined) return { full: t(poor ? 'reception.poor' : 'reception.limited'), short: t('reception.short') };
  const rate = bitRate(available, language());
  return { full: t(poor ? 'reception.poor-rate' : 'reception.limited-rate', { rate }), short: rate };
}

/** The same in figures. @param {Reception} reception */
export function receptionFigures({ available, lossPercent }) {
  const loss = t('figures.loss', { percent: lossPercent });
  return available === undefined ? loss : `${bitRate(available, language())} · ${loss}`;
}

/** How badly, in a word or two. @param {Reception} reception @returns {Key} */
export function standingKey({ standing }) {
  return standing === 'poor' ? 'people.poor' : 'people.limited';
}

/** In an order that changes with who is there and how badly, not with every figure. @param {StrugglingParticipant[]} struggling */
export function inOrder(struggling) {
  const rank = (/** @type {StrugglingParticipant} */ { reception }) => (reception.standing === 'poor' ? 0 : 1);
  return [...struggling].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name) || (a.participant < b.participant ? -1 : 1));
}
