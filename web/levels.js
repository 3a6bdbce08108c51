/**
 * How loud everyone is, read from the statistics of the connections: that costs less than listening
 * to every track, and needs no click where the browser is strict about sound.
 */
import { Speakers } from './speaking.js';

/** @import { Store, State } from './store.js' */

/** Often enough for a ring that follows the voice, seldom enough for a phone. Milliseconds. */
const LISTEN_EVERY = 400;

/**
 * Tells the store who speaks, until it is ended.
 * @param {Store} store @param {() => Iterable<RTCPeerConnection>} peers   those that carry sound now
 * @returns {() => void} ends it
 */
export function listenForSpeakers(store, peers) {
  const speakers = new Speakers();
  let busy = false;
  const timer = setInterval(async () => {
    // Who is alone on stage needs no mark.
    const alone = (store.state.room.room?.stage.length ?? 0) < 2;
    if (busy || document.visibilityState === 'hidden' || (alone && store.state.speaking.length === 0)) return;
    busy = true;
    try {
      speakers.hear(performance.now(), levelsOf(store.state, await loudness(peers())));
      const { speaking, speaker } = speakers;
      const before = store.state;
      if (speaking.join() === before.speaking.join() && speaker === before.speaker) return;
      store.dispatch('set', { speaking, speaker });
    } finally {
      busy = false;
    }
  }, LISTEN_EVERY);
  return () => clearInterval(timer);
}

/**
 * Levels by participant: what is received by publication, one's own by the microphone's track.
 * @param {State} state @param {ReadonlyMap<string, number>} loud  by track id
 */
export function levelsOf(state, loud) {
  /** @type {Map<string, number>} */
  const levels = new Map();
  const { me, room } = state.room;
  for (const member of room?.stage ?? []) {
    for (const { publication, source, muted, mutedByHost } of member.publications) {
      if (source !== 'microphone' || muted || mutedByHost) continue;
      const own = member.participant === me?.participant;
      const track = own ? state.studio.tracks.microphone : state.tracks.get(publication);
      if (track) levels.set(member.participant, loud.get(track.id) ?? 0);
    }
  }
  return levels;
}

/** @param {Iterable<RTCPeerConnection>} peers @returns {Promise<Map<string, number>>} by track id, 0 to 1 */
async function loudness(peers) {
  /** @type {Map<string, number>} */
  const loud = new Map();
  for (const peer of peers) {
    if (peer.connectionState !== 'connected') continue;
    const report = await peer.getStats().catch(() => null);
    report?.forEach((entry) => {
      const voice = entry.kind === 'audio' && (entry.type === 'inbound-rtp' || entry.type === 'media-source');
      if (voice && entry.trackIdentifier) loud.set(entry.trackIdentifier, entry.audioLevel ?? 0);
    });
  }
  return loud;
}
