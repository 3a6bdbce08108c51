/** What the player shows: its pictures, its words, its buttons. State in, wishes out. */
import { h, setAttribute, setText } from '../dom.js';
import { icon, setIcon } from '../icons.js';
import { Picture } from '../picture.js';
import { style } from './style.js';

/** @import { Icon } from '../icons.js' */
/** @import { Message } from './message.js' */
/** @import { speaker } from './words.js' */

/**
 * @typedef {object} Shown
 * @property {string} room
 * @property {boolean} playing
 * @property {boolean} frozen         what was seen last stays while it is looked for
 * @property {Message | null} message
 * @property {string} said             what the node said, for a message that quotes it
 * @property {(MediaStreamTrack | null)[]} pictures   the large one, and the small one beside it
 * @property {boolean} audible         there is sound
 * @property {boolean} blocked         the browser wants a click before it plays sound
 * @property {boolean} muted
 * @property {number} volume
 * @property {boolean} controls
 * @property {boolean} fullscreen
 */

/** @typedef {'sound' | 'unmute' | 'volume' | 'pip' | 'fullscreen' | 'retry' | 'exchange'} Wish */

export class Surface {
  #root;
  #t;
  #frame;
  #pictures;
  #places;
  #title = h('p', { class: 'title' });
  #text = h('p', { class: 'text' });
  #spinner = h('div', { class: 'spinner', 'aria-hidden': 'true' });
  #retry;
  #message;
  #only;
  #tap;
  #live;
  #sound;
  #volume;
  #pip;
  #full;
  #bar;

  /**
   * @param {ShadowRoot} root @param {ReturnType<typeof speaker>} t
   * @param {(wish: Wish, value?: number) => void} ask
   */
  constructor(root, t, ask) {
    this.#root = root;
    this.#t = t;
    const silent = { changed: () => {}, shown: () => {}, blocked: () => {} };
    this.#pictures = [new Picture(silent), new Picture(silent)];
    this.#places = [
      h('div', { class: 'picture', part: 'picture', hidden: true, ondblclick: () => this.#bar.hidden || ask('fullscreen') }, this.#pictures[0].video),
      h('button', { class: 'picture', part: 'small', type: 'button', hidden: true, 'data-small': true, 'aria-label': t('exchange'), title: t('exchange'), onclick: () => ask('exchange') }, this.#pictures[1].video),
    ];
    this.#retry = h('button', { class: 'pill retry', type: 'button', onclick: () => ask('retry') }, t('try-again'));
    this.#message = h('div', { class: 'message', part: 'message', role: 'status' }, this.#spinner, this.#title, this.#text, this.#retry);
    this.#only = h('div', { class: 'only' }, icon('volume'), t('sound-only'));
    this.#tap = h('button', { class: 'pill tap', part: 'unmute', type: 'button', onclick: () => ask('unmute') }, icon('volume-off'), t('tap-for-sound'));
    this.#live = h('div', { class: 'live', part: 'live' }, t('live'));
    this.#sound = button('sound', 'volume', () => ask('sound'));
    this.#volume = h('input', { type: 'range', min: 0, max: 1, step: 0.05, 'aria-label': t('volume'), oninput: () => ask('volume', Number(this.#volume.value)) });
    this.#pip = button('pip', 'pip', () => ask('pip'), t('pip'));
    this.#full = button('fullscreen', 'fullscreen', () => ask('fullscreen'));
    this.#bar = h('div', { class: 'bar', part: 'controls' }, this.#sound, this.#volume, h('span', { class: 'space' }), this.#pip, this.#full);
    this.#frame = h('div', { class: 'frame', role: 'region', tabindex: 0 }, ...this.#places, this.#only, this.#message, this.#live, this.#tap, this.#bar);
    root.adoptedStyleSheets = [style()];
    root.replaceChildren(this.#frame);
  }

  /** The element that shows the large picture. */
  get video() {
    return this.#pictures[0].video;
  }

  /** Keeps the last picture as it is: what brought it has gone. */
  freeze() {
    for (const picture of this.#pictures) picture.video.pause();
  }

  /** @param {Shown} shown */
  render(shown) {
    setAttribute(this.#frame, 'aria-label', this.#t('player', { room: shown.room }));
    this.#renderPictures(shown);
    this.#renderMessage(shown);
    this.#live.hidden = !shown.playing || !shown.controls;
    this.#tap.hidden = !(shown.playing && shown.audible && shown.blocked && !shown.muted);
    this.#renderControls(shown);
  }

  /** @param {Shown} shown */
  #renderPictures({ pictures, playing, frozen, audible }) {
    this.#only.hidden = !(playing && audible && pictures[0] === null);
    if (frozen) return;
    pictures.forEach((track, at) => {
      this.#pictures[at].show(track, null, false);
      this.#places[at].hidden = track === null;
    });
  }

  /** @param {Shown} shown */
  #renderMessage({ message, said }) {
    this.#message.hidden = message === null;
    if (!message) return;
    setText(this.#title, this.#t(message.title));
    setText(this.#text, message.text ? this.#t(message.text, { message: said }) : '');
    this.#text.hidden = message.text === null;
    this.#retry.hidden = !message.retry;
    this.#spinner.hidden = message.retry || message.title === 'idle';
  }

  /** @param {Shown} shown */
  #renderControls({ controls, message, muted, volume, blocked, fullscreen, pictures }) {
    // A message that offers something to press has the place for itself.
    this.#bar.hidden = !controls || Boolean(message?.retry);
    const silent = muted || blocked || volume === 0;
    relabel(this.#sound, silent ? 'volume-off' : 'volume', this.#t(silent ? 'sound-on' : 'sound-off'));
    setAttribute(this.#sound, 'aria-pressed', String(silent));
    this.#volume.value = String(muted ? 0 : volume);
    this.#pip.hidden = !document.pictureInPictureEnabled || pictures[0] === null;
    relabel(this.#full, 'fullscreen', this.#t(fullscreen ? 'fullscreen-off' : 'fullscreen'));
  }

  /** @param {Node} element whether it is one that takes arrow keys for itself */
  isVolume(element) {
    return element === this.#volume;
  }

  /** Where elements that nobody sees go. */
  get root() {
    return this.#root;
  }
}

/** @param {string} id @param {Icon} name @param {() => void} act @param {string} [label] */
function button(id, name, act, label = '') {
  return h('button', { type: 'button', class: id, part: id, 'aria-label': label, title: label, onclick: act }, icon(name));
}

/** @param {HTMLElement} element @param {Icon} name @param {string} label */
function relabel(element, name, label) {
  setAttribute(element, 'aria-label', label);
  setAttribute(element, 'title', label);
  setIcon(element, name);
}
