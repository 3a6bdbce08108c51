/** Waiting for something to become true: with a deadline, and with the last state in the complaint. */

/** How often is looked. Milliseconds. */
const EVERY = 150;

/**
 * @template T
 * @param {string} what                       what is waited for, for the complaint
 * @param {() => T | Promise<T>} look         gives the present state
 * @param {(state: T) => unknown} [holds]     whether that is the one; without it, any truthy state
 * @param {number} [within]                   milliseconds
 * @returns {Promise<T>} the state that fits
 */
export async function until(what, look, holds = Boolean, within = 20_000) {
  const deadline = Date.now() + within;
  let last;
  for (;;) {
    try {
      last = await look();
      if (holds(last)) return last;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) {
      const state = last instanceof Error ? `${last.message} ${last.cause ?? ''}` : JSON.stringify(last);
      throw new Error(`${what}: not within ${within / 1000} s; last seen: ${state}`);
    }
    await new Promise((resolve) => setTimeout(resolve, EVERY));
  }
}
