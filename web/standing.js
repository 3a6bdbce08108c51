/** Where one stands in the room, and with it which of the page's parts are of use. */
import { phaseOf } from './store.js';

/** @import { State } from './store.js' */

/** Phases in which one is in the room. */
const INSIDE = ['waiting', 'setup', 'watching', 'live'];

/** @param {State} state */
export function standing(state) {
  const { me, room } = state.room;
  const phase = phaseOf(state);
  const inside = INSIDE.includes(phase);
  const call = room?.kind === 'call';
  const host = me?.role === 'host';
  const viewer = me?.role === 'viewer';
  return {
    phase, inside, call, host, viewer,
    speaker: me?.role === 'speaker',
    live: phase === 'live',
    /** Whether the people panel is of use: a viewer of a show gets no list of the others. */
    people: inside && (host || me?.role === 'speaker' || call),
    /** Whether there is anything to hold in hand. */
    controls: inside && phase !== 'setup' && (!viewer || call || phase === 'watching'),
  };
}
