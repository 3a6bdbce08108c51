/** A node that speaks WHEP, and a peer connection that only receives, both without a network. */
import { FakeTrack } from './fake-peer.js';
import { settle } from './fakes.js';

/** What the node answered with first. */
export const ANSWER = [
  'v=0', 'o=- 1 1 IN IP4 0.0.0.0', 'a=group:BUNDLE 0 1',
  'm=video 9 UDP/TLS/RTP/SAVPF 96', 'a=mid:0', 'a=ice-ufrag:node1', 'a=ice-pwd:secret1', 'a=candidate:1 1 udp 1 192.0.2.1 8443 typ host', '',
].join('\r\n');

export class FakeReceiver extends EventTarget {
  connectionState = 'new';
  localDescription = null;
  remoteDescription = null;
  remotes = [];
  closed = false;
  packets = new Map();
  #lanes = [];
  #ufrag = 1;

  constructor(configuration) {
    super();
    this.configuration = configuration;
  }

  addTransceiver(kind, { direction }) {
    this.#lanes.push({ kind, direction, receiver: { track: new FakeTrack(kind) } });
  }

  getTransceivers() {
    return this.#lanes;
  }

  getConfiguration() {
    return this.configuration;
  }

  restartIce() {
    this.#ufrag += 1;
  }

  async createOffer() {
    const sections = this.#lanes.map(({ kind }, at) => [
      `m=${kind} 9 UDP/TLS/RTP/SAVPF 96`, `a=mid:${at}`, `a=ice-ufrag:own${this.#ufrag}`, `a=ice-pwd:pass${this.#ufrag}`,
      ...(kind === 'audio' ? ['a=rtpmap:96 opus/48000/2', 'a=fmtp:96 minptime=10'] : []),
    ]);
    return { type: 'offer', sdp: ['v=0', 'a=group:BUNDLE 0 1', ...sections.flat(), ''].join('\r\n') };
  }

  async setLocalDescription(description) {
    this.localDescription = description;
  }

  async setRemoteDescription(description) {
    this.remoteDescription = description;
    this.remotes.push(description.sdp);
  }

  async getStats() {
    const entry = ([trackIdentifier, packetsReceived]) => [trackIdentifier, { type: 'inbound-rtp', trackIdentifier, packetsReceived }];
    return new Map([...this.packets].map(entry));
  }

  close() {
    this.closed = true;
  }

  // What the test does as the network:
  async become(state) {
    this.connectionState = state;
    this.dispatchEvent(new Event('connectionstatechange'));
    await settle();
  }

  found(candidate) {
    const event = new Event('icecandidate');
    event.candidate = candidate && { candidate };
    this.dispatchEvent(event);
  }
}

/** A node whose answers the test chooses; `asked` is what it was asked. */
export class FakeNode {
  asked = [];
  /** For each method, the next answers; the last one stays. */
  answers = {
    POST: [created()],
    PATCH: [{ status: 204 }],
    DELETE: [{ status: 200 }],
  };

  fetch = async (url, init) => {
    this.asked.push({ url: String(url), ...init });
    const row = this.answers[init.method];
    const answer = row.length > 1 ? row.shift() : row[0];
    await null;
    if (init.signal?.aborted) throw new Error('aborted');
    if (answer === 'never') await new Promise(() => {});
    if (answer === 'nobody') throw new TypeError('Failed to fetch');
    const response = new Response(answer.body ?? null, { status: answer.status, headers: answer.headers ?? {} });
    Object.defineProperty(response, 'url', { value: String(url) });
    return response;
  };

  of(method) {
    return this.asked.filter((one) => one.method === method);
  }
}

export function created(headers = {}) {
  return {
    status: 201, body: ANSWER,
    headers: {
      location: '/whep/garden/s1', etag: '"e1"', 'accept-patch': 'application/trickle-ice-sdpfrag',
      link: '<turn:node:8443?transport=udp>; rel="ice-server"; username="u,1"; credential="c\\"x"; credential-type="password"', ...headers,
    },
  };
}

export function refusal(status, code, headers = {}) {
  return { status, body: JSON.stringify({ code, message: `it is ${code}` }), headers };
}
