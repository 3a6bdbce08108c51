/** The room's name, whether it is live and for how long, how many are there, and the ways out of here. */
import { h, setAttribute, setText } from '../dom.js';
import { compact, duration } from '../format.js';
import { language, t } from '../i18n.js';
import { icon, setIcon } from '../icons.js';
import { standing } from '../standing.js';
import { hasUnread } from '../store.js';
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
      h('span', { class: 'room-lock', role: 'img', hidden: true, 'data-testid': 'locked', 'aria-label': t('topbar.locked'), title: t('topbar.locked') }, icon('lock')),
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
    this.find('#open-people').append(
      h('span', { class: 'count', hidden: true, 'data-testid': 'asking-count' }),
      h('span', { class: 'count weak', hidden: true, 'data-testid': 'struggling-count' }));
  }

  /** @override @param {State} state */
  update(state) {
    const { room, connection } = state.room;
    setText(this.find('#room-title'), state.roomName ?? '');
    setAttribute(this.find('#room-title'), 'title', state.roomName);
    this.find('.room-lock').toggleAttribute('hidden', !room?.locked);
    this.find('.live-badge').toggleAttribute('hidden', !room?.live);
    this.#count(state);
    setText(this.find('.connection'), connection === 'reconnecting' ? t('topbar.reconnecting') : '');
    this.find('#open-people').toggleAttribute('hidden', !standing(state).people);
    this.#asking(state);
    for (const id of /** @type {const} */ (['people', 'chat'])) setAttribute(this.find(`#open-${id}`), 'aria-pressed', String(state.panel === id));
    this.find('#open-chat').classList.toggle('unread', hasUnread(state) && state.panel !== 'chat');
    this.#time(state);
  }

  /** Those who watch; in a call, all who are there. @param {State} state */
  #count({ room: { room, audience, me } }) {
    const call = room?.kind === 'call';
    const count = call ? room.stage.length + audience : audience;
    const label = t(call ? 'topbar.in-call' : 'topbar.watching', { count });
    const element = this.find('.viewers');
    element.toggleAttribute('hidden', !me);
    setIcon(element, call ? 'people' : 'eye');
    setText(this.find('.viewers > span'), compact(count, language()));
    setAttribute(element, 'title', label);
    setAttribute(element, 'aria-label', label);
    setAttribute(element, 'data-count', String(count));
  }

  /** Those who want something from a host, to come in or to speak; and those whose reception is bad. @param {State} state */
  #asking({ room: { hands, waitingList, struggling: { count: weak } } }) {
    const count = hands.length + waitingList.length;
    for (const [selector, many] of /** @type {const} */ ([['.count:not(.weak)', count], ['.count.weak', weak]])) {
      this.find(selector).toggleAttribute('hidden', many === 0);
      setText(this.find(selector), compact(many, language()));
    }
    const title = count > 0 ? t('people.title-asking', { count }) : t('people.title');
    const label = weak > 0 ? `${title} · ${t('people.struggling-count', { count: weak })}` : title;
    setAttribute(this.find('#open-people'), 'aria-label', label);
    setAttribute(this.find('#open-people'), 'title', label);
  }

  /** @param {State} state */
  #time({ room: { room } }) {
    if (room?.liveSince) setText(this.find('.live-badge time'), duration(Date.now() - room.liveSince));
  }
}
customElements.define('rc-topbar', TopBarView);
