/** The room before anyone is live, and the moment of entering it. */
import { h, setText } from '../dom.js';
import { t } from '../i18n.js';
import { phaseOf } from '../store.js';
import { View } from './view.js';

/** @import { State } from '../store.js' */

export class WaitingView extends View {
  /** @override */
  build() {
    this.append(
      h('section', { class: 'waiting', role: 'status', 'data-testid': 'waiting' },
        h('div', { class: 'pulse', 'aria-hidden': 'true' }, h('span'), h('span'), h('span')),
        h('h1'),
        h('p', { class: 'lead' }),
      ),
    );
  }

  /** @override @param {State} state */
  update(state) {
    const joining = phaseOf(state) === 'joining';
    this.classList.toggle('joining', joining);
    setText(this.find('h1'), t(joining ? 'waiting.joining' : 'waiting.title'));
    setText(this.find('.lead'), joining ? '' : t('waiting.text'));
  }
}
customElements.define('rc-waiting', WaitingView);
