/** The node at a glance: what it does now, the last hour, and why connections failed. */
import { h } from '../../dom.js';
import { bitRate } from '../../format.js';
import { language } from '../../i18n.js';
import { lasted } from '../format.js';
import { number, seriesOf } from '../series.js';
import { w } from '../words.js';
import { chart } from './chart.js';
import { nothing, Part, section } from './part.js';
import { troubleTable } from './troubles.js';

/** @import { AdminState } from '../state.js' */
/** @import { Point, Server } from '../types.js' */

class OverviewPart extends Part {
  /** @override @param {AdminState} state */
  render({ server, history, troubles, now }) {
    if (!server) return [nothing(w('loading'))];
    return [
      h('h1', { class: 'unseen' }, w('overview.title')),
      h('dl', { class: 'figures' }, ...figures(server)),
      section(w('overview.hour'), [
        history.points.length === 0 && h('p', { class: 'hint' }, w('overview.no-history')),
        h('div', { class: 'charts' }, ...graphs(history.points).map((graph) => chart({ ...graph, every: history.every, now }))),
      ]),
      section(w('troubles.title'), [
        h('p', { class: 'hint' }, w('troubles.lead')),
        troubles.length === 0 ? nothing(w('troubles.none')) : troubleTable(troubles, { rooms: true }),
      ]),
    ];
  }
}
customElements.define('rc-admin-overview', OverviewPart);

/** @param {Server} server */
function figures({ rooms, participants, sessions, uptimeSeconds, version, limits }) {
  const whole = (/** @type {number} */ value) => number(value, language());
  const of = (/** @type {number | undefined} */ limit) => (limit === undefined ? '' : w('overview.of', { limit: whole(limit) }));
  return [
    figure('rooms', w('overview.rooms'), whole(rooms), of(limits.rooms)),
    figure('participants', w('overview.participants'), whole(participants)),
    figure('sessions', w('overview.sessions'), whole(sessions)),
    figure('uptime', w('overview.uptime'), lasted(uptimeSeconds)),
    figure('version', w('overview.version'), version),
  ];
}

/** @param {string} id @param {string} label @param {string} value @param {string} [more] */
function figure(id, label, value, more = '') {
  return h('div', { class: 'figure', 'data-figure': id }, h('dt', {}, label), h('dd', {}, h('b', {}, value), more && h('span', { class: 'hint' }, more)));
}

/** @param {Point[]} points */
function graphs(points) {
  const rate = (/** @type {number} */ value) => bitRate(value, language());
  const count = (/** @type {number} */ value) => number(value, language());
  const line = (/** @type {keyof Point} */ name, /** @type {string} */ label) => ({ label, series: seriesOf(points, name) });
  const cpu = points.some((point) => point.cpu !== undefined);
  return [
    { title: w('chart.traffic'), lines: [line('bitsOut', w('chart.out')), line('bitsIn', w('chart.in'))], format: rate, least: 1_000_000 },
    { title: w('chart.participants'), lines: [line('participants', w('chart.participants'))], format: count, least: 5 },
    { title: w('chart.sessions'), lines: [line('sessions', w('chart.sessions'))], format: count, least: 5 },
    ...(cpu ? [{ title: w('chart.cpu'), lines: [line('cpu', w('chart.cpu'))], format: (/** @type {number} */ value) => w('chart.cores', { count: number(value, language(), 2) }), least: 1 }] : []),
    { title: w('chart.lost'), lines: [line('lost', w('chart.lost'))], format: count, least: 10 },
    { title: w('chart.rooms'), lines: [line('rooms', w('chart.rooms'))], format: count, least: 5 },
  ];
}
