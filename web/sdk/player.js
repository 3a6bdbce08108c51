/**
 * `<roomcast-player room src token muted controls>`: a room on any page, received over WHEP. It waits
 * until the room is live, comes back by itself, and says why when it may not be watched.
 *
 * Events: `playing`, `waiting` and `error` (`{ code, message }`), `statechange` (`{ state, code, message }`),
 * `volumechange`. `docs/SDK.md` is the manual.
 */
import { Flow } from '../lib/flow.js';
import { Whep } from '../lib/whep.js';
import { wishOf } from './keys.js';
import { messageOf } from './message.js';
import { addressOf } from './place.js';
import { Sound } from './sound.js';
import { Surface } from './surface.js';
import { speaker } from './words.js';

/** @import { WhepTracks } from '../lib/whep.js' */
/** @import { PlayerState, Reason } from './message.js' */
/** @import { Wish } from './surface.js' */

/** A connection that has brought nothing for so long brings nothing: nobody is live. Milliseconds. */
const NOTHING_AFTER = 1_500;

export class RoomcastPlayer extends HTMLElement {
  static observedAttributes = ['room', 'src', 'token', 'muted', 'controls'];

  /** @type {PlayerState} */
  #state = 'idle';
  /** @type {Reason} */
  #reason = null;
  /** @type {Whep | null} */
  #whep = null;
  /** @type {Flow | null} */
  #flow = null;
  /** @type {WhepTracks} */
  #tracks = { video: [], audio: [] };
  #played = false;
  #exchanged = false;
  #nothingYet = 0;
  #queued = false;
  #surface;
  #sound;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    const languages = [this.closest('[lang]')?.getAttribute('lang') ?? document.documentElement.lang, ...navigator.languages];
    this.#surface = new Surface(root, speaker(languages), (wish, value) => this.#do(wish, value));
    this.#sound = new Sound(root, () => this.#render());
    this.addEventListener('keydown', (event) => this.#key(event));
    this.addEventListener('fullscreenchange', () => this.#render());
  }

  connectedCallback() {
    addEventListener('online', this.#networkChanged);
    addEventListener('pagehide', this.#left);
    addEventListener('pageshow', this.#returned);
    if (this.#whep) this.#goOn();
    else this.#beginSoon();
  }

  disconnectedCallback() {
    removeEventListener('online', this.#networkChanged);
    removeEventListener('pagehide', this.#left);
    removeEventListener('pageshow', this.#returned);
    // A page that only moves the element puts it back at once.
    queueMicrotask(() => this.isConnected || this.#end('idle'));
  }

  /** @param {string} name @param {string | null} before @param {string | null} now */
  attributeChangedCallback(name, before, now) {
    if (before === now) return;
    if (name === 'muted') this.muted = now !== null;
    else if (name === 'controls') this.#render();
    else if (this.isConnected) this.#beginSoon();
  }

  /** What it does now. */
  get state() {
    return this.#state;
  }

  /** Why it waits or was refused: a code of the node and a sentence. */
  get reason() {
    return this.#reason;
  }

  get muted() {
    return this.#sound.muted;
  }

  set muted(muted) {
    this.#sound.muted = muted;
    this.#volumeChanged();
  }

  /** From 0 to 1. */
  get volume() {
    return this.#sound.volume;
  }

  set volume(volume) {
    this.#sound.volume = volume;
    this.#volumeChanged();
  }

  /** Begins again, after `stop` or a refusal. */
  play() {
    if (this.#whep && this.#state !== 'refused') this.#sound.play();
    else this.#begin();
  }

  /** Ends the session; nothing is received any more. */
  stop() {
    this.#end('stopped');
  }

  /** Needs a click of the person, as browsers want it. */
  async toggleFullscreen() {
    const { video } = this.#surface;
    if (document.fullscreenElement === this) await document.exitFullscreen();
    else if (this.requestFullscreen) await this.requestFullscreen();
    // Phones of Apple put only the video itself on the full screen.
    else /** @type {any} */ (video).webkitEnterFullscreen?.();
  }

  /** Needs a click of the person, as browsers want it. */
  async togglePictureInPicture() {
    const { video } = this.#surface;
    if (this.shadowRoot?.pictureInPictureElement) await document.exitPictureInPicture();
    else await video.requestPictureInPicture();
  }

  /** Attributes that are set one after the other begin one session. */
  #beginSoon() {
    if (this.#queued) return;
    this.#queued = true;
    queueMicrotask(() => {
      this.#queued = false;
      if (this.isConnected) this.#begin();
    });
  }

  /** Whatever is moved in a page stops playing. */
  #goOn() {
    this.#render();
    this.#sound.play();
  }

  #begin() {
    this.#end('idle');
    const room = this.getAttribute('room');
    if (!room) return;
    const url = addressOf(room, { src: this.getAttribute('src'), page: location, module: import.meta.url });
    if (typeof url !== 'string') return this.#become('refused', url);
    const whep = (this.#whep = new Whep({ url, token: this.getAttribute('token') }));
    whep.addEventListener('state', () => whep === this.#whep && this.#judge());
    whep.addEventListener('tracks', (event) => whep === this.#whep && this.#receive(/** @type {CustomEvent} */ (event).detail));
    whep.start();
  }

  /** @param {'idle' | 'stopped'} state */
  #end(state) {
    const whep = this.#whep;
    this.#whep = null;
    this.#surface.freeze();
    whep?.stop();
    this.#forget();
    clearTimeout(this.#nothingYet);
    this.#nothingYet = 0;
    this.#become(state, null);
  }

  /** There is nothing to be seen or heard any more. */
  #forget() {
    this.#flow?.stop();
    this.#flow = null;
    this.#tracks = { video: [], audio: [] };
    this.#sound.show([]);
  }

  /** @param {WhepTracks} tracks */
  #receive(tracks) {
    this.#tracks = tracks;
    this.#flow?.stop();
    this.#flow = this.#whep?.peer ? new Flow(this.#whep.peer) : null;
    this.#flow?.addEventListener('change', () => this.#judge());
  }

  /** What the session and what it brings come to. */
  #judge() {
    const { phase, reason } = this.#whep?.state ?? { phase: 'idle', reason: null };
    if (phase !== 'connected') {
      clearTimeout(this.#nothingYet);
      this.#nothingYet = 0;
      this.#surface.freeze();
      if (phase !== 'reconnecting') this.#forget();
      if (phase !== 'idle') this.#become(phase, reason);
    } else if (this.#arriving('video').length + this.#arriving('audio').length > 0) {
      clearTimeout(this.#nothingYet);
      this.#nothingYet = 0;
      this.#sound.show(this.#arriving('audio'));
      this.#played = true;
      this.#become('playing', null);
    } else if (this.#state === 'playing') {
      this.#become('waiting', NOT_LIVE);
    } else {
      this.#nothingYet ||= Number(setTimeout(() => this.#become('waiting', NOT_LIVE), NOTHING_AFTER));
    }
  }

  /** @param {'video' | 'audio'} kind */
  #arriving(kind) {
    return this.#tracks[kind].filter(({ id }) => this.#flow?.arriving.has(id));
  }

  /** @param {PlayerState} state @param {Reason} reason */
  #become(state, reason) {
    const same = state === this.#state && reason?.code === this.#reason?.code;
    [this.#state, this.#reason] = [state, reason];
    this.setAttribute('state', state);
    this.#render();
    if (same) return;
    this.#emit('statechange', { state, code: reason?.code ?? null, message: reason?.message ?? null });
    if (state === 'playing') this.#emit('playing', null);
    if (state === 'waiting') this.#emit('waiting', reason);
    if (state === 'refused') this.#emit('error', reason);
  }

  #render() {
    const [first = null, second = null] = this.#arriving('video');
    this.#surface.render({
      room: this.getAttribute('room') ?? '',
      playing: this.#state === 'playing',
      frozen: this.#state === 'connecting' || this.#state === 'reconnecting',
      message: messageOf(this.#state, this.#reason, { played: this.#played }),
      said: this.#reason?.message ?? '',
      pictures: this.#exchanged && second ? [second, first] : [first, second],
      audible: this.#arriving('audio').length > 0,
      blocked: this.#sound.blocked,
      muted: this.#sound.muted,
      volume: this.#sound.volume,
      controls: this.hasAttribute('controls'),
      fullscreen: document.fullscreenElement === this,
    });
  }

  /** @param {Wish} wish @param {number} [value] */
  #do(wish, value = 0) {
    switch (wish) {
      case 'sound':
        if (this.#sound.blocked && !this.muted) this.#sound.play();
        else this.muted = !this.muted;
        break;
      case 'unmute':
        this.#sound.play();
        break;
      case 'volume':
        this.volume = value;
        this.muted = value === 0;
        break;
      case 'retry':
        this.play();
        break;
      case 'exchange':
        this.#exchanged = !this.#exchanged;
        this.#render();
        break;
      case 'pip':
        this.togglePictureInPicture().catch(() => {});
        break;
      case 'fullscreen':
        this.toggleFullscreen().catch(() => {});
        break;
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (!this.hasAttribute('controls')) return;
    const focus = /** @type {Node} */ (event.composedPath()[0]);
    const wish = wishOf(event, { volume: this.volume, arrowsTaken: this.#surface.isVolume(focus) });
    if (!wish) return;
    this.#do(...wish);
    event.preventDefault();
  }

  #volumeChanged() {
    this.#render();
    this.#emit('volumechange', null);
  }

  #networkChanged = () => this.#whep?.networkChanged();

  #left = () => {
    if (this.#whep) this.#end('idle');
  };

  /** @param {PageTransitionEvent} event */
  #returned = ({ persisted }) => {
    if (persisted && this.#state === 'idle') this.#begin();
  };

  /** @param {string} type @param {unknown} detail */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** @type {Reason} */
const NOT_LIVE = { code: 'not-live', message: 'Nobody is live.' };
