/**
 * What a link does to many packets: a server that sends back what it gets, and a program (this file,
 * started on a guest) that sends it many datagrams at once and tells what came back.
 *
 *     node burst.js '{"address":"10.77.0.1","port":7001,"count":100}'
 */
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Of a datagram; with IP and UDP headers it is a packet of 1,000 bytes. */
const BYTES = 972;
/** What is not there by then was dropped. Milliseconds. */
const PATIENCE = 2_500;

/** What came back: the numbers in the order of arrival, and after how many milliseconds. @typedef {{ numbers: number[], took: number[] }} Heard */

/** Sends back what it gets, at a free port. */
export class Mirror {
  #socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });

  /** @param {string} address */
  async listen(address) {
    this.#socket.on('message', (message, from) => this.#socket.send(message, from.port, from.address));
    await new Promise((resolve) => this.#socket.bind(0, address, () => resolve(undefined)));
    return this;
  }

  /** @param {import('./machine.js').Machine} machine from which a burst comes @param {number} count packets @returns {Promise<Heard>} */
  async burstFrom(machine, count) {
    const { address, port } = this.#socket.address();
    const { stdout } = await promisify(execFile)(machine.wrapped(process.execPath), [fileURLToPath(import.meta.url), JSON.stringify({ address, port, count })]);
    return JSON.parse(stdout);
  }

  close() {
    this.#socket.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(JSON.stringify(await burst(JSON.parse(process.argv[2]))));

/** @param {{ address: string, port: number, count: number }} where @returns {Promise<Heard>} */
async function burst({ address, port, count }) {
  // By default a socket holds 92 of these, and this process is busy sending.
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
  const heard = { numbers: /** @type {number[]} */ ([]), took: /** @type {number[]} */ ([]) };
  const began = performance.now();
  socket.on('message', (message) => {
    heard.numbers.push(message.readUInt16BE(0));
    heard.took.push(performance.now() - began);
  });
  for (let number = 0; number < count; number += 1) {
    const message = Buffer.alloc(BYTES);
    message.writeUInt16BE(number, 0);
    socket.send(message, port, address);
  }
  await new Promise((resolve) => setTimeout(resolve, PATIENCE));
  socket.close();
  return heard;
}
