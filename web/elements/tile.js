/**
 * One tile of the stage: a person or a screen, with its sound. It keeps the last picture while a
 * new connection is made, and falls back to silence where the browser refuses sound.
 *
 * Attributes for tests and styles: `data-participant`, `data-source`, `data-state`
 * (`connecting | playing | frozen | lost | off | audio | unsupported`), `data-local`.
 */
import { h, setAttribute, setText } from '../dom.js';
import { initial, tint } from '../format.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { PictureWatch } from '../picture.js';
import { TileButtons } from './tile-buttons.js';

/** @import { Tile } from '../tiles.js' */
/** @import { Key } from '../i18n.js' */

/** What lies over the picture in each state. @type {Partial<Record<string, Key>>} */
const MESSAGES = { frozen: 'tile.frozen', lost: 'tile.lost', unsupported: 'tile.unsupported' };

export class TileView extends HTMLElement {
  /** @type {Tile | null} */
  #tile = null;
  #video = h('video', { playsinline: true });
  #still = h('canvas', { class: 'tile-still', hidden: true, 'aria-hidden': 'true' });
  #watch = new PictureWatch(this.#video, this.#still, () => this.#showState());
  #buttons = new TileButtons(this, this.#video, () => this.#play());
  #soundAllowed = true;

  connectedCallback() {
    if (this.childElementCount > 0) return;
    this.setAttribute('role', 'group');
    this.append(this.#video, this.#still,
      h('div', { class: 'tile-avatar', 'aria-hidden': 'true' }),
      h('p', { class: 'tile-message' }),
      h('div', { class: 'tile-bar' },
        h('span', { class: 'tile-name' }, icon('microphone-off'), h('span')),
        this.#buttons.element));
    this.addEventListener('dblclick', (event) => event.target === this.#video && this.toggleFullscreen());
  }

  disconnectedCallback() {
    // Moving a tile within the stage disconnects it for a moment only.
    queueMicrotask(() => !this.isConnected && this.#watch.stop());
  }

  get tile() {
    return this.#tile;
  }

  /** @param {Tile} tile @param {boolean} soundAllowed false until the person clicks, where the browser insists */
  show(tile, soundAllowed) {
    this.#tile = tile;
    this.#soundAllowed = soundAllowed;
    this.dataset.participant = tile.participant;
    this.dataset.source = tile.source;
    setAttribute(this, 'data-local', tile.local);
    const name = tile.local ? t('tile.you', { name: tile.name }) : tile.name;
    const screen = tile.local ? t('tile.your-screen') : t('tile.screen-of', { name });
    const label = tile.source === 'screen' ? screen : name;
    setAttribute(this, 'aria-label', label);
    setText(this.#part('.tile-name span'), label);
    this.#part('.tile-name').classList.toggle('silent', tile.source !== 'screen' && (!tile.hasSound || tile.soundMuted));
    this.#avatar(tile.name);
    this.#buttons.show(tile);
    this.#attach(tile);
    this.#showState();
  }

  toggleSound() {
    this.#buttons.toggleSound();
  }

  toggleFullscreen() {
    this.#buttons.toggleFullscreen();
  }

  /** @param {Tile} tile */
  #attach(tile) {
    const wanted = [tile.video, tile.audio].filter((track) => track !== null);
    const stream = /** @type {MediaStream | null} */ (this.#video.srcObject);
    const have = stream?.getTracks() ?? [];
    const same = wanted.length === have.length && wanted.every((track) => have.includes(track));
    // Without tracks, the last picture is better than none.
    if (wanted.length === 0 || (same && !this.#muteDiffers())) return;
    if (!same) {
      if (stream?.getVideoTracks()[0] !== tile.video) this.#watch.keepStill();
      this.#video.srcObject = new MediaStream(wanted);
      this.#watch.start(tile.source === 'camera' && !tile.local);
    }
    this.#play();
  }

  #muteDiffers() {
    return this.#video.muted !== this.#wantsSilence() || this.#video.paused;
  }

  #wantsSilence() {
    return Boolean(this.#tile?.local) || !this.#soundAllowed || this.#buttons.silenced;
  }

  async #play() {
    const video = this.#video;
    video.muted = this.#wantsSilence();
    try {
      await video.play();
    } catch (error) {
      if (/** @type {DOMException} */ (error).name !== 'NotAllowedError' || video.muted) return;
      video.muted = true;
      this.dispatchEvent(new CustomEvent('rc-ask', { bubbles: true, detail: { wish: 'sound-blocked', detail: {} } }));
      video.play().catch(() => {});
    }
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
    if (!tile.video) return this.#watch.seen ? 'frozen' : 'connecting';
    if (!this.#watch.seen) return 'connecting';
    return this.#watch.stalled ? 'frozen' : 'playing';
  }

  /** @param {string} name */
  #avatar(name) {
    const avatar = this.#part('.tile-avatar');
    setText(avatar, initial(name));
    setAttribute(avatar, 'data-tint', String(tint(name)));
  }

  /** @param {string} selector @returns {HTMLElement} */
  #part(selector) {
    return /** @type {HTMLElement} */ (this.querySelector(selector));
  }
}
customElements.define('rc-tile', TileView);

