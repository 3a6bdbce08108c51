/**
 * The words of the signaling protocol as types: a mirror of the crate `roomcast-protocol`.
 * Nothing here runs. `docs/PROTOCOL.md` is the manual.
 */

/** @typedef {'camera' | 'microphone' | 'screen' | 'screen-audio'} Source */
/** @typedef {'opus' | 'vp8' | 'vp9' | 'h264' | 'av1'} Codec */
/** @typedef {'host' | 'speaker' | 'viewer'} Role */

/**
 * @typedef {object} Publication
 * @property {number} publication
 * @property {Source} source
 * @property {boolean} muted        by its owner
 * @property {boolean} mutedByHost
 */

/**
 * @typedef {object} StageMember
 * @property {string} participant
 * @property {string} name
 * @property {'host' | 'speaker'} role
 * @property {boolean} connected    false while the connection is lost and may be resumed
 * @property {Publication[]} publications
 */

/**
 * @typedef {object} RoomState
 * @property {string} name
 * @property {boolean} live
 * @property {number} [liveSince]   milliseconds since 1970
 * @property {boolean} chatOpen
 * @property {StageMember[]} stage
 */

/**
 * @typedef {object} ChatMessage
 * @property {number} number        in the room, rising by one
 * @property {number} at            milliseconds since 1970
 * @property {string} participant
 * @property {string} name
 * @property {boolean} host
 * @property {string} text          plain text
 */

/** @typedef {{ participant: string, name: string, silenced: boolean }} AudienceMember */
/** @typedef {{ mid: string, publication: number }} OfferedTrack */
/** @typedef {{ mid: string, source: Source, muted: boolean }} PublishedTrack */

/**
 * @typedef {object} Welcome
 * @property {'welcome'} type
 * @property {number} [re]
 * @property {number} version
 * @property {string} server
 * @property {string} participant
 * @property {string} name
 * @property {Role} role
 * @property {string} resume
 * @property {number} resumeSeconds
 * @property {boolean} resumed
 * @property {string} [hostKey]     only for the one who opened the room
 * @property {RoomState} room
 * @property {number} audience
 * @property {ChatMessage[]} chat
 * @property {string[]} [origins]      for hosts: where others reach this node
 * @property {{ urls: string[] }[]} iceServers
 */

/** @typedef {{ type: 'offer', offer: number, sdp: string, tracks: OfferedTrack[], fresh: boolean }} Offer */

/**
 * @typedef {object} Subscription
 * @property {'subscription'} type
 * @property {number} publication
 * @property {'playing' | 'codec-unsupported'} state
 * @property {Codec} [codec]
 */

/**
 * @typedef {{ type: 'ok' | 'pong', re?: number }
 *   | { type: 'error', re?: number, code: string, message: string }
 *   | { type: 'published', re?: number, sdp: string }
 *   | { type: 'audience-page', re?: number, participants: AudienceMember[], more: boolean }
 *   | Welcome} Answer
 */

/**
 * @typedef {Answer
 *   | ({ type: 'room' } & RoomState)
 *   | { type: 'audience-count', count: number }
 *   | { type: 'chat', message: ChatMessage }
 *   | Offer
 *   | Subscription
 *   | { type: 'session-closed', session: 'publisher' | 'subscriber', code: string, message: string }
 *   | { type: 'goodbye', code: string, message: string }} ServerMessage
 */

/**
 * What a client asks; `signaling.js` adds the `id`.
 * @typedef {{ type: 'join', version: number } & JoinParameters
 *   | { type: 'publish', sdp: string, tracks: PublishedTrack[], fresh: boolean }
 *   | { type: 'unpublish' | 'end' | 'leave' | 'ping' }
 *   | { type: 'track-muted', source: Source, muted: boolean }
 *   | { type: 'subscribe', restartIce?: boolean }
 *   | { type: 'answer', offer: number, sdp: string }
 *   | { type: 'chat', text: string }
 *   | { type: 'rename', name: string }
 *   | { type: 'mute', participant: string, source: Source, muted: boolean }
 *   | { type: 'silence', participant: string, silenced: boolean }
 *   | { type: 'remove', participant: string }
 *   | { type: 'chat-open', open: boolean }
 *   | { type: 'audience', after?: string }} ClientMessage
 */

/**
 * @typedef {object} JoinParameters
 * @property {string} room
 * @property {string} name
 * @property {boolean} [open]
 * @property {string} [hostKey]
 * @property {string} [resume]
 */

export {};
