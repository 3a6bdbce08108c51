/** The node's API keys: who holds one can do everything that this dashboard does. */
import { h } from '../../dom.js';
import { moment } from '../format.js';
import { w } from '../words.js';
import { asksFirst, nothing, Part, section, table } from './part.js';

/** @import { AdminState } from '../state.js' */
/** @import { ApiKey } from '../types.js' */

/** Characters of a name, as the node counts them. */
const MAX_NAME = 64;

class KeysPart extends Part {
  /** @override @param {AdminState} state */
  render({ apiKeys, key }) {
    if (!apiKeys) return [nothing(w('loading'))];
    return [
      h('h1', { class: 'unseen' }, w('keys.title')),
      section(w('keys.title'), [
        h('p', { class: 'hint' }, w('keys.lead')),
        keyTable(apiKeys, key ?? ''),
        h('form', { class: 'inline-form', 'data-submit': 'make-api-key', 'data-detail': '{}' },
          h('label', { for: 'api-key-name' }, w('keys.name')),
          h('input', { id: 'api-key-name', name: 'name', type: 'text', required: true, maxlength: MAX_NAME, autocomplete: 'off', placeholder: w('keys.placeholder') }),
          h('button', { class: 'button small primary' }, w('keys.make'))),
      ]),
    ];
  }
}
customElements.define('rc-admin-keys', KeysPart);

/** @param {ApiKey[]} keys @param {string} own */
function keyTable(keys, own) {
  return table(w('keys.title'), ['column.name', 'column.id', 'column.made', 'column.actions'], keys.map(({ id, name, createdAt }) => {
    const used = own.startsWith(`rck_${id}_`);
    return {
      key: id,
      attributes: { 'data-api-key': id },
      cells: [
        h('span', { class: 'marks' }, h('span', { class: 'strong' }, name), used && h('span', { class: 'mark good' }, w('keys.this'))),
        h('code', {}, id), moment(createdAt),
        asksFirst('revoke-api-key', { id }, {
          label: w('keys.revoke'), style: 'button small danger', title: 'confirm.revoke', text: used ? 'confirm.revoke-own' : 'confirm.revoke-text', act: 'keys.revoke', params: { name },
        }),
      ],
    };
  }));
}
