/** The peer connections of a room: by which path, how much, and how well. */
import { h } from '../../dom.js';
import { bitRate } from '../../format.js';
import { language } from '../../i18n.js';
import { number, percent } from '../series.js';
import { named, w } from '../words.js';
import { mark, table } from './part.js';

/** @import { Flow } from '../rates.js' */
/** @import { RoomView } from '../state.js' */
/** @import { Layer, Session, Track } from '../types.js' */
/** @import { Word } from '../words.js' */

/** @type {Word[]} */
const COLUMNS = ['column.name', 'column.direction', 'column.quality', 'column.path', 'column.rate', 'column.loss', 'column.round-trip', 'column.key-frames', 'column.tracks'];

/** @param {RoomView} room */
export function sessionTable({ participants, sessions, rates }) {
  const names = new Map(participants.items.map(({ participant, name }) => [participant, name]));
  return table(w('sessions.title'), COLUMNS, sessions.items.map((session) => ({
    key: session.session,
    attributes: { 'data-session': session.session, 'data-kind': session.kind },
    cells: cells(session, rates.of(session.session), session.name ?? names.get(session.participant ?? '') ?? '–'),
  })));
}

/** @param {Session} session @param {Flow | null} flow @param {string} name */
function cells(session, flow, name) {
  const publishes = session.kind === 'publisher';
  return [
    h('span', { class: 'strong' }, name),
    w(publishes ? 'sessions.sends' : 'sessions.receives'),
    quality(session, flow),
    session.path ? named('path', session.path) : '–',
    rate(session, flow),
    flow?.loss === undefined || flow.loss === null ? '–' : percent(flow.loss, language()),
    session.roundTripMs === undefined ? '–' : `${number(session.roundTripMs, language())} ms`,
    keyFrames(session),
    tracks(session.tracks),
  ];
}

/** @param {Session} session @param {Flow | null} flow */
function quality({ state }, flow) {
  if (state !== 'up') return mark(named('state', state), state === 'lost' ? 'poor' : '');
  if (!flow?.quality) return mark(named('state', 'up'));
  return mark(named('quality', flow.quality), flow.quality, w('quality.rule'));
}

/** What flows, and of how much that could. @param {Session} session @param {Flow | null} flow */
function rate({ kind, available }, flow) {
  if (!flow) return '–';
  const flows = bitRate(kind === 'publisher' ? flow.bitsIn : flow.bitsOut, language());
  return available === undefined ? flows : h('span', { title: w('sessions.available', { rate: bitRate(available, language()) }) }, `${flows} / ${bitRate(available, language())}`);
}

/** How often a key frame was asked of a publisher, or wanted by a subscriber. @param {Session} session */
function keyFrames({ kind, keyFramesAsked, keyFramesWanted }) {
  const publishes = kind === 'publisher';
  return h('span', { title: w(publishes ? 'sessions.asked' : 'sessions.wanted') }, number(publishes ? keyFramesAsked : keyFramesWanted, language()));
}

/** @param {Track[]} list */
function tracks(list) {
  if (list.length === 0) return '–';
  return h('details', { class: 'tracks' }, h('summary', {}, list.map(({ codec }) => (codec ?? '?').toUpperCase()).join(' · ')),
    h('ul', {}, ...list.map(({ publication, codec, packets, lost, jitterMs, keyFrames: got, layers }) => h('li', {},
      w('sessions.track', {
        publication, codec: (codec ?? '?').toUpperCase(), packets: number(packets, language()), lost: number(lost, language()),
        jitter: jitterMs === undefined ? '–' : number(jitterMs, language(), 1), frames: number(got, language()),
      }), ...layers.map(layer)))));
}

/** @param {Layer} layer */
function layer({ rid, width, height, bitrate }) {
  const size = width && height ? `${width}×${height} ` : '';
  return h('div', {}, `${rid}: ${size}${bitRate(bitrate, language())}`);
}
