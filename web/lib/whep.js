/**
 * Receives a room over WHEP, without joining it: a session for the browser's part of it, kept up
 * through losses of the network and of the node, and waiting while the room is not open.
 *
 * The browser offers what it can take: two pictures (a screen, and the camera beside it) and several
 * voices. The node fills these sections with what is on stage and changes that by itself.
 *
 * Events: `state` ({@link WhepState}), `tracks` ({@link WhepTracks}, with each new session).
 */
import { Backoff } from './backoff.js';
import { realClock } from './clock.js';
import { PeerWatch } from './peer.js';
import { fragmentOf, withFragment } from './sdp-fragment.js';
import { withStereo } from './sdp.js';
import { Trickle } from './trickle.js';
import { Witness } from './trouble.js';
import { openSession, WhepRefused } from './whep-session.js';

/** @import { Clock } from './clock.js' */
/** @import { WhepAddress, WhepAnswer, WhepSession } from './whep-session.js' */

/**
 * `idle`: nothing wanted. `connecting`: the first way in. `connected`: what the room has arrives.
 * `reconnecting`: it was lost, and comes back. `waiting`: the room cannot be watched now, and is asked
 * for again. `refused`: for good, until something is changed.
 * @typedef {'idle' | 'connecting' | 'connected' | 'reconnecting' | 'waiting' | 'refused'} WhepPhase
 */
/** `reason`: a code of the node (`docs/ERRORS.md`), `unreachable`, `browser`, or a `TroubleCause`. @typedef {{ phase: WhepPhase, reason: { code: string, message: string } | null }} WhepState */
/** In the order in which the node fills them. @typedef {{ video: MediaStreamTrack[], audio: MediaStreamTrack[] }} WhepTracks */

/** A screen, and the camera beside it. */
const PICTURES = 2;
/** More people than this seldom speak at once; the node sends those who come first. */
const VOICES = 4;
/** An answer that takes longer will not come. Milliseconds. */
const ANSWER_WITHIN = 15_000;
/** A connection that was left stays no longer than this. Milliseconds. */
const LEAVE_WITHIN = 1_000;
/** So many sessions in a row without a connection mean that something blocks the way. */
const BLOCKED_AFTER = 2;

/** What passes by itself, for the room and for whoever is locked out of it. */
const PASSING = new Set(['room-unknown', 'room-ended', 'room-full', 'room-locked', 'node-full', 'waiting-full']);

export class Whep extends EventTarget {
  /** @type {WhepState} */
  state = { phase: 'idle', reason: null };
  /** @type {RTCPeerConnection | null} */
  peer = null;
  /** @type {WhepSession | null} */
  #session = null;
  /** The description that the node gave last. */
  #answer = '';
  /** @type {PeerWatch | null} */
  #watch = null;
  /** @type {Trickle | null} */
  #trickle = null;
  /** @type {Witness | null} */
  #witness = null;
  /** @type {AbortController | null} */
  #asking = null;
  /** @type {RTCIceServer[]} */
  #iceServers = [];
  #failures = 0;
  #wasConnected = false;
  #retry = 0;
  #address;
  #createPeer;
  #clock;
  #backoff;

  /**
   * @param {WhepAddress & {
   *   createPeer?: (configuration: RTCConfiguration) => RTCPeerConnection, clock?: Clock, random?: () => number,
   * }} options   `url`: of the room's WHEP endpoint; `token`: what lets one in, if the node wants it
   */
  constructor({ url, token, fetch, createPeer = (configuration) => new RTCPeerConnection(configuration), clock = realClock, random }) {
    super();
    this.#address = { url, token, fetch };
    this.#createPeer = createPeer;
    this.#clock = clock;
    this.#backoff = new Backoff({ random });
  }

  /** Begins, or begins again after `stop` or a refusal. */
  start() {
    if (this.state.phase !== 'idle' && this.state.phase !== 'refused') return;
    this.#wasConnected = false;
    this.#backoff.reset();
    this.#become('connecting');
    this.#open();
  }

  /** Ends the session, here and at the node. */
  stop() {
    this.#become('idle');
    this.#close();
  }

  /** The network changed: look for a new path before the old one is known to be dead. */
  networkChanged() {
    if (this.state.phase === 'connected') this.#restart();
    else if (this.#retry) this.#open();
  }

  async #open() {
    this.#close();
    const peer = this.#prepare();
    const asking = (this.#asking = new AbortController());
    const late = this.#clock.after(() => asking.abort(), ANSWER_WITHIN);
    try {
      const sdp = await offered(peer);
      const answer = await openSession(this.#address, sdp, asking.signal);
      if (peer !== this.peer) answer.session.end();
      else await this.#take(peer, answer);
    } catch (error) {
      if (peer === this.peer) this.#failed(error);
    } finally {
      this.#clock.cancel(late);
    }
  }

  #prepare() {
    // A session at the node needs no help where UDP gets through.
    const peer = this.#createPeer({ bundlePolicy: 'max-bundle', iceServers: this.#failures > 0 ? this.#iceServers : [] });
    this.peer = peer;
    for (let at = 0; at < PICTURES; at += 1) peer.addTransceiver('video', { direction: 'recvonly' });
    for (let at = 0; at < VOICES; at += 1) peer.addTransceiver('audio', { direction: 'recvonly' });
    this.#trickle = new Trickle(peer, { clock: this.#clock });
    this.#witness = new Witness(peer, { toNode: true });
    return peer;
  }

  /** @param {RTCPeerConnection} peer @param {WhepAnswer} answer */
  async #take(peer, { sdp, iceServers, session }) {
    this.#session = session;
    this.#iceServers = iceServers;
    this.#answer = sdp;
    this.#watch = new PeerWatch(peer, {
      connected: () => this.#connected(),
      needsRestart: () => this.#restart(),
      needsFresh: () => this.#pathFailed(),
    }, { clock: this.#clock });
    await peer.setRemoteDescription({ type: 'answer', sdp });
    if (peer !== this.peer) return;
    if (session.patches) this.#trickle?.begin((candidates, ended) => this.#tell(peer, candidates, ended));
    this.dispatchEvent(new CustomEvent('tracks', { detail: tracksOf(peer) }));
  }

