/** The page as a whole: which element stands where in which phase. */
import { setAttribute } from './dom.js';
import { t } from './i18n.js';
import { standing } from './standing.js';
import './elements/controls.js';
import './elements/dialogs.js';
import './elements/footer.js';
import './elements/home.js';
import './elements/notice.js';
import './elements/panel.js';
import './elements/settings-dialog.js';
import './elements/setup.js';
import './elements/share-dialog.js';
import './elements/stage.js';
import './elements/stage-dialog.js';
import './elements/toasts.js';
import './elements/topbar.js';
import './elements/waiting.js';

/** @import { State } from './store.js' */
/** @import { View } from './elements/view.js' */

/** What fills the middle; all other phases are notices. @type {Record<string, string>} */
const MIDDLE = {
  home: 'rc-home', joining: 'rc-waiting', waiting: 'rc-waiting', setup: 'rc-setup', watching: 'rc-stage', live: 'rc-stage',
};

export class App {
  #language = '';
  #main = /** @type {HTMLElement} */ (document.getElementById('main'));

  /** @param {State} state */
  show(state) {
    const { phase, inside, controls } = standing(state);
    const { body } = document;
    body.dataset.phase = phase;
    body.dataset.connection = state.room.connection === 'open' || state.roomName === null ? 'open' : state.room.connection;
    setAttribute(body, 'data-inside', inside);
    setAttribute(body, 'data-panel', inside ? state.panel : null);
    setAttribute(body, 'data-role', state.room.me?.role ?? null);
    setAttribute(body, 'data-kind', state.room.room?.kind ?? null);
    setAttribute(body, 'data-controls', controls);
    document.title = state.roomName === null ? 'Roomcast' : `${state.room.room?.live ? '● ' : ''}${state.roomName} · Roomcast`;
    this.#mount(MIDDLE[phase] ?? 'rc-notice');
    part('rc-topbar').hidden = phase === 'home';
    part('rc-panel').hidden = !inside || state.panel === null;
    part('rc-panel').setAttribute('aria-label', t('panel.title'));
    part('rc-controls').hidden = !controls;
    part('#footer').hidden = inside;
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
    // What stands in the page from the beginning was built with the words of the first catalogue.
    const spoken = this.#language || 'en';
    this.#language = language;
    document.documentElement.lang = language;
    part('.skip').textContent = t('skip');
    if (language !== spoken) for (const view of views()) view.rebuild();
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
