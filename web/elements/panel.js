/** The side of the room: the chat, and the people for whom they are of use. */
import { h, setAttribute } from '../dom.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { standing } from '../standing.js';
import { View } from './view.js';
import './chat.js';
import './people.js';

/** @import { State } from '../store.js' */
/** @import { ChatView } from './chat.js' */
/** @import { PeopleView } from './people.js' */

export class PanelView extends View {
  /** Whether the audience was asked for since the list was opened or the connection came back. */
  #asked = false;

  /** @override */
  build() {
    this.append(
      h('header', { class: 'panel-head' },
        h('h2'),
        h('button', { class: 'icon-button', type: 'button', 'aria-label': t('panel.close'), title: t('panel.close'), 'data-testid': 'close-panel', onclick: () =>
          this.ask('panel', { panel: this.state.panel }) }, icon('close'))),
      document.createElement('rc-chat'),
      document.createElement('rc-people'),
    );
  }

  /** @override @param {State} state */
  update(state) {
    const { host, people: allowed } = standing(state);
    const shown = state.panel === 'people' && allowed ? 'people' : 'chat';
    setAttribute(this, 'data-panel', shown);
    this.find('h2').textContent = t(shown === 'chat' ? 'chat.title' : 'people.title');
    const chat = /** @type {ChatView} */ (this.find('rc-chat'));
    const people = /** @type {PeopleView} */ (this.find('rc-people'));
    chat.hidden = shown !== 'chat';
    people.hidden = shown !== 'people';
    chat.state = state;
    if (!allowed) return;
    people.state = state;
    const wanted = host && shown === 'people' && !state.audienceList && state.room.connection === 'open';
    if (wanted && !this.#asked) this.ask('list-audience');
    this.#asked = wanted;
  }
}
customElements.define('rc-panel', PanelView);
