/**
 * The answers of the HTTP API that the dashboard reads. Nothing here runs; `/api/v1/openapi.json` is the
 * manual. Times are milliseconds since 1970, counters rise for as long as their session lives.
 */

/** @import { Client, Codec, PublicationTrouble, Role, Source, Topology } from '../lib/types.js' */

/** @template T @typedef {{ items: T[], next?: string }} Page */

/**
 * @typedef {object} Server
 * @property {string} version
 * @property {number} uptimeSeconds
 * @property {number} rooms
 * @property {number} participants
 * @property {number} sessions
 * @property {Record<string, number>} limits
 * @property {Record<string, number>} traffic
 */

/**
 * The figures of ten seconds.
 * @typedef {object} Point
 * @property {number} at
 * @property {number} rooms
 * @property {number} participants
 * @property {number} sessions
 * @property {number} bitsIn     each second
 * @property {number} bitsOut    each second
 * @property {number} lost       datagrams for which there was no room
 * @property {number} [cpu]      cores in use by media
 */

/** @typedef {{ every: number, points: Point[] }} History */
/** @typedef {{ at: number, room: string, participant: string, name?: string, place: string, cause: string, other?: string, otherName?: string }} ConnectionTrouble */

/**
 * @typedef {object} RoomItem
 * @property {string} name
 * @property {'live' | 'call'} kind
 * @property {boolean} live
 * @property {number} [liveSince]
 * @property {boolean} inUse
 * @property {number} participants
 * @property {number} onStage
 * @property {number} [waiting]      who wait to be let in
 * @property {boolean} locked
 * @property {boolean} waitingRoom
 * @property {boolean} chatOpen
 * @property {Topology} [topology]
 * @property {boolean} relayOnly
 */

/** @typedef {{ publication: number, source: Source, muted: boolean, mutedByHost: boolean }} ListedPublication */

/**
 * @typedef {object} Participant
 * @property {string} participant
 * @property {string} name
 * @property {Role} role
 * @property {Client} client
 * @property {string} [identity]
 * @property {boolean} connected
 * @property {boolean} silenced
 * @property {boolean} hand
 * @property {ListedPublication[]} publications
 * @property {({ source: Source } & PublicationTrouble)[]} troubles
 */

/** Bits a second. @typedef {{ rid: string, width?: number, height?: number, bitrate: number }} Layer */
/** @typedef {{ publication: number, codec?: Codec, bytes: number, packets: number, lost: number, jitterMs?: number, keyFrames: number, layers: Layer[] }} Track */

/**
 * @typedef {object} Session
 * @property {string} session
 * @property {string} [participant]
 * @property {string} [name]
 * @property {'publisher' | 'subscriber'} kind
 * @property {'new' | 'up' | 'lost'} state
 * @property {'direct' | 'relay' | 'relay-tcp'} [path]
 * @property {number} [roundTripMs]
 * @property {number} [available] bits a second that the way to a receiver is found to carry
 * @property {number} bytesIn
 * @property {number} bytesOut
 * @property {number} packetsIn
 * @property {number} packetsOut
 * @property {number} lostIn
 * @property {number} lostOut
 * @property {number} keyFramesAsked
 * @property {number} keyFramesWanted
 * @property {Track[]} tracks
 */

/** @typedef {{ id: string, name: string, createdAt: number }} ApiKey */
/** @typedef {{ id: string, name: string, takeover: boolean, createdAt: number, lastUsedAt?: number }} StreamKey */
/** @typedef {{ id: string, url: string, events?: string[], rooms?: string[], enabled: boolean, createdAt: number }} Webhook */

/**
 * @typedef {object} Delivery
 * @property {string} id
 * @property {string} event
 * @property {string} room
 * @property {number} createdAt
 * @property {number} attempts
 * @property {'waiting' | 'delivered' | 'failed'} state
 * @property {number} [lastStatus]
 * @property {string} [lastError]
 * @property {number} [nextAt]
 */

export {};
