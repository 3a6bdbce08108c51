/** What this browser remembers. Private windows may refuse: then nothing is remembered, and all works. */

/** @param {'localStorage' | 'sessionStorage'} kind */
function shelf(kind) {
  return {
    /** @param {string} key @returns {string | null} */
    read(key) {
      try {
        return globalThis[kind].getItem(`roomcast:${key}`);
      } catch {
        return null;
      }
    },
    /** @param {string} key @param {string | null} value  `null` forgets */
    write(key, value) {
      try {
        if (value === null) globalThis[kind].removeItem(`roomcast:${key}`);
        else globalThis[kind].setItem(`roomcast:${key}`, value);
      } catch {
        // Full or forbidden: the page goes on without a memory.
      }
    },
    /** The rest of every key that begins so. @param {string} prefix @returns {string[]} */
    list(prefix) {
      try {
        const whole = `roomcast:${prefix}`;
        return Object.keys(globalThis[kind]).filter((key) => key.startsWith(whole)).map((key) => key.slice(whole.length));
      } catch {
        return [];
      }
    },
  };
}

/** For good, in this browser. */
export const lasting = shelf('localStorage');
/** Until this tab is closed. */
export const passing = shelf('sessionStorage');

/** @param {string | null} text @returns {any} null when it cannot be read */
export function parsed(text) {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
