/** The front page: name a room, then go live, call, or watch. */
import { MAX_ROOM_NAME, roomPath, secureAddress, validRoomName } from '../address.js';
import { h } from '../dom.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { View } from './view.js';

/** @import { State } from '../store.js' */

/** Rooms of one's own that are offered: the rest is in the browser's history. */
const OWN_ROOMS_SHOWN = 6;

export class HomeView extends View {
  /** @override */
  build() {
    const input = h('input', {
      id: 'room-name', name: 'room', type: 'text', maxlength: MAX_ROOM_NAME, autocomplete: 'off', autofocus: true,
      placeholder: t('home.placeholder'), 'aria-describedby': 'room-name-hint', enterkeyhint: 'go',
    });
    input.addEventListener('input', () => input.setCustomValidity(''));
    this.append(
      h('div', { class: 'home' },
        h('p', { class: 'brand' }, h('span', { class: 'brand-mark', 'aria-hidden': 'true' }), 'Roomcast'),
        h('h1', {}, t('home.title')),
        h('p', { class: 'lead' }, t('home.lead')),
        h('form', { class: 'home-form card', novalidate: true, onsubmit: (/** @type {SubmitEvent} */ e) => this.#submit(e, input) },
          h('label', { for: 'room-name' }, t('home.room-name')),
          input,
          h('p', { id: 'room-name-hint', class: 'hint', role: 'status' }, t('home.hint')),
          h('div', { class: 'home-actions' },
            h('button', { id: 'go-live', class: 'button primary big', value: 'host' }, icon('live'), t('home.go-live')),
            h('button', { id: 'start-call', class: 'button big', value: 'call' }, icon('phone'), t('home.call')),
            h('button', { id: 'watch', class: 'button big', value: 'watch' }, icon('eye'), t('home.watch')),
          ),
          h('p', { class: 'insecure', hidden: true }, icon('lock'), h('span', {}, t('home.insecure'))),
        ),
        h('nav', { class: 'own-rooms', hidden: true, 'aria-label': t('home.own-rooms') }),
      ),
    );
  }

  /** @override @param {State} state */
  update(state) {
    this.find('.insecure').toggleAttribute('hidden', state.secure);
    const rooms = state.ownRooms.slice(0, OWN_ROOMS_SHOWN);
    const nav = this.find('.own-rooms');
    nav.toggleAttribute('hidden', rooms.length === 0);
    if (nav.childElementCount > 0) return;
    nav.append(h('h2', {}, t('home.own-rooms')), h('div', { class: 'chips' }, ...rooms.map((name) => {
      const path = roomPath(name);
      return h('a', { class: 'chip', href: state.secure ? path : secureAddress(location.host, path) }, name);
    })));
  }

  /** @param {SubmitEvent} event @param {HTMLInputElement} input */
  #submit(event, input) {
    event.preventDefault();
    const hint = this.find('#room-name-hint');
    const valid = validRoomName(input.value);
    input.setAttribute('aria-invalid', String(!valid));
    hint.classList.toggle('wrong', !valid);
    hint.textContent = valid ? t('home.hint') : t(input.value.trim() ? 'home.name-invalid' : 'home.name-empty');
    if (!valid) {
      input.focus();
      return;
    }
    const wish = /** @type {HTMLButtonElement | null} */ (event.submitter)?.value ?? 'host';
    this.ask(`${wish}-room`, { name: input.value });
  }
}
customElements.define('rc-home', HomeView);
