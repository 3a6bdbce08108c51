/** One message. Its text is text: it never becomes markup. */
import { h } from '../dom.js';
import { moment, tint } from '../format.js';
import { language, t } from '../i18n.js';
import { icon } from '../icons.js';

/** @import { ChatMessage } from '../lib/types.js' */
/** @import { State } from '../store.js' */
/** @import { View } from './view.js' */

/** @param {ChatMessage} message @param {State} state @param {View} view */
export function chatMessage(message, state, view) {
  const { me } = state.room;
  const own = message.participant === me?.participant;
  const at = new Date(message.at);
  return h('li', { class: own ? 'message own' : 'message', 'data-number': message.number },
    h('div', { class: 'message-head' },
      h('span', { class: 'message-name', 'data-tint': tint(message.name) }, message.name),
      message.host && h('span', { class: 'badge' }, t('chat.host')),
      h('time', { datetime: at.toISOString(), title: at.toLocaleString(language()) }, moment(message.at, Date.now(), language())),
      me?.role === 'host' && !own && !message.host && authorMenu(message, view)),
    h('p', { class: 'message-text' }, message.text));
}

/** What a host can do about the author. @param {ChatMessage} message @param {View} view */
function authorMenu({ participant, name }, view) {
  const action = (/** @type {string} */ id, /** @type {any} */ picture, /** @type {string} */ label, /** @type {() => void} */ act) =>
    h('button', { class: 'message-action', type: 'button', 'data-testid': id, 'aria-label': label, title: label, onclick: act }, icon(picture));
  return h('span', { class: 'message-actions' },
    action('message-silence', 'microphone-off', t('people.silence', { name }), () =>
      view.ask('silence', { participant, silenced: true, name })),
    action('message-remove', 'remove', t('people.remove', { name }), () =>
      view.ask('dialog', { name: 'confirm', data: { what: 'remove', params: { name }, ask: 'remove', detail: { participant } } })));
}
