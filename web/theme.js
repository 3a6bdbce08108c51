/** Light or dark: the system's choice unless the person made one. */

/** @import { Theme } from './store.js' */

/** @param {Theme} theme */
export function applyTheme(theme) {
  const root = document.documentElement;
  if (theme === 'system') root.removeAttribute('data-theme');
  else root.dataset.theme = theme;
}
