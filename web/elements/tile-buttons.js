/** What one can do with a tile: pin it, its sound, picture in picture, the full screen. */
import { h, setAttribute } from '../dom.js';
import { t } from '../i18n.js';
import { icon, setIcon } from '../icons.js';
import { qualityButton } from './quality-choice.js';

/** @import { PictureQuality } from '../store.js' */
/** @import { Tile } from '../tiles.js' */
/** @import { Picture } from '../picture.js' */
/** @import { Place } from './tile.js' */
/** @import { Icon } from '../icons.js' */

export class TileButtons {
  element;
  /** Whether the person turned this tile's sound off. */
  silenced = false;
  #tile;
  #picture;
  #acts;
  #quality;
  #figures;
  #pin;
  #hide;
  #sound;
  #volume;
  #pip;
  #full;

  /**
   * @param {HTMLElement} tile @param {Picture} picture
   * @param {{ sound: () => void, pin: () => void, hide: () => void, quality: (quality: PictureQuality) => void, figures: () => void }} acts
   * `sound`: it was switched
   */
  constructor(tile, picture, acts) {
    this.#tile = tile;
    this.#picture = picture;
    this.#acts = acts;
    this.#quality = qualityButton(acts.quality);
    this.#figures = button('tile-figures-toggle', 'figures', t('tile.figures'), acts.figures);
    this.#pin = button('tile-pin', 'pin', t('tile.pin'), acts.pin);
    this.#hide = button('tile-hide', 'eye-off', t('tile.hide-self'), acts.hide);
    this.#sound = button('tile-sound', 'volume', t('tile.mute'), () => this.toggleSound());
    this.#volume = h('input', {
      class: 'volume', type: 'range', min: 0, max: 1, step: 0.05, value: 1, 'aria-label': t('tile.volume'),
      oninput: () => this.#setVolume(),
    });
    this.#pip = button('tile-pip', 'pip', t('tile.pip'), () => this.#togglePip());
    this.#full = button('tile-fullscreen', 'fullscreen', t('tile.fullscreen'), () => this.toggleFullscreen());
    this.element = h('div', { class: 'tile-buttons' }, this.#hide, this.#sound, this.#volume, this.#quality, this.#figures, this.#pip, this.#pin, this.#full);
  }

  /** @param {Tile} tile @param {Place} place */
  show(tile, { alone, pinned, leads, quality, measured }) {
    const audible = tile.hasSound && !tile.local;
    this.#sound.hidden = !audible;
    this.#volume.hidden = !audible;
    // What holds for all pictures is chosen on the one that stands for all. A link has one quality only.
    this.#quality.hidden = !leads || !tile.hasPicture || (tile.path?.way !== 'node' && quality !== 'sound');
    const select = /** @type {HTMLSelectElement} */ (this.#quality.querySelector('select'));
    if (select.value !== quality) select.value = quality;
    this.#figures.hidden = !leads || !tile.hasPicture;
    setAttribute(this.#figures, 'aria-pressed', String(measured));
    this.#pip.hidden = !tile.hasPicture || !document.pictureInPictureEnabled;
    this.#full.hidden = !tile.hasPicture;
    this.#pin.hidden = alone;
    this.#hide.hidden = alone || !tile.local || tile.source === 'screen';
    setAttribute(this.#pin, 'aria-pressed', String(pinned));
    relabel(this.#pin, pinned ? 'pin-off' : 'pin', t(pinned ? 'tile.unpin' : 'tile.pin'));
  }

  toggleSound() {
    if (this.#sound.hidden) return;
    this.silenced = !this.silenced;
    relabel(this.#sound, this.silenced ? 'volume-off' : 'volume', t(this.silenced ? 'tile.unmute' : 'tile.mute'));
    this.#acts.sound();
  }

  toggleFullscreen() {
    const video = /** @type {any} */ (this.#picture.video);
    if (document.fullscreenElement) document.exitFullscreen();
    else if (this.#tile.requestFullscreen) this.#tile.requestFullscreen().catch(() => {});
    // Phones of Apple put only the video itself on the full screen.
    else video.webkitEnterFullscreen?.();
  }

  #setVolume() {
    const volume = Number(this.#volume.value);
    this.#picture.volume = volume;
    if (this.silenced !== (volume === 0)) this.toggleSound();
  }

  #togglePip() {
    const { video } = this.#picture;
    if (document.pictureInPictureElement === video) document.exitPictureInPicture();
    else video.requestPictureInPicture().catch(() => {});
  }
}

/** @param {string} id @param {Icon} name @param {string} label @param {() => void} act */
function button(id, name, label, act) {
  return h('button', { class: 'tile-button', type: 'button', 'data-testid': id, 'aria-label': label, title: label, onclick: act }, icon(name));
}

/** @param {HTMLElement} button @param {Icon} name @param {string} label */
function relabel(button, name, label) {
  setAttribute(button, 'aria-label', label);
  setAttribute(button, 'title', label);
  setIcon(button, name);
}
