/** What all dialogs share: the native element, opened by the state, closed by Escape, ✕ or outside. */
import { h } from '../dom.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { View } from './view.js';

/** @import { State } from '../store.js' */

export class DialogView extends View {
  /** The name by which the state opens it. */
  name = '';
  #title = h('h2', { id: '' });

  /** @returns {HTMLDialogElement} */
  get dialog() {
    return this.find('dialog');
  }

  /** @override */
  build() {
    const title = h('h2', { id: `${this.name}-dialog-title` });
    this.#title = title;
    this.append(
      h('dialog', {
        id: `${this.name}-dialog`, 'aria-labelledby': title.id,
        onclose: () => this.state.dialog?.name === this.name && this.ask('close-dialog'),
        onclick: (/** @type {MouseEvent} */ e) => e.target === this.dialog && this.dialog.close(),
      },
      h('div', { class: 'sheet' },
        h('header', { class: 'sheet-head' }, title,
          h('button', { class: 'icon-button', type: 'button', 'aria-label': t('dialog.close'), title: t('dialog.close'), onclick: () => this.dialog.close() }, icon('close'))),
        h('div', { class: 'sheet-body' }))),
    );
  }

  /** @override @param {State} state */
  update(state) {
    const wanted = state.dialog?.name === this.name;
    if (wanted && !this.dialog.open) {
      this.find('.sheet-body').replaceChildren(...this.content(state));
      this.#title.textContent = this.heading(state);
      this.dialog.showModal();
    } else if (!wanted && this.dialog.open) {
      this.dialog.close();
    }
  }

  /** What the dialog is about. @param {State} _state @returns {string} */
  heading(_state) {
    return '';
  }

  /** What it holds, made anew at each opening. @param {State} _state @returns {Node[]} */
  content(_state) {
    return [];
  }

  /** Closes, then asks. @param {string} name @param {Record<string, unknown>} [detail] */
  finish(name, detail) {
    this.dialog.close();
    this.ask(name, detail);
  }
}
