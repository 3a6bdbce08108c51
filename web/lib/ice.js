/** Which ICE servers peer connections use, and whether they may use anything but relays. */

export class Ice {
  /** @type {RTCIceServer[]} */
  #servers = [];
  #own = false;
  #room = false;

  /** Newer credentials. @param {RTCIceServer[]} servers @returns {boolean} whether that changes anything */
  setServers(servers) {
    const changed = JSON.stringify(servers) !== JSON.stringify(this.#servers);
    this.#servers = servers;
    return changed;
  }

  /** @param {{ own?: boolean, room?: boolean }} wish of this participant, of the room @returns {boolean} whether that changes anything */
  setRelayOnly({ own = this.#own, room = this.#room }) {
    const before = this.relayOnly;
    this.#own = own;
    this.#room = room;
    return before !== this.relayOnly;
  }

  get relayOnly() {
    return this.#own || this.#room;
  }

  /** For a link between two participants. @returns {RTCConfiguration} */
  ofLink() {
    return { iceServers: this.#servers, iceTransportPolicy: this.relayOnly ? 'relay' : 'all' };
  }

  /** For a session at the node, which needs no help where UDP gets through. @param {boolean} failed an attempt without help @returns {RTCConfiguration} */
  ofSession(failed) {
    return failed || this.relayOnly ? this.ofLink() : {};
  }
}
