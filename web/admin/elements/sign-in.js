/** The door: an API key, kept for as long as the tab is open. */
import { h } from '../../dom.js';
import { w } from '../words.js';
import { Part } from './part.js';

/** @import { AdminState } from '../state.js' */
/** @import { Word } from '../words.js' */

/** Why the key was not taken. @type {Record<string, Word>} */
const FAULTS = {
  'key-invalid': 'sign-in.wrong', 'token-invalid': 'sign-in.wrong', 'token-missing': 'sign-in.wrong', 'token-expired': 'sign-in.expired', forbidden: 'sign-in.not-admin',
  'rate-limited': 'said.too-fast', 'connection-lost': 'said.no-answer',
};

class SignInPart extends Part {
  /** @override @param {AdminState} state */
  render({ signIn: { busy, fault } }) {
    return [h('form', { class: 'sign-in card', 'data-submit': 'sign-in', 'data-detail': '{}' },
      h('span', { class: 'brand-mark', 'aria-hidden': 'true' }),
      h('h1', {}, w('sign-in.title')),
      h('p', { class: 'lead' }, w('sign-in.lead')),
      h('label', { for: 'api-key' }, w('sign-in.key')),
      h('input', {
        id: 'api-key', name: 'key', type: 'password', class: 'text-field', required: true, autocomplete: 'off', spellcheck: 'false', autofocus: true, placeholder: 'rck_…',
        'aria-describedby': 'sign-in-fault', 'aria-invalid': fault ? 'true' : null,
      }),
      h('p', { id: 'sign-in-fault', class: 'hint wrong', role: 'alert' }, fault ? (FAULTS[fault] ? w(FAULTS[fault]) : w('said.refused', { code: fault })) : ''),
      h('button', { id: 'sign-in', class: 'button primary big', disabled: busy }, w(busy ? 'sign-in.busy' : 'sign-in.do')),
      h('p', { class: 'hint' }, w('sign-in.hint')))];
  }
}
customElements.define('rc-admin-sign-in', SignInPart);
