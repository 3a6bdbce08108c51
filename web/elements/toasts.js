/** Short words about what just happened, and what to do next. They go by themselves. */
import { h } from '../dom.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { View } from './view.js';

/** @import { Offer, State } from '../store.js' */

export class ToastsView extends View {
  /** @override */
  build() {
    this.setAttribute('role', 'status');
    this.setAttribute('aria-live', 'polite');
  }

  /** @override @param {State} state */
  update({ toasts }) {
    for (const child of [...this.children]) {
      if (!toasts.some((toast) => String(toast.id) === /** @type {HTMLElement} */ (child).dataset.id)) child.remove();
    }
    for (const { id, key, kind, params, offer } of toasts) {
      if (this.querySelector(`[data-id="${id}"]`)) continue;
      this.append(h('div', { class: `toast ${kind}`, 'data-id': id, 'data-testid': 'toast', 'data-key': key },
        icon(kind === 'warning' ? 'warning' : 'check'),
        h('p', {}, t(/** @type {any} */ (key), params)),
        offer && h('button', { class: 'toast-offer', type: 'button', 'data-testid': 'toast-offer', onclick: () => this.#take(id, offer) }, t(offer.text)),
        h('button', { class: 'icon-button', type: 'button', 'aria-label': t('toast.dismiss'), onclick: () => this.ask('dismiss', { id }) }, icon('close'))));
    }
  }

  /** @param {number} id @param {Offer} offer */
  #take(id, { ask, detail }) {
    this.ask('dismiss', { id });
    this.ask(ask, detail);
  }
}
customElements.define('rc-toasts', ToastsView);