  /** Candidates are a help: where they do not arrive, the node sees where the checks come from. @param {RTCPeerConnection} peer @param {string[]} candidates @param {boolean} ended */
  #tell(peer, candidates, ended) {
    this.#session?.trickle(fragmentOf(peer.localDescription?.sdp ?? '', candidates, { ended })).catch(() => {});
  }

  #connected() {
    this.#wasConnected = true;
    // What helped once is used again.
    this.#failures = Math.min(this.#failures, 1);
    this.#backoff.reset();
    this.#become('connected');
  }

  async #restart() {
    const { peer } = this;
    const session = this.#session;
    if (!peer || !session?.patches) return this.#again();
    this.#watch?.restarting();
    // What still works goes on until the new path is there.
    if (peer.connectionState !== 'connected') this.#become('reconnecting');
    try {
      peer.restartIce();
      await peer.setLocalDescription(await peer.createOffer());
      const fragment = await session.restart(fragmentOf(peer.localDescription?.sdp ?? '', []));
      if (session !== this.#session) return;
      this.#answer = withFragment(this.#answer, fragment);
      await peer.setRemoteDescription({ type: 'answer', sdp: this.#answer });
    } catch {
      if (session === this.#session) this.#again();
    }
  }

  #pathFailed() {
    this.#failures += 1;
    const cause = this.#witness?.cause ?? 'unknown';
    this.#again(this.#failures >= BLOCKED_AFTER ? { code: cause, message: '' } : null);
  }

  /** What never got an answer, or a refusal. @param {unknown} error */
  #failed(error) {
    // What this browser cannot do, it cannot do the next time either.
    const refused = error instanceof WhepRefused ? error : new WhepRefused('browser', String(error), { status: 400 });
    const reason = { code: refused.code, message: refused.message };
    if (PASSING.has(refused.code)) {
      this.#become('waiting', reason);
    } else if (refused.status >= 400 && refused.status < 500 && refused.status !== 429 && refused.status !== 408) {
      this.#close();
      this.#become('refused', reason);
      return;
    } else {
      this.#become(this.#wasConnected ? 'reconnecting' : 'connecting', reason);
    }
    this.#later(refused.retryAfter);
  }

  /** A new session, a moment later. @param {WhepState['reason']} [reason] */
  #again(reason = null) {
    this.#become(this.#wasConnected ? 'reconnecting' : 'connecting', reason);
    this.#later();
  }

  /** @param {number | null} [wait] milliseconds, as the node asked for */
  #later(wait = null) {
    this.#close();
    this.#retry = this.#clock.after(() => this.#open(), Math.max(wait ?? 0, this.#backoff.next()));
  }

  #close() {
    this.#clock.cancel(this.#retry);
    this.#retry = 0;
    this.#asking?.abort();
    this.#watch?.stop();
    this.#trickle?.stop();
    if (this.peer) this.#leave(this.peer, this.#session);
    this.#session = null;
    this.peer = null;
  }

  /** A node that saw the connection end would not know the session any more that it is told to end. @param {RTCPeerConnection} peer @param {WhepSession | null} session */
  #leave(peer, session) {
    const ended = session?.end();
    if (peer.connectionState !== 'connected') return peer.close();
    const ticket = this.#clock.after(() => peer.close(), LEAVE_WITHIN);
    ended?.then(() => {
      this.#clock.cancel(ticket);
      peer.close();
    });
  }

  /** @param {WhepPhase} phase @param {WhepState['reason']} [reason] */
  #become(phase, reason = null) {
    if (phase === this.state.phase && reason?.code === this.state.reason?.code) return;
    this.state = { phase, reason };
    this.dispatchEvent(new CustomEvent('state', { detail: this.state }));
  }
}

/** The peer's offer, which asks for stereo where it is to be had. @param {RTCPeerConnection} peer */
async function offered(peer) {
  const offer = await peer.createOffer();
  const audio = [...(offer.sdp ?? '').matchAll(/^m=audio[^]*?^a=mid:(\S+)/gm)].map(([, mid]) => mid);
  try {
    await peer.setLocalDescription({ type: 'offer', sdp: withStereo(offer.sdp ?? '', audio) });
  } catch {
    await peer.setLocalDescription(offer);
  }
  return peer.localDescription?.sdp ?? '';
}

/** @param {RTCPeerConnection} peer @returns {WhepTracks} */
function tracksOf(peer) {
  const tracks = peer.getTransceivers().map(({ receiver }) => receiver.track);
  const of = (/** @type {string} */ kind) => tracks.filter((track) => track.kind === kind);
  return { video: of('video'), audio: of('audio') };
}
