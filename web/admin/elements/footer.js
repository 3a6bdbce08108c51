/** Language and appearance, and where the API is described. */
import { h } from '../../dom.js';
import { LANGUAGE_NAMES } from '../../i18n.js';
import { w } from '../words.js';
import { Part } from './part.js';

/** @import { AdminState } from '../state.js' */

class FooterPart extends Part {
  /** @override @param {AdminState} state */
  render({ language, theme }) {
    return [
      choice('language', w('choice.language'), LANGUAGE_NAMES, language),
      choice('theme', w('choice.theme'), { system: w('theme.system'), light: w('theme.light'), dark: w('theme.dark') }, theme),
      h('a', { href: '/api' }, w('footer.api')),
    ];
  }
}
customElements.define('rc-admin-footer', FooterPart);

/** @param {string} wish @param {string} label @param {Record<string, string>} options @param {string} chosen */
function choice(wish, label, options, chosen) {
  return h('label', { class: 'choice' }, h('span', {}, label),
    h('select', { 'data-change': wish, 'data-detail': '{}', 'data-testid': `choose-${wish}` },
      ...Object.entries(options).map(([value, text]) => h('option', { value, selected: value === chosen, lang: wish === 'language' ? value : null }, text))));
}
