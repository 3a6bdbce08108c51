/** All rooms of the node. */
import { h } from '../../dom.js';
import { language } from '../../i18n.js';
import { lasted } from '../format.js';
import { hashOf } from '../route.js';
import { number } from '../series.js';
import { named, w } from '../words.js';
import { asks, mark, nothing, Part, section, table } from './part.js';

/** @import { AdminState } from '../state.js' */
/** @import { RoomItem } from '../types.js' */

class RoomsPart extends Part {
  /** @override @param {AdminState} state */
  render({ rooms, filter, now }) {
    if (!rooms) return [nothing(w('loading'))];
    const wanted = filter.trim().toLowerCase();
    const shown = rooms.items.filter(({ name }) => name.toLowerCase().includes(wanted));
    return [
      h('h1', { class: 'unseen' }, w('rooms.title')),
      section(w('rooms.title'), [
        shown.length === 0 ? nothing(w(rooms.items.length === 0 ? 'rooms.none' : 'rooms.none-like')) : roomTable(shown, now),
        rooms.more && h('div', { class: 'more' }, asks('more-rooms', {}, { label: w('more') })),
      ], { aside: search(filter) }),
    ];
  }
}
customElements.define('rc-admin-rooms', RoomsPart);

/** @param {string} filter */
function search(filter) {
  return h('input', { class: 'search', type: 'text', id: 'room-filter', placeholder: w('rooms.search'), 'aria-label': w('rooms.search'), value: filter, autocomplete: 'off', 'data-input': 'filter' });
}

/** @param {RoomItem[]} rooms @param {number} now */
function roomTable(rooms, now) {
  const whole = (/** @type {number} */ value) => number(value, language());
  return table(w('rooms.title'), ['column.room', 'column.state', 'column.participants', 'column.on-stage', 'column.rules'], rooms.map((room) => ({
    key: room.name,
    attributes: { 'data-room': room.name },
    cells: [
      h('a', { class: 'strong', href: hashOf({ view: 'room', room: room.name }) }, room.name),
      stateOf(room, now),
      whole(room.participants),
      whole(room.onStage),
      rules(room),
    ],
  })));
}

/** @param {RoomItem} room @param {number} now */
export function stateOf({ live, liveSince, inUse }, now) {
  if (live) return mark(liveSince ? w('room.live-for', { time: lasted((now - liveSince) / 1000) }) : w('room.live'), 'live');
  return mark(w(inUse ? 'room.in-use' : 'room.idle'));
}

/** What is not as usual in a room. @param {RoomItem} room */
export function rules({ kind, waiting = 0, locked, waitingRoom, chatOpen, topology, relayOnly }) {
  const marks = [
    waiting > 0 && mark(w('room.waiting-count', { count: waiting }), 'fair'), kind === 'call' && mark(w('room.call')), locked && mark(w('room.locked')), waitingRoom && mark(w('room.waiting')), !chatOpen && mark(w('room.chat-closed')),
    topology && topology !== 'auto' && mark(named('topology', topology)), relayOnly && mark(w('room.relay-only')),
  ];
  return h('span', { class: 'marks' }, ...marks);
}
