/** All tiles: side by side, or one large with the others beside it. */
import { h, setAttribute, setText } from '../dom.js';
import { t } from '../i18n.js';
import { icon, setIcon } from '../icons.js';
import { layoutOf, tileSize } from '../layout.js';
import { troubleKey } from '../path.js';
import { receptionWords } from '../reception.js';
import { Sight } from '../sight.js';
import { tilesOf, undecodable } from '../tiles.js';
import { qualityWords } from './quality-choice.js';
import { View } from './view.js';
import './tile.js';

/** @import { State } from '../store.js' */
/** @import { Tile } from '../tiles.js' */
/** @import { TileView } from './tile.js' */

export class StageView extends View {
  /** @type {Map<string, TileView>} */
  #tiles = new Map();
  #size = new ResizeObserver(() => this.#spread());
  #sight = new Sight(() => this.update(this.state));
  #reported = '';

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    this.#sight.begin(this);
  }

  disconnectedCallback() {
    this.#sight.stop();
  }

  /** @override */
  rebuild() {
    this.#tiles.clear();
    super.rebuild();
  }

  /** @override */
  build() {
    this.append(
      h('h1', { class: 'unseen' }),
      h('div', { class: 'stage-box' }, h('div', { class: 'tiles' })),
      h('div', { class: 'stage-tools' },
        h('button', { id: 'show-self', class: 'stage-tool', type: 'button', onclick: () => this.ask('self-view', { shown: true }) },
          icon('eye'), h('span', {}, t('stage.show-self'))),
        h('button', { id: 'choose-layout', class: 'stage-tool', type: 'button', 'aria-keyshortcuts': 'l', onclick: () => this.ask('layout') },
          icon('grid'), h('span', { class: 'unseen' }))),
      h('p', { class: 'stage-message', role: 'status', 'data-testid': 'stage-message' }),
      h('button', { id: 'tap-for-sound', class: 'button primary big', type: 'button', hidden: true, onclick: () => this.ask('sound-on') },
        icon('volume'), t('stage.sound-on')),
      h('div', { class: 'screen-again', hidden: true, 'data-testid': 'screen-again' },
        h('p', {}, t('stage.screen-lost')),
        h('button', { id: 'share-screen-again', class: 'button primary', type: 'button', onclick: () => this.ask('toggle', { source: 'screen' }) },
          icon('screen'), t('stage.screen-again')),
        h('button', { class: 'button', type: 'button', onclick: () => this.ask('forget-screen') }, t('stage.screen-forget'))),
      h('div', { class: 'sound-only', role: 'status', hidden: true, 'data-testid': 'sound-only' },
        icon('volume'), h('p', {}, t('stage.sound-only')),
        h('button', { id: 'show-pictures', class: 'button small', type: 'button', onclick: () => this.ask('quality', { quality: 'auto' }) },
          t('stage.show-pictures'))),
    );
    this.#size.disconnect();
    this.#size.observe(this.find('.tiles'));
  }

  /** @override @param {State} state */
  update(state) {
    const tiles = tilesOf(state);
    const { layout, main } = layoutOf(tiles, state);
    setText(this.find('h1'), t(state.room.room?.kind === 'call' ? 'stage.title-call' : 'stage.title', { room: state.roomName ?? '' }));
    this.#arrange(tiles);
    setAttribute(this.find('.tiles'), 'data-layout', layout);
    const leading = leadingOf(tiles, main);
    const reception = receptionWords(state);
    for (const tile of tiles) {
      const element = /** @type {TileView} */ (this.#tiles.get(tile.key));
      element.show(tile, {
        main: tile.key === main,
        pinned: tile.key === state.pinned,
        alone: tiles.length === 1,
        speaking: tile.source !== 'screen' && tiles.length > 1 && state.speaking.includes(tile.participant),
        resting: tile.unwanted || !this.#sight.sees(element),
        leads: tile.key === leading,
        quality: state.quality,
        measured: state.figures !== null,
        figures: state.figures?.get(tile.publication ?? NaN) ?? null,
        reception: tile.key === leading ? reception : null,
        limit: tile.key === leading && reception ? '' : limitOf(tile, state),
        soundAllowed: !state.soundBlocked,
      });
    }
    this.#spread();
    this.#report(tiles, main);
    this.#tools(state, tiles);
    setText(this.find('.stage-message'), this.#message(state, tiles));
    this.find('#tap-for-sound').toggleAttribute('hidden', !state.soundBlocked || !tiles.some((tile) => tile.hasSound && !tile.local));
    this.find('.screen-again').toggleAttribute('hidden', !state.studio.screenLost);
    this.find('.sound-only').toggleAttribute('hidden', state.studio.screenLost || !tiles.some((tile) => tile.unwanted));
  }

  /** @param {State} state @param {Tile[]} tiles */
  #message(state, tiles) {
    const codec = undecodable(tiles);
    if (codec) return t('stage.unsupported', { codec });
    if (state.trouble) return t(troubleKey(state.trouble));
    if (state.held) return t('stage.held');
    if (state.room.room?.kind !== 'call') return '';
    const { opening, tracks } = state.studio;
    if (opening && Object.keys(tracks).length === 0) return t('setup.opening');
    return tiles.every((tile) => tile.local) ? t('stage.alone') : '';
  }

  /** @param {State} state @param {Tile[]} tiles */
  #tools(state, tiles) {
    const own = state.studio.tracks.camera || state.studio.tracks.microphone;
    this.find('#show-self').toggleAttribute('hidden', state.selfView || !own || !tiles.some((tile) => !tile.local));
    const button = this.find('#choose-layout');
    // A shared screen or a pinned tile decides by itself.
    const free = tiles.length > 2 && !tiles.some((tile) => tile.source === 'screen' || tile.key === state.pinned);
    button.toggleAttribute('hidden', !free);
    const label = t(state.view === 'grid' ? 'stage.to-spotlight' : 'stage.to-grid');
    setAttribute(button, 'title', `${label} (L)`);
    setText(this.find('#choose-layout span'), label);
    setIcon(button, state.view === 'grid' ? 'spotlight' : 'grid');
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
    setAttribute(box, 'data-count', String(tiles.length));
  }

  /** Says which pictures are seen, and how large. @param {Tile[]} tiles @param {string | null} main */
  #report(tiles, main) {
    this.#sight.follow(this.#tiles.values());
    const shown = tiles.flatMap(({ key, publication }) => {
      const element = this.#tiles.get(key);
      return publication !== null && element ? [{ publication, main: key === main, seen: this.#sight.sees(element), ...this.#sight.sizeOf(element) }] : [];
    });
    const text = JSON.stringify(shown);
    if (text === this.#reported) return;
    this.#reported = text;
    this.ask('seen', { shown });
  }

  /** Makes the tiles of a grid as large as the space lets them. */
  #spread() {
    const box = /** @type {HTMLElement} */ (this.find('.tiles'));
    const gap = parseFloat(getComputedStyle(box).columnGap) || 0;
    const { width, height } = tileSize(this.#tiles.size, box.clientWidth, box.clientHeight, gap);
    box.style.setProperty('--tile-width', `${width}px`);
    box.style.setProperty('--tile-height', `${height}px`);
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

/** Of the tiles of others, the one that stands for all: what is true of all is said there. @param {Tile[]} tiles @param {string | null} main */
function leadingOf(tiles, main) {
  const others = tiles.filter((tile) => !tile.local);
  const pictures = others.filter((tile) => tile.hasPicture);
  return (others.find((tile) => tile.key === main) ?? pictures[0] ?? others[0])?.key ?? null;
}

/** What keeps a picture from being better. @param {Tile} tile @param {State} state */
function limitOf({ path }, { quality, room: { reception } }) {
  if (path?.way !== 'node') return '';
  if (reception && reception.standing !== 'good') return t('figures.limited');
  return quality === 'auto' ? '' : t('figures.chosen', { quality: qualityWords(quality) });
}
