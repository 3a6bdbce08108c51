/** The room's name, whether it is live and for how long, how many watch, and the ways out of here. */
import { h, setAttribute, setText } from '../dom.js';
import { compact, duration } from '../format.js';
import { language, t } from '../i18n.js';
import { icon } from '../icons.js';
import { View } from './view.js';

/** @import { Icon } from '../icons.js' */
/** @import { State } from '../store.js' */

export class TopBarView extends View {
  #clock = 0;

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    this.#clock = Number(setInterval(() => this.state && this.#time(this.state), 1000));
  }

  disconnectedCallback() {
    clearInterval(this.#clock);
  }

  /** @override */
  build() {
    const button = (/** @type {string} */ id, /** @type {Icon} */ name, /** @type {string} */ label, /** @type {() => void} */ act) =>
      h('button', { id, class: 'icon-button', type: 'button', 'aria-label': label, title: label, onclick: act }, icon(name));
    this.append(
      h('a', { class: 'brand-mark', href: '/', 'aria-label': t('topbar.home'), title: t('topbar.home') }),
      h('span', { id: 'room-title', class: 'room-title' }),
      h('span', { class: 'live-badge', hidden: true, 'data-testid': 'live-badge' }, h('b', {}, t('topbar.live')), h('time')),
      h('span', { class: 'viewers', 'data-testid': 'viewer-count' }, icon('eye'), h('span')),
      h('span', { class: 'connection', role: 'status' }),
      h('span', { class: 'spacer' }),
      button('open-people', 'people', t('people.title'), () => this.ask('panel', { panel: 'people' })),
      button('open-chat', 'chat', t('chat.title'), () => this.ask('panel', { panel: 'chat' })),
      button('open-settings', 'settings', t('settings.title'), () => this.ask('dialog', { name: 'settings' })),
      h('button', { id: 'open-share', class: 'button small', type: 'button', 'aria-label': t('share.title'), onclick: () => this.ask('dialog', { name: 'share' }) },
        icon('share'), h('span', {}, t('topbar.share'))),
    );
  }

  /** @override @param {State} state */
  update(state) {
    const { room, audience, me, connection, chat } = state.room;
    setText(this.find('#room-title'), state.roomName ?? '');
    setAttribute(this.find('#room-title'), 'title', state.roomName);
    this.find('.live-badge').toggleAttribute('hidden', !room?.live);
    this.find('.viewers').toggleAttribute('hidden', !me);
    setText(this.find('.viewers span'), compact(audience, language()));
    setAttribute(this.find('.viewers'), 'title', t('topbar.watching', { count: audience }));
    setAttribute(this.find('.viewers'), 'aria-label', t('topbar.watching', { count: audience }));
    setAttribute(this.find('.viewers'), 'data-count', String(audience));
    setText(this.find('.connection'), connection === 'reconnecting' ? t('topbar.reconnecting') : '');
    this.find('#open-people').toggleAttribute('hidden', me?.role !== 'host');
    for (const id of /** @type {const} */ (['people', 'chat'])) setAttribute(this.find(`#open-${id}`), 'aria-pressed', String(state.panel === id));
    this.find('#open-chat').classList.toggle('unread', (chat.at(-1)?.number ?? -1) > state.read && state.panel !== 'chat');
    this.#time(state);
  }

  /** @param {State} state */
  #time({ room: { room } }) {
    if (room?.liveSince) setText(this.find('.live-badge time'), duration(Date.now() - room.liveSince));
  }
}
customElements.define('rc-topbar', TopBarView);
