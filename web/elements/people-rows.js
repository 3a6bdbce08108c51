/** One person in the list: on stage or in the audience. */
import { h } from '../dom.js';
import { wordsOfTrouble } from '../encoder.js';
import { initial, tint } from '../format.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { shortWords, wordsOf } from '../path.js';

/** @import { AudienceMember, Publication, PublicationTrouble, StageMember } from '../lib/types.js' */
/** @import { Icon } from '../icons.js' */
/** @import { Path } from '../path.js' */
/** @import { State } from '../store.js' */
/** @import { View } from './view.js' */

/**
 * @param {StageMember} member
 * @param {{ me: State['room']['me'], path: Path | null, troubles: PublicationTrouble[], view: View }} context
 */
export function onStage({ participant, name, role, publications, connected, client }, { me, path, troubles, view }) {
  const own = participant === me?.participant;
  const moderates = me?.role === 'host' && !own;
  const shown = publications.filter(({ source }) => source !== 'screen-audio');
  return h('li', { 'data-participant': participant, 'data-path': path?.way ?? null, class: connected ? null : 'away' },
    face(name),
    h('span', { class: 'person' },
      h('span', { class: 'person-name' }, own ? t('tile.you', { name }) : name),
      role === 'host' && h('span', { class: 'badge' }, t('chat.host')),
      client === 'whip' && h('span', { class: 'badge', title: t('client.whip-title'), 'data-testid': 'client' }, t('client.whip')),
      path && pathMark(path)),
    moderates && h('span', { class: 'person-actions' },
      ...shown.map((publication) => mute(participant, name, publication, view)),
      role === 'speaker' && action({
        id: 'stage-off', participant, picture: 'stage-down', label: t('people.stage-off', { name }),
        act: () => view.ask('stage', { participant, on: false, name }),
      }),
      remove(participant, name, view)),
    ...troubles.map(troubleLine));
}

/** @param {AudienceMember} member @param {View} view */
export function inAudience({ participant, name, silenced }, view) {
  return h('li', { 'data-participant': participant },
    face(name),
    h('span', { class: 'person' }, h('span', { class: 'person-name' }, name)),
    h('span', { class: 'person-actions' },
      action({
        id: 'stage-on', participant, picture: 'stage-up', label: t('people.stage-on', { name }),
        act: () => view.ask('stage', { participant, on: true, name }),
      }),
      action({
        id: 'silence', participant, picture: 'chat', pressed: silenced,
        label: t(silenced ? 'people.unsilence' : 'people.silence', { name }),
        act: () => view.ask('silence', { participant, silenced: !silenced, name }),
      }),
      remove(participant, name, view)));
}

/** Their first letter, in their colour. @param {string} name */
export function face(name) {
  return h('span', { class: 'face', 'aria-hidden': 'true', 'data-tint': tint(name) }, initial(name));
}

/**
 * @param {object} options
 * @param {string} options.id @param {string} options.participant @param {Icon} options.picture
 * @param {string} options.label @param {() => void} options.act @param {boolean} [options.pressed]
 */
export function action({ id, participant, picture, label, act, pressed = false }) {
  return h('button', {
    class: pressed ? 'person-action pressed' : 'person-action', type: 'button', 'data-testid': id,
    'data-focus': id + participant, 'aria-label': label, title: label, onclick: act,
  }, icon(picture));
}

/** What is wrong with what they send, and what to do. @param {PublicationTrouble} trouble */
function troubleLine(trouble) {
  const [words, , params] = wordsOfTrouble(trouble);
  return h('p', { class: 'person-trouble', 'data-kind': trouble.kind, 'data-testid': 'person-trouble' }, icon('warning'), h('span', {}, t(words, params)));
}

/** @param {Path} path */
function pathMark(path) {
  const pictures = /** @type {const} */ ({ link: 'link', relay: 'relay', node: 'server', connecting: 'link' });
  return h('span', { class: 'person-path', title: wordsOf(path) }, icon(pictures[path.way]), shortWords(path));
}

/** @param {string} participant @param {string} name @param {Publication} publication @param {View} view */
function mute(participant, name, { source, mutedByHost }, view) {
  const device = t(/** @type {any} */ (`controls.${source}`));
  return action({
    id: `mute-${source}`, participant, pressed: mutedByHost,
    picture: /** @type {Icon} */ (mutedByHost ? `${source}-off` : source),
    label: t(mutedByHost ? 'people.unmute' : 'people.mute', { name, source: device }),
    act: () => view.ask('mute', { participant, source, muted: !mutedByHost }),
  });
}

/** @param {string} participant @param {string} name @param {View} view */
function remove(participant, name, view) {
  const data = { what: 'remove', params: { name }, ask: 'remove', detail: { participant } };
  return action({
    id: 'remove', participant, picture: 'remove', label: t('people.remove', { name }),
    act: () => view.ask('dialog', { name: 'confirm', data }),
  });
}
