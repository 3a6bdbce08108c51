/** Who is in a room, what they send, and what can be done about it. */
import { h } from '../../dom.js';
import { wordsOfTrouble } from '../../encoder.js';
import { t } from '../../i18n.js';
import { icon } from '../../icons.js';
import { named, w } from '../words.js';
import { asks, asksFirst, mark, table } from './part.js';

/** @import { Icon } from '../../icons.js' */
/** @import { ListedPublication, Participant } from '../types.js' */

/** @param {string} room @param {Participant[]} people */
export function peopleTable(room, people) {
  return table(w('people.title'), ['column.name', 'column.role', 'column.with', 'column.sends', 'column.actions'], people.map((person) => ({
    key: person.participant,
    attributes: { 'data-participant': person.participant, class: person.connected ? null : 'away' },
    cells: [
      h('span', { class: 'person-cell' }, h('span', { class: 'strong' }, person.name), person.identity && h('span', { class: 'hint' }, person.identity),
        !person.connected && mark(w('people.away'), 'fair'), ...person.troubles.map(trouble)),
      h('span', { class: 'marks' }, mark(named('role', person.role)), person.hand && mark(w('people.hand')), person.silenced && mark(w('people.silenced'))),
      named('client', person.client),
      sends(room, person),
      actions(room, person),
    ],
  })));
}

/** @param {Participant['troubles'][number]} told */
function trouble(told) {
  const [words, , params] = wordsOfTrouble(told);
  return h('span', { class: 'trouble', 'data-kind': told.kind }, icon('warning'), t(words, params));
}

/** @param {string} room @param {Participant} person */
function sends(room, { participant, name, publications }) {
  if (publications.length === 0) return h('span', { class: 'hint' }, '–');
  return h('span', { class: 'sources' }, ...publications.map((publication) => muteButton(room, participant, name, publication)));
}

/** @param {string} room @param {string} participant @param {string} name @param {ListedPublication} publication */
function muteButton(room, participant, name, { source, muted, mutedByHost }) {
  const picture = source === 'screen-audio' ? 'volume' : source;
  const off = muted || mutedByHost;
  return asks('mute', { room, participant, name, source, muted: !mutedByHost }, {
    label: w(mutedByHost ? 'people.unmute' : 'people.mute', { name, source: named('source', source) }), iconOnly: true, pressed: mutedByHost,
    icon: /** @type {Icon} */ (off ? `${picture}-off` : picture),
  });
}

/** @param {string} room @param {Participant} person */
function actions(room, { participant, name, role, silenced, client }) {
  const other = role === 'viewer' ? 'speaker' : 'viewer';
  const about = { room, participant, name };
  return h('span', { class: 'actions' },
    client === 'page' && role !== 'host' && asks('set-role', { ...about, role: other }, {
      label: w(role === 'viewer' ? 'people.stage-on' : 'people.stage-off', { name }), iconOnly: true, icon: role === 'viewer' ? 'stage-up' : 'stage-down',
    }),
    client === 'page' && asks('silence', { ...about, silenced: !silenced }, {
      label: w(silenced ? 'people.unsilence' : 'people.silence', { name }), iconOnly: true, icon: 'chat', pressed: silenced,
    }),
    asksFirst('remove', about, {
      label: w('people.remove', { name }), iconOnly: true, icon: 'remove', title: 'confirm.remove', text: 'confirm.remove-text', act: 'confirm.remove-do', params: { name },
    }));
}
