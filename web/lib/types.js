/**
 * The words of the signaling protocol as types: a mirror of the crate `roomcast-protocol`.
 * Nothing here runs. `docs/PROTOCOL.md` is the manual.
 */

/** @typedef {'camera' | 'microphone' | 'screen' | 'screen-audio'} Source */
/** @typedef {'opus' | 'vp8' | 'vp9' | 'h264' | 'av1'} Codec */
/** @typedef {'host' | 'speaker' | 'viewer'} Role */
/** How one participant receives another's publications. @typedef {'link' | 'node'} Path */
/** Why a pair has no link. @typedef {'failed' | 'size' | 'setting'} NoLink */
/** @typedef {'auto' | 'p2p' | 'sfu'} Topology */
/**
 * Why media does not get through.
 * @typedef {'no-udp' | 'only-relay' | 'turn-unreachable' | 'turn-refused' | 'no-candidates' | 'no-answer' | 'lost' | 'unknown'} TroubleCause
 */
/** @typedef {'publisher' | 'subscriber' | 'link'} TroublePlace */
/** What a participant takes part with: a page, or a program that publishes (WHIP) or plays (WHEP). @typedef {'page' | 'whip' | 'whep'} Client */
/**
 * What is wrong with a publication, as its owner can mend it.
 * @typedef {{ kind: 'no-key-frame' | 'b-frames' }
 *   | { kind: 'undecodable', codec: Codec }
 *   | { kind: 'loss', percent: number }} PublicationTrouble
 */

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
 * @property {Client} [client]      absent for a page
 * @property {Publication[]} publications
 */

/**
 * @typedef {object} RoomState
 * @property {string} name
 * @property {boolean} live
 * @property {number} [liveSince]   milliseconds since 1970
 * @property {boolean} chatOpen
 * @property {'live' | 'call'} kind
 * @property {Topology} topology       as it is set
 * @property {boolean} relayOnly       nobody is to learn another's address
 * @property {boolean} locked          newcomers are refused
 * @property {boolean} waitingRoom     newcomers wait for a host's word
 * @property {StageMember[]} stage
 */

/** What a host may change. @typedef {Partial<Pick<RoomState, 'locked' | 'waitingRoom' | 'topology' | 'relayOnly'>>} SettingsChange */

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
/** @typedef {{ participant: string, name: string }} NamedParticipant */
/** @typedef {{ mid: string, publication: number }} OfferedTrack */
/** @typedef {{ source: Source, muted: boolean }} AnnouncedTrack */
/**
 * One simulcast encoding: its `a=rid`, what it may use at most, in bits per second, and its size in pixels (0: not known).
 * @typedef {{ rid: string, bitrate: number, width: number, height: number }} PublishedLayer
 */
/** With `layers`: the lowest first. @typedef {{ mid: string, source: Source, muted: boolean, layers?: PublishedLayer[] }} PublishedTrack */

/** How good a received picture is to be at most; `paused`: not to come at all. @typedef {'auto' | 'low' | 'medium' | 'high' | 'paused'} Quality */
/**
 * How one received picture is wanted.
 * @typedef {object} Preference
 * @property {number} publication
 * @property {Quality} [quality]
 * @property {number} [width]        at which it is shown, in pixels of the screen; absent: not known
 * @property {number} [height]
 * @property {boolean} [spotlight]   it gets the bandwidth before others
 */
/** `limited`: some picture is lower than wanted. `poor`: it is seen and heard. @typedef {'good' | 'limited' | 'poor'} ReceptionStanding */
/**
 * How what the node sends arrives.
 * @typedef {object} Reception
 * @property {ReceptionStanding} standing
 * @property {number} [available]    what the network is found to carry, in bits per second
 * @property {number} lossPercent
 */
