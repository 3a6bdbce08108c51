/** Single keys, while nobody types. The help sheet lists them. */
import { standing } from './standing.js';

/** @import { Store } from './store.js' */

/** Keys and what they are called in the help sheet. */
export const SHORTCUTS = /** @type {const} */ ([
  ['M', 'help.m'], ['V', 'help.v'], ['S', 'help.s'], ['F', 'help.f'], ['C', 'help.c'],
  ['H', 'help.h'], ['L', 'help.l'], ['Q', 'help.q'], ['?', 'help.help'],
]);

const SOURCES = /** @type {Record<string, string>} */ ({ m: 'microphone', v: 'camera', s: 'screen' });

/**
 * @param {Store} store
 * @param {(name: string, detail?: Record<string, unknown>) => void} ask
 */
export function listenToKeys(store, ask) {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event) || store.state.dialog) return;
    const { phase, viewer } = standing(store.state);
    const key = event.key.toLowerCase();
    const owns = phase === 'live' || phase === 'setup';
    if (SOURCES[key] && owns) ask('toggle', { source: SOURCES[key] });
    else if (key === 'm' && phase === 'watching') firstTile()?.toggleSound();
    else if (key === 'f' && (phase === 'live' || phase === 'watching')) firstTile()?.toggleFullscreen();
    else if (key === 'h' && viewer) ask('hand', { raised: !store.state.handRaised });
    else if (key === 'l' && (phase === 'live' || phase === 'watching')) ask('layout');
    else if (key === 'q' && (phase === 'live' || phase === 'watching')) ask('figures');
    else if (key === 'c' && store.state.room.me) openChat(store, ask);
    else if (key === '?') ask('dialog', { name: 'help' });
    else return;
    event.preventDefault();
  });
}

/** @param {Store} store @param {(name: string, detail?: Record<string, unknown>) => void} ask */
function openChat(store, ask) {
  if (store.state.panel !== 'chat') ask('panel', { panel: 'chat' });
  queueMicrotask(() => document.getElementById('chat-input')?.focus());
}

/** The large tile, or else the first of someone else. @returns {import('./elements/tile.js').TileView | null} */
function firstTile() {
  return document.querySelector('rc-tile[data-main]') ?? document.querySelector('rc-tile:not([data-local])') ?? document.querySelector('rc-tile');
}

/** @param {KeyboardEvent} event */
function isTyping(event) {
  return event.target instanceof Element && event.target.closest('input:not([type=range]), textarea, select, dialog[open]') !== null;
}
