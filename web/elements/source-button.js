/**
 * The switch of one source (camera, microphone or screen) with the choice of its device beside it.
 * `source` is an attribute; the rest comes with the state.
 */
import { h, setAttribute, setText } from '../dom.js';
import { t } from '../i18n.js';
import { icon, setIcon } from '../icons.js';
import { canShareScreen } from '../lib/capture.js';
import { isOn, mutedByHost } from '../tiles.js';
import { View } from './view.js';

/** @import { Key } from '../i18n.js' */
/** @import { State } from '../store.js' */

/** @typedef {'camera' | 'microphone' | 'screen'} Switchable */

/** What the switch does when pressed: [while on, while off]. @type {Record<Switchable, [Key, Key]>} */
const LABELS = {
  camera: ['controls.camera-stop', 'controls.camera-start'],
  microphone: ['controls.microphone-stop', 'controls.microphone-start'],
  screen: ['controls.screen-stop', 'controls.screen-start'],
};
/** @type {Record<Switchable, Key>} */
const NAMES = { camera: 'controls.camera', microphone: 'controls.microphone', screen: 'controls.screen' };
const KEYS = { camera: 'v', microphone: 'm', screen: 's' };

export class SourceButton extends View {
  get source() {
    return /** @type {Switchable} */ (this.getAttribute('source'));
  }

  /** @override */
  build() {
    const { source } = this;
    this.hidden = source === 'screen' && !canShareScreen();
    this.append(
      h('button', {
        class: 'toggle', type: 'button', 'data-testid': `toggle-${source}`, 'aria-keyshortcuts': KEYS[source],
        onclick: () => this.ask('toggle', { source }),
      }, icon(source), h('span', { class: 'toggle-label' }, t(NAMES[source]))),
    );
    if (source !== 'screen') this.append(this.#chooser());
  }

  /** @override @param {State} state */
  update(state) {
    const { source } = this;
    const { studio } = state;
    const stopped = mutedByHost(state, source);
    const on = isOn(studio, source) && !stopped;
    const button = this.find('.toggle');
    const label = stopped ? t('controls.muted-by-host') : t(LABELS[source][on ? 0 : 1]);
    setAttribute(button, 'aria-pressed', String(on));
    setAttribute(button, 'aria-label', label);
    setAttribute(button, 'title', `${label} (${KEYS[source].toUpperCase()})`);
    setAttribute(button, 'data-on', on);
    /** @type {HTMLButtonElement} */ (button).disabled = stopped;
    setIcon(button, source === 'screen' ? (on ? 'screen-off' : 'screen') : on ? source : `${source}-off`);
    if (source !== 'screen') this.#list(state, source);
  }

  #chooser() {
    const choose = (/** @type {Event} */ event) =>
      this.ask('choose-device', { source: this.source, id: /** @type {HTMLSelectElement} */ (event.target).value });
    const key = this.source === 'camera' ? 'controls.choose-camera' : 'controls.choose-microphone';
    return h('label', { class: 'device' },
      h('span', { class: 'unseen' }, t(key)),
      h('span', { class: 'device-name', 'aria-hidden': 'true' }),
      icon('down'),
      h('select', { 'data-testid': `choose-${this.source}`, onchange: choose }));
  }

  /** @param {State} state @param {'camera' | 'microphone'} source */
  #list({ studio }, source) {
    const devices = studio.devices.filter((device) => device.kind === source && device.id);
    const select = /** @type {HTMLSelectElement} */ (this.find('select'));
    const chosen = studio.tracks[source]?.getSettings().deviceId ?? studio.chosen[source] ?? '';
    const known = devices.map((device) => device.id + device.label).join();
    if (select.dataset.known !== known) {
      select.dataset.known = known;
      select.replaceChildren(...devices.map((device, at) =>
        h('option', { value: device.id }, device.label || `${t(NAMES[source])} ${at + 1}`)));
    }
    select.value = chosen;
    this.find('.device').toggleAttribute('hidden', devices.length === 0);
    setText(this.find('.device-name'), select.selectedOptions[0]?.textContent ?? '');
  }
}
customElements.define('rc-source-button', SourceButton);
