/** Files that are dropped anywhere on the page of a room are sent; nothing dropped leads away from it. */

/** @import { Store } from './store.js' */

/**
 * @param {Store} store
 * @param {(name: string, detail: Record<string, unknown>) => void} ask
 */
export function listenToDrops(store, ask) {
  const inside = () => document.body.hasAttribute('data-inside');
  const carries = (/** @type {DragEvent} */ event) => Boolean(event.dataTransfer?.types.includes('Files'));
  const show = (/** @type {boolean} */ dragging) => {
    if (store.state.dragging !== dragging) store.dispatch('set', { dragging });
  };
  addEventListener('dragover', (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    if (inside()) show(true);
  });
  addEventListener('dragleave', (event) => {
    // Only when the pointer leaves the window: moving over a child leaves its parent, too.
    if (event.relatedTarget === null) show(false);
  });
  addEventListener('drop', (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    show(false);
    const files = [...(event.dataTransfer?.files ?? [])];
    if (inside() && files.length > 0) ask('send-files', { files });
  });
}
