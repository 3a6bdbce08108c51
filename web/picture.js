/**
 * The picture of a tile, without a gap when its track changes: the video element that shows stays
 * until another one, hidden behind it, has a frame of the new track. At rest there is one element;
 * the one that shows has `data-front`.
 */
import { h } from './dom.js';

/** How often the frames are counted. Milliseconds. */
const LOOK_EVERY = 2_000;
/** So many looks without a new frame, and the picture counts as frozen. */
const STALLED_AFTER = 2;

export class Picture {
  /** Whether a frame of any track was shown. */
  seen = false;
  /** Whether frames have stopped coming. */
  stalled = false;
  #front;
  /** The one that waits for its first frame. @type {HTMLVideoElement | null} */
  #back = null;
  #changed;
  #shown;
  #blocked;
  #silent = true;
  #volume = 1;
  #timer = 0;
  #frames = -1;
  #quiet = 0;
  #resting = false;

  /**
   * @param {object} options
   * @param {() => void} options.changed     `seen` or `stalled` is new
   * @param {(track: MediaStreamTrack) => void} options.shown   a first frame of it is on screen
   * @param {() => void} options.blocked     the browser refuses sound until a click
   */
  constructor({ changed, shown, blocked }) {
    this.#changed = changed;
    this.#shown = shown;
    this.#blocked = blocked;
    this.#front = h('video', { playsinline: true, 'data-front': true });
  }

  /** The element that shows now; whoever made this puts the first one into the page. */
  get video() {
    return this.#front;
  }

  /** @param {number} volume 0 to 1 */
  set volume(volume) {
    this.#volume = volume;
    this.#front.volume = volume;
  }

  /** While it rests, no frames are asked for and none are missed: the last one stays. @param {boolean} resting */
  set resting(resting) {
    this.#resting = resting;
  }

  /**
   * @param {MediaStreamTrack | null} video @param {MediaStreamTrack | null} audio
   * @param {boolean} steady whether frames should keep coming
   */
  show(video, audio, steady) {
    // Without tracks, the last picture is better than none.
    if (!video && !audio) return;
    const target = this.#back ?? this.#front;
    const before = streamOf(target)?.getVideoTracks()[0] ?? null;
    // Sound alone is to be played as well, though its picture is and was none.
    const begun = streamOf(this.#front) !== null;
    if (begun && before === video) {
      exchangeSound(target, audio);
      if (target !== this.#front) exchangeSound(this.#front, audio);
    } else if (begun && video === (streamOf(this.#front)?.getVideoTracks()[0] ?? null)) {
      // It changed back before the other one was ready.
      this.#dropBack();
      exchangeSound(this.#front, audio);
    } else if (this.seen && video && !this.#isApart()) {
      this.#bringUp(video, audio, steady);
    } else {
      this.#dropBack();
      this.#begin(this.#front, video, audio);
      this.#awaitFrame(this.#front, () => this.#saw(steady));
    }
    this.#goOn();
  }

  /** Whether it is shown in a window of its own, which closes with its element. */
  #isApart() {
    const root = /** @type {Document | ShadowRoot} */ (this.#front.getRootNode());
    return root.pictureInPictureElement === this.#front;
  }

  /** @param {boolean} silent */
  silence(silent) {
    this.#silent = silent;
    this.#goOn();
  }

  #goOn() {
    const over = streamOf(this.#front)?.getVideoTracks()[0]?.readyState === 'ended';
    if (this.#front.muted !== this.#silent || (this.#front.paused && !over)) this.play();
  }

  /** Plays, with its sound where the browser lets it. */
  async play() {
    const video = this.#front;
    if (!video.srcObject) return;
    video.muted = this.#silent;
    try {
      await video.play();
    } catch (error) {
      if (/** @type {DOMException} */ (error).name !== 'NotAllowedError' || video.muted) return;
      video.muted = true;
      this.#blocked();
      video.play().catch(() => {});
    }
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = 0;
    this.#quiet = 0;
    this.stalled = false;
  }

  /** Prepares the next picture out of sight. @param {MediaStreamTrack} video @param {MediaStreamTrack | null} audio @param {boolean} steady */
  #bringUp(video, audio, steady) {
    this.#dropBack();
    // A muted camera never has a frame, and its owner is to be heard all the same.
    exchangeSound(this.#front, audio);
    const back = h('video', { playsinline: true });
    this.#back = back;
    this.#front.after(back);
    back.muted = true;
    this.#begin(back, video, audio);
    back.play().catch(() => {});
    this.#awaitFrame(back, () => back === this.#back && this.#swap(steady));
  }

  /** @param {boolean} steady */
  #swap(steady) {
    const old = this.#front;
    const next = /** @type {HTMLVideoElement} */ (this.#back);
    this.#back = null;
    this.#front = next;
    next.volume = this.#volume;
    next.dataset.front = '';
    old.removeAttribute('data-front');
    old.muted = true;
    this.play();
    // The frame is presented with the next drawing of the page; until then the old one is needed.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      old.remove();
      old.srcObject = null;
    }));
    this.#saw(steady);
  }

  /** @param {boolean} steady */
  #saw(steady) {
    this.stop();
    this.seen = true;
    this.#frames = -1;
    if (steady) this.#timer = Number(setInterval(() => this.#look(), LOOK_EVERY));
    const track = streamOf(this.#front)?.getVideoTracks()[0];
    if (track) this.#shown(track);
    this.#changed();
  }

  #dropBack() {
    this.#back?.remove();
    if (this.#back) this.#back.srcObject = null;
    this.#back = null;
  }

  /** @param {HTMLVideoElement} element @param {MediaStreamTrack | null} video @param {MediaStreamTrack | null} audio */
  #begin(element, video, audio) {
    element.srcObject = new MediaStream([video, audio].filter((track) => track !== null));
    // A track that ends leaves black behind, a paused element its last picture.
    video?.addEventListener('ended', () => streamOf(element)?.getVideoTracks()[0] === video && element.pause());
  }

  #look() {
    const frames = this.#front.getVideoPlaybackQuality?.().totalVideoFrames ?? 0;
    const waiting = frames === this.#frames && document.visibilityState === 'visible' && !this.#front.paused && !this.#resting;
    this.#quiet = waiting ? this.#quiet + 1 : 0;
    this.#frames = frames;
    const stalled = this.#quiet >= STALLED_AFTER;
    if (stalled === this.stalled) return;
    this.stalled = stalled;
    this.#changed();
  }

  /** @param {HTMLVideoElement} video @param {() => void} run */
  #awaitFrame(video, run) {
    if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(run);
    else video.addEventListener('timeupdate', run, { once: true });
  }
}

/** @param {HTMLVideoElement} element @returns {MediaStream | null} */
function streamOf(element) {
  return /** @type {MediaStream | null} */ (element.srcObject);
}

/** Another sound to the same picture. @param {HTMLVideoElement} element @param {MediaStreamTrack | null} audio */
function exchangeSound(element, audio) {
  const stream = streamOf(element);
  const before = stream?.getAudioTracks()[0] ?? null;
  if (!stream || before === audio) return;
  if (audio) stream.addTrack(audio);
  if (before) stream.removeTrack(before);
}
