/** Time as it is given to whatever waits, so that tests need not. */

/**
 * @typedef {object} Clock
 * @property {() => number} now                                  milliseconds
 * @property {(run: () => void, after: number) => number} after  milliseconds; gives a ticket
 * @property {(ticket: number) => void} cancel
 */

/** @type {Clock} */
export const realClock = {
  now: () => performance.now(),
  after: (run, after) => Number(setTimeout(run, after)),
  cancel: (ticket) => clearTimeout(ticket),
};
