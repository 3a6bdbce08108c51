/** A host brought this person on stage: they are asked before any device is opened. */
import { roomLink, secureAddress } from '../address.js';
import { h } from '../dom.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { DialogView } from './dialog.js';

/** @import { State } from '../store.js' */

class StageDialog extends DialogView {
  /** @override */
  name = 'stage';

  /** @override */
  heading() {
    return t('stage-dialog.title');
  }

  /** @override @param {State} state */
  content({ secure, roomName }) {
    if (!secure) return this.#elsewhere(roomName ?? '');
    return [
      // Whoever is typing when this opens must not turn anything on by the next key.
      h('p', { tabindex: -1, autofocus: true }, t('stage-dialog.text')),
      h('div', { class: 'choices' },
        h('button', { id: 'join-stage', class: 'button primary', type: 'button', onclick: () => this.finish('join-stage', { sources: ['camera', 'microphone'] }) },
          icon('camera'), t('stage-dialog.both')),
        h('button', { id: 'join-stage-sound', class: 'button', type: 'button', onclick: () => this.finish('join-stage', { sources: ['microphone'] }) },
          icon('microphone'), t('stage-dialog.sound')),
        h('button', { id: 'decline-stage', class: 'button quiet', type: 'button', onclick: () => this.finish('leave-stage') }, t('stage-dialog.decline'))),
    ];
  }

  /** Over plain HTTP there are no devices. @param {string} room @returns {Node[]} */
  #elsewhere(room) {
    return [
      h('p', {}, t('setup.insecure')),
      h('div', { class: 'choices' },
        h('a', { class: 'button primary', href: roomLink(room, secureAddress(location.host, '')) }, icon('lock'), t('setup.open-secure')),
        h('button', { id: 'decline-stage', class: 'button quiet', type: 'button', onclick: () => this.finish('leave-stage') }, t('stage-dialog.decline'))),
    ];
  }
}
customElements.define('rc-stage-dialog', StageDialog);
