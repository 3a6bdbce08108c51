/** The choice of how good pictures are to be: a native list, for fingers, keys and screen readers alike. */
import { h } from '../dom.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { QUALITIES } from '../preferences.js';

/** @import { Key } from '../i18n.js' */
/** @import { PictureQuality } from '../store.js' */

/** @type {Record<PictureQuality, Key>} */
const WORDS = { auto: 'quality.auto', high: 'quality.high', medium: 'quality.medium', low: 'quality.low', sound: 'quality.sound' };

/** @param {PictureQuality} quality */
export function qualityWords(quality) {
  return t(WORDS[quality]);
}

/** In the settings: with its words. @param {PictureQuality} value @param {(quality: PictureQuality) => void} choose */
export function qualityChoice(value, choose) {
  return h('label', { class: 'choice' }, h('span', {}, t('quality.title')), list(value, choose));
}

/** On a picture: behind an icon. @param {(quality: PictureQuality) => void} choose */
export function qualityButton(choose) {
  const select = list('auto', choose);
  select.setAttribute('aria-label', t('quality.title'));
  return h('label', { class: 'tile-button tile-quality', title: t('quality.title') }, icon('quality'), select);
}

/** @param {PictureQuality} value @param {(quality: PictureQuality) => void} choose */
function list(value, choose) {
  const onchange = (/** @type {Event} */ event) => choose(/** @type {any} */ (event.target).value);
  return h('select', { 'data-testid': 'choose-quality', onchange },
    ...QUALITIES.map((quality) => h('option', { value: quality, selected: quality === value }, qualityWords(quality))));
}
