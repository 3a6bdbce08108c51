/** What a host holds in hand while in the room. */
import { h } from '../dom.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { View } from './view.js';
import './source-button.js';

/** @import { State } from '../store.js' */
/** @import { SourceButton } from './source-button.js' */

export class ControlsView extends View {
  /** @override */
  build() {
    this.setAttribute('role', 'toolbar');
    this.setAttribute('aria-label', t('controls.title'));
    const button = (/** @type {string} */ source) => {
      const element = document.createElement('rc-source-button');
      element.setAttribute('source', source);
      return element;
    };
    this.append(
      h('div', { class: 'controls-live' }, button('microphone'), button('camera'), button('screen'),
        h('button', { id: 'stop-live', class: 'toggle', type: 'button', title: t('controls.stop'), onclick: () => this.ask('stop-live') },
          icon('stop'), h('span', { class: 'toggle-label' }, t('controls.stop')))),
      h('button', { id: 'prepare-live', class: 'button primary', type: 'button', onclick: () => this.ask('prepare') }, icon('live'), t('home.go-live')),
      h('button', { id: 'end-room', class: 'toggle danger', type: 'button', title: t('controls.end'), onclick: () =>
        this.ask('dialog', { name: 'confirm', data: { what: 'end', ask: 'end-room' } }) },
      icon('close'), h('span', { class: 'toggle-label' }, t('controls.end'))),
    );
  }

  /** @override @param {State} state */
  update(state) {
    this.find('.controls-live').toggleAttribute('hidden', !state.studio.live);
    this.find('#prepare-live').toggleAttribute('hidden', state.studio.live || !state.watchOnly);
    for (const button of this.querySelectorAll('rc-source-button')) /** @type {SourceButton} */ (button).state = state;
  }
}
customElements.define('rc-controls', ControlsView);
