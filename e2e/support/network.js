/**
 * The network of the tests. The node's machine has one LAN address, `LAN`; a guest is another
 * machine: a network namespace of its own, joined to the node's by one or more paths.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The node's address on the LAN. */
export const LAN = '10.77.0.1';

/** Makes the node's machine; called once, in fresh namespaces. */
export function prepareNetwork() {
  ip('link set lo up');
  // Both ends stay here: all that matters is an address that is not a loopback one.
  ip('link add lan0 type veth peer name lan1');
  ip(`address add ${LAN}/24 dev lan0`);
  up('lan0');
  up('lan1');
  // Browsers find their own address by asking for the way to the world.
  ip('route add default via 10.77.0.254 dev lan0');
  // `ip netns` keeps names under /run: of these namespaces alone.
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/run']);
}

let guests = 0;

/** Another machine on the LAN. */
export class Guest {
  #name;
  #folder;
  #number;
  #paths = 0;

  constructor() {
    this.#number = ++guests;
    this.#name = `guest${this.#number}`;
    this.#folder = mkdtempSync(join(tmpdir(), 'roomcast-guest-'));
    ip(`netns add ${this.#name}`);
    this.#inside('link set lo up');
    this.addPath();
  }

  /** Joins the guest to the node's machine by one more network: paths are numbered from 1. */
  addPath() {
    const path = ++this.#paths;
    const [here, there] = [`g${this.#number}h${path}`, `g${this.#number}t${path}`];
    ip(`link add ${here} type veth peer name ${there} netns ${this.#name}`);
    ip(`address add ${this.#address(path, 1)}/24 dev ${here}`);
    up(here);
    this.#inside(`address add ${this.#address(path, 2)}/24 dev ${there}`);
    up(there, `-n ${this.#name} `);
    this.#inside(`route add default via ${this.#address(path, 1)} dev ${there} metric ${path}`);
  }

  /** Takes a path away, as leaving the range of a Wi-Fi does. @param {number} path */
  cutPath(path) {
    this.#inside(`link set g${this.#number}t${path} down`);
  }

  /** @param {string} program @returns {string} a program that starts this one on the guest */
  wrapped(program) {
    const script = join(this.#folder, 'run');
    writeFileSync(script, `#!/bin/sh\nexec ip netns exec ${this.#name} ${program} "$@"\n`);
    chmodSync(script, 0o755);
    return script;
  }

  /** Takes the machine away. Its programs must have ended. */
  remove() {
    for (let path = 1; path <= this.#paths; path += 1) ip(`link delete g${this.#number}h${path}`);
    ip(`netns delete ${this.#name}`);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** @param {number} path @param {number} end */
  #address(path, end) {
    return `10.77.${this.#number * 10 + path}.${end}`;
  }

  /** @param {string} command */
  #inside(command) {
    ip(`-n ${this.#name} ${command}`);
  }
}

/**
 * Without IPv6 addresses that appear seconds later by themselves: browsers drop what they are
 * loading whenever an address appears.
 * @param {string} device @param {string} [where]
 */
function up(device, where = '') {
  ip(`${where}link set ${device} addrgenmode none`);
  ip(`${where}link set ${device} up`);
}

/** @param {string} command */
function ip(command) {
  try {
    execFileSync('ip', command.split(' '), { stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    throw new Error(`ip ${command}: ${String(error.stderr ?? error.message).trim()}`);
  }
}
