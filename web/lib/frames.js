/**
 * Frames as they travel: over a link as text, or as bytes when they carry any; through the node as
 * text, with the bytes in base64. What cannot be read is nothing.
 */

/** @import { Frame } from './courier.js' */

/** A frame's head in JSON has about a hundred bytes; a chat message at most 8,000. */
const MAX_HEAD = 48 * 1024;
/** `String.fromCharCode` takes so many arguments everywhere. */
const STEP = 8_192;

/** @param {Frame} frame @returns {string | Uint8Array<ArrayBuffer>} */
export function toLink(frame) {
  const bytes = frame.body?.bytes;
  if (!bytes) return JSON.stringify(frame);
  const head = new TextEncoder().encode(JSON.stringify({ ...frame, body: { ...frame.body, bytes: undefined } }));
  const whole = new Uint8Array(4 + head.length + bytes.length);
  new DataView(whole.buffer).setUint32(0, head.length);
  whole.set(head, 4);
  whole.set(bytes, 4 + head.length);
  return whole;
}

/** @param {unknown} data a string or an ArrayBuffer @returns {Frame | null} */
export function fromLink(data) {
  if (typeof data === 'string') return data.length > MAX_HEAD ? null : frameOf(data);
  if (!(data instanceof ArrayBuffer) || data.byteLength < 4) return null;
  const length = new DataView(data).getUint32(0);
  if (length > MAX_HEAD || 4 + length > data.byteLength) return null;
  const frame = frameOf(new TextDecoder().decode(new Uint8Array(data, 4, length)));
  if (!frame?.body) return null;
  frame.body.bytes = new Uint8Array(data, 4 + length);
  return frame;
}

/** @param {Frame} frame @returns {string} */
export function toNode(frame) {
  const bytes = frame.body?.bytes;
  if (!bytes) return JSON.stringify(frame);
  return JSON.stringify({ ...frame, body: { ...frame.body, bytes: undefined, base64: base64(bytes) } });
}

/** @param {string} data @returns {Frame | null} */
export function fromNode(data) {
  const frame = frameOf(data);
  if (typeof frame?.body?.base64 !== 'string') return frame;
  const { base64: text, ...body } = frame.body;
  try {
    const bytes = Uint8Array.from(atob(/** @type {string} */ (text)), (character) => character.charCodeAt(0));
    return { ...frame, body: { ...body, bytes } };
  } catch {
    return null;
  }
}

/** @param {string} text @returns {Frame | null} */
function frameOf(text) {
  const frame = parsed(text);
  if (frame === null || typeof frame !== 'object') return null;
  const { from, to, number, body, ack } = frame;
  if (![from, to].every(isCount) || from === 0) return null;
  if (isCount(ack)) return { from, to, ack };
  if (!isCount(number) || body === null || typeof body !== 'object' || Array.isArray(body)) return null;
  // Bytes come beside the head, never in it.
  const { bytes, ...rest } = body;
  return { from, to, number, body: rest };
}

/** @param {string} text @returns {any} */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** @param {unknown} value */
function isCount(value) {
  return Number.isSafeInteger(value) && /** @type {number} */ (value) >= 0;
}

/** @param {Uint8Array} bytes */
function base64(bytes) {
  let text = '';
  for (let at = 0; at < bytes.length; at += STEP) text += String.fromCharCode(...bytes.subarray(at, at + STEP));
  return btoa(text);
}
