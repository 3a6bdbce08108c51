/** Who is told what happens in rooms. */
import { h } from '../../dom.js';
import { moment } from '../format.js';
import { hashOf } from '../route.js';
import { named, w } from '../words.js';
import { asksFirst, nothing, Part, section, switchFor, table } from './part.js';

/** @import { AdminState } from '../state.js' */
/** @import { Webhook } from '../types.js' */

/** What can be told, by the names that the node gives it. */
export const EVENTS = ['room.opened', 'room.ended', 'participant.joined', 'participant.left', 'publication.started', 'publication.stopped'];

class WebhooksPart extends Part {
  /** @override @param {AdminState} state */
  render({ webhooks }) {
    if (!webhooks) return [nothing(w('loading'))];
    return [
      h('h1', { class: 'unseen' }, w('webhooks.title')),
      section(w('webhooks.title'), [
        h('p', { class: 'hint' }, w('webhooks.lead')),
        webhooks.length === 0 ? nothing(w('webhooks.none')) : webhookTable(webhooks),
      ]),
      section(w('webhooks.new'), [form()]),
    ];
  }
}
customElements.define('rc-admin-webhooks', WebhooksPart);

/** @param {Webhook[]} webhooks */
function webhookTable(webhooks) {
  return table(w('webhooks.title'), ['column.target', 'column.events', 'column.made', 'column.enabled', 'column.actions'], webhooks.map(({ id, url, events, enabled, createdAt }) => ({
    key: id,
    attributes: { 'data-webhook': id },
    cells: [
      h('a', { class: 'strong', href: hashOf({ view: 'webhook', id }) }, url), eventWords(events), moment(createdAt),
      switchFor('enable-webhook', { id }, w('webhooks.enabled'), enabled),
      h('span', { class: 'actions' },
        h('a', { class: 'button small', href: hashOf({ view: 'webhook', id }) }, w('webhooks.deliveries')),
        asksFirst('remove-webhook', { id }, { label: w('remove'), style: 'button small danger', title: 'confirm.remove-webhook', text: 'confirm.remove-webhook-text', act: 'remove', params: { url } })),
    ],
  })));
}

/** @param {string[] | undefined} events */
export function eventWords(events) {
  if (!events || events.length === 0 || events.length === EVENTS.length) return w('webhooks.all-events');
  return events.map((event) => named('event', event)).join(', ');
}

function form() {
  return h('form', { class: 'stack webhook-form', 'data-submit': 'make-webhook', 'data-detail': '{}' },
    h('label', { for: 'webhook-url' }, w('webhooks.url')),
    h('input', { id: 'webhook-url', name: 'url', type: 'url', class: 'text-field', required: true, autocomplete: 'off', placeholder: 'https://example.org/roomcast', 'aria-describedby': 'webhook-hint' }),
    h('p', { class: 'hint', id: 'webhook-hint' }, w('webhooks.url-hint')),
    h('fieldset', {}, h('legend', {}, w('webhooks.which')), h('div', { class: 'ticks' }, ...EVENTS.map((event) =>
      h('label', { class: 'tick' }, h('input', { type: 'checkbox', name: 'events', value: event, checked: true }), named('event', event))))),
    h('div', {}, h('button', { class: 'button small primary' }, w('webhooks.make'))));
}