/** Someone whose reception is not good. @typedef {{ participant: string, name: string, reception: Reception }} StrugglingParticipant */

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
 * @property {RTCIceServer[]} iceServers
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
 * One of the others, as the node lists them.
 * @typedef {object} LinkEntry
 * @property {string} participant
 * @property {string} name
 * @property {Role} role
 * @property {boolean} silenced
 * @property {number} link       the number of the link; a new one is a new peer connection
 * @property {boolean} polite    this side gives way when both offer at once
 * @property {Path} path         `link`: a link is to be held
 * @property {NoLink} [why]      why there is none
 */

/** @typedef {{ mid: string, source: Source }} LinkTrack */

/**
 * What one side of a link says to the other: a description or a candidate (`null`: no more follow).
 * @typedef {object} LinkSignal
 * @property {{ type: 'offer' | 'answer' | 'rollback', sdp?: string }} [description]
 * @property {LinkTrack[]} [tracks]   with a description: what its sender's media sections carry
 * @property {RTCIceCandidateInit | null} [candidate]
 */

/** What data between two participants belongs to. @typedef {'chat' | 'file'} Stream */
/** @typedef {{ type: 'links', mesh: boolean, node: boolean, links: LinkEntry[] }} Links */

/**
 * @typedef {{ type: 'ok' | 'pong' | 'waiting', re?: number }
 *   | { type: 'error', re?: number, code: string, message: string }
 *   | { type: 'published' | 'watching', re?: number, sdp: string }
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
 *   | { type: 'role', role: Role }
 *   | { type: 'hand-lowered' }
 *   | Links
 *   | ({ type: 'link', from: string, link: number } & LinkSignal)
 *   | { type: 'direct', from: string, stream: Stream, data: string }
 *   | { type: 'hands', hands: NamedParticipant[] }
 *   | { type: 'waiting-list', participants: NamedParticipant[] }
 *   | { type: 'ice-servers', iceServers: RTCIceServer[] }
 *   | ({ type: 'reception' } & Reception)
 *   | { type: 'struggling', participants: StrugglingParticipant[], count: number }
 *   | { type: 'publication-trouble', participant: string, source: Source, trouble: PublicationTrouble, over: boolean }
 *   | { type: 'layers', source: Source, wanted: string[] }
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
 *   | { type: 'watch', sdp: string, fresh?: boolean }
 *   | { type: 'answer', offer: number, sdp: string }
 *   | { type: 'chat', text: string }
 *   | { type: 'rename', name: string }
 *   | { type: 'mute', participant: string, source: Source, muted: boolean }
 *   | { type: 'silence', participant: string, silenced: boolean }
 *   | { type: 'remove', participant: string }
 *   | { type: 'chat-open', open: boolean }
 *   | { type: 'audience', after?: string }
 *   | { type: 'announce', tracks: AnnouncedTrack[] }
 *   | ({ type: 'link', to: string, link: number } & LinkSignal)
 *   | { type: 'link-state', participant: string, link: number, state: 'connected' | 'failed', cause?: TroubleCause }
 *   | { type: 'relink', participant: string }
 *   | { type: 'prefer', pictures: Preference[] }
 *   | { type: 'receiving', participant: string, via: Path }
 *   | { type: 'direct', to: string[], stream: Stream, data: string }
 *   | { type: 'hand', raised: boolean, participant?: string }
 *   | { type: 'stage', participant: string, on: boolean }
 *   | ({ type: 'settings' } & SettingsChange)
 *   | { type: 'admit', participant: string, admitted: boolean }
 *   | { type: 'media-trouble', where: TroublePlace, participant?: string, cause: TroubleCause }} ClientMessage
 */

/**
 * @typedef {object} JoinParameters
 * @property {string} room
 * @property {string} name
 * @property {boolean} [open]
 * @property {string} [hostKey]
 * @property {string} [token]             a signed token that says who comes and what they may
 * @property {string} [resume]
 * @property {boolean} [links]            this client can hold links; the room says so by itself
 * @property {'live' | 'call'} [kind]     with `open`: what kind of room to open
 */

export {};
