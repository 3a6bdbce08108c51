/** Who is here, by which path they come, and, for hosts, what can be done about it. */
import { h } from '../dom.js';
import { t } from '../i18n.js';
import { pathOf } from '../path.js';
import { standing } from '../standing.js';
import { hands, waiting } from './people-asking.js';
import { inAudience, onStage } from './people-rows.js';
import { shapeOf, showFigures, struggling } from './people-struggling.js';
import { View } from './view.js';

/** @import { Key } from '../i18n.js' */
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
    const { room, audience, me, hands: raised, waitingList, links, publicationTroubles } = state.room;
    const now = JSON.stringify([room, audience, state.audienceList, me, raised, waitingList, links, publicationTroubles, shapeOf(state.room.struggling)]);
    if (now !== this.#shown) this.#draw(state);
    this.#shown = now;
    showFigures(this, state.room.struggling);
  }

  /** @param {State} state */
  #draw(state) {
    const { room, audience, me, hands: raised, waitingList } = state.room;
    const focused = /** @type {HTMLElement | null} */ (this.querySelector(':focus'))?.dataset.focus;
    const host = me?.role === 'host';
    this.replaceChildren(
      ...(host ? [...waiting(waitingList, this), ...hands(raised, this), ...struggling(state.room.struggling), this.#rules(state)] : []),
      ...this.#stage(state),
      ...(host && (audience > 0 || room?.kind !== 'call') ? this.#audience(state) : []),
    );
    if (focused) /** @type {HTMLElement | null} */ (this.querySelector(`[data-focus="${CSS.escape(focused)}"]`))?.focus();
  }

  /** @param {State} state @returns {Node[]} */
  #stage(state) {
    const { room, me } = state.room;
    const stage = room?.stage ?? [];
    const troublesOf = (/** @type {string} */ participant) =>
      state.room.publicationTroubles.filter((told) => told.participant === participant).map(({ trouble }) => trouble);
    const title = standing(state).call ? t('people.in-call', { count: stage.length }) : t('people.stage');
    return [
      h('h3', {}, title),
      h('ul', { class: 'people', 'data-testid': 'stage-list' }, ...stage.map((member) =>
        onStage(member, { me, path: pathOf(state, member.participant), troubles: troublesOf(member.participant), view: this }))),
    ];
  }

  /** @param {State} state @returns {Node[]} */
  #audience({ room: { audience }, audienceList: list }) {
    return [
      h('h3', {}, t('people.audience', { count: audience })),
      h('ul', { class: 'people', 'data-testid': 'audience-list' }, ...(list?.members ?? []).map((member) => inAudience(member, this))),
      h('div', { class: 'people-more' },
        h('button', { class: 'button small', type: 'button', 'data-focus': 'refresh', 'data-testid': 'refresh-audience', onclick: () => this.ask('list-audience') }, t('people.refresh')),
        list?.more && h('button', { class: 'button small', type: 'button', 'data-focus': 'more', 'data-testid': 'more-audience', onclick: () =>
          this.ask('list-audience', { after: list.members.at(-1)?.participant }) }, t('people.more'))),
    ];
  }

  /** Who may chat and who may come in. @param {State} state */
  #rules({ room: { room } }) {
    return h('div', { class: 'rules' },
      this.#rule('chat-open', 'people.chat-open', room?.chatOpen ?? true, (open) => this.ask('chat-open', { open })),
      this.#rule('waiting-room', 'people.waiting-room', room?.waitingRoom ?? false, (waitingRoom) => this.ask('room-settings', { waitingRoom })),
      this.#rule('room-locked', 'people.locked', room?.locked ?? false, (locked) => this.ask('room-settings', { locked })));
  }

  /** @param {string} id @param {Key} text @param {boolean} checked @param {(on: boolean) => void} change */
  #rule(id, text, checked, change) {
    const onchange = (/** @type {Event} */ event) => change(/** @type {HTMLInputElement} */ (event.target).checked);
    return h('label', { class: 'switch' }, h('span', {}, t(text)),
      h('input', { id, type: 'checkbox', role: 'switch', checked, 'data-focus': id, onchange }));
  }
}
customElements.define('rc-people', PeopleView);
