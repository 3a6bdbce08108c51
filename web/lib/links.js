/**
 * The links of one participant, as the node lists them.
 */

/** @import { NoLink, Role, TroubleCause } from './types.js' */

/**
 * One of the others who can hold a link, and how they are received.
 * @typedef {object} LinkView
 * @property {string} participant
 * @property {string} name
 * @property {Role} role
 * @property {'link' | 'node' | 'connecting'} path   the way media comes now
 * @property {NoLink | null} why                     why it does not come by link
 * @property {TroubleCause | null} cause             with `why: 'failed'`: what went wrong, as far as it was seen here
 * @property {'host' | 'srflx' | 'prflx' | 'relay' | null} candidateType   of this side, of a link that is up
 */

export {};
