/** For hosts: those who ask for something, to come in or to come on stage. */
import { h } from '../dom.js';
import { t } from '../i18n.js';
import { action, face } from './people-rows.js';

/** @import { NamedParticipant } from '../lib/types.js' */
/** @import { View } from './view.js' */

/** @param {NamedParticipant[]} list @param {View} view @returns {Node[]} */
export function waiting(list, view) {
  if (list.length === 0) return [];
  const admitAll = () => view.ask('admit', { participants: list.map(({ participant }) => participant), admitted: true });
  return [
    h('div', { class: 'people-head' },
      h('h3', {}, t('people.waiting', { count: list.length })),
      list.length > 1 && h('button', { class: 'button small', type: 'button', 'data-testid': 'admit-all', 'data-focus': 'admit-all', onclick: admitAll }, t('people.admit-all'))),
    h('ul', { class: 'people asking', 'data-testid': 'waiting-list' }, ...list.map(({ participant, name }) =>
      person(participant, name,
        action({
          id: 'deny', participant, picture: 'close', label: t('people.deny', { name }),
          act: () => view.ask('admit', { participants: [participant], admitted: false }),
        }),
        choice('admit', participant, t('people.admit'), t('people.admit-name', { name }), () =>
          view.ask('admit', { participants: [participant], admitted: true }))))),
  ];
}

/** @param {NamedParticipant[]} list @param {View} view @returns {Node[]} */
export function hands(list, view) {
  if (list.length === 0) return [];
  return [
    h('h3', {}, t('people.hands', { count: list.length })),
    h('ul', { class: 'people asking', 'data-testid': 'hands-list' }, ...list.map(({ participant, name }) =>
      person(participant, name,
        action({
          id: 'lower-hand', participant, picture: 'close', label: t('people.lower-hand', { name }),
          act: () => view.ask('hand', { raised: false, participant }),
        }),
        choice('stage-on', participant, t('people.bring'), t('people.stage-on', { name }), () =>
          view.ask('stage', { participant, on: true, name }))))),
  ];
}

/** @param {string} participant @param {string} name @param {...HTMLElement} choices */
function person(participant, name, ...choices) {
  return h('li', { 'data-participant': participant }, face(name),
    h('span', { class: 'person' }, h('span', { class: 'person-name' }, name)), h('span', { class: 'asking-actions' }, ...choices));
}

/** @param {string} id @param {string} participant @param {string} text @param {string} label @param {() => void} act */
function choice(id, participant, text, label, act) {
  return h('button', {
    class: 'button small primary', type: 'button', 'data-testid': id, 'data-focus': id + participant, 'aria-label': label, onclick: act,
  }, text);
}
