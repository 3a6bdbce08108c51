/**
 * The voices of a room: an audio element for each, because browsers do not agree on what one element
 * with several tracks plays. Sound that the browser refuses waits for a click.
 */
import { h } from '../dom.js';

export class Sound {
  /** Whether the browser wants a click before it plays anything. */
  blocked = false;
  #muted = false;
  #volume = 1;
  /** @type {Map<MediaStreamTrack, HTMLAudioElement>} */
  #voices = new Map();
  #place;
  #changed;

  /** @param {Node} place where the elements go @param {() => void} changed `blocked` is new */
  constructor(place, changed) {
    this.#place = place;
    this.#changed = changed;
  }

  /** What is to be heard now. @param {readonly MediaStreamTrack[]} tracks */
  show(tracks) {
    for (const [track, voice] of this.#voices) if (!tracks.includes(track)) this.#drop(track, voice);
    for (const track of tracks) if (!this.#voices.has(track)) this.#add(track);
  }

  get muted() {
    return this.#muted;
  }

  set muted(muted) {
    this.#muted = muted;
    for (const voice of this.#voices.values()) voice.muted = muted;
    this.play();
  }

  get volume() {
    return this.#volume;
  }

  /** From 0 to 1. */
  set volume(volume) {
    this.#volume = Math.min(1, Math.max(0, volume));
    for (const voice of this.#voices.values()) voice.volume = this.#volume;
  }

  /** Plays whatever does not play yet: to be called from a click where the browser wants one. */
  async play() {
    const started = [...this.#voices.values()].filter(({ paused }) => paused).map((voice) => voice.play());
    const results = await Promise.allSettled(started);
    const refused = results.some((result) => result.status === 'rejected' && result.reason.name === 'NotAllowedError');
    const all = [...this.#voices.values()].every(({ paused }) => !paused);
    if (refused) this.#become(true);
    else if (all) this.#become(false);
  }

  /** @param {MediaStreamTrack} track */
  #add(track) {
    const voice = h('audio');
    Object.assign(voice, { muted: this.#muted, volume: this.#volume, srcObject: new MediaStream([track]) });
    this.#voices.set(track, voice);
    this.#place.appendChild(voice);
    this.play();
  }

  /** @param {MediaStreamTrack} track @param {HTMLAudioElement} voice */
  #drop(track, voice) {
    this.#voices.delete(track);
    voice.srcObject = null;
    voice.remove();
  }

  /** @param {boolean} blocked */
  #become(blocked) {
    if (blocked === this.blocked) return;
    this.blocked = blocked;
    this.#changed();
  }
}
