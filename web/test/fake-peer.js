/**
 * A peer connection without a network: the rules of negotiation (RFC 8829) as far as they can be
 * broken, and nothing of what travels. A description that does not fit is refused as browsers do.
 */

let made = 0;

export class FakeTrack extends EventTarget {
  enabled = true;
  muted = false;
  constructor(kind, id = `track-${(made += 1)}`, settings = {}) {
    super();
    this.kind = kind;
    this.id = id;
    this.settings = settings;
  }
  getSettings() {
    return this.settings;
  }
}

/** Parameters hold for one change, and for none that is begun while another is on its way. */
class FakeSender {
  changes = 0;
  #parameters;
  #fresh = null;
  constructor(track, encodings) {
    this.track = track;
    this.#parameters = { encodings: structuredClone(encodings) };
  }
  async replaceTrack(track) {
    this.track = track;
  }
  getParameters() {
    this.#fresh ??= structuredClone(this.#parameters);
    return structuredClone(this.#fresh);
  }
  async setParameters(parameters) {
    if (!this.#fresh) throw new Error('InvalidStateError');
    this.#fresh = null;
    if (parameters.encodings?.length !== this.#parameters.encodings.length) throw new Error('InvalidModificationError');
    await null;
    this.#parameters = structuredClone(parameters);
    this.changes += 1;
  }
}

class FakeLane {
  mid = null;
  stopped = false;
  constructor(kind, direction, track = null, encodings = []) {
    this.kind = kind;
    this.direction = direction;
    this.sender = new FakeSender(track, encodings);
    this.receiver = { track: new FakeTrack(kind), frames: 0, getStats: async () => new Map([['in', this.#stats()]]) };
  }
  #stats() {
    return { type: 'inbound-rtp', kind: this.kind, framesDecoded: this.receiver.frames, packetsReceived: this.receiver.frames };
  }
}

class FakeChannel extends EventTarget {
  readyState = 'connecting';
  sent = [];
  send(data) {
    if (this.readyState !== 'open') throw new Error('InvalidStateError');
    this.sent.push(data);
  }
}

export class FakePeer extends EventTarget {
  signalingState = 'stable';
  connectionState = 'new';
  localDescription = null;
  remoteDescription = null;
  channels = [];
  candidates = [];
  rollbacks = 0;
  /** Whether it is a browser that sends one encoding only. */
  refusesLayers = false;
  /** Whether it knows scalability modes, unlike Firefox. */
  knowsModes = true;
  #lanes = [];
  #id = (made += 1);
  #version = 0;
  #ufrag = 1;
  #pendingUfrag = 1;
  #offered = null;
  #stableMids = new Map();
  #configuration;

  constructor(configuration = {}) {
    super();
    this.#configuration = configuration;
  }

  getConfiguration() {
    return this.#configuration;
  }

  setConfiguration(configuration) {
    this.#configuration = configuration;
  }

  addTransceiver(trackOrKind, { direction, sendEncodings }) {
    const track = typeof trackOrKind === 'string' ? null : trackOrKind;
    if (sendEncodings.length > 1 && this.refusesLayers) throw new Error('OperationError');
    const encodings = sendEncodings.map(({ scalabilityMode, ...rest }) => ({ ...rest, ...(this.knowsModes && scalabilityMode ? { scalabilityMode } : {}) }));
    const lane = new FakeLane(track?.kind ?? trackOrKind, direction, track, encodings);
    lane.stop = () => (this.#lanes = this.#lanes.filter((one) => one !== lane));
    this.#lanes.push(lane);
    return lane;
  }

  createDataChannel() {
    const channel = new FakeChannel();
    this.channels.push(channel);
    return channel;
  }

  getTransceivers() {
    return this.#lanes;
  }

  restartIce() {
    this.#pendingUfrag = this.#ufrag + 1;
  }

  async createOffer() {
    this.#alive();
    this.#version += 1;
    const taken = new Set(this.#lanes.map(({ mid }) => mid));
    let next = 0;
    const mids = this.#lanes.map((lane) => {
      if (lane.mid !== null) return lane.mid;
      while (taken.has(String(next))) next += 1;
      taken.add(String(next));
      return String(next);
    });
    const sections = this.#lanes.map((lane, at) => ({ mid: mids[at], kind: lane.kind }));
    return { type: 'offer', sdp: written({ id: this.#id, version: this.#version, ufrag: `u${this.#id}x${this.#pendingUfrag}`, sections }) };
  }

  async createAnswer() {
    this.#alive();
    if (this.signalingState !== 'have-remote-offer') throw new Error('InvalidStateError');
    const offer = read(this.remoteDescription.sdp);
    this.#version += 1;
    const answers = `${offer.id}/${offer.version}`;
    return { type: 'answer', sdp: written({ id: this.#id, version: this.#version, ufrag: `u${this.#id}x${this.#ufrag}`, sections: offer.sections, answers }) };
  }

  async setLocalDescription(description) {
    this.#alive();
    await null;
    if (description.type === 'offer') {
      if (this.signalingState !== 'stable') throw new Error('InvalidStateError');
      this.#stableMids = new Map(this.#lanes.map((lane) => [lane, lane.mid]));
      read(description.sdp).sections.forEach(({ mid }, at) => (this.#lanes[at].mid = mid));
      this.#offered = read(description.sdp);
      this.#become('have-local-offer');
    } else {
      if (this.signalingState !== 'have-remote-offer') throw new Error('InvalidStateError');
      this.#become('stable');
    }
    this.localDescription = description;
    if (description.type === 'offer') this.#ufrag = this.#pendingUfrag;
  }

  async setRemoteDescription({ type, sdp }) {
    this.#alive();
    await null;
    const said = read(sdp);
    if (type === 'answer') {
      if (this.signalingState !== 'have-local-offer') throw new Error('InvalidStateError');
      const expected = `${this.#offered.id}/${this.#offered.version}`;
      if (said.answers !== expected) throw new Error(`InvalidAccessError: an answer to ${said.answers}, not to ${expected}`);
      this.#become('stable');
    } else {
      if (this.signalingState === 'have-local-offer') this.#rollBack();
      if (this.signalingState !== 'stable') throw new Error('InvalidStateError');
      for (const { mid, kind } of said.sections) {
        if (this.#lanes.some((lane) => lane.mid === mid)) continue;
        const lane = new FakeLane(kind, 'recvonly');
        lane.mid = mid;
        this.#lanes.push(lane);
      }
      this.#become('have-remote-offer');
    }
    this.remoteDescription = { type, sdp };
  }

  async addIceCandidate({ candidate, usernameFragment }) {
    this.#alive();
    if (!this.remoteDescription) throw new Error('InvalidStateError');
    if (!candidate.startsWith('candidate:')) throw new Error('OperationError');
    if (usernameFragment && !this.remoteDescription.sdp.includes(`a=ice-ufrag:${usernameFragment}\r\n`)) throw new Error('OperationError');
    this.candidates.push(candidate);
  }

  async getStats() {
    return new Map();
  }

  close() {
    this.signalingState = 'closed';
    this.connectionState = 'closed';
  }

  // What the test does as the network:
  connect(state = 'connected') {
    this.connectionState = state;
    for (const channel of this.channels) {
      channel.readyState = state === 'connected' ? 'open' : channel.readyState;
      channel.dispatchEvent(new Event('open'));
    }
    this.dispatchEvent(new Event('connectionstatechange'));
  }

  gather(candidate = `candidate:${(made += 1)}`) {
    const event = new Event('icecandidate');
    const found = candidate && { candidate, type: 'host', usernameFragment: `u${this.#id}x${this.#ufrag}`, sdpMid: '0', sdpMLineIndex: 0 };
    event.candidate = found && { ...found, toJSON: () => found };
    this.dispatchEvent(event);
  }

  #rollBack() {
    this.rollbacks += 1;
    for (const [lane, mid] of this.#stableMids) lane.mid = mid;
    this.#become('stable');
  }

  #alive() {
    if (this.signalingState === 'closed') throw new Error('InvalidStateError: closed');
  }

  #become(state) {
    this.signalingState = state;
  }
}

function written({ id, version, ufrag, sections, answers = 'none' }) {
  const media = sections.map(({ mid, kind }) => `m=${kind} 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:${mid}\r\n`).join('');
  return `v=0\r\no=- ${id} ${version} IN IP4 0.0.0.0\r\na=answers:${answers}\r\na=ice-ufrag:${ufrag}\r\n${media}`;
}

function read(sdp) {
  const origin = /^o=- (\d+) (\d+) /m.exec(sdp);
  if (!origin) throw new Error('OperationError: this is no description');
  const sections = [...sdp.matchAll(/^m=(\w+) [^\r]*\r\na=mid:(\S+)/gm)].map(([, kind, mid]) => ({ kind, mid }));
  return { id: Number(origin[1]), version: Number(origin[2]), answers: /^a=answers:(\S+)/m.exec(sdp)?.[1], sections };
}
