/**
 * Files between participants: offered, accepted, sent in chunks, put together again. It is given a
 * carrier and knows neither connections nor the page.
 *
 * Events: `change` (`FileTransfer[]`, all of them, oldest first, each a new object when it changed).
 */
import { cleanName, MAX_FILE, MAX_NAME } from './file-rules.js';
import { Refused } from './signaling.js';

/** @import { Carrier } from './carrier.js' */
/** @import { Body } from './courier.js' */

/**
 * How one transfer stands.
 * - `offered`: the receiver has not said anything yet
 * - `moving`: on its way
 * - `done`: whole at the receiver
 * - `declined`: the receiver does not want it
 * - `cancelled`: stopped by this side
 * - `stopped`: stopped by the other side
 * - `failed`: could not be brought over, see `fault`
 * @typedef {'offered' | 'moving' | 'done' | 'declined' | 'cancelled' | 'stopped' | 'failed'} TransferState
 */
/** `left`: the other side is gone, or its page was loaded anew. @typedef {'too-large' | 'left' | 'unreadable' | 'broken'} TransferFault */

/**
 * @typedef {object} FileTransfer
 * @property {string} id
 * @property {'out' | 'in'} direction
 * @property {string} participant      the one at the other side
 * @property {string} group            the same for all receivers of one file
 * @property {string} name             safe to save under: no path, no control characters
 * @property {number} size             bytes
 * @property {string} type             MIME type, perhaps empty
 * @property {number} moved            bytes so far
 * @property {TransferState} state
 * @property {TransferFault | null} fault
 * @property {Blob | null} blob        the file, once an incoming one is done
 */

/** Bytes of one chunk; through the node it stands in base64 within one message. */
const CHUNK = { link: 16 * 1024, node: 24 * 1024 };
/** Offers of one participant that wait for an answer: more would bury the page. */
const MAX_OFFERED = 8;
/** Transfers that are remembered; the oldest finished ones go first. */
const MAX_KEPT = 200;

export class Files extends EventTarget {
  /** @type {Map<string, FileTransfer>} */
  #all = new Map();
  /** What is read from and put together, by transfer. @type {Map<string, { file?: Blob, parts: Uint8Array<ArrayBuffer>[] }>} */
  #open = new Map();
  /** Senders at work. @type {Set<string>} */
  #pumping = new Set();
  #carrier;
  #newId;

