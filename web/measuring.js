/** Reads how pictures arrive, for as long as someone wants to see it. */

/** @import { Room } from './lib/room.js' */
/** @import { Store } from './store.js' */

/** People read no faster. Milliseconds. */
const READ_EVERY = 1_000;

/** @param {Store} store @param {Room} room */
export function measureWhileShown(store, room) {
  let timer = 0;
  const read = async () => {
    if (document.visibilityState === 'hidden') return;
    const figures = await room.measure();
    // Meanwhile nobody may want to see them any more.
    if (store.state.figures) store.dispatch('set', { figures });
  };
  store.subscribe(({ figures }) => {
    if ((figures !== null) === (timer !== 0)) return;
    clearInterval(timer);
    timer = figures ? Number(setInterval(read, READ_EVERY)) : 0;
    if (timer) read();
  });
}
