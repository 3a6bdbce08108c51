/** What was just done, or why not, and the way back. */
import { h } from '../../dom.js';
import { icon } from '../../icons.js';
import { w } from '../words.js';
import { asks, Part } from './part.js';

/** @import { AdminState } from '../state.js' */

class SaidPart extends Part {
  connectedCallback() {
    this.setAttribute('role', 'status');
    this.setAttribute('aria-live', 'polite');
  }

  /** @override @param {AdminState} state */
  render({ said }) {
    if (!said) return [];
    const { text, params, fault, undo } = said;
    return [h('div', { class: fault ? 'toast warning' : 'toast', 'data-testid': 'said', 'data-word': text },
      icon(fault ? 'warning' : 'check'), h('p', {}, w(text, params)),
      undo && asks('undo', undo, { label: w('undo'), style: 'toast-offer' }),
      asks('dismiss', {}, { label: w('dismiss'), iconOnly: true, icon: 'close' }))];
  }
}
customElements.define('rc-admin-said', SaidPart);
