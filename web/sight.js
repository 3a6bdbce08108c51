/**
 * Which of the tiles can be seen, and how large their pictures are on the screen. What follows from
 * that is for others to decide.
 *
 * Seen is a tile that is within the window and not scrolled away, on a page that is in front; or one
 * that fills the screen or floats in a window of its own, wherever the page is.
 */

/** In pixels, of whatever kind. @typedef {{ width: number, height: number }} Size */

/** Whoever scrolls past or looks into another tab comes back at once, mostly. Milliseconds. */
const UNSEEN_AFTER = 3_000;
/** Most cameras', until the first frame tells. */
const USUAL_SHAPE = 16 / 9;
/** Layers of one picture have nearly one shape: told apart, each change of layer would be another size. */
const SHAPE_STEP = 0.04;

export class Sight {
  /** Those that are looked at, and whether the window has them. @type {Map<HTMLElement, { within: boolean, seen: boolean, timer: number }>} */
  #tiles = new Map();
  /** The window in which a picture floats. @type {(Size & EventTarget) | null} */
  #apart = null;
  #changed;
  #sizes = new ResizeObserver(() => this.#changed());
  #places = new IntersectionObserver((entries) => this.#moved(entries));
  #look = () => this.#judge();
  #floats = (/** @type {Event} */ event) => {
    this.#apart = event.type === 'enterpictureinpicture' ? /** @type {any} */ (event).pictureInPictureWindow : null;
    this.#apart?.addEventListener('resize', () => this.#changed());
    this.#judge();
    this.#changed();
  };

  /** @param {() => void} changed   something is seen now, or not any more, or in another size */
  constructor(changed) {
    this.#changed = changed;
  }

  /** @param {HTMLElement} root around all tiles */
  begin(root) {
    for (const type of PAGE_EVENTS) document.addEventListener(type, this.#look);
    for (const type of APART_EVENTS) root.addEventListener(type, this.#floats, true);
    for (const type of FULL_EVENTS) root.addEventListener(type, this.#look, true);
    // Of a video: its picture has another shape. It does not bubble.
    root.addEventListener('resize', () => this.#changed(), true);
  }

  stop() {
    for (const type of PAGE_EVENTS) document.removeEventListener(type, this.#look);
    this.follow([]);
  }

  /** Looks at these, and at no others. @param {Iterable<HTMLElement>} tiles */
  follow(tiles) {
    const wanted = new Set(tiles);
    for (const [tile, { timer }] of this.#tiles) {
      if (wanted.has(tile)) continue;
      clearTimeout(timer);
      this.#sizes.unobserve(tile);
      this.#places.unobserve(tile);
      this.#tiles.delete(tile);
    }
    const added = [...wanted].filter((tile) => !this.#tiles.has(tile));
    for (const tile of added) {
      this.#tiles.set(tile, { within: true, seen: true, timer: 0 });
      this.#sizes.observe(tile);
      this.#places.observe(tile);
    }
    if (added.length > 0) this.#judge();
  }

  /** @param {HTMLElement} tile */
  sees(tile) {
    return this.#tiles.get(tile)?.seen ?? true;
  }

  /** How large its picture is shown. @param {HTMLElement} tile @returns {Size} in pixels of the screen, which may be finer than those of the page */
  sizeOf(tile) {
    const video = frontOf(tile);
    const box = this.#apart && isApart(video) ? this.#apart : { width: tile.clientWidth, height: tile.clientHeight };
    const shape = video && video.videoHeight > 0 ? video.videoWidth / video.videoHeight : USUAL_SHAPE;
    const covers = video !== null && !isApart(video) && getComputedStyle(video).objectFit === 'cover';
    const { width, height } = shownSize(box, shape, covers);
    return { width: Math.round(width * devicePixelRatio), height: Math.round(height * devicePixelRatio) };
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #moved(entries) {
    for (const { target, isIntersecting } of entries) {
      const entry = this.#tiles.get(/** @type {HTMLElement} */ (target));
      if (entry) entry.within = isIntersecting;
    }
    this.#judge();
  }

  /** What comes into sight is seen at once; what goes out of it, after a while. */
  #judge() {
    let better = false;
    for (const [tile, entry] of this.#tiles) {
      const now = isInSight(tile, entry.within);
      if (now) {
        clearTimeout(entry.timer);
        better ||= !entry.seen;
        Object.assign(entry, { seen: true, timer: 0 });
      } else if (entry.seen && !entry.timer) {
        entry.timer = Number(setTimeout(() => this.#lost(entry), UNSEEN_AFTER));
      }
    }
    if (better) this.#changed();
  }

  /** @param {{ seen: boolean, timer: number }} entry */
  #lost(entry) {
    Object.assign(entry, { seen: false, timer: 0 });
    this.#changed();
  }
}

const PAGE_EVENTS = ['visibilitychange', 'fullscreenchange'];
const APART_EVENTS = ['enterpictureinpicture', 'leavepictureinpicture'];
/** Of Apple's phones, which put only the video itself on the full screen. */
const FULL_EVENTS = ['webkitbeginfullscreen', 'webkitendfullscreen'];

/** @param {HTMLElement} tile @param {boolean} within the window */
function isInSight(tile, within) {
  const video = frontOf(tile);
  if (isApart(video) || /** @type {any} */ (video)?.webkitDisplayingFullscreen) return true;
  // What fills the screen hides all others, and is seen even where browsers think of the page as hidden.
  if (document.fullscreenElement) return document.fullscreenElement === tile;
  return within && document.visibilityState === 'visible';
}

/** @param {HTMLElement} tile */
function frontOf(tile) {
  return /** @type {HTMLVideoElement | null} */ (tile.querySelector('video[data-front]'));
}

/** @param {HTMLVideoElement | null} video */
function isApart(video) {
  return video !== null && document.pictureInPictureElement === video;
}

/**
 * How large a whole picture comes out in a box.
 * @param {Size} box @param {number} shape width by height of the picture
 * @param {boolean} covers whether it fills the box and is cut, else it fits into it
 * @returns {Size}
 */
export function shownSize(box, shape, covers) {
  const steady = Math.max(1, Math.round(shape / SHAPE_STEP)) * SHAPE_STEP;
  const wide = box.width / Math.max(1, box.height) > steady;
  return wide === covers ? { width: box.width, height: box.width / steady } : { width: box.height * steady, height: box.height };
}
