/**
 * How a program such as OBS or FFmpeg publishes here: the address, a stream key, and the settings that
 * browsers can show. Part of the share dialog, for hosts.
 */
import { h, setAttribute, setText } from '../dom.js';
import { ffmpegLine, whipAddress } from '../encoder.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { View } from './view.js';

/** @import { Key } from '../i18n.js' */
/** @import { State } from '../store.js' */

/** Why there is no key, and what to do. @type {Record<string, Key>} */
const FAULTS = {
  'host-key-invalid': 'encoder.not-host', 'key-invalid': 'encoder.not-host', forbidden: 'encoder.not-host',
  'token-missing': 'encoder.not-host', 'token-invalid': 'encoder.not-host', 'token-expired': 'encoder.not-host',
  'room-unknown': 'encoder.no-room', 'rate-limited': 'toast.rate-limited', 'connection-lost': 'encoder.no-answer',
};

/** Shown in the place of a key that is not there yet. */
const NO_KEY = '…';

export class EncoderView extends View {
  /** @override */
  build() {
    this.append(h('details', { id: 'encoder', open: this.hasAttribute('data-open'), ontoggle: () => this.find('details').hasAttribute('open') && this.ask('make-stream-key') },
      h('summary', {}, icon('live'), t('encoder.title')),
      h('div', { class: 'encoder' },
        h('p', { class: 'hint' }, t('encoder.lead')),
        this.#line('whip-address', t('encoder.address'), 'encoder.copied-address'),
        this.#line('stream-key', t('encoder.key'), 'encoder.copied-key',
          h('button', { id: 'renew-stream-key', class: 'link', type: 'button', onclick: () => this.#renew() }, t('encoder.renew'))),
        h('p', { class: 'hint' }, t('encoder.key-hint')),
        h('p', { class: 'fault', role: 'alert', 'data-testid': 'encoder-fault' }),
        h('button', { id: 'retry-stream-key', class: 'button small', type: 'button', hidden: true, onclick: () => this.ask('make-stream-key') }, t('encoder.retry')),
        h('h4', {}, 'OBS 30+'),
        h('ol', { class: 'steps' }, ...(/** @type {Key[]} */ (['encoder.obs-1', 'encoder.obs-2', 'encoder.obs-3', 'encoder.obs-4'])).map((key) => h('li', {}, t(key)))),
        h('h4', {}, 'FFmpeg 8+'),
        h('pre', { class: 'command', tabindex: 0, 'aria-label': t('encoder.ffmpeg') }, h('code', { 'data-testid': 'ffmpeg-line' })),
        h('div', {}, this.#copyButton('ffmpeg-line', 'encoder.copied-line', () => this.find('[data-testid=ffmpeg-line]').textContent ?? '')))));
  }

  /** @override @param {State} state */
  update({ roomName, room, encoder: { key, busy, fault } }) {
    const address = whipAddress(location, room.origins, roomName ?? '');
    this.#field('whip-address').value = address;
    this.#field('stream-key').value = key?.key ?? (busy ? t('encoder.making') : '');
    this.find('[data-testid=copy-stream-key]').toggleAttribute('disabled', !key);
    this.find('[data-testid=copy-ffmpeg-line]').toggleAttribute('disabled', !key);
    this.find('#renew-stream-key').toggleAttribute('hidden', !key);
    this.find('#renew-stream-key').toggleAttribute('disabled', busy);
    setText(this.find('[data-testid=ffmpeg-line]'), ffmpegLine(address, key?.key ?? NO_KEY));
    setText(this.find('.fault'), fault ? t(FAULTS[fault] ?? 'encoder.failed', { code: fault }) : '');
    this.find('#retry-stream-key').toggleAttribute('hidden', !fault || Boolean(key));
    setAttribute(this, 'data-state', key ? 'ready' : fault ? 'failed' : 'none');
  }

  /** @param {string} id @param {string} label @param {Key} copied @param {Node} [more] */
  #line(id, label, copied, more) {
    return h('div', { class: 'encoder-line' },
      h('div', { class: 'encoder-label' }, h('label', { for: id }, label), more),
      h('div', { class: 'link-row' },
        h('input', { id, type: 'text', readonly: true, autocomplete: 'off', spellcheck: 'false', onfocus: (/** @type {Event} */ e) => /** @type {HTMLInputElement} */ (e.target).select() }),
        this.#copyButton(id, copied, () => this.#field(id).value)));
  }

  /** @param {string} id @param {Key} text @param {() => string} read */
  #copyButton(id, text, read) {
    return h('button', { class: 'button', type: 'button', 'data-testid': `copy-${id}`, onclick: () => this.#copy(read(), text) }, icon('copy'), t('share.copy'));
  }

  /** @param {string} words @param {Key} text */
  async #copy(words, text) {
    try {
      await navigator.clipboard.writeText(words);
    } catch {
      // Over plain HTTP there is no clipboard; the old way works there, from a field.
      const field = h('textarea', { class: 'unseen', readonly: true });
      field.value = words;
      this.append(field);
      field.select();
      document.execCommand('copy');
      field.remove();
    }
    this.ask('copied', { text });
  }

  #renew() {
    const again = { what: 'renew-key', params: {}, ask: 'renew-stream-key', detail: {} };
    /** @type {HTMLDialogElement | null} */ (this.closest('dialog'))?.close();
    this.ask('dialog', { name: 'confirm', data: again });
  }

  /** @param {string} id @returns {HTMLInputElement} */
  #field(id) {
    return this.find(`#${id}`);
  }
}
customElements.define('rc-encoder', EncoderView);
