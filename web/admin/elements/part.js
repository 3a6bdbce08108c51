/**
 * What every part of the dashboard is: the state in, and out of it what it looks like. It listens to
 * nothing: `data-ask` on a button, `data-change` on a field and `data-submit` on a form name the wish,
 * `data-detail` says what about, and `main.js` hears all of them.
 */
import { h } from '../../dom.js';
import { icon } from '../../icons.js';
import { morph } from '../morph.js';
import { w } from '../words.js';

/** @import { Icon } from '../../icons.js' */
/** @import { AdminState } from '../state.js' */
/** @import { Word } from '../words.js' */

/** @typedef {Node | null | undefined | false} Piece */

export class Part extends HTMLElement {
  /** @param {AdminState} state */
  set state(state) {
    morph(this, /** @type {Node[]} */ (this.render(state).filter(Boolean)));
  }

  /** @param {AdminState} _state @returns {Piece[]} made anew each time */
  render(_state) {
    return [];
  }
}

/**
 * A button that asks for something.
 * @param {string} wish @param {Record<string, unknown>} detail
 * @param {{ label: string, icon?: Icon, iconOnly?: boolean, style?: string, pressed?: boolean, disabled?: boolean }} look
 */
export function asks(wish, detail, { label, icon: picture, iconOnly = false, style = 'button small', pressed, disabled = false }) {
  return h('button', {
    class: iconOnly ? 'icon-button' : style, type: 'button', 'data-ask': wish, 'data-detail': JSON.stringify(detail), disabled,
    'aria-label': iconOnly ? label : null, title: iconOnly ? label : null, 'aria-pressed': pressed === undefined ? null : String(pressed),
  }, picture && icon(picture), !iconOnly && label);
}

/**
 * A button that asks first whether it is meant.
 * @param {string} wish @param {Record<string, unknown>} detail
 * @param {Parameters<typeof asks>[2] & { title: Word, text: Word, act: Word, params?: Record<string, string | number> }} look
 */
export function asksFirst(wish, detail, { title, text, act, params = {}, ...look }) {
  return asks('confirm', { kind: 'confirm', title, text, act, params, ask: wish, detail }, look);
}

/**
 * A switch that asks with its new state as `on`.
 * @param {string} wish @param {Record<string, unknown>} detail @param {string} label @param {boolean} on
 */
export function switchFor(wish, detail, label, on) {
  return h('label', { class: 'switch' }, h('span', {}, label),
    h('input', { type: 'checkbox', role: 'switch', checked: on, 'data-change': wish, 'data-detail': JSON.stringify(detail) }));
}

/** Columns that take the whole width of a card. @type {Word[]} */
const WIDE = ['column.cause', 'column.actions', 'column.sends', 'column.rules', 'column.events', 'column.answer', 'column.tracks'];

/** A section with a heading. @param {string} title @param {Piece[]} children @param {{ class?: string, aside?: Piece, id?: string }} [more] */
export function section(title, children, { class: style = '', aside, id } = {}) {
  return h('section', { class: `box ${style}`, id, 'data-key': id ?? title },
    h('div', { class: 'box-head' }, h('h2', {}, title), aside), ...children);
}

/**
 * A table that becomes cards on a phone.
 * @param {string} label @param {Word[]} columns
 * @param {{ key: string, cells: (Piece | string)[], attributes?: Record<string, string | null> }[]} rows
 */
export function table(label, columns, rows) {
  const heads = columns.map((column) => h('th', { scope: 'col' }, w(column)));
  return h('div', { class: 'table-box', role: 'region', 'aria-label': label, tabindex: 0 },
    h('table', {}, h('thead', {}, h('tr', {}, ...heads)),
      h('tbody', {}, ...rows.map(({ key, cells, attributes }) =>
        h('tr', { 'data-key': key, ...attributes }, ...cells.map((cell, at) => h('td', { 'data-label': w(columns[at]), class: WIDE.includes(columns[at]) ? 'wide' : null }, cell)))))));
}

/** Where there is nothing. @param {string} text */
export function nothing(text) {
  return h('p', { class: 'nothing' }, text);
}

/** A word in a small round box. @param {string} text @param {string} [kind] good, fair, poor, live or none @param {string} [title] */
export function mark(text, kind = '', title) {
  return h('span', { class: `mark ${kind}`, title }, text);
}
