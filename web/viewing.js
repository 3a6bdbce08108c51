/**
 * What this page wants to receive: each picture as good as its size on the screen makes use of and
 * the person has chosen, and nothing that nobody sees.
 */
import { phaseOf } from './store.js';
import { tilesOf } from './tiles.js';

/** @import { Room } from './lib/room.js' */
/** @import { Preference, Quality } from './lib/types.js' */
/** @import { PictureQuality, State, Store } from './store.js' */

/** A picture on the stage, in pixels of the screen. @typedef {{ publication: number, seen: boolean, width: number, height: number, main: boolean }} Shown */

/** @type {Record<PictureQuality, Quality>} */
const QUALITY_OF = { auto: 'auto', high: 'high', medium: 'medium', low: 'low', sound: 'paused' };

export class Viewing {
  /** @type {Shown[]} */
  #shown = [];
  #told = '';
  #store;
  #room;

  /** @param {{ store: Store, room: Room }} options */
  constructor({ store, room }) {
    this.#store = store;
    this.#room = room;
    store.subscribe(() => this.#tell());
  }

  /** What the stage shows now. @param {Shown[]} shown */
  see(shown) {
    this.#shown = shown;
    this.#tell();
  }

  #tell() {
    const wanted = preferencesOf(this.#store.state, this.#shown);
    const text = JSON.stringify(wanted);
    if (text === this.#told) return;
    this.#told = text;
    this.#room.prefer(wanted);
  }
}

/** @param {State} state @param {Shown[]} shown @returns {Preference[]} */
export function preferencesOf(state, shown) {
  const chosen = QUALITY_OF[state.quality];
  // While the devices are checked there is no stage.
  const away = phaseOf(state) === 'setup';
  return tilesOf(state).flatMap(({ publication }) => {
    if (publication === null) return [];
    // What has not been laid out yet is about to be seen: the first frame is not to wait for that.
    const { seen = true, width = 0, height = 0, main = false } = shown.find((one) => one.publication === publication) ?? {};
    return [{ publication, quality: seen && !away ? chosen : 'paused', width, height, spotlight: main }];
  });
}
