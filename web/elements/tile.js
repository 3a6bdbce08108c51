/**
 * One tile of the stage: a person or a screen, with its sound. It keeps the last picture while a
 * new connection is made, and falls back to silence where the browser refuses sound.
 *
 * Attributes for tests and styles: `data-participant`, `data-source`, `data-state`
 * (`connecting | playing | frozen | lost | off | audio | unwanted | unsupported`), `data-local`, `data-main`,
 * `data-speaking`, `data-path` (`link | relay | node`), `data-client` (`page | whip`).
 */
import { h, setAttribute, setText } from '../dom.js';
import { wordsOfTrouble } from '../encoder.js';
import { initial, tint } from '../format.js';
import { t } from '../i18n.js';
import { icon, setIcon } from '../icons.js';
import { wordsOf } from '../path.js';
import { Picture } from '../picture.js';
import { TileButtons } from './tile-buttons.js';
import { TileFigures } from './tile-figures.js';

/** @import { Figures } from '../lib/figures.js' */
/** @import { PictureQuality } from '../store.js' */
/** @import { Tile } from '../tiles.js' */
/** @import { Key } from '../i18n.js' */

/**
 * How a tile stands on the stage.
 * @typedef {object} Place
 * @property {boolean} main            it is the large one
 * @property {boolean} pinned
 * @property {boolean} alone           no other tile is there
 * @property {boolean} leads           of those of others, it stands for all
 * @property {boolean} speaking
 * @property {boolean} resting         nobody sees it, or only its sound is wanted: no frames come
 * @property {PictureQuality} quality   that was chosen
 * @property {boolean} measured        figures are to be shown
 * @property {Figures | null} figures
 * @property {{ full: string, short: string } | null} reception   what keeps pictures small, where this tile is to say it
 * @property {string} limit            what keeps this picture small, in words, or nothing
 * @property {boolean} soundAllowed    false until the person clicks, where the browser insists
 */

/** What lies over the picture in each state. @type {Partial<Record<string, Key>>} */
const MESSAGES = { frozen: 'tile.frozen', lost: 'tile.lost', unsupported: 'tile.unsupported' };

