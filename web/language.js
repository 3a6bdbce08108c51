/** Which of our languages a person reads. */

/** @typedef {'en' | 'zh-Hans' | 'zh-Hant'} Language */

/**
 * @param {readonly string[]} wanted   as `navigator.languages`, the best first
 * @returns {Language}
 */
export function chooseLanguage(wanted) {
  for (const tag of wanted) {
    if (/^en\b/i.test(tag)) return 'en';
    if (/^zh\b.*\b(hant|tw|hk|mo)\b/i.test(tag)) return 'zh-Hant';
    if (/^zh\b/i.test(tag)) return 'zh-Hans';
  }
  return 'en';
}
