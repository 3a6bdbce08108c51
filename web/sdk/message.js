/** What the player says about its state, and what can be done about it. */

/** @import { Word } from './words.js' */

/** @typedef {'idle' | 'stopped' | 'connecting' | 'waiting' | 'playing' | 'reconnecting' | 'refused'} PlayerState */
/** @typedef {{ code: string, message: string } | null} Reason */
/** @typedef {{ title: Word, text: Word | null, retry: boolean }} Message */

/**
 * @param {PlayerState} state @param {Reason} reason
 * @param {{ played: boolean }} [before]   `played`: something was on already
 * @returns {Message | null} nothing, where the picture says enough
 */
export function messageOf(state, reason, { played } = { played: false }) {
  switch (state) {
    case 'playing':
      return null;
    case 'idle':
      return { title: 'idle', text: 'idle-text', retry: false };
    case 'stopped':
      return { title: 'stopped', text: 'stopped-text', retry: true };
    case 'connecting':
    case 'reconnecting':
      return { title: state, text: trouble(reason), retry: false };
    case 'waiting':
      return waiting(reason, played);
    case 'refused':
      return { title: 'refused', text: REFUSALS[reason?.code ?? ''] ?? 'refused-other', retry: true };
  }
}

/** @param {Reason} reason @param {boolean} played @returns {Message} */
function waiting(reason, played) {
  const code = reason?.code ?? '';
  if (FULL.has(code)) return { title: 'waiting-full', text: 'waiting-full-text', retry: false };
  if (code === 'room-locked') return { title: 'waiting-locked', text: 'waiting-locked-text', retry: false };
  return { title: played ? 'waiting-again' : 'waiting', text: 'waiting-text', retry: false };
}

/** @param {Reason} reason @returns {Word | null} */
function trouble(reason) {
  if (!reason) return null;
  return AWAY.test(reason.code) ? 'trouble-unreachable' : 'trouble-network';
}

const FULL = new Set(['room-full', 'node-full', 'waiting-full']);
/** The node is not there, or has other worries. */
const AWAY = /^(unreachable|shutting-down|internal|rate-limited|no-answer|lost|http-\d+)$/;

/** @type {Record<string, Word>} */
const REFUSALS = {
  'token-missing': 'refused-token-missing',
  'token-invalid': 'refused-token-invalid',
  'key-invalid': 'refused-token-invalid',
  'host-key-invalid': 'refused-token-invalid',
  'token-expired': 'refused-token-expired',
  'forbidden': 'refused-forbidden',
  'removed': 'refused-forbidden',
  'denied': 'refused-forbidden',
  'browser': 'refused-browser',
  'mixed-content': 'refused-mixed',
};
