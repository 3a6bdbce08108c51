/** The page as a whole is in one phase: `body[data-phase]`. */
import { until } from './until.js';

/** @param {import('playwright-core').Page} page @param {string} phase @param {number} [within] milliseconds */
export async function expectPhase(page, phase, within = 20_000) {
  const now = () => page.evaluate(() => document.body.dataset.phase);
  await until(`the page is ${phase}`, now, (shown) => shown === phase, within);
}
