/** The line on a tile that says in figures how its picture arrives. It is made once, and only its words change. */
import { h, setAttribute, setText } from '../dom.js';
import { bitRate } from '../format.js';
import { language, t } from '../i18n.js';
import { shortWords } from '../path.js';

/** @import { Figures } from '../lib/figures.js' */

const PARTS = /** @type {const} */ (['size', 'codec', 'rate', 'frames', 'loss', 'trip', 'way', 'limit']);
/** @typedef {Record<typeof PARTS[number], string>} Words */

export class TileFigures {
  element = h('p', { class: 'tile-figures', hidden: true, 'data-testid': 'tile-figures' },
    ...PARTS.map((part) => h('span', { 'data-figure': part })));

  /**
   * @param {boolean} shown @param {Figures | null} figures null: they are still being read
   * @param {string} limit what keeps the picture from being better, in words, or nothing
   */
  show(shown, figures, limit) {
    this.element.hidden = !shown;
    if (!shown) return;
    const words = figures ? wordsOf(figures, limit) : { ...NO_WORDS, size: t('figures.reading') };
    for (const part of PARTS) setText(/** @type {Element} */ (this.element.querySelector(`[data-figure=${part}]`)), words[part]);
    setAttribute(this.element, 'title', PARTS.map((part) => words[part]).filter(Boolean).join(' · '));
  }
}

/** @type {Words} */
const NO_WORDS = { size: '', codec: '', rate: '', frames: '', loss: '', trip: '', way: '', limit: '' };

/** @param {Figures} figures @param {string} limit @returns {Words} */
export function wordsOf({ width, height, framesPerSecond, bitrate, lossPercent, roundTrip, codec, path, relayed, transport }, limit) {
  const way = [
    shortWords({ way: path === 'link' && relayed ? 'relay' : path, why: null, cause: null }),
    path === 'node' && relayed ? t('path.relay-short') : '',
    transport?.toUpperCase(),
  ];
  return {
    size: height > 0 ? `${width} × ${height}` : t('figures.no-picture'),
    codec: codec?.toUpperCase() ?? '',
    rate: bitRate(bitrate, language()),
    frames: t('figures.frames', { count: Math.round(framesPerSecond) }),
    loss: t('figures.loss', { percent: lossPercent > 0 && lossPercent < 10 ? Math.round(lossPercent * 10) / 10 : Math.round(lossPercent) }),
    trip: roundTrip === null ? '' : t('figures.trip', { count: roundTrip }),
    way: way.filter(Boolean).join(', '),
    limit,
  };
}
