/** The dashboard's own words, in the languages of the page. */
import { language } from '../i18n.js';
import { en } from './i18n/en.js';
import { zhHans } from './i18n/zh-Hans.js';
import { zhHant } from './i18n/zh-Hant.js';

/** @typedef {keyof typeof en} Word */

/** @type {Record<import('../i18n.js').Language, Record<string, string>>} */
export const WORDS = { en, 'zh-Hans': zhHans, 'zh-Hant': zhHant };

/** The text of a key, with `{name}`s filled in. @param {Word} word @param {Record<string, string | number>} [params] */
export function w(word, params = {}) {
  return (WORDS[language()][word] ?? word).replace(/\{(\w+)\}/g, (_, name) => String(params[name] ?? ''));
}

/** What the node calls a thing, in words; itself where there are none. @param {string} kind @param {string} name */
export function named(kind, name) {
  const word = `${kind}.${name}`;
  return WORDS[language()][word] ?? name;
}
