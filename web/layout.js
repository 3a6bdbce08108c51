/** How the tiles of the stage are laid out: side by side, or one of them large. */

/** @import { Tile } from './tiles.js' */

/**
 * - `grid`: all of one size
 * - `spotlight`: one tile large, because it was pinned or because its person speaks
 * - `screen`: a shared screen large, because nothing else was asked for
 * @typedef {'grid' | 'spotlight' | 'screen'} Layout
 */

/**
 * @typedef {object} Wish
 * @property {string | null} pinned                key of the tile that was pinned
 * @property {'grid' | 'spotlight'} view           what the person prefers
 * @property {string | null} speaker               participant who speaks, or spoke last
 */

/** A tile is never wider than a camera's picture, and never so narrow that a face is cut. Width by height. */
const WIDEST = 16 / 9;
const NARROWEST = 4 / 5;
/** More columns than this leave faces too small to be known. */
const MOST_COLUMNS = 6;

/**
 * @param {Tile[]} tiles @param {Wish} wish
 * @returns {{ layout: Layout, main: string | null }} `main` is the key of the large tile
 */
export function layoutOf(tiles, { pinned, view, speaker }) {
  if (tiles.length < 2) return { layout: 'grid', main: null };
  if (tiles.some((tile) => tile.key === pinned)) return { layout: 'spotlight', main: pinned };
  const screen = tiles.find((tile) => tile.source === 'screen');
  if (screen) return { layout: 'screen', main: screen.key };
  if (view === 'grid') return { layout: 'grid', main: null };
  const others = tiles.filter((tile) => !tile.local);
  const main = others.find((tile) => tile.participant === speaker) ?? others[0] ?? tiles[0];
  return { layout: 'spotlight', main: main.key };
}

/**
 * The size with which a grid's tiles come out largest. A single tile takes all there is.
 * @param {number} count of tiles @param {number} width @param {number} height of the space
 * @param {number} gap between tiles; all in pixels
 * @returns {{ width: number, height: number }} of one tile, in whole pixels
 */
export function tileSize(count, width, height, gap) {
  if (count <= 1) return { width, height };
  let best = { width: 0, height: 0 };
  for (let columns = 1; columns <= Math.min(count, MOST_COLUMNS); columns += 1) {
    const rows = Math.ceil(count / columns);
    const wide = (width - (columns - 1) * gap) / columns;
    const high = (height - (rows - 1) * gap) / rows;
    const size = { width: Math.floor(Math.min(wide, high * WIDEST)), height: Math.floor(Math.min(high, wide / NARROWEST)) };
    if (size.width * size.height > best.width * best.height) best = size;
  }
  return best;
}
