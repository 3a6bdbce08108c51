/** A page in place of the room: what happened, and what can be done about it. */
import { h } from '../dom.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { View } from './view.js';

/** @import { Key } from '../i18n.js' */
/** @import { Icon } from '../icons.js' */
/** @import { Notice, State } from '../store.js' */

/** @typedef {{ id: string, text: Key, ask?: string, detail?: Record<string, unknown>, primary?: boolean }} Choice */

/** @type {Choice} */
const HOME = { id: 'go-home', text: 'notice.home' };
/** @type {Choice} */
const OPEN = { id: 'open-room', text: 'notice.open', ask: 'open-room' };
/** @type {Choice} */
const CALL = { id: 'start-call', text: 'notice.call', ask: 'start-call' };
/** @type {Choice} */
const AGAIN = { id: 'join-again', text: 'notice.join-again', ask: 'join-again' };
/** @type {Choice} */
const HOST_KEY = { id: 'have-host-key', text: 'notice.have-key', ask: 'dialog', detail: { name: 'host-key' } };
/** @param {Choice} choice @returns {Choice} */
const primary = (choice) => ({ ...choice, primary: true });

/** @type {Record<Notice['kind'], { icon: Icon, waits?: boolean, choices: Choice[] }>} */
const NOTICES = {
  missing: { icon: 'door', waits: true, choices: [OPEN, CALL, HOME] },
  closed: { icon: 'door', choices: [primary({ ...OPEN, text: 'notice.open-again' }), HOME] },
  taken: { icon: 'people', choices: [primary({ id: 'watch-instead', text: 'notice.watch-it', ask: 'watch-instead' }), HOST_KEY, HOME] },
  full: { icon: 'people', waits: true, choices: [HOME] },
  invalid: { icon: 'warning', choices: [primary(HOME)] },
  outdated: { icon: 'warning', choices: [primary({ id: 'reload', text: 'notice.reload' }), HOME] },
  replaced: { icon: 'copy', choices: [primary({ id: 'use-here', text: 'notice.use-here', ask: 'use-here' }), HOME] },
  removed: { icon: 'remove', choices: [HOME] },
  ended: { icon: 'check', choices: [primary(HOME)] },
  lobby: { icon: 'door', waits: true, choices: [{ id: 'go-home', text: 'notice.leave' }] },
  locked: { icon: 'lock', waits: true, choices: [HOST_KEY, HOME] },
  denied: { icon: 'lock', choices: [HOME] },
  left: { icon: 'check', choices: [primary(AGAIN), HOME] },
  'token-missing': { icon: 'key', choices: [HOST_KEY, HOME] },
  'token-invalid': { icon: 'key', choices: [HOME] },
  'token-expired': { icon: 'key', choices: [HOME] },
};

/** What each says, by its kind. @type {Record<Notice['kind'], [Key, Key]>} */
const TEXTS = {
  missing: ['notice.missing', 'notice.missing-text'], closed: ['notice.closed', 'notice.closed-text'],
  taken: ['notice.taken', 'notice.taken-text'], full: ['notice.full', 'notice.full-text'],
  invalid: ['notice.invalid', 'notice.invalid-text'], outdated: ['notice.outdated', 'notice.outdated-text'],
  replaced: ['notice.replaced', 'notice.replaced-text'], removed: ['notice.removed', 'notice.removed-text'],
  ended: ['notice.ended', 'notice.ended-text'], lobby: ['notice.lobby', 'notice.lobby-text'],
  locked: ['notice.locked', 'notice.locked-text'], denied: ['notice.denied', 'notice.denied-text'],
  left: ['notice.left', 'notice.left-text'],
  'token-missing': ['notice.token-missing', 'notice.token-missing-text'],
  'token-invalid': ['notice.token-invalid', 'notice.token-invalid-text'],
  'token-expired': ['notice.token-expired', 'notice.token-expired-text'],
};

export class NoticeView extends View {
  #shown = '';

  /** @override */
  rebuild() {
    this.#shown = '';
    super.rebuild();
  }

  /** @override @param {State} state */
  update({ notice, roomName }) {
    if (!notice || this.#shown === notice.kind + roomName) return;
    this.#shown = notice.kind + roomName;
    const { icon: name, waits, choices } = NOTICES[notice.kind];
    const [title, text] = TEXTS[notice.kind];
    const params = { room: roomName ?? '' };
    const heading = h('h1', { tabindex: -1 }, t(title, params));
    this.replaceChildren(
      h('section', { class: 'notice', 'data-testid': `notice-${notice.kind}`, 'data-code': notice.code },
        h('div', { class: waits ? 'notice-icon waits' : 'notice-icon' }, icon(name)),
        heading,
        h('p', { class: 'lead' }, t(text, params)),
        h('div', { class: 'notice-actions' }, ...choices.map((choice) => this.#choice(choice))),
      ),
    );
    heading.focus();
  }

  /** @param {Choice} choice */
  #choice({ id, text, ask, detail, primary: first }) {
    const style = first ? 'button primary' : 'button';
    if (id === 'go-home') return h('a', { id, class: style, href: '/' }, t(text));
    const act = () => (ask ? this.ask(ask, detail) : location.reload());
    return h('button', { id, class: style, type: 'button', onclick: act }, t(text));
  }
}
customElements.define('rc-notice', NoticeView);
