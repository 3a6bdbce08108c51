/**
 * Files between participants: offered, accepted, sent in chunks, put together again. It is given a
 * way to send to one participant and knows neither connections nor the page.
 *
 * Events: `change` (`FileTransfer[]`, all of them, oldest first, each a new object when it changed).
 */

/**
 * How one transfer stands.
 * - `offered`: the receiver has not said anything yet
 * - `moving`: on its way
 * - `done`: whole at the receiver
 * - `declined`: the receiver does not want it
 * - `cancelled`: stopped by this side
 * - `stopped`: stopped by the other side
 * - `failed`: could not be brought over, see `fault`
 * @typedef {'offered' | 'moving' | 'done' | 'declined' | 'cancelled' | 'stopped' | 'failed'} TransferState
 */
/** `left`: the other side is gone, or its page was loaded anew. @typedef {'too-large' | 'left' | 'unreadable' | 'broken'} TransferFault */

/**
 * @typedef {object} FileTransfer
 * @property {string} id
 * @property {'out' | 'in'} direction
 * @property {string} participant      the one at the other side
 * @property {string} group            the same for all receivers of one file
 * @property {string} name             safe to save under: no path, no control characters
 * @property {number} size             bytes
 * @property {string} type             MIME type, perhaps empty
 * @property {number} moved            bytes so far
 * @property {TransferState} state
 * @property {TransferFault | null} fault
 * @property {Blob | null} blob        the file, once an incoming one is done
 */

export {};
