/** A graph of the last hour: up to two lines in one box, said in words for those who do not see it. */
import { h } from '../../dom.js';
import { language } from '../../i18n.js';
import { linePath, rangeOf, roundTop, SPAN } from '../series.js';
import { w } from '../words.js';

/** @import { Series } from '../series.js' */

const SVG = 'http://www.w3.org/2000/svg';
/** The box of the lines, in units of the picture; CSS makes it as wide as there is room. */
const BOX = { width: 600, height: 120 };
/** Above and below, so that a line at the edge is seen whole. */
const EDGE = 3;
/** Minutes before now at which a line stands. */
const MARKS = [45, 30, 15];

/**
 * @typedef {object} Graph
 * @property {string} title
 * @property {{ label: string, series: Series }[]} lines     one or two
 * @property {(value: number) => string} format              with its unit
 * @property {number} least                                  of the scale: a graph of nothing is not full of noise
 * @property {number} every                                  seconds between two points
 * @property {number} now
 */

/** @param {Graph} graph */
export function chart({ title, lines, format, least, every, now }) {
  const ranges = lines.map(({ series }) => rangeOf(series));
  const top = roundTop(Math.max(0, ...ranges.map((range) => range?.most ?? 0)), least);
  const words = lines.map(({ label }, at) => spoken(label, ranges[at], format)).join(' ');
  return h('figure', { class: 'chart', 'data-key': title },
    h('figcaption', {}, h('h3', {}, title),
      h('ul', { class: 'legend' }, ...lines.map(({ label }, at) => h('li', { 'data-line': at },
        lines.length > 1 && h('span', { class: 'legend-name' }, label),
        h('b', {}, ranges[at] ? format(ranges[at].now) : '–'))))),
    h('div', { class: 'chart-box' },
      picture(lines.map(({ series }) => linePath(series, { ...BOX, now, top, every })), `${title}. ${words}`),
      h('span', { class: 'chart-top', 'aria-hidden': 'true' }, format(top)),
      h('span', { class: 'chart-bottom', 'aria-hidden': 'true' }, '0')),
    h('div', { class: 'chart-times', 'aria-hidden': 'true' }, ...[SPAN, SPAN / 2, 0].map((ago) => h('span', {}, moment(now - ago)))));
}

/** @param {string} label @param {ReturnType<typeof rangeOf>} range @param {(value: number) => string} format */
function spoken(label, range, format) {
  if (!range) return w('chart.empty', { label });
  return w('chart.spoken', { label, now: format(range.now), least: format(range.least), most: format(range.most) });
}

/** @param {string[]} paths @param {string} label */
function picture(paths, label) {
  const box = draw('svg', { viewBox: `0 ${-EDGE} ${BOX.width} ${BOX.height + 2 * EDGE}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': label });
  for (const minutes of MARKS) {
    const x = String(BOX.width * (1 - (minutes * 60_000) / SPAN));
    box.append(draw('line', { class: 'chart-mark', x1: x, x2: x, y1: String(-EDGE), y2: String(BOX.height + EDGE) }));
  }
  box.append(draw('line', { class: 'chart-mark', x1: '0', x2: String(BOX.width), y1: String(BOX.height / 2), y2: String(BOX.height / 2) }));
  paths.forEach((path, at) => box.append(draw('path', { class: 'chart-line', 'data-line': String(at), d: path || 'M0 0' })));
  return box;
}

/** @param {string} tag @param {Record<string, string>} attributes */
function draw(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** @param {number} at */
function moment(at) {
  return new Intl.DateTimeFormat(language(), { hour: 'numeric', minute: '2-digit' }).format(at);
}
