/** What a file that is sent may be like, and what it may be called. */

/** @import { Path } from './types.js' */

/** What a page can put together in memory, and what the node should not be troubled with. Bytes. @type {Record<Path, number>} */
export const MAX_FILE = { link: 256 * 1024 * 1024, node: 16 * 1024 * 1024 };
/** Characters of a name, a MIME type or an id. */
export const MAX_NAME = 128;

/** Control characters, marks that reorder text, and what file systems give a meaning. */
const UNFIT = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069<>:"|?*]/g;

/** A name to save under: the last part of a path, without what deceives or is not allowed. @param {unknown} name */
export function cleanName(name) {
  if (typeof name !== 'string') return 'file';
  const last = name.slice(-4 * MAX_NAME).split(/[\\/]/).at(-1) ?? '';
  const clean = last.replace(UNFIT, '').replace(/^[. ]+|[. ]+$/g, '');
  if (clean.length <= MAX_NAME) return clean || 'file';
  const dot = clean.lastIndexOf('.');
  // What the file is stands behind the last dot.
  const ending = dot > 0 && clean.length - dot <= 16 ? clean.slice(dot) : '';
  return clean.slice(0, MAX_NAME - ending.length) + ending;
}
