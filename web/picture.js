/**
 * Whether a video element really shows pictures, and the last of them kept on a canvas while the
 * element changes from one stream to the next.
 */

/** How often the frames are counted. Milliseconds. */
const LOOK_EVERY = 2_000;
/** So many looks without a new frame, and the picture counts as frozen. */
const STALLED_AFTER = 2;

export class PictureWatch {
  /** Whether a frame of any stream was shown. */
  seen = false;
  /** Whether frames have stopped coming. */
  stalled = false;
  #video;
  #still;
  #changed;
  #timer = 0;
  #frames = -1;
  #quiet = 0;

  /** @param {HTMLVideoElement} video @param {HTMLCanvasElement} still @param {() => void} changed */
  constructor(video, still, changed) {
    this.#video = video;
    this.#still = still;
    this.#changed = changed;
  }

  /** Keeps the present picture in view until the next stream has one. */
  keepStill() {
    const { videoWidth, videoHeight, readyState } = this.#video;
    if (videoWidth === 0 || readyState < 2) return;
    this.#still.width = videoWidth;
    this.#still.height = videoHeight;
    this.#still.getContext('2d')?.drawImage(this.#video, 0, 0);
    this.#still.hidden = false;
  }

  /** A new stream was set. @param {boolean} steady whether frames should keep coming */
  start(steady) {
    this.stop();
    this.#onFrame(() => {
      this.#still.hidden = true;
      this.seen = true;
      this.#changed();
    });
    if (steady) this.#timer = Number(setInterval(() => this.#look(), LOOK_EVERY));
  }

  stop() {
    clearInterval(this.#timer);
    this.#quiet = 0;
    this.stalled = false;
  }

  #look() {
    const frames = this.#video.getVideoPlaybackQuality?.().totalVideoFrames ?? 0;
    const waiting = frames === this.#frames && document.visibilityState === 'visible' && !this.#video.paused;
    this.#quiet = waiting ? this.#quiet + 1 : 0;
    this.#frames = frames;
    const stalled = this.#quiet >= STALLED_AFTER;
    if (stalled === this.stalled) return;
    this.stalled = stalled;
    this.#changed();
  }

  /** @param {() => void} run */
  #onFrame(run) {
    const video = this.#video;
    if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(run);
    else video.addEventListener('timeupdate', run, { once: true });
  }
}
