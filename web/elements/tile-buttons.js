/** The buttons on a tile: sound and volume, picture-in-picture, full screen. */
import { h, setAttribute } from '../dom.js';
import { t } from '../i18n.js';
import { icon, setIcon } from '../icons.js';

/** @import { Tile } from '../tiles.js' */

export class TileButtons {
  /** Whether the person silenced this tile. */
  silenced = false;
  element;
  #tile;
  #video;
  #changed;
  #sound;
  #volume;
  #pip;
  #full;

  /** @param {HTMLElement} tile @param {HTMLVideoElement} video @param {() => void} changed  the sound was switched */
  constructor(tile, video, changed) {
    this.#tile = tile;
    this.#video = video;
    this.#changed = changed;
    const button = (/** @type {string} */ id, /** @type {any} */ name, /** @type {string} */ label, /** @type {() => void} */ act) =>
      h('button', { class: 'tile-button', type: 'button', 'data-testid': id, 'aria-label': label, title: label, onclick: act }, icon(name));
    this.#sound = button('tile-sound', 'volume', t('tile.mute'), () => this.toggleSound());
    this.#volume = h('input', {
      class: 'volume', type: 'range', min: 0, max: 1, step: 0.05, value: 1, 'aria-label': t('tile.volume'),
      oninput: () => this.#setVolume(),
    });
    this.#pip = button('tile-pip', 'pip', t('tile.pip'), () => this.#togglePip());
    this.#full = button('tile-fullscreen', 'fullscreen', t('tile.fullscreen'), () => this.toggleFullscreen());
    this.element = h('div', { class: 'tile-buttons' }, this.#sound, this.#volume, this.#pip, this.#full);
  }

  /** @param {Tile} tile */
  show(tile) {
    const audible = tile.hasSound && !tile.local;
    this.#sound.hidden = !audible;
    this.#volume.hidden = !audible;
    this.#pip.hidden = !tile.hasPicture || !document.pictureInPictureEnabled;
    this.#full.hidden = !tile.hasPicture;
  }

  toggleSound() {
    if (this.#sound.hidden) return;
    this.silenced = !this.silenced;
    const label = t(this.silenced ? 'tile.unmute' : 'tile.mute');
    setAttribute(this.#sound, 'aria-label', label);
    setAttribute(this.#sound, 'title', label);
    setIcon(this.#sound, this.silenced ? 'volume-off' : 'volume');
    this.#changed();
  }

  toggleFullscreen() {
    const video = /** @type {any} */ (this.#video);
    if (document.fullscreenElement) document.exitFullscreen();
    else if (this.#tile.requestFullscreen) this.#tile.requestFullscreen().catch(() => {});
    // Phones of Apple put only the video itself on the full screen.
    else video.webkitEnterFullscreen?.();
  }

  #setVolume() {
    this.#video.volume = Number(this.#volume.value);
    if (this.silenced !== (this.#video.volume === 0)) this.toggleSound();
  }

  #togglePip() {
    if (document.pictureInPictureElement === this.#video) document.exitPictureInPicture();
    else this.#video.requestPictureInPicture().catch(() => {});
  }
}
