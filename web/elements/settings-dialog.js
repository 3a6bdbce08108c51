/** Settings: the page's own, and for hosts the room's. */
import { h } from '../dom.js';
import { t } from '../i18n.js';
import { DialogView } from './dialog.js';
import { qualityChoice } from './quality-choice.js';
import './footer.js';

/** @import { Key } from '../i18n.js' */
/** @import { State } from '../store.js' */
/** @import { FooterView } from './footer.js' */

/** @type {Record<string, Key>} */
const TOPOLOGIES = { auto: 'settings.auto', p2p: 'settings.p2p', sfu: 'settings.sfu' };

class SettingsDialog extends DialogView {
  /** @override */
  name = 'settings';

  /** @override */
  heading() {
    return t('settings.title');
  }

  /** @override @param {State} state */
  content(state) {
    const choices = /** @type {FooterView} */ (document.createElement('rc-footer'));
    choices.state = state;
    return [
      choices,
      ...(state.room.me ? this.#own(state) : []),
      ...(state.room.me?.role === 'host' ? this.#room(state) : []),
      h('div', { class: 'sheet-actions' },
        h('button', { class: 'button', type: 'button', onclick: () => this.finish('dialog', { name: 'name' }) }, t('chat.change-name')),
        h('button', { class: 'button', type: 'button', onclick: () => this.finish('dialog', { name: 'help' }) }, t('help.title'))),
    ];
  }

  /** @param {State} state @returns {Node[]} */
  #own({ selfView, checkFirst, relayOnly, quality, figures, room: { room } }) {
    return [
      h('h3', {}, t('settings.own')),
      qualityChoice(quality, (chosen) => this.ask('quality', { quality: chosen })),
      h('p', { class: 'hint' }, t('quality.hint')),
      this.#switch('show-figures', 'settings.figures', figures !== null, () => this.ask('figures')),
      this.#switch('self-view', 'settings.self-view', selfView, (shown) => this.ask('self-view', { shown })),
      this.#switch('check-first', 'settings.check-first', checkFirst, (on) => this.ask('prefer', { name: 'checkFirst', on })),
      this.#switch('own-relay-only', 'settings.relay-own', relayOnly || room?.relayOnly === true, (on) => this.ask('relay-only', { on }), room?.relayOnly),
      h('p', { class: 'hint' }, t(room?.relayOnly ? 'settings.relay-decided' : 'settings.relay-hint')),
    ];
  }

  /** @param {State} state @returns {Node[]} */
  #room({ room: { room } }) {
    const choose = (/** @type {Event} */ event) =>
      this.ask('room-settings', { topology: /** @type {HTMLSelectElement} */ (event.target).value });
    return [
      h('h3', {}, t('settings.room')),
      h('label', { class: 'choice' }, h('span', {}, t('settings.topology')),
        h('select', { 'data-testid': 'choose-topology', onchange: choose }, ...Object.entries(TOPOLOGIES).map(([value, text]) =>
          h('option', { value, selected: value === room?.topology }, t(text))))),
      h('p', { class: 'hint' }, t('settings.topology-hint')),
      this.#switch('room-relay-only', 'settings.relay-room', room?.relayOnly ?? false, (relayOnly) => this.ask('room-settings', { relayOnly })),
    ];
  }

  /** @param {string} id @param {Key} text @param {boolean} checked @param {(on: boolean) => void} change @param {boolean} [disabled] */
  #switch(id, text, checked, change, disabled = false) {
    const onchange = (/** @type {Event} */ event) => change(/** @type {HTMLInputElement} */ (event.target).checked);
    return h('label', { class: 'switch' }, h('span', {}, t(text)),
      h('input', { id, type: 'checkbox', role: 'switch', checked, disabled, onchange }));
  }
}
customElements.define('rc-settings-dialog', SettingsDialog);
