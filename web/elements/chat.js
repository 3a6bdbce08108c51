/** What was said and sent, and the field to say or send something. */
import { h, setAttribute, setText } from '../dom.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { View } from './view.js';
import { chatFile, showFile } from './chat-file.js';
import { chatMessage } from './chat-message.js';

/** @import { State } from '../store.js' */
/** @import { ChatMessage } from '../lib/types.js' */
/** @import { FileCard } from '../transfers.js' */

/** Characters of a message, as the node counts them. */
const MAX_TEXT = 2_000;
/** When the counter appears. */
const COUNT_FROM = 1_800;
/** Pixels from the end within which a reader follows along. */
const NEAR_END = 60;

export class ChatView extends View {
  #first = -1;
  #last = -1;
  /** The cards of files, by the transfer's id. @type {Map<string, HTMLElement>} */
  #files = new Map();
  /** Whether the reader is at the end and wants to stay there. */
  #follows = true;

  /** @override */
  rebuild() {
    this.#first = this.#last = -1;
    this.#files.clear();
    super.rebuild();
  }

  /** @override */
  build() {
    const input = h('textarea', {
      id: 'chat-input', rows: 1, maxlength: MAX_TEXT, enterkeyhint: 'send', 'aria-label': t('chat.write'),
      oninput: () => this.#typed(), onkeydown: (/** @type {KeyboardEvent} */ e) => this.#key(e),
      onpaste: (/** @type {ClipboardEvent} */ e) => this.#pasted(e),
    });
    const files = h('input', { id: 'file-input', type: 'file', multiple: true, hidden: true, 'aria-label': t('file.attach'), onchange: () => this.#chosen(files) });
    this.append(
      h('ol', { class: 'messages', role: 'log', 'aria-live': 'polite', 'aria-label': t('chat.title'), tabindex: 0, 'data-testid': 'messages', onscroll: () => this.#scrolled() }),
      h('p', { class: 'chat-empty' }, t('chat.empty')),
      h('button', { id: 'chat-latest', class: 'button small', type: 'button', hidden: true, onclick: () => this.#toEnd() }, icon('down'), h('span')),
      h('p', { class: 'chat-closed', hidden: true }, icon('lock'), t('chat.closed')),
      h('form', { class: 'chat-form', onsubmit: (/** @type {Event} */ e) => this.#submit(e) },
        files,
        h('button', { id: 'attach-file', class: 'icon-button', type: 'button', 'aria-label': t('file.attach'), title: t('file.attach'), onclick: () => files.click() }, icon('attach')),
        input,
        h('span', { class: 'chat-count', 'aria-live': 'polite' }),
        h('button', { id: 'chat-send', class: 'button primary icon-only', 'aria-label': t('chat.send'), title: t('chat.send') }, icon('send'))),
      h('p', { class: 'drop-here', hidden: true, 'data-testid': 'drop-here' }, icon('attach'), h('span', {}, t('file.drop'))),
      h('p', { class: 'chat-as' }, h('span'),
        h('button', { id: 'change-name', class: 'link', type: 'button', onclick: () => this.ask('dialog', { name: 'name' }) }, t('chat.change-name'))),
    );
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    // A turned phone or an opened keyboard must not hide the latest words.
    new ResizeObserver(() => this.#follows && this.#toEnd()).observe(this.find('.messages'));
  }

  /** @override @param {State} state */
  update(state) {
    const { me, room, chat } = state.room;
    this.#messages(chat, state);
    this.#transfers(state.files);
    this.find('.drop-here').toggleAttribute('hidden', !state.dragging);
    const silent = room?.chatOpen === false && me?.role !== 'host';
    this.find('.chat-closed').toggleAttribute('hidden', !silent);
    this.find('.chat-form').toggleAttribute('hidden', silent);
    this.find('.chat-as').toggleAttribute('hidden', silent);
    this.find('.chat-empty').toggleAttribute('hidden', chat.length > 0 || state.files.length > 0);
    setAttribute(this.find('#chat-input'), 'placeholder', t('chat.placeholder'));
    setText(this.find('.chat-as span'), t('chat.as', { name: me?.name ?? '' }));
    this.#unread(state);
  }

  /** @param {ChatMessage[]} chat @param {State} state */
  #messages(chat, state) {
    const list = this.find('.messages');
    const first = chat[0]?.number ?? -1;
    // After a node without memory, numbers begin again: so does the list.
    if (first !== this.#first || (chat.at(-1)?.number ?? -1) < this.#last) {
      list.replaceChildren();
      this.#files.clear();
      this.#last = -1;
      this.#first = first;
    }
    const fresh = chat.filter((message) => message.number > this.#last);
    if (fresh.length === 0) return;
    list.append(...fresh.map((message) => chatMessage(message, state, this)));
    this.#last = fresh[fresh.length - 1].number;
    const mine = fresh.at(-1)?.participant === state.room.me?.participant;
    if (this.#follows || mine) this.#toEnd();
  }

  /** Each file stands behind the message that was the last when it began. @param {FileCard[]} files */
  #transfers(files) {
    const list = this.find('.messages');
    for (const [id, card] of this.#files) {
      if (files.some((transfer) => transfer.id === id)) continue;
      card.remove();
      this.#files.delete(id);
    }
    for (const transfer of files) {
      const known = this.#files.get(transfer.id);
      if (known) {
        showFile(known, transfer);
        continue;
      }
      const card = chatFile(transfer, this);
      this.#files.set(transfer.id, card);
      const next = [...list.children].find((item) => Number(/** @type {HTMLElement} */ (item).dataset.number) > transfer.after);
      list.insertBefore(card, next ?? null);
      if (this.#follows || transfer.own) this.#toEnd();
    }
  }

  /** @param {State} state */
  #unread(state) {
    const messages = state.room.chat.filter((message) => message.number > state.read).length;
    const unread = messages + Math.max(0, state.files.length - state.filesSeen);
    const button = this.find('#chat-latest');
    button.toggleAttribute('hidden', this.#atEnd());
    setText(this.find('#chat-latest span'), unread > 0 ? t('chat.new', { count: unread }) : t('chat.latest'));
  }

  #atEnd() {
    const list = this.find('.messages');
    return list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_END;
  }

  #toEnd() {
    const list = this.find('.messages');
    list.scrollTop = list.scrollHeight;
    this.#scrolled();
  }

  #scrolled() {
    this.#follows = this.#atEnd();
    const visible = this.checkVisibility?.() ?? true;
    if (!this.state) return;
    const { read, files, filesSeen } = this.state;
    const news = this.#last > read || files.length > filesSeen;
    if (visible && this.#atEnd() && news) this.ask('read', { number: this.#last, files: files.length });
    else this.#unread(this.state);
  }

  #typed() {
    const input = /** @type {HTMLTextAreaElement} */ (this.find('#chat-input'));
    const { length } = [...input.value];
    setText(this.find('.chat-count'), length >= COUNT_FROM ? String(MAX_TEXT - length) : '');
    input.rows = Math.min(4, input.value.split('\n').length + Math.floor(length / 42));
  }

  /** @param {HTMLInputElement} input */
  #chosen(input) {
    const files = [...(input.files ?? [])];
    // The same file may be chosen again.
    input.value = '';
    if (files.length > 0) this.ask('send-files', { files });
  }

  /** A picture from the clipboard is sent; text is pasted as text. @param {ClipboardEvent} event */
  #pasted(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    this.ask('send-files', { files });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    // Enter also ends a word in Chinese input: that one is not for sending.
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) this.#submit(event);
    else if (event.key === 'Escape') /** @type {HTMLElement} */ (event.target).blur();
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault();
    const input = /** @type {HTMLTextAreaElement} */ (this.find('#chat-input'));
    const text = input.value.trim();
    if (text === '') return;
    input.value = '';
    this.#typed();
    // What was refused is given back, unless something else was begun meanwhile.
    const done = (/** @type {boolean} */ ok) => {
      if (!ok && input.value === '') input.value = text;
    };
    this.ask('say', { text, done });
  }
}
customElements.define('rc-chat', ChatView);