  /** @param {{ carrier: Carrier, newId?: () => string }} options */
  constructor({ carrier, newId = randomId }) {
    super();
    this.#carrier = carrier;
    this.#newId = newId;
    carrier.addEventListener('space', (event) => this.#pump(/** @type {CustomEvent} */ (event).detail.to));
    for (const type of ['renewed', 'gone']) {
      carrier.addEventListener(type, (event) => this.#left(/** @type {CustomEvent} */ (event).detail.from));
    }
  }

  /** @returns {FileTransfer[]} */
  get list() {
    return [...this.#all.values()];
  }

  /** Offers a file. @param {File} file @param {string[]} to @returns {FileTransfer[]} one for each receiver */
  send(file, to) {
    const group = this.#newId();
    const fit = to.filter((participant) => file.size <= MAX_FILE[this.#carrier.pathTo(participant)]);
    if (fit.length === 0) throw new Refused(to.length > 0 ? 'too-large' : 'participant-unknown', 'nobody can be sent this file');
    const transfers = fit.map((participant) => this.#keep({
      id: this.#newId(), direction: 'out', participant, group, name: cleanName(file.name), size: file.size,
      type: file.type, moved: 0, state: 'offered', fault: null, blob: null,
    }));
    for (const { id, participant, name, size, type } of transfers) {
      this.#open.set(id, { file, parts: [] });
      this.#say(participant, { do: 'offer', id, group, name, size, type });
    }
    this.#changed();
    return transfers;
  }

  /** @param {string} id of an incoming offer */
  accept(id) {
    const transfer = this.#in(id, 'offered');
    if (!transfer) return;
    this.#open.set(id, { parts: [] });
    this.#update(id, { state: 'moving' });
    this.#say(transfer.participant, { do: 'accept', id });
    if (transfer.size === 0) this.#finish(transfer);
  }

  /** @param {string} id of an incoming offer */
  decline(id) {
    const transfer = this.#in(id, 'offered');
    if (transfer) this.#stop(transfer, 'declined');
  }

  /** Stops a transfer of either direction. @param {string} id */
  cancel(id) {
    const transfer = this.#all.get(id);
    if (transfer && isOpen(transfer)) this.#stop(transfer, 'cancelled');
  }

  /** Something about files has come. @param {string} from @param {Body} body */
  handle(from, body) {
    if (typeof body.id !== 'string') return;
    const transfer = this.#all.get(body.id);
    if (body.do === 'offer') this.#offered(from, body);
    else if (transfer?.participant === from && isOpen(transfer)) this.#goesOn(transfer, body);
  }

  /** @param {FileTransfer} transfer @param {Body} body */
  #goesOn(transfer, body) {
    const out = transfer.direction === 'out';
    if (body.do === 'stop') this.#end(transfer, { state: transfer.state === 'offered' && out ? 'declined' : 'stopped' });
    else if (body.do === 'fault') this.#end(transfer, { state: 'failed', fault: 'broken' });
    else if (out && body.do === 'accept' && transfer.state === 'offered') this.#begin(transfer);
    else if (out && body.do === 'done' && transfer.moved === transfer.size) this.#end(transfer, { state: 'done' });
    else if (!out && body.do === 'chunk' && transfer.state === 'moving') this.#chunk(transfer, body);
  }

  /** @param {string} from @param {Body} body */
  #offered(from, { id, group, name, size, type }) {
    const key = /** @type {string} */ (id);
    if (this.#all.has(key) || key.length > MAX_NAME) return;
    const waiting = this.list.filter((other) => other.participant === from && other.direction === 'in' && other.state === 'offered');
    const bytes = Number.isSafeInteger(size) ? /** @type {number} */ (size) : -1;
    const fits = bytes >= 0 && bytes <= MAX_FILE[this.#carrier.pathTo(from)];
    if (!fits || waiting.length >= MAX_OFFERED) {
      this.#say(from, { do: 'stop', id: key });
      return;
    }
    this.#keep({
      id: key, direction: 'in', participant: from, group: String(group).slice(0, MAX_NAME), name: cleanName(name), size: bytes,
      type: typeof type === 'string' ? type.slice(0, MAX_NAME) : '', moved: 0, state: 'offered', fault: null, blob: null,
    });
    this.#changed();
  }

  /** @param {FileTransfer} transfer */
  #begin({ id, participant, size }) {
    this.#update(id, { state: 'moving' });
    if (size > 0) this.#pump(participant);
  }

  /** Sends as much as there is room for, of one file after the other. @param {string} to */
  async #pump(to) {
    if (this.#pumping.has(to)) return;
    this.#pumping.add(to);
    try {
      while (this.#carrier.has(to) && this.#carrier.courier.space(to, 'file') > 0) {
        const transfer = this.list.find((one) => one.participant === to && isSending(one));
        if (!transfer || !(await this.#sendChunk(transfer))) break;
      }
    } finally {
      this.#pumping.delete(to);
    }
  }

  /** @param {FileTransfer} transfer @returns {Promise<boolean>} whether to go on */
  async #sendChunk({ id, participant, moved, size }) {
    const path = this.#carrier.pathTo(participant);
    const file = this.#open.get(id)?.file;
    const bytes = await file?.slice(moved, moved + CHUNK[path]).arrayBuffer().catch(() => null);
    const transfer = this.#all.get(id);
    if (!transfer || !isSending(transfer)) return true;
    if (!bytes || bytes.byteLength === 0) this.#fail(transfer, 'unreadable');
    else if (size > MAX_FILE[path]) this.#fail(transfer, 'too-large');
    else if (this.#say(participant, { do: 'chunk', id, at: moved, bytes: new Uint8Array(bytes) })) {
      this.#update(id, { moved: moved + bytes.byteLength });
    } else return false;
    return true;
  }

  /** @param {FileTransfer} transfer @param {Body} body */
  #chunk(transfer, { at, bytes }) {
    const { id, moved, size } = transfer;
    if (!(bytes instanceof Uint8Array) || at !== moved || bytes.length === 0 || moved + bytes.length > size) {
      this.#fail(transfer, 'broken');
      return;
    }
    this.#open.get(id)?.parts.push(/** @type {Uint8Array<ArrayBuffer>} */ (bytes));
    const now = this.#update(id, { moved: moved + bytes.length });
    if (now.moved === size) this.#finish(now);
  }

