/** How loud a microphone is. Give it a track; it moves by itself. */
import { h } from '../dom.js';
import { t } from '../i18n.js';
import { openMeter } from '../lib/level.js';

/** Bars in the meter. */
const BARS = 12;

export class MeterElement extends HTMLElement {
  /** @type {MediaStreamTrack | null} */
  #track = null;
  /** @type {import('../lib/level.js').Meter | null} */
  #meter = null;
  #frame = 0;

  connectedCallback() {
    this.setAttribute('role', 'img');
    this.setAttribute('aria-label', t('setup.level'));
    if (this.childElementCount === 0) this.append(...Array.from({ length: BARS }, () => h('span')));
    this.#start();
  }

  disconnectedCallback() {
    this.#stop();
  }

  /** @param {MediaStreamTrack | null} track */
  set track(track) {
    if (track === this.#track) return;
    this.#track = track;
    if (this.isConnected) this.#start();
  }

  #start() {
    this.#stop();
    if (!this.#track) return;
    this.#meter = openMeter(this.#track);
    const tick = () => {
      this.#show(this.#meter?.read() ?? 0);
      this.#frame = requestAnimationFrame(tick);
    };
    tick();
  }

  #stop() {
    cancelAnimationFrame(this.#frame);
    this.#meter?.stop();
    this.#meter = null;
    this.#show(0);
  }

  /** @param {number} level */
  #show(level) {
    const lit = Math.round(level * BARS);
    [...this.children].forEach((bar, at) => bar.classList.toggle('lit', at < lit));
  }
}
customElements.define('rc-meter', MeterElement);
