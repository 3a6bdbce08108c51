/** For hosts: those whose reception is not good, and how badly. */
import { h, setAttribute, setText } from '../dom.js';
import { t } from '../i18n.js';
import { inOrder, receptionFigures, standingKey } from '../reception.js';
import { face } from './people-rows.js';

/** @import { State } from '../store.js' */

/** @typedef {State['room']['struggling']} Struggling */

/** What of them is drawn anew; figures change in place. @param {Struggling} struggling */
export function shapeOf({ participants, count }) {
  return [count, ...inOrder(participants).map(({ participant, name, reception }) => [participant, name, reception.standing])];
}

/** @param {Struggling} struggling @returns {Node[]} */
export function struggling({ participants, count }) {
  if (count === 0) return [];
  const more = count - participants.length;
  return [
    h('h3', {}, t('people.struggling', { count })),
    h('ul', { class: 'people struggling', 'data-testid': 'struggling-list' },
      ...inOrder(participants).map(({ participant, name, reception }) =>
        h('li', { 'data-participant': participant, 'data-standing': reception.standing },
          face(name),
          h('span', { class: 'person' },
            h('span', { class: 'person-name' }, name),
            h('span', { class: 'person-reception' }, t(standingKey(reception)), h('span', { class: 'person-figures' })))))),
    ...(more > 0 ? [h('p', { class: 'hint' }, t('people.struggling-more', { count: more }))] : []),
  ];
}

/** Brings the figures up to date. @param {Element} list around them @param {Struggling} struggling */
export function showFigures(list, { participants }) {
  for (const { participant, reception } of participants) {
    const row = list.querySelector(`.struggling [data-participant="${CSS.escape(participant)}"]`);
    const words = receptionFigures(reception);
    if (row) setAttribute(row, 'title', words);
    if (row) setText(/** @type {Element} */ (row.querySelector('.person-figures')), words);
  }
}
