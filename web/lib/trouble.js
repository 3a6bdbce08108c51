/**
 * Why media does not get through, as far as a browser can tell: what was gathered, what the servers
 * answered, and whether anything ever came back.
 */

/** @import { TroubleCause } from './types.js' */

/**
 * @typedef {object} Evidence
 * @property {boolean} connected       it was up once
 * @property {boolean} answered        the other side has described itself
 * @property {ReadonlySet<string>} own      types of this side's candidates
 * @property {number[]} errors         codes of ICE servers that failed: 701 when one does not answer
 * @property {boolean} relays          there are relays to use
 * @property {boolean} relayOnly       nothing but relays may be used
 * @property {boolean} servers         ICE servers of any kind were asked
 * @property {boolean} toNode          the other side is the node, which has an address for everyone
 */

/** "No answer from the server", of `icecandidateerror`. Lower codes are answers of it. */
const NO_ANSWER = 701;

/** @param {Evidence} evidence @returns {TroubleCause} */
export function causeOf({ connected, answered, own, errors, relays, relayOnly, servers, toNode }) {
  if (connected) return 'lost';
  if (!answered) return 'no-answer';
  const relayed = own.has('relay');
  if (relays && !relayed && errors.some((code) => code >= 400 && code < NO_ANSWER)) return 'turn-refused';
  if (relays && !relayed && errors.includes(NO_ANSWER)) return 'turn-unreachable';
  if (relayOnly && !relayed) return relays ? 'turn-unreachable' : 'only-relay';
  if (own.size === 0) return 'no-candidates';
  // The node is there, the page came from it; a server that does not answer was asked by UDP.
  if (toNode || (servers && !own.has('srflx') && errors.includes(NO_ANSWER))) return 'no-udp';
  return relays ? 'unknown' : 'only-relay';
}

/** Collects the evidence of one peer connection. */
export class Witness {
  /** @type {Set<string>} */
  #own = new Set();
  /** @type {number[]} */
  #errors = [];
  #connected = false;
  #peer;
  #toNode;

  /** @param {RTCPeerConnection} peer @param {{ toNode: boolean }} options */
  constructor(peer, { toNode }) {
    this.#peer = peer;
    this.#toNode = toNode;
    peer.addEventListener('icecandidate', ({ candidate }) => {
      if (candidate?.type) this.#own.add(candidate.type);
    });
    peer.addEventListener('icecandidateerror', (event) => {
      this.#errors = [...this.#errors, event.errorCode].slice(-MAX_ERRORS);
    });
    peer.addEventListener('connectionstatechange', () => {
      if (peer.connectionState === 'connected') this.#connected = true;
    });
  }

  /** @returns {TroubleCause} */
  get cause() {
    const { iceServers = [], iceTransportPolicy } = this.#peer.getConfiguration?.() ?? {};
    const urls = iceServers.flatMap((server) => server.urls);
    return causeOf({
      connected: this.#connected,
      answered: this.#peer.remoteDescription !== null,
      own: this.#own,
      errors: this.#errors,
      relays: urls.some((url) => /^turns?:/.test(url)),
      relayOnly: iceTransportPolicy === 'relay',
      servers: urls.length > 0,
      toNode: this.#toNode,
    });
  }
}

/** The last ones tell as much as all of them. */
const MAX_ERRORS = 32;
