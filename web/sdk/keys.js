/** What keys do in a player that has the focus. */

/** @import { Wish } from './surface.js' */

/** One press of an arrow key. */
const VOLUME_STEP = 0.1;
/** @type {Record<string, Wish | undefined>} */
const KEYS = { m: 'sound', f: 'fullscreen', p: 'pip' };

/**
 * @param {Pick<KeyboardEvent, 'key' | 'altKey' | 'ctrlKey' | 'metaKey'>} event
 * @param {{ volume: number, arrowsTaken: boolean }} now   `arrowsTaken`: arrow keys belong to what has the focus
 * @returns {[Wish, number?] | null}
 */
export function wishOf({ key, altKey, ctrlKey, metaKey }, { volume, arrowsTaken }) {
  if (altKey || ctrlKey || metaKey) return null;
  const step = { ArrowUp: VOLUME_STEP, ArrowDown: -VOLUME_STEP }[key];
  if (step) return arrowsTaken ? null : ['volume', Math.min(1, Math.max(0, volume + step))];
  const wish = KEYS[key.toLowerCase()];
  return wish ? [wish] : null;
}
