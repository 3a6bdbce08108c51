/** The stream keys of a room: made and made new here, shown once. */
import { h } from '../../dom.js';
import { moment } from '../format.js';
import { w } from '../words.js';
import { asksFirst, nothing, section, table } from './part.js';

/** @import { RoomView } from '../state.js' */
/** @import { StreamKey } from '../types.js' */

/** Characters of a name, as the node counts them. */
const MAX_NAME = 64;

/** @param {RoomView} room */
export function streamKeys({ name, streamKeys: keys }) {
  return section(w('stream-keys.title'), [
    h('p', { class: 'hint' }, w('stream-keys.lead')),
    keys.length === 0 ? nothing(w('stream-keys.none')) : keyTable(name, keys),
    h('form', { class: 'inline-form', 'data-submit': 'make-stream-key', 'data-detail': JSON.stringify({ room: name }) },
      h('label', { for: 'stream-key-name' }, w('stream-keys.name')),
      h('input', { id: 'stream-key-name', name: 'name', type: 'text', maxlength: MAX_NAME, autocomplete: 'off', placeholder: 'OBS' }),
      h('label', { class: 'tick' }, h('input', { type: 'checkbox', name: 'takeover', checked: true }), w('stream-keys.takeover')),
      h('button', { class: 'button small' }, w('stream-keys.make'))),
  ], { id: 'stream-keys' });
}

/** @param {string} room @param {StreamKey[]} keys */
function keyTable(room, keys) {
  return table(w('stream-keys.title'), ['column.name', 'column.made', 'column.used', 'column.takeover', 'column.actions'], keys.map((key) => ({
    key: key.id,
    cells: [
      h('span', { class: 'strong' }, key.name || key.id), moment(key.createdAt), key.lastUsedAt ? moment(key.lastUsedAt) : w('stream-keys.unused'), w(key.takeover ? 'yes' : 'no'),
      h('span', { class: 'actions' },
        asksFirst('renew-stream-key', { room, id: key.id }, { label: w('stream-keys.renew'), title: 'confirm.renew', text: 'confirm.renew-text', act: 'stream-keys.renew', params: { name: key.name } }),
        asksFirst('remove-stream-key', { room, id: key.id }, { label: w('remove'), title: 'confirm.remove-key', text: 'confirm.renew-text', act: 'remove', params: { name: key.name } })),
    ],
  })));
}
