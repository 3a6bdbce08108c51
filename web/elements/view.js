/**
 * What every element here is: state in, `rc-ask` events out. It builds its inside once, then only
 * changes what differs. No element fetches, stores or knows another one.
 */

/** @import { State } from '../store.js' */

export class View extends HTMLElement {
  /** @type {State | null} */
  #state = null;
  #built = false;

  connectedCallback() {
    if (!this.#built) this.#start();
  }

  /** @returns {State} */
  get state() {
    return /** @type {State} */ (this.#state);
  }

  set state(state) {
    this.#state = state;
    if (this.#built) this.update(state);
  }

  /** The words changed: begin again. */
  rebuild() {
    this.replaceChildren();
    this.#start();
  }

  /** Makes the inside. */
  build() {}

  /** Shows what the state says. @param {State} _state */
  update(_state) {}

  /** Asks the page to do something. @param {string} name @param {Record<string, unknown>} [detail] */
  ask(name, detail = {}) {
    this.dispatchEvent(new CustomEvent('rc-ask', { bubbles: true, detail: { wish: name, detail } }));
  }

  /** @template {Element} T @param {string} selector @returns {T} */
  find(selector) {
    return /** @type {T} */ (this.querySelector(selector));
  }

  #start() {
    this.#built = true;
    this.build();
    if (this.#state) this.update(this.#state);
  }
}