  /** All of it is here. @param {FileTransfer} transfer */
  #finish(transfer) {
    const { id, participant, type } = transfer;
    const blob = new Blob(this.#open.get(id)?.parts ?? [], { type });
    this.#say(participant, { do: 'done', id });
    this.#end(transfer, { state: 'done', blob });
  }

  /** The other side is gone, or has a new page. @param {string} who */
  #left(who) {
    for (const transfer of this.list) {
      if (transfer.participant === who && isOpen(transfer)) this.#end(transfer, { state: 'failed', fault: 'left' });
    }
  }

  /** @param {FileTransfer} transfer @param {TransferFault} fault */
  #fail(transfer, fault) {
    this.#say(transfer.participant, { do: 'fault', id: transfer.id });
    this.#end(transfer, { state: 'failed', fault });
  }

  /** @param {FileTransfer} transfer @param {TransferState} state */
  #stop(transfer, state) {
    this.#say(transfer.participant, { do: 'stop', id: transfer.id });
    this.#end(transfer, { state });
  }

  /** @param {FileTransfer} transfer @param {Partial<FileTransfer>} change */
  #end({ id }, change) {
    this.#open.delete(id);
    this.#update(id, change);
  }

  /** @param {string} id @param {FileTransfer['state']} state @returns {FileTransfer | null} */
  #in(id, state) {
    const transfer = this.#all.get(id);
    return transfer?.direction === 'in' && transfer.state === state ? transfer : null;
  }

  /** @param {FileTransfer} transfer */
  #keep(transfer) {
    const finished = this.list.filter((one) => !isOpen(one));
    for (const { id } of finished.slice(0, Math.max(0, this.#all.size + 1 - MAX_KEPT))) this.#all.delete(id);
    this.#all.set(transfer.id, transfer);
    return transfer;
  }

  /** @param {string} id @param {Partial<FileTransfer>} change */
  #update(id, change) {
    const before = /** @type {FileTransfer} */ (this.#all.get(id));
    const now = { ...before, ...change };
    this.#all.set(id, now);
    if (isSeen(before, now)) this.#changed();
    return now;
  }

  /** @param {string} to @param {Body} body */
  #say(to, body) {
    return this.#carrier.send(to, 'file', body);
  }

  #changed() {
    this.dispatchEvent(new CustomEvent('change', { detail: this.list }));
  }
}

/** @param {FileTransfer} transfer */
function isOpen({ state }) {
  return state === 'offered' || state === 'moving';
}

/** Whether anyone would notice the difference: a hundred steps are enough for a bar. @param {FileTransfer} before @param {FileTransfer} now */
function isSeen(before, now) {
  const step = (/** @type {FileTransfer} */ { moved, size }) => Math.floor((100 * moved) / Math.max(1, size));
  return before.state !== now.state || step(before) !== step(now);
}

/** @param {FileTransfer} transfer */
function isSending({ direction, state, moved, size }) {
  return direction === 'out' && state === 'moving' && moved < size;
}

function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
