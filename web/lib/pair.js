/** The pair of candidates by which a connection goes, as its statistics tell. */

/** @typedef {{ pair: any, local: any, remote: any }} Pair */

/** @param {ReadonlyMap<string, any>} stats @returns {Pair | null} null while there is none */
export function chosenPair(stats) {
  const all = [...stats.values()];
  const chosen = all.find(({ type, selectedCandidatePairId }) => type === 'transport' && selectedCandidatePairId);
  // Firefox marks the pair instead.
  const pair = stats.get(chosen?.selectedCandidatePairId) ?? all.find(({ type, selected }) => type === 'candidate-pair' && selected);
  return pair ? { pair, local: stats.get(pair.localCandidateId), remote: stats.get(pair.remoteCandidateId) } : null;
}

/** @param {RTCPeerConnection} peer @returns {Promise<ReadonlyMap<string, any>>} none when it is closed */
export async function statsOf(peer) {
  const report = await peer.getStats().catch(() => null);
  return /** @type {ReadonlyMap<string, any>} */ (/** @type {unknown} */ (report ?? new Map()));
}
