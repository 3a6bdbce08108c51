/** A picture watched frame by frame: how long the longest gap was, and whether it was ever black. */

/** @typedef {import('playwright-core').Page} Page */

/**
 * @typedef {object} Watched
 * @property {number[]} times     of the frames shown, in milliseconds since 1970
 * @property {number} longest     gap between two of them, milliseconds
 * @property {number} after       which of them came before that gap, counted from 0
 * @property {number} darkest     mean of the darkest picture seen, 0 to 255
 * @property {number} changes     how often another element took the place of the one that showed
 * @property {number} late        of these, how often the older track was gone before its picture was replaced
 * @property {number} missing     looks at which there was no tile or no picture in it
 */

/** Begins to watch the tile of somebody else. @param {Page} page @param {import('./media.js').Which} [which] */
export async function watchFrames(page, { source = 'camera', of } = {}) {
  await page.evaluate(begin, { source, of });
}

/** @param {Page} page @returns {Promise<Watched>} what was seen since `watchFrames` */
export async function framesSeen(page) {
  const { times, ...seen } = await page.evaluate(() => /** @type {any} */ (globalThis).watchedFrames);
  const gaps = times.slice(1).map((/** @type {number} */ time, /** @type {number} */ at) => time - times[at]);
  const longest = Math.max(0, ...gaps);
  return { times, longest, after: gaps.indexOf(longest), ...seen };
}

/** Runs in the page. @param {{ source: string, of?: string }} which */
function begin({ source, of }) {
  const watched = { times: /** @type {number[]} */ ([]), darkest: 255, changes: 0, late: 0, missing: 0 };
  /** @type {any} */ (globalThis).watchedFrames = watched;
  const known = new WeakSet();
  const canvas = Object.assign(document.createElement('canvas'), { width: 16, height: 9 });
  const brush = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));

  const tile = () => {
    const stage = /** @type {any} */ (globalThis).roomcast.store.state.room.room?.stage ?? [];
    const person = stage.find((/** @type {any} */ member) => member.name === of)?.participant;
    const all = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(`rc-tile[data-source="${source}"]:not([data-local])`));
    return [...all].find(({ dataset }) => of === undefined || dataset.participant === person);
  };
  /** @param {HTMLVideoElement} video */
  const follow = (video) => {
    if (known.has(video)) return;
    known.add(video);
    const shown = (/** @type {number} */ now) => {
      // Which element is in front is decided by then.
      requestAnimationFrame(() => video.hasAttribute('data-front') && watched.times.push(performance.timeOrigin + now));
      video.requestVideoFrameCallback(shown);
    };
    video.requestVideoFrameCallback(shown);
  };
  /** Runs right after the page has exchanged the two, before anything else can happen to the older track. @param {HTMLVideoElement} older */
  const changed = (older) => {
    watched.changes += 1;
    const track = /** @type {MediaStream | null} */ (older.srcObject)?.getVideoTracks()[0];
    // Make before break: what was shown still came when it was replaced.
    if (!track || track.readyState === 'ended' || track.muted) watched.late += 1;
  };
  new MutationObserver((records) => {
    const here = tile();
    for (const { target } of records) {
      if (target instanceof HTMLVideoElement && !target.hasAttribute('data-front') && here?.contains(target)) changed(target);
    }
  }).observe(document, { subtree: true, attributeFilter: ['data-front'] });
  const look = () => {
    const here = tile();
    for (const video of here?.querySelectorAll('video') ?? []) follow(video);
    const front = /** @type {HTMLVideoElement | null | undefined} */ (here?.querySelector('video[data-front]'));
    if (!front || front.videoWidth === 0) {
      watched.missing += 1;
    } else {
      brush.drawImage(front, 0, 0, 16, 9);
      const { data } = brush.getImageData(0, 0, 16, 9);
      const light = data.reduce((sum, value, at) => (at % 4 === 3 ? sum : sum + value), 0) / (16 * 9 * 3);
      watched.darkest = Math.min(watched.darkest, light);
    }
    requestAnimationFrame(look);
  };
  look();
}
