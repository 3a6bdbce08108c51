/** Why a device could not be opened, in words that say what to do next. */

/** @import { Key } from './i18n.js' */

/** @type {Record<string, Key>} */
const FAULTS = {
  denied: 'setup.denied', cancelled: 'setup.denied', missing: 'setup.missing', busy: 'setup.busy', failed: 'setup.failed',
};

/** @param {string} fault as `captureFault` names it @returns {Key} with a place for the device */
export function faultKey(fault) {
  return FAULTS[fault] ?? 'setup.failed';
}
