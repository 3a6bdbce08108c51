/** All tiles: side by side, or a screen large with the people beside it. */
import { h, setAttribute, setText } from '../dom.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { tilesOf, undecodable } from '../tiles.js';
import { View } from './view.js';
import './tile.js';

/** @import { State } from '../store.js' */
/** @import { Tile } from '../tiles.js' */
/** @import { TileView } from './tile.js' */

export class StageView extends View {
  /** @type {Map<string, TileView>} */
  #tiles = new Map();

  /** @override */
  rebuild() {
    this.#tiles.clear();
    super.rebuild();
  }

  /** @override */
  build() {
    this.append(
      h('h1', { class: 'unseen' }),
      h('div', { class: 'tiles' }),
      h('p', { class: 'stage-message', role: 'status', 'data-testid': 'stage-message' }),
      h('button', { id: 'tap-for-sound', class: 'button primary big', type: 'button', hidden: true, onclick: () => this.ask('sound-on') },
        icon('volume'), t('stage.sound-on')),
      h('div', { class: 'screen-again', hidden: true, 'data-testid': 'screen-again' },
        h('p', {}, t('stage.screen-lost')),
        h('button', { id: 'share-screen-again', class: 'button primary', type: 'button', onclick: () => this.ask('toggle', { source: 'screen' }) },
          icon('screen'), t('stage.screen-again')),
        h('button', { class: 'button', type: 'button', onclick: () => this.ask('forget-screen') }, t('stage.screen-forget'))),
    );
  }

  /** @override @param {State} state */
  update(state) {
    const tiles = tilesOf(state);
    setText(this.find('h1'), t('stage.title', { room: state.roomName ?? '' }));
    this.#arrange(tiles);
    for (const tile of tiles) this.#tiles.get(tile.key)?.show(tile, !state.soundBlocked);
    setText(this.find('.stage-message'), this.#message(state, tiles));
    this.find('#tap-for-sound').toggleAttribute('hidden', !state.soundBlocked || !tiles.some((tile) => tile.hasSound && !tile.local));
    this.find('.screen-again').toggleAttribute('hidden', !state.studio.screenLost);
  }

  /** @param {State} state @param {Tile[]} tiles */
  #message(state, tiles) {
    const codec = undecodable(tiles);
    if (codec) return t('stage.unsupported', { codec });
    if (state.trouble === 'no-path') return t('stage.no-path');
    if (state.held) return t('stage.held');
    return '';
  }

  /** @param {Tile[]} tiles */
  #arrange(tiles) {
    const before = this.#tiles;
    const spare = [...before].filter(([key]) => !tiles.some((tile) => tile.key === key));
    this.#tiles = new Map(tiles.map((tile) => [tile.key, before.get(tile.key) ?? takeOver(spare, tile)]));
    for (const [, element] of spare) element.remove();
    const box = this.find('.tiles');
    [...this.#tiles.values()].forEach((element, at) => {
      if (box.children[at] !== element) box.insertBefore(element, box.children[at] ?? null);
    });
    setAttribute(box, 'data-layout', tiles[0]?.source === 'screen' && tiles.length > 1 ? 'screen' : 'grid');
    setAttribute(box, 'data-count', String(tiles.length));
  }
}
customElements.define('rc-stage', StageView);

/**
 * A person who came back after the node was started again is a new participant: the old tile, with
 * its last picture, is theirs.
 * @param {[string, TileView][]} spare @param {Tile} tile @returns {TileView}
 */
function takeOver(spare, tile) {
  const at = spare.findIndex(([, element]) => element.tile?.name === tile.name && element.tile.source === tile.source);
  if (at >= 0) return spare.splice(at, 1)[0][1];
  return /** @type {TileView} */ (document.createElement('rc-tile'));
}
