/** What one holds in hand while in the room: one's own devices, the hand, the way out. */
import { h, setAttribute, setText } from '../dom.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { standing } from '../standing.js';
import { View } from './view.js';
import './source-button.js';

/** @import { Key } from '../i18n.js' */
/** @import { Icon } from '../icons.js' */
/** @import { State } from '../store.js' */
/** @import { SourceButton } from './source-button.js' */

export class ControlsView extends View {
  /** @override */
  build() {
    this.setAttribute('role', 'toolbar');
    this.append(
      h('div', { class: 'controls-live' }, source('microphone'), source('camera'), source('screen'),
        this.#toggle('stop-live', 'stop', 'controls.stop', () => this.ask('stop-live')),
        this.#toggle('check-devices', 'devices', 'controls.check', () => this.ask('check-devices')),
        this.#toggle('leave-stage', 'stage-down', 'controls.leave-stage', () => this.ask('leave-stage'))),
      h('button', { id: 'prepare-live', class: 'button primary', type: 'button', onclick: () => this.ask('prepare') }, icon('live'), h('span')),
      h('button', { id: 'go-on-stage', class: 'button primary', type: 'button', onclick: () => this.ask('dialog', { name: 'stage' }) },
        icon('stage-up'), h('span', {}, t('controls.go-on-stage'))),
      this.#toggle('raise-hand', 'hand', 'controls.hand-raise', () => this.ask('hand', { raised: !this.state.handRaised })),
      this.#toggle('leave-call', 'leave', 'controls.leave', () => this.ask('leave')),
      this.#toggle('end-room', 'close', 'controls.end', () =>
        this.ask('dialog', { name: 'confirm', data: { what: this.state.room.room?.kind === 'call' ? 'end-call' : 'end', ask: 'end-room' } })),
    );
    for (const id of ['#leave-call', '#end-room']) this.find(id).classList.add('danger');
    setAttribute(this.find('#check-devices'), 'title', t('controls.check-title'));
  }

  /** @override @param {State} state */
  update(state) {
    const { call, host, viewer, speaker, live } = standing(state);
    setAttribute(this, 'aria-label', t(call ? 'controls.title-call' : viewer ? 'controls.title-viewer' : 'controls.title'));
    const show = (/** @type {string} */ selector, /** @type {boolean} */ shown) => this.find(selector).toggleAttribute('hidden', !shown);
    show('.controls-live', live);
    show('#stop-live', host && !call);
    show('#check-devices', call);
    show('#leave-stage', speaker && !call);
    show('#prepare-live', !live && state.watchOnly && (host || (call && speaker)));
    setText(this.find('#prepare-live span'), t(call ? 'controls.join-in' : 'home.go-live'));
    show('#go-on-stage', speaker && !call && !live);
    show('#raise-hand', viewer);
    show('#leave-call', call);
    show('#end-room', host);
    setText(this.find('#end-room .toggle-label'), t(call ? 'controls.end-call' : 'controls.end'));
    setAttribute(this.find('#end-room'), 'title', t(call ? 'controls.end-call' : 'controls.end'));
    this.#hand(state.handRaised);
    for (const button of this.querySelectorAll('rc-source-button')) /** @type {SourceButton} */ (button).state = state;
  }

  /** @param {boolean} raised */
  #hand(raised) {
    const button = this.find('#raise-hand');
    setAttribute(button, 'aria-pressed', String(raised));
    setAttribute(button, 'data-on', raised);
    setAttribute(button, 'title', `${t(raised ? 'controls.hand-lower' : 'controls.hand-raise')} (H)`);
    setText(this.find('#raise-hand .toggle-label'), t(raised ? 'controls.hand-lower' : 'controls.hand-raise'));
  }

  /** @param {string} id @param {Icon} name @param {Key} text @param {() => void} act */
  #toggle(id, name, text, act) {
    return h('button', { id, class: 'toggle', type: 'button', title: t(text), onclick: act }, icon(name), h('span', { class: 'toggle-label' }, t(text)));
  }
}
customElements.define('rc-controls', ControlsView);

/** @param {string} name */
function source(name) {
  const element = document.createElement('rc-source-button');
  element.setAttribute('source', name);
  return element;
}
