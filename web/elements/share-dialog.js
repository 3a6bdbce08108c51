/** The links to give away: one for everybody, one that makes another device host. */
import { callLink, hostLink, isLocal, roomLink, secureAddress, shareOrigin } from '../address.js';
import { h } from '../dom.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { DialogView } from './dialog.js';
import './encoder.js';

/** @import { State } from '../store.js' */
/** @import { EncoderView } from './encoder.js' */

class ShareDialog extends DialogView {
  /** @override */
  name = 'share';

  /** @override */
  heading() {
    return t('share.title');
  }

  /** @override @param {State} state */
  update(state) {
    super.update(state);
    const encoder = /** @type {EncoderView | null} */ (this.querySelector('rc-encoder'));
    if (encoder && this.dialog.open) encoder.state = state;
  }

  /** @override @param {State} state */
  content({ roomName, hostKey, token, room, dialog }) {
    const name = roomName ?? '';
    const origin = shareOrigin(location, room.origins);
    const call = room.room?.kind === 'call';
    const local = isLocal(new URL(origin).hostname);
    const host = room.me?.role === 'host';
    const hosts = host && hostKey;
    // Another device needs HTTPS to use its camera.
    const secure = local ? origin : secureAddress(new URL(origin).host, '');
    const link = call ? callLink(name, secure) : roomLink(name, origin);
    return [
      ...this.#link('share-link', t(call ? 'share.call' : 'share.everyone'), link),
      ...(call && !local ? [h('p', { class: 'hint' }, t('share.call-hint'))] : []),
      ...(local ? [h('p', { class: 'hint' }, t('share.local'))] : [this.#code(link)]),
      ...(hosts ? this.#link('host-link', t('share.host'), hostLink(name, hostKey, secure)) : []),
      ...(hosts ? [h('p', { class: 'hint warning' }, icon('key'), h('span', {}, t('share.host-hint')))] : []),
      ...(host && (hostKey || token) ? [encoder(Boolean(dialog?.data?.encoder))] : []),
    ];
  }

  /** @param {string} link */
  #code(link) {
    const src = `/qr.svg?text=${encodeURIComponent(link)}`;
    return h('img', { class: 'link-code', 'data-testid': 'share-code', src, alt: t('share.code'), width: 176, height: 176 });
  }

  /** @param {string} id @param {string} label @param {string} link */
  #link(id, label, link) {
    const input = h('input', { id, type: 'text', readonly: true, value: link, onfocus: () => input.select() });
    return [
      h('label', { for: id }, label),
      h('div', { class: 'link-row' }, input,
        h('button', { class: 'button', type: 'button', 'data-testid': `copy-${id}`, onclick: () => this.#copy(input) }, icon('copy'), t('share.copy')),
        'share' in navigator && id === 'share-link' && h('button', {
          class: 'button icon-only', type: 'button', 'aria-label': t('share.send'), title: t('share.send'),
          onclick: () => navigator.share({ url: link }).catch(() => {}),
        }, icon('share'))),
    ];
  }

  /** @param {HTMLInputElement} input */
  async #copy(input) {
    input.select();
    try {
      await navigator.clipboard.writeText(input.value);
    } catch {
      // Over plain HTTP there is no clipboard; the old way works there.
      document.execCommand('copy');
    }
    this.finish('copied');
  }
}
/** @param {boolean} open whether it shows what is in it */
function encoder(open) {
  const element = document.createElement('rc-encoder');
  element.toggleAttribute('data-open', open);
  return element;
}
customElements.define('rc-share-dialog', ShareDialog);
