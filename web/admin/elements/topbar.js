/** Where one can go, and the way out. */
import { h } from '../../dom.js';
import { refusalWord } from '../actions.js';
import { hashOf } from '../route.js';
import { w } from '../words.js';
import { asks, Part } from './part.js';

/** @import { AdminState } from '../state.js' */
/** @import { Word } from '../words.js' */

/** @type {['overview' | 'rooms' | 'keys' | 'webhooks', Word][]} */
const PLACES = [['overview', 'nav.overview'], ['rooms', 'nav.rooms'], ['webhooks', 'nav.webhooks'], ['keys', 'nav.keys']];
/** Under which of them a closer look stands. @type {Record<string, string>} */
const UNDER = { room: 'rooms', webhook: 'webhooks' };

class TopBarPart extends Part {
  /** @override @param {AdminState} state */
  render({ key, route, fault }) {
    const here = UNDER[route.view] ?? route.view;
    return [
      h('a', { class: 'brand', href: '#/' }, h('span', { class: 'brand-mark', 'aria-hidden': 'true' }), h('span', {}, 'Roomcast')),
      key !== null && h('nav', { 'aria-label': w('nav.title') }, ...PLACES.map(([view, word]) =>
        h('a', { href: hashOf({ view }), 'aria-current': here === view ? 'page' : null }, w(word)))),
      h('span', { class: 'spacer' }),
      h('span', { class: 'offline', role: 'status' }, key !== null && fault ? (fault === 'connection-lost' ? w('offline') : w(refusalWord(fault), { code: fault })) : ''),
      key !== null && asks('sign-out', {}, { label: w('sign-out') }),
    ];
  }
}
customElements.define('rc-admin-topbar', TopBarPart);
