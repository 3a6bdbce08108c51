/** The real program, started as a person would start it: with few settings and a home of its own. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { binary } from './places.js';
import { LAN, PORT, PUBLIC } from './addresses.js';
import { until } from './until.js';

/** What a node may take from start to ready; a second is promised, a busy test machine gets more. */
const READY_WITHIN = 10_000;

export class Node {
  /** What it printed for people. */
  said = '';
  /** What it logged. */
  log = '';
  #home = mkdtempSync(join(tmpdir(), 'roomcast-home-'));
  #args;
  /** @type {import('node:child_process').ChildProcess | null} */
  #process = null;

  /** @param {string[]} [args] settings of the node */
  constructor(args = []) {
    this.#args = args;
  }

  /** As seen on its own machine: a secure context for browsers, without a certificate. */
  get local() {
    return `http://localhost:${PORT}`;
  }

  /** As seen from the LAN. */
  get lan() {
    return `http://${LAN}:${PORT}`;
  }

  /** As seen from the LAN, with the certificate that it made itself. */
  get secure() {
    return `https://${LAN}:${PORT}`;
  }

  /** As seen from the internet: a page needs a certificate there to use devices. */
  get public() {
    return `https://${PUBLIC}:${PORT}`;
  }

  /** The API key that it printed when it was started for the first time. */
  get apiKey() {
    const [key] = /rck_\w+/.exec(this.said) ?? [];
    if (!key) throw new Error(`the node printed no API key: ${this.said}`);
    return key;
  }

  get port() {
    return PORT;
  }

  /** Starts it, on the data that an earlier start left, and waits until it is ready. */
  async start() {
    const env = { ...process.env, HOME: this.#home, XDG_DATA_HOME: '', ROOMCAST_LOG: 'roomcast=debug,info' };
    const child = spawn(/** @type {string} */ (binary()), this.#args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process = child;
    child.stdout.on('data', (text) => (this.said += text));
    child.stderr.on('data', (text) => (this.log += text));
    await until('the node is ready', () => this.#ready(), Boolean, READY_WITHIN);
    return this;
  }

  /**
   * A flag with which Chromium takes this node's certificate for one of a known authority, as a node with
   * a name has it. Ignoring faults of certificates in a page does not hold for TURN.
   */
  async trusted() {
    const socket = connect({ host: '127.0.0.1', port: PORT, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const key = socket.getPeerX509Certificate()?.publicKey.export({ type: 'spki', format: 'der' });
    socket.destroy();
    return `--ignore-certificate-errors-spki-list=${createHash('sha256').update(key ?? '').digest('base64')}`;
  }

  /** Waits until it has so many media sessions: without any, no media goes through it. @param {number} count */
  async hasSessions(count) {
    await until(`the node has ${count} sessions`, () => this.metric('roomcast_sessions'), (now) => now === count);
  }

  /** A figure of its metrics. @param {string} name */
  async metric(name) {
    const line = (await this.metrics()).find((one) => one.startsWith(`${name} `));
    return line === undefined ? null : Number(line.split(' ').at(-1));
  }

  /** @returns {Promise<string[]>} its metrics, line by line */
  async metrics() {
    return (await (await fetch(`http://127.0.0.1:${PORT}/metrics`)).text()).split('\n');
  }

  /** Ends it, and waits until it has ended. @param {'SIGTERM' | 'SIGKILL'} signal */
  async end(signal = 'SIGTERM') {
    const child = this.#process;
    this.#process = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  }

  /** Ends it for good and forgets its data. */
  async remove() {
    await this.end('SIGKILL');
    rmSync(this.#home, { recursive: true, force: true });
  }

  async #ready() {
    const child = this.#process;
    if (child && child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${this.log}`);
    return (await fetch(`http://127.0.0.1:${PORT}/readyz`)).ok;
  }
}
