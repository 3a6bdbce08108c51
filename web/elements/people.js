/** For hosts: who is on stage and who watches, and what can be done about them. */
import { h } from '../dom.js';
import { initial, tint } from '../format.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { View } from './view.js';

/** @import { AudienceMember, Publication, StageMember } from '../lib/types.js' */
/** @import { Icon } from '../icons.js' */
/** @import { State } from '../store.js' */

export class PeopleView extends View {
  #shown = '';

  /** @override */
  rebuild() {
    this.#shown = '';
    super.rebuild();
  }

  /** @override @param {State} state */
  update(state) {
    const { room, audience, me } = state.room;
    const list = state.audienceList;
    const now = JSON.stringify([room?.stage, audience, list, room?.chatOpen, me]);
    if (now === this.#shown) return;
    this.#shown = now;
    const focused = /** @type {HTMLElement | null} */ (this.querySelector(':focus'))?.dataset.focus;
    this.replaceChildren(
      h('label', { class: 'switch' }, h('span', {}, t('people.chat-open')),
        h('input', { id: 'chat-open', type: 'checkbox', role: 'switch', checked: room?.chatOpen ?? true, onchange: (/** @type {Event} */ e) =>
          this.ask('chat-open', { open: /** @type {HTMLInputElement} */ (e.target).checked }) })),
      h('h3', {}, t('people.stage')),
      h('ul', { class: 'people', 'data-testid': 'stage-list' }, ...(room?.stage ?? []).map((member) => this.#onStage(member, me?.participant))),
      h('h3', {}, t('people.audience', { count: audience })),
      h('ul', { class: 'people', 'data-testid': 'audience-list' }, ...(list?.members ?? []).map((member) => this.#inAudience(member))),
      h('div', { class: 'people-more' },
        h('button', { class: 'button small', type: 'button', 'data-focus': 'refresh', 'data-testid': 'refresh-audience', onclick: () => this.ask('list-audience') }, t('people.refresh')),
        list?.more && h('button', { class: 'button small', type: 'button', 'data-focus': 'more', 'data-testid': 'more-audience', onclick: () =>
          this.ask('list-audience', { after: list.members.at(-1)?.participant }) }, t('people.more'))),
    );
    if (focused) /** @type {HTMLElement | null} */ (this.querySelector(`[data-focus="${CSS.escape(focused)}"]`))?.focus();
  }

  /** @param {StageMember} member @param {string | undefined} me */
  #onStage({ participant, name, publications, connected }, me) {
    const own = participant === me;
    const sounds = publications.filter(({ source }) => source === 'microphone' || source === 'camera' || source === 'screen');
    return h('li', { 'data-participant': participant, class: connected ? '' : 'away' },
      face(name),
      h('span', { class: 'person-name' }, own ? t('tile.you', { name }) : name),
      ...(own ? [] : sounds.map((publication) => this.#mute(participant, name, publication))),
      own ? null : this.#remove(participant, name));
  }

  /** @param {string} participant @param {string} name @param {Publication} publication */
  #mute(participant, name, { source, mutedByHost }) {
    const picture = /** @type {Icon} */ (mutedByHost ? `${source}-off` : source);
    const label = t(mutedByHost ? 'people.unmute' : 'people.mute', { name, source: t(/** @type {any} */ (`controls.${source}`)) });
    return this.#button(`mute-${source}`, participant, picture, label, () => this.ask('mute', { participant, source, muted: !mutedByHost }), mutedByHost);
  }

  /** @param {AudienceMember} member */
  #inAudience({ participant, name, silenced }) {
    const label = t(silenced ? 'people.unsilence' : 'people.silence', { name });
    return h('li', { 'data-participant': participant },
      face(name),
      h('span', { class: 'person-name' }, name),
      this.#button('silence', participant, 'chat', label, () => this.ask('silence', { participant, silenced: !silenced, name }), silenced),
      this.#remove(participant, name));
  }

  /** @param {string} participant @param {string} name */
  #remove(participant, name) {
    const data = { what: 'remove', params: { name }, ask: 'remove', detail: { participant } };
    return this.#button('remove', participant, 'remove', t('people.remove', { name }), () => this.ask('dialog', { name: 'confirm', data }), false);
  }

  /** @param {string} id @param {string} participant @param {Icon} picture @param {string} label @param {() => void} act @param {boolean} pressed */
  #button(id, participant, picture, label, act, pressed) {
    return h('button', {
      class: pressed ? 'person-action pressed' : 'person-action', type: 'button', 'data-testid': id,
      'data-focus': id + participant, 'aria-label': label, title: label, onclick: act,
    }, icon(picture));
  }
}
customElements.define('rc-people', PeopleView);

/** @param {string} name */
function face(name) {
  return h('span', { class: 'face', 'aria-hidden': 'true', 'data-tint': tint(name) }, initial(name));
}
