/** The page's words: one catalogue for each language, chosen from the browser's languages. */
import { en } from './i18n/en.js';
import { zhHans } from './i18n/zh-Hans.js';
import { zhHant } from './i18n/zh-Hant.js';

export { chooseLanguage } from './language.js';

/** @typedef {import('./language.js').Language} Language */
/** @typedef {keyof typeof en} Key */

/** @type {Record<Language, Record<string, string>>} */
export const CATALOGUES = { en, 'zh-Hans': zhHans, 'zh-Hant': zhHant };
/** Each in its own words, as a chooser shows them. */
export const LANGUAGE_NAMES = /** @type {const} */ ({ en: 'English', 'zh-Hans': '简体中文', 'zh-Hant': '繁體中文' });

/** @type {Language} */
let current = 'en';

/**
 * The text of a key, with `{name}`s filled in. Where the parameter `count` is 1 and the catalogue
 * has `key.one`, that is taken.
 * @param {Key} key
 * @param {Record<string, string | number>} [params]
 */
export function t(key, params = {}) {
  const catalogue = CATALOGUES[current];
  const one = params.count === 1 ? catalogue[`${key}.one`] : undefined;
  return (one ?? catalogue[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => String(params[name] ?? ''));
}

/** @param {Language} language */
export function useLanguage(language) {
  current = language;
}

export function language() {
  return current;
}
