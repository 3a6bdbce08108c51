/** A clock that moves only when told to, and a WebSocket whose other end is the test. */

// Browsers have it; the Node.js of Debian 12 does not yet.
globalThis.CustomEvent ??= class extends Event {
  constructor(type, { detail = null } = {}) {
    super(type);
    this.detail = detail;
  }
};

export class FakeClock {
  time = 0;
  #next = 1;
  #jobs = new Map();

  now = () => this.time;
  after = (run, delay) => {
    this.#jobs.set(this.#next, { run, at: this.time + delay });
    return this.#next++;
  };
  cancel = (ticket) => void this.#jobs.delete(ticket);

  /** Moves on, running what is due in its order. Promises settle in between. */
  async pass(milliseconds) {
    const end = this.time + milliseconds;
    for (;;) {
      const due = [...this.#jobs].filter(([, job]) => job.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      this.#jobs.delete(due[0]);
      this.time = due[1].at;
      due[1].run();
      await settle();
    }
    this.time = end;
    await settle();
  }
}

/** Lets everything that waits on promises go on. */
export async function settle() {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

/** A class of sockets, and the list of those that were made. */
export function fakeSockets() {
  const made = [];
  class Socket {
    readyState = 0;
    sent = [];
    constructor(url) {
      this.url = url;
      made.push(this);
    }
    send(text) {
      this.sent.push(JSON.parse(text));
    }
    close() {
      this.readyState = 3;
    }
    // What the test does as the node:
    async accept() {
      this.readyState = 1;
      this.onopen?.();
      await settle();
    }
    async say(message) {
      this.onmessage?.({ data: JSON.stringify(message) });
      await settle();
    }
    async answer(type, message) {
      const request = this.last(type);
      await this.say({ ...message, re: request.id });
    }
    async cut() {
      this.readyState = 3;
      this.onclose?.();
      await settle();
    }
    last(type) {
      return this.sent.findLast((message) => message.type === type);
    }
  }
  return { Socket, made };
}

export function welcome(more = {}) {
  return {
    type: 'welcome', version: 1, server: 'test', participant: 'p1', name: 'Ann', role: 'viewer', resume: 'token-1',
    resumeSeconds: 30, resumed: false, room: { name: 'r', live: false, chatOpen: true, stage: [] },
    audience: 0, chat: [], iceServers: [], ...more,
  };
}
