/** What stands over the page: a question before something that hurts, and a secret that is shown once. */
import { h } from '../../dom.js';
import { icon } from '../../icons.js';
import { w } from '../words.js';

/** @import { AdminState, Dialog } from '../state.js' */

class DialogPart extends HTMLElement {
  #dialog = h('dialog', { id: 'dialog', 'aria-labelledby': 'dialog-title' });
  /** @type {Dialog | null} */
  #shown = null;

  connectedCallback() {
    this.append(this.#dialog);
    this.#dialog.addEventListener('close', () => this.#shown && this.#ask('close-dialog'));
  }

  /** @param {AdminState} state */
  set state({ dialog }) {
    if (dialog === this.#shown) return;
    this.#shown = dialog;
    if (!dialog) {
      this.#dialog.close();
      return;
    }
    this.#dialog.replaceChildren(h('div', { class: 'sheet' },
      h('header', { class: 'sheet-head' }, h('h2', { id: 'dialog-title' }, w(dialog.title, dialog.kind === 'confirm' ? dialog.params : {}))),
      h('div', { class: 'sheet-body' }, ...(dialog.kind === 'confirm' ? this.#question(dialog) : this.#secret(dialog)))));
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  /** @param {Extract<Dialog, { kind: 'confirm' }>} dialog */
  #question({ text, act, params, ask, detail }) {
    return [
      h('p', {}, w(text, params)),
      h('div', { class: 'sheet-actions' },
        h('button', { class: 'button', type: 'button', autofocus: true, 'data-ask': 'close-dialog', 'data-detail': '{}' }, w('cancel')),
        h('button', { id: 'confirm', class: 'button primary', type: 'button', 'data-ask': 'confirmed', 'data-detail': JSON.stringify({ ask, detail }) }, w(act))),
    ];
  }

  /** @param {Extract<Dialog, { kind: 'secret' }>} dialog */
  #secret({ text, secret }) {
    const field = h('input', { id: 'secret', type: 'text', readonly: true, value: secret, 'aria-label': w('secret.label'), onfocus: () => field.select() });
    return [
      h('p', {}, w(text)),
      h('div', { class: 'link-row' }, field, h('button', { id: 'copy-secret', class: 'button', type: 'button', autofocus: true, onclick: () => this.#copy(field) }, icon('copy'), w('copy'))),
      h('p', { class: 'hint warning' }, icon('warning'), h('span', {}, w('secret.once'))),
      h('div', { class: 'sheet-actions' }, h('button', { id: 'close-secret', class: 'button primary', type: 'button', 'data-ask': 'close-dialog', 'data-detail': '{}' }, w('secret.done'))),
    ];
  }

  /** @param {HTMLInputElement} field */
  async #copy(field) {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      // Over plain HTTP there is no clipboard; the old way works there.
      document.execCommand('copy');
    }
    this.#ask('copied');
  }

  /** @param {string} wish */
  #ask(wish) {
    this.dispatchEvent(new CustomEvent('rc-ask', { bubbles: true, detail: { wish, detail: {} } }));
  }
}
customElements.define('rc-admin-dialog', DialogPart);