export class TileView extends HTMLElement {
  /** @type {Tile | null} */
  #tile = null;
  /** @type {Place | null} */
  #place = null;
  #picture = new Picture({
    changed: () => this.#showState(),
    shown: (track) => this.#tile?.local || this.#ask('shown', { track }),
    blocked: () => this.#ask('sound-blocked'),
  });
  #buttons = new TileButtons(this, this.#picture, {
    sound: () => this.#picture.silence(this.#wantsSilence()),
    pin: () => this.#ask('pin', { key: this.#tile?.key }),
    hide: () => this.#ask('self-view', { shown: false }),
    quality: (quality) => this.#ask('quality', { quality }),
    figures: () => this.#ask('figures'),
  });
  #figures = new TileFigures();

  connectedCallback() {
    if (this.querySelector('.tile-bar')) return;
    this.setAttribute('role', 'group');
    this.append(
      this.#picture.video,
      h('div', { class: 'tile-avatar', 'aria-hidden': 'true' }),
      h('p', { class: 'tile-message' }),
      h('div', { class: 'tile-top' },
        h('p', { class: 'tile-trouble', role: 'status', hidden: true, 'data-testid': 'tile-trouble' }, ...strip('warning')),
        h('p', { class: 'tile-reception', role: 'status', hidden: true, 'data-testid': 'reception' }, ...strip('signal')),
        this.#figures.element),
      h('div', { class: 'tile-bar' },
        h('span', { class: 'tile-name' }, icon('microphone-off'), h('span'), h('b', { class: 'tile-client', hidden: true, title: t('client.whip-title') }, t('client.whip')),
          h('span', { class: 'tile-path' }, icon('link'))),
        this.#buttons.element));
    this.addEventListener('click', (event) => this.#clicked(event));
  }

  disconnectedCallback() {
    // Moving a tile within the stage disconnects it for a moment only.
    queueMicrotask(() => !this.isConnected && this.#picture.stop());
  }

  get tile() {
    return this.#tile;
  }

  /** @param {Tile} tile @param {Place} place */
  show(tile, place) {
    this.#tile = tile;
    this.#place = place;
    this.dataset.participant = tile.participant;
    this.dataset.source = tile.source;
    setAttribute(this, 'data-local', tile.local);
    setAttribute(this, 'data-main', place.main);
    setAttribute(this, 'data-speaking', place.speaking);
    setAttribute(this, 'data-client', tile.client);
    this.#part('.tile-client').hidden = tile.client !== 'whip';
    this.#name(tile);
    this.#path(tile);
    this.#troubles(tile);
    this.#reception(place);
    this.#figures.show(place.measured && tile.hasPicture && !tile.local && !tile.unwanted, place.figures, place.limit);
    this.#avatar(tile.name);
    this.#buttons.show(tile, place);
    this.#picture.silence(this.#wantsSilence());
    this.#picture.resting = place.resting;
    this.#picture.show(tile.video, tile.audio, tile.source === 'camera' && !tile.local);
    this.#showState();
  }

  toggleSound() {
    this.#buttons.toggleSound();
  }

  toggleFullscreen() {
    this.#buttons.toggleFullscreen();
  }

  /** The picture itself is the largest button: once to pin, twice for the full screen. @param {MouseEvent} event */
  #clicked(event) {
    if (event.target instanceof Element && event.target.closest('.tile-buttons')) return;
    if (document.fullscreenElement !== this && !this.#place?.alone) this.#ask('pin', { key: this.#tile?.key });
    if (event.detail === 2) this.toggleFullscreen();
  }

  /** @param {Tile} tile */
  #name(tile) {
    const name = tile.local ? t('tile.you', { name: tile.name }) : tile.name;
    const screen = tile.local ? t('tile.your-screen') : t('tile.screen-of', { name });
    const label = tile.source === 'screen' ? screen : name;
    setAttribute(this, 'aria-label', label);
    setText(this.#part('.tile-name > span'), label);
    this.#part('.tile-name').classList.toggle('silent', tile.source !== 'screen' && (!tile.hasSound || tile.soundMuted));
  }

  /** @param {Tile} tile */
  #path({ path }) {
    setAttribute(this, 'data-path', path?.way ?? null);
    setAttribute(this.#part('.tile-name'), 'title', path && wordsOf(path));
    const mark = this.#part('.tile-path');
    mark.hidden = path?.way !== 'link' && path?.way !== 'relay';
    setIcon(mark, path?.way === 'relay' ? 'relay' : 'link');
  }

  /** The first trouble in words; the others follow when it is mended. @param {Tile} tile */
  #troubles({ troubles: [first] }) {
    const [words, short, params] = first ? wordsOfTrouble(first) : [];
    this.#strip('.tile-trouble', words && short ? { full: t(words, params), short: t(short, params) } : null);
    setAttribute(this.#part('.tile-trouble'), 'data-kind', first?.kind ?? null);
  }

  /** @param {Place} place */
  #reception({ reception }) {
    this.#strip('.tile-reception', reception);
  }

  /** @param {string} selector @param {{ full: string, short: string } | null} words */
  #strip(selector, words) {
    const strip = this.#part(selector);
    strip.hidden = !words;
    setText(this.#part(`${selector} .in-full`), words?.full ?? '');
    setText(this.#part(`${selector} .in-short`), words?.short ?? '');
    setAttribute(strip, 'title', words?.full ?? null);
  }

  #wantsSilence() {
    return Boolean(this.#tile?.local) || !this.#place?.soundAllowed || this.#buttons.silenced;
  }

  #showState() {
    const tile = this.#tile;
    if (!tile) return;
    const state = this.#stateOf(tile);
    this.dataset.state = state;
    const key = MESSAGES[state];
    setText(this.#part('.tile-message'), key ? t(key, { codec: tile.unsupported ?? '', name: tile.name }) : '');
  }

  /** @param {Tile} tile */
  #stateOf(tile) {
    if (tile.unsupported) return 'unsupported';
    if (!tile.connected) return 'lost';
    if (!tile.hasPicture) return 'audio';
    if (tile.pictureMuted) return 'off';
    if (tile.unwanted) return 'unwanted';
    if (!tile.video) return this.#picture.seen ? 'frozen' : 'connecting';
    if (!this.#picture.seen) return 'connecting';
    return this.#picture.stalled ? 'frozen' : 'playing';
  }

  /** @param {string} name */
  #avatar(name) {
    const avatar = this.#part('.tile-avatar');
    setText(avatar, initial(name));
    setAttribute(avatar, 'data-tint', String(tint(name)));
  }

  /** @param {string} wish @param {Record<string, unknown>} [detail] */
  #ask(wish, detail = {}) {
    this.dispatchEvent(new CustomEvent('rc-ask', { bubbles: true, detail: { wish, detail } }));
  }

  /** @param {string} selector @returns {HTMLElement} */
  #part(selector) {
    return /** @type {HTMLElement} */ (this.querySelector(selector));
  }
}
customElements.define('rc-tile', TileView);

/** A line over the picture, in full and, for small tiles, in short. @param {import('../icons.js').Icon} name */
function strip(name) {
  return [icon(name), h('span', { class: 'in-full' }), h('span', { class: 'in-short', 'aria-hidden': 'true' })];
}
