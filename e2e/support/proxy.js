/**
 * A TCP proxy between a page and the node, whose connections can be cut or made to hang: the trouble
 * of real networks, for the WebSocket alone. Media goes past it by UDP.
 */
import { connect, createServer } from 'node:net';

export class Proxy {
  #server = createServer((socket) => this.#accept(socket));
  /** @type {Set<import('node:net').Socket>} */
  #sockets = new Set();
  #refuses = false;
  #target;

  /** @param {number} target the node's port */
  constructor(target) {
    this.#target = target;
  }

  async listen() {
    await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', () => resolve(undefined)));
    return this;
  }

  /** Where pages find the node through here. */
  get origin() {
    const { port } = /** @type {import('node:net').AddressInfo} */ (this.#server.address());
    return `http://localhost:${port}`;
  }

  /** Ends all connections at once, and refuses new ones until `mend`. */
  cut() {
    this.#refuses = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Keeps all connections, but nothing comes through any more: nobody is told. */
  stall() {
    this.#refuses = true;
    for (const socket of this.#sockets) {
      socket.unpipe();
      socket.pause();
    }
  }

  /** New connections come through again. Those that were stalled stay so. */
  mend() {
    this.#refuses = false;
  }

  close() {
    this.cut();
    this.#server.close();
  }

  /** @param {import('node:net').Socket} near */
  #accept(near) {
    if (this.#refuses) {
      near.destroy();
      return;
    }
    const far = connect(this.#target, '127.0.0.1');
    for (const [socket, other] of [[near, far], [far, near]]) {
      this.#sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        if (!this.#refuses) other.destroy();
      });
    }
  }
}
