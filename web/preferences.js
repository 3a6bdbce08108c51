/** What a person chose for this browser: it is remembered, and holds in every room. */
import { lasting } from './storage.js';

/** @import { PictureQuality, Store, State } from './store.js' */

/** @typedef {'selfView' | 'checkFirst' | 'relayOnly'} Preference */

/** Under which key each is kept, and what holds until it is chosen. @type {Record<Preference, { key: string, usual: boolean }>} */
const PREFERENCES = {
  selfView: { key: 'self-view', usual: true },
  checkFirst: { key: 'check-first', usual: false },
  relayOnly: { key: 'relay-only', usual: false },
};

/** How good pictures may be, the best first. @type {readonly PictureQuality[]} */
export const QUALITIES = ['auto', 'high', 'medium', 'low', 'sound'];

/** @returns {Pick<State, Preference | 'quality'>} */
export function rememberedPreferences() {
  const read = (/** @type {Preference} */ name) => {
    const kept = lasting.read(PREFERENCES[name].key);
    return kept === null ? PREFERENCES[name].usual : kept === 'yes';
  };
  const kept = lasting.read('quality');
  const quality = QUALITIES.find((one) => one === kept) ?? 'auto';
  return { selfView: read('selfView'), checkFirst: read('checkFirst'), relayOnly: read('relayOnly'), quality };
}

/** @param {Store} store @param {Preference} name @param {boolean} on */
export function prefer(store, name, on) {
  lasting.write(PREFERENCES[name].key, on ? 'yes' : 'no');
  store.dispatch('set', { [name]: on });
}

/** @param {Store} store @param {PictureQuality} quality */
export function chooseQuality(store, quality) {
  lasting.write('quality', quality);
  store.dispatch('set', { quality });
}
