/** A file in the chat: what it is, how far it is, and what can be done about it. */
import { h, setAttribute, setText } from '../dom.js';
import { fileSize } from '../format.js';
import { language, t } from '../i18n.js';
import { icon } from '../icons.js';
import { MAX_FILE } from '../lib/file-rules.js';

/** @import { Key } from '../i18n.js' */
/** @import { CardState, FileCard } from '../transfers.js' */
/** @import { View } from './view.js' */

/** What is said about a file in each state: [when it comes, when it goes]. @type {Record<CardState, [Key, Key]>} */
const WORDS = {
  offered: ['file.offered', 'file.waiting'], moving: ['file.moving', 'file.moving'], done: ['file.done', 'file.sent'],
  declined: ['file.declined-you', 'file.declined'], cancelled: ['file.stopped-you', 'file.stopped-you'],
  stopped: ['file.stopped', 'file.stopped'], failed: ['file.failed', 'file.failed'], broken: ['file.failed', 'file.failed'],
  left: ['file.sender-left', 'file.receiver-left'], 'too-large': ['file.too-large', 'file.too-large'],
  unreadable: ['file.failed', 'file.unreadable'],
};

/** @param {FileCard} file @param {View} view */
export function chatFile(file, view) {
  const { id, name } = file;
  const button = (/** @type {string} */ test, /** @type {Key} */ text, /** @type {() => void} */ act, style = '') =>
    h('button', { class: `button small ${style}`, type: 'button', 'data-testid': test, onclick: act }, t(text));
  // Who receives it, and with it what there is to stop, may change.
  const stop = () => view.ask('stop-file', { ids: view.state.files.find((one) => one.id === id)?.moving ?? [] });
  const card = h('li', { class: file.own ? 'file own' : 'file', 'data-file': id, 'data-testid': 'file' },
    h('div', { class: 'file-head' },
      h('span', { class: 'file-icon' }, icon('file')),
      h('div', { class: 'file-what' }, h('p', { class: 'file-name', title: name }, name), h('p', { class: 'file-size' }))),
    h('progress', { max: 1, 'aria-label': name }),
    h('p', { class: 'file-words' }),
    h('div', { class: 'file-actions' },
      button('file-accept', 'file.accept', () => view.ask('answer-file', { id, accepted: true }), 'primary'),
      button('file-decline', 'file.decline', () => view.ask('answer-file', { id, accepted: false })),
      button('file-stop', 'file.stop', stop),
      h('a', { class: 'button small primary', 'data-testid': 'file-save', download: name }, icon('save'), t('file.save'))));
  showFile(card, file);
  return card;
}

/** Brings a card up to date. @param {HTMLElement} card @param {FileCard} file */
export function showFile(card, file) {
  const { own, state, progress, moving, url } = file;
  setAttribute(card, 'data-state', state);
  const part = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (card.querySelector(selector));
  const show = (/** @type {string} */ id, /** @type {boolean} */ shown) => part(`[data-testid=${id}]`).toggleAttribute('hidden', !shown);
  setText(part('.file-size'), sizeAndPeer(file));
  setText(part('.file-words'), wordsFor(file));
  part('progress').toggleAttribute('hidden', state !== 'moving');
  /** @type {HTMLProgressElement} */ (part('progress')).value = progress;
  show('file-accept', state === 'offered' && !own);
  show('file-decline', state === 'offered' && !own);
  show('file-stop', moving.length > 0 && (own || state === 'moving'));
  show('file-save', url !== null);
  if (url !== null) setAttribute(part('[data-testid=file-save]'), 'href', url);
}

/** @param {FileCard} file */
function sizeAndPeer({ own, peer, size, receivers }) {
  const whole = fileSize(size, language());
  if (receivers > 1) return `${whole} · ${t('file.to-many', { count: receivers })}`;
  if (own && peer === '') return whole;
  return `${whole} · ${own ? t('file.to', { name: peer }) : peer}`;
}

/** @param {FileCard} file */
function wordsFor({ own, state, size, progress, peer, receivers, received }) {
  const name = peer || t('file.they');
  if (state === 'too-large' && size > MAX_FILE.link) return t('file.too-large-ever', { limit: fileSize(MAX_FILE.link, language()) });
  const words = t(WORDS[state][own ? 1 : 0], { name, percent: Math.floor(progress * 100), size: fileSize(size, language()) });
  return receivers > 1 && received > 0 ? `${words} · ${t('file.received-by', { done: received, all: receivers })}` : words;
}
