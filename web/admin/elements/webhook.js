/** One webhook, and what was sent to it. */
import { h } from '../../dom.js';
import { icon } from '../../icons.js';
import { recent } from '../format.js';
import { hashOf } from '../route.js';
import { named, w } from '../words.js';
import { asks, mark, nothing, Part, section, table } from './part.js';
import { eventWords } from './webhooks.js';

/** @import { AdminState } from '../state.js' */
/** @import { Delivery } from '../types.js' */

/** How each state looks. */
const LOOKS = { waiting: 'fair', delivered: 'good', failed: 'poor' };

class WebhookPart extends Part {
  /** @override @param {AdminState} state */
  render({ route, webhooks, deliveries }) {
    const id = route.view === 'webhook' ? route.id : '';
    const webhook = webhooks?.find((one) => one.id === id);
    if (!deliveries) return [nothing(w('loading'))];
    return [
      h('div', { class: 'room-head' }, h('div', { class: 'room-name' },
        h('a', { class: 'back', href: hashOf({ view: 'webhooks' }), 'aria-label': w('webhooks.title'), title: w('webhooks.title') }, icon('down')),
        h('h1', {}, webhook?.url ?? id))),
      webhook && h('p', { class: 'hint' }, eventWords(webhook.events)),
      section(w('webhooks.deliveries'), [
        deliveries.items.length === 0 ? nothing(w('deliveries.none')) : deliveryTable(id, deliveries.items),
        deliveries.more && h('div', { class: 'more' }, asks('more-deliveries', {}, { label: w('more') })),
      ]),
    ];
  }
}
customElements.define('rc-admin-webhook', WebhookPart);

/** @param {string} id @param {Delivery[]} deliveries */
function deliveryTable(id, deliveries) {
  return table(w('webhooks.deliveries'), ['column.when', 'column.event', 'column.room', 'column.state', 'column.attempts', 'column.answer', 'column.actions'], deliveries.map((delivery) => ({
    key: delivery.id,
    attributes: { 'data-delivery': delivery.id, 'data-state': delivery.state },
    cells: [
      h('time', { datetime: new Date(delivery.createdAt).toISOString() }, recent(delivery.createdAt)),
      named('event', delivery.event), delivery.room,
      h('span', { class: 'marks' }, mark(named('delivery', delivery.state), LOOKS[delivery.state]), delivery.nextAt !== undefined && delivery.state === 'waiting' && h('span', { class: 'hint' }, w('deliveries.next', { time: recent(delivery.nextAt) }))),
      String(delivery.attempts),
      delivery.lastError ?? (delivery.lastStatus === undefined ? '–' : String(delivery.lastStatus)),
      asks('send-again', { id, delivery: delivery.id }, { label: w('deliveries.again') }),
    ],
  })));
}
