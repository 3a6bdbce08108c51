/** The arithmetic of graphs: a scale that ends at a round number, lines with gaps, and units as people say them. */

/** @import { Point } from './types.js' */

/** Of one line: `null` where there is no figure. @typedef {{ at: number, value: number | null }[]} Series */

/** An hour. Milliseconds. */
export const SPAN = 3_600_000;
/** Points that lie further apart than this many steps are not joined: the node was down in between. */
const GAP_STEPS = 3;

/** @param {Point[]} points @param {keyof Point} name @returns {Series} */
export function seriesOf(points, name) {
  return points.map((point) => ({ at: point.at, value: point[name] ?? null }));
}

/** The next round number at or above: 1, 2 or 5 times a power of ten. @param {number} value @param {number} [least] of the scale */
export function roundTop(value, least = 1) {
  const wanted = Math.max(value, least);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const [step] = [1, 2, 5, 10].filter((one) => one * power >= wanted - 1e-9 * wanted);
  return step * power;
}

/**
 * The line of a graph as an SVG path, in a box of `width` by `height` whose right edge is `now`.
 * @param {Series} series @param {{ now: number, top: number, width: number, height: number, every: number }} box   `every`: seconds between two points
 */
export function linePath(series, { now, top, width, height, every }) {
  let path = '';
  let before = -Infinity;
  for (const { at, value } of series) {
    if (value === null || at < now - SPAN) continue;
    const x = round(width * (1 - (now - at) / SPAN));
    const y = round(height * (1 - Math.min(value, top) / top));
    path += `${at - before > every * 1000 * GAP_STEPS ? 'M' : 'L'}${x} ${y}`;
    before = at;
  }
  return path;
}

/** The last, least and most of what there is, null when there is nothing. @param {Series} series */
export function rangeOf(series) {
  const values = series.flatMap(({ value }) => (value === null ? [] : [value]));
  if (values.length === 0) return null;
  return { now: values[values.length - 1], least: Math.min(...values), most: Math.max(...values) };
}

/** @param {number} value @param {string} language @param {number} [digits] behind the point, at most */
export function number(value, language, digits = 0) {
  return new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
}

/** `1.2 %`. @param {number} part from 0 to 1 @param {string} language */
export function percent(part, language) {
  return new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: part > 0 && part < 0.1 ? 1 : 0 }).format(part);
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}
