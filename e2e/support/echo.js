/**
 * What a network does to packets, without browsers: a server that says to whom it answers, and a
 * program (this file, started on a machine of the test) that asks it.
 *
 *     node echo.js '{"address":"203.0.113.1","udp":[7001,7002],"tcp":7003,"tls":false}'
 *
 * prints what it was told as JSON: for each UDP port the answer or null, what came unasked, and
 * whether TCP got through.
 */
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** How long an answer may take: what is not there by then was dropped. Milliseconds. */
const PATIENCE = 1_500;
/** The beginning of a TLS handshake, and of something else. */
const FIRST_BYTES = { tls: Buffer.from([0x16, 3, 1, 0, 5]), plain: Buffer.from([0, 1, 0, 0, 0x21]) };

/**
 * @typedef {object} Question
 * @property {string} address
 * @property {number[]} udp   ports to ask from one socket
 * @property {number} tcp     a port
 * @property {boolean} [tls]  whether the connection begins as TLS does
 */
/** @typedef {{ answers: (string | null)[], unasked: number, tcp: boolean }} Heard */

/** Answers on two UDP ports with the address it sees, sends unasked from a third, and echoes over TCP. */
export class Echo {
  #sockets = [createSocket('udp4'), createSocket('udp4'), createSocket('udp4')];
  /** @type {Set<import('node:net').Socket>} */
  #connections = new Set();
  #server = createServer((socket) => {
    this.#connections.add(socket);
    socket.on('error', () => {}).pipe(socket);
  });

  /** @param {string} address @param {number} tcpPort */
  async listen(address, tcpPort) {
    const [one, other, stranger] = this.#sockets;
    for (const socket of this.#sockets) await new Promise((resolve) => socket.bind(0, address, () => resolve(undefined)));
    for (const socket of [one, other]) {
      socket.on('message', (_, from) => {
        socket.send(`${from.address}:${from.port}`, from.port, from.address);
        stranger.send('unasked', from.port, from.address);
      });
    }
    await new Promise((resolve) => this.#server.listen(tcpPort, address, () => resolve(undefined)));
    return this;
  }

  /** @param {import('./machine.js').Machine} machine from which is asked @param {{ tls?: boolean }} [options] @returns {Promise<Heard>} */
  async askedFrom(machine, { tls = false } = {}) {
    const [one, other] = this.#sockets.map((socket) => socket.address());
    const { port: tcp } = /** @type {import('node:net').AddressInfo} */ (this.#server.address());
    const question = JSON.stringify({ address: one.address, udp: [one.port, other.port], tcp, tls });
    const program = machine.wrapped(process.execPath);
    const { stdout } = await promisify(execFile)(program, [fileURLToPath(import.meta.url), question]);
    return JSON.parse(stdout);
  }

  close() {
    for (const socket of this.#sockets) socket.close();
    // Their other ends are gone with their machines, and said nothing.
    for (const socket of this.#connections) socket.destroy();
    this.#server.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(JSON.stringify(await ask(JSON.parse(process.argv[2]))));

/** @param {Question} question @returns {Promise<Heard>} */
async function ask({ address, udp, tcp, tls = false }) {
  const [datagrams, connected] = await Promise.all([askByUdp(address, udp), askByTcp(address, tcp, tls)]);
  return { ...datagrams, tcp: connected };
}

/** @param {string} address @param {number[]} ports */
async function askByUdp(address, ports) {
  const socket = createSocket('udp4');
  /** @type {(string | null)[]} */
  const answers = ports.map(() => null);
  let unasked = 0;
  socket.on('message', (message, from) => {
    const at = ports.indexOf(from.port);
    if (at < 0) unasked += 1;
    else answers[at] = message.toString();
  });
  for (const port of ports) socket.send('?', port, address);
  await new Promise((resolve) => setTimeout(resolve, PATIENCE));
  socket.close();
  return { answers, unasked };
}

/** @param {string} address @param {number} port @param {boolean} tls @returns {Promise<boolean>} */
function askByTcp(address, port, tls) {
  const socket = connect(port, address, () => socket.write(tls ? FIRST_BYTES.tls : FIRST_BYTES.plain));
  return new Promise((resolve) => {
    socket.setTimeout(PATIENCE, () => resolve(false));
    socket.on('data', () => resolve(true));
    socket.on('error', () => resolve(false));
  }).finally(() => socket.destroy());
}
