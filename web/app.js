/** The page as a whole: which element stands where in which phase. */
import { setAttribute } from './dom.js';
import { t } from './i18n.js';
import { phaseOf } from './store.js';
import './elements/controls.js';
import './elements/dialogs.js';
import './elements/footer.js';
import './elements/home.js';
import './elements/notice.js';
import './elements/panel.js';
import './elements/setup.js';
import './elements/share-dialog.js';
import './elements/stage.js';
import './elements/toasts.js';
import './elements/topbar.js';
import './elements/waiting.js';

/** @import { State } from './store.js' */
/** @import { View } from './elements/view.js' */

/** What fills the middle; all other phases are notices. @type {Record<string, string>} */
const MIDDLE = {
  home: 'rc-home', joining: 'rc-waiting', waiting: 'rc-waiting', setup: 'rc-setup', watching: 'rc-stage', live: 'rc-stage',
};
/** Phases in which one is in the room. */
const INSIDE = ['waiting', 'setup', 'watching', 'live'];

export class App {
  #language = '';
  #main = /** @type {HTMLElement} */ (document.getElementById('main'));

  /** @param {State} state */
  show(state) {
    const phase = phaseOf(state);
    document.body.dataset.phase = phase;
    document.body.dataset.connection = state.room.connection === 'open' || state.roomName === null ? 'open' : state.room.connection;
    setAttribute(document.body, 'data-inside', INSIDE.includes(phase));
    setAttribute(document.body, 'data-panel', INSIDE.includes(phase) ? state.panel : null);
    setAttribute(document.body, 'data-role', state.room.me?.role ?? null);
    document.title = state.roomName === null ? 'Roomcast' : `${state.room.room?.live ? '● ' : ''}${state.roomName} · Roomcast`;
    this.#mount(MIDDLE[phase] ?? 'rc-notice');
    part('rc-topbar').hidden = phase === 'home';
    part('rc-panel').hidden = !INSIDE.includes(phase) || state.panel === null;
    part('rc-controls').hidden = !INSIDE.includes(phase) || state.room.me?.role !== 'host' || phase === 'setup';
    part('#footer').hidden = INSIDE.includes(phase);
    for (const view of views()) view.state = state;
    this.#speak(state);
  }

  /** @param {string} tag */
  #mount(tag) {
    if (this.#main.firstElementChild?.localName === tag) return;
    this.#main.replaceChildren(document.createElement(tag));
  }

  /** Words change all at once. @param {State} state */
  #speak({ language }) {
    if (language === this.#language) return;
    const first = this.#language === '';
    this.#language = language;
    document.documentElement.lang = language;
    part('.skip').textContent = t('skip');
    part('rc-panel').setAttribute('aria-label', t('panel.title'));
    if (!first) for (const view of views()) view.rebuild();
  }
}

/** The elements that get the state from here; those inside them get it from their parent. @returns {View[]} */
function views() {
  return /** @type {View[]} */ ([...document.querySelectorAll('[data-view], #main > *')]);
}

/** @param {string} selector @returns {HTMLElement} */
function part(selector) {
  return /** @type {HTMLElement} */ (document.querySelector(selector));
}
