/**
 * What counters say when they are read again and again: bit rates, loss, and how good a session is.
 *
 * The quality of a session, from its last ten seconds:
 * - `poor`: its path is lost, more than 5 % of the packets were lost, or a round trip takes more than 400 ms
 * - `fair`: more than 1 % lost, more than 200 ms, or a path over TCP, where one lost packet holds up all others
 * - `good`: otherwise
 * - `null`: it is not up yet, or nothing went through it
 */

/** @import { Session } from './types.js' */

/** @typedef {'good' | 'fair' | 'poor'} Quality */
/** Bits a second; `loss` from 0 to 1, null when nothing went through. @typedef {{ bitsIn: number, bitsOut: number, loss: number | null, quality: Quality | null }} Flow */
/** @typedef {{ at: number, session: Session }} Sample */

/** Long enough to level key frames out, short enough to show what happens now. Milliseconds. */
const WINDOW = 10_000;
const POOR = { loss: 0.05, roundTripMs: 400 };
const FAIR = { loss: 0.01, roundTripMs: 200 };

export class Rates {
  /** The readings of the window, by session, the oldest first. @type {Map<string, Sample[]>} */
  #samples = new Map();

  /** Takes a reading of all sessions; those that are not in it are forgotten. @param {number} at @param {Session[]} sessions */
  read(at, sessions) {
    this.#samples = new Map(sessions.map((session) => {
      const before = this.#samples.get(session.session) ?? [];
      const kept = before.filter((sample, index) => at - sample.at <= WINDOW || index === before.length - 1);
      return [session.session, [...kept, { at, session }]];
    }));
  }

  /** @param {string} session @returns {Flow | null} null until it was read twice */
  of(session) {
    const samples = this.#samples.get(session) ?? [];
    const [first, last] = [samples[0], samples.at(-1)];
    return first && last && last.at > first.at ? between(first, last) : null;
  }
}

/** @param {Sample} first @param {Sample} last @returns {Flow} */
export function between(first, last) {
  const seconds = (last.at - first.at) / 1000;
  const gain = (/** @type {'bytesIn' | 'bytesOut' | 'packetsIn' | 'packetsOut' | 'lostIn' | 'lostOut'} */ name) =>
    Math.max(0, last.session[name] - first.session[name]);
  const loss = last.session.kind === 'publisher' ? share(gain('lostIn'), gain('lostIn') + gain('packetsIn')) : share(gain('lostOut'), gain('packetsOut'));
  return {
    bitsIn: (gain('bytesIn') * 8) / seconds,
    bitsOut: (gain('bytesOut') * 8) / seconds,
    loss,
    quality: qualityOf(last.session, loss),
  };
}

/** @param {Pick<Session, 'state' | 'path' | 'roundTripMs'>} session @param {number | null} loss @returns {Quality | null} */
export function qualityOf({ state, path, roundTripMs = 0 }, loss) {
  if (state === 'lost') return 'poor';
  if (state === 'new' || loss === null) return null;
  if (loss > POOR.loss || roundTripMs > POOR.roundTripMs) return 'poor';
  return loss > FAIR.loss || roundTripMs > FAIR.roundTripMs || path === 'relay-tcp' ? 'fair' : 'good';
}

/** @param {number} part @param {number} whole */
function share(part, whole) {
  return whole > 0 ? Math.min(1, part / whole) : null;
}
