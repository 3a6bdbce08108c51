/** One room, closely: its picture, who is in it, how their media travels, and what can be done. */
import { h } from '../../dom.js';
import { roomPath } from '../../address.js';
import { icon } from '../../icons.js';
import { hashOf } from '../route.js';
import { w } from '../words.js';
import { asks, asksFirst, nothing, Part, section, switchFor } from './part.js';
import { peopleTable } from './people.js';
import { rules, stateOf } from './rooms.js';
import { sessionTable } from './sessions.js';
import { streamKeys } from './stream-keys.js';
import { troubleTable } from './troubles.js';

/** @import { AdminState, RoomView } from '../state.js' */
/** @import { RoomItem } from '../types.js' */

class RoomPart extends Part {
  /** @override @param {AdminState} state */
  render({ room, now }) {
    if (!room) return [];
    if (room.missing) return [nothing(w('room.gone', { room: room.name })), h('p', {}, h('a', { class: 'button', href: hashOf({ view: 'rooms' }) }, w('rooms.all')))];
    if (!room.item) return [nothing(w('loading'))];
    return [
      head(room.item, now),
      h('div', { class: 'room-top', 'data-key': 'top' }, preview(room), settings(room.item)),
      section(w('people.title'), [
        room.participants.items.length === 0 ? nothing(w('people.none')) : peopleTable(room.name, room.participants.items),
        (room.participants.more || room.sessions.more) && h('div', { class: 'more' }, asks('more-people', {}, { label: w('more') })),
      ], { id: 'people' }),
      section(w('sessions.title'), [
        h('p', { class: 'hint' }, w('sessions.lead')),
        room.sessions.items.length === 0 ? nothing(w('sessions.none')) : sessionTable(room),
      ], { id: 'sessions' }),
      section(w('troubles.title'), [room.troubles.length === 0 ? nothing(w('troubles.none')) : troubleTable(room.troubles, { rooms: false, names: namesOf(room) })], { id: 'troubles' }),
      streamKeys(room),
    ];
  }
}
customElements.define('rc-admin-room', RoomPart);

/** @param {RoomView} room */
function namesOf({ participants }) {
  return new Map(participants.items.map(({ participant, name }) => [participant, name]));
}

/** @param {RoomItem} item @param {number} now */
function head(item, now) {
  return h('div', { class: 'room-head', 'data-key': 'head' },
    h('div', { class: 'room-name' },
      h('a', { class: 'back', href: hashOf({ view: 'rooms' }), 'aria-label': w('rooms.all'), title: w('rooms.all') }, icon('down')),
      h('h1', {}, item.name), stateOf(item, now), rules(item)),
    h('div', { class: 'actions' },
      h('a', { class: 'button small', href: roomPath(item.name), target: '_blank', rel: 'noopener' }, icon('door'), w('room.open-page')),
      asksFirst('end-room', { room: item.name }, {
        label: w('room.end'), icon: 'stop', style: 'button small danger', title: 'confirm.end', text: 'confirm.end-text', act: 'room.end', params: { room: item.name },
      })));
}

/** The picture as a viewer sees it. @param {RoomView} room */
function preview({ name, item, viewToken }) {
  const player = item?.live && viewToken && h(/** @type {'div'} */ (/** @type {unknown} */ ('roomcast-player')), {
    'data-own': true, 'data-key': `player-${name}`, room: name, src: location.origin, token: viewToken, muted: true, controls: true,
  });
  return h('section', { class: 'box preview-box', 'data-key': 'preview' },
    h('div', { class: 'box-head' }, h('h2', {}, w('room.preview'))),
    player || nothing(w(item?.live ? 'room.preview-opening' : 'room.not-live')),
    h('p', { class: 'hint' }, w('room.preview-hint')));
}

/** @param {RoomItem} item */
function settings({ name, locked, waitingRoom, chatOpen, relayOnly }) {
  const change = (/** @type {string} */ setting, /** @type {import('../words.js').Word} */ label, /** @type {boolean} */ on) =>
    switchFor('set-room', { room: name, setting }, w(label), on);
  return section(w('room.settings'), [
    change('locked', 'setting.locked', locked),
    change('waitingRoom', 'setting.waiting', waitingRoom),
    change('chatOpen', 'setting.chat', chatOpen),
    change('relayOnly', 'setting.relay-only', relayOnly),
  ], { id: 'settings' });
}
