/** Language and appearance: on the front page and in the settings. */
import { h } from '../dom.js';
import { LANGUAGE_NAMES, t } from '../i18n.js';
import { View } from './view.js';

/** @import { State } from '../store.js' */

export class FooterView extends View {
  /** @override */
  build() {
    const themes = { system: t('settings.system'), light: t('settings.light'), dark: t('settings.dark') };
    this.append(
      this.#choice('language', t('settings.language'), LANGUAGE_NAMES),
      this.#choice('theme', t('settings.theme'), themes),
    );
  }

  /** @override @param {State} state */
  update(state) {
    for (const name of /** @type {const} */ (['language', 'theme'])) {
      const select = /** @type {HTMLSelectElement} */ (this.find(`[name=${name}]`));
      if (select.value !== state[name]) select.value = state[name];
    }
  }

  /** @param {'language' | 'theme'} name @param {string} label @param {Record<string, string>} options */
  #choice(name, label, options) {
    const choose = (/** @type {Event} */ event) => this.ask(name, { [name]: /** @type {HTMLSelectElement} */ (event.target).value });
    return h('label', { class: 'choice' }, h('span', {}, label),
      h('select', { name, 'data-testid': `choose-${name}`, onchange: choose },
        ...Object.entries(options).map(([value, text]) => h('option', { value, lang: name === 'language' ? value : null }, text))));
  }
}
customElements.define('rc-footer', FooterView);
