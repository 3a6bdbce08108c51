/**
 * The network of the tests. The node's machine has one LAN address, `LAN`; a guest is another
 * machine, joined to the node's by one or more paths. What lies outside of the LAN is in `internet.js`.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { LAN } from './addresses.js';
import { Link } from './link.js';
import { Machine, ip, iptables, up } from './machine.js';

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
  // Guests reach each other through the node's machine, as through the switch of a LAN.
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
  // `ip netns` keeps names under /run: of these namespaces alone.
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/run']);
}

let guests = 0;

/** Another machine on the LAN, which nothing joins to the node's yet. */
export class Guest extends Machine {
  #number;
  #paths = 0;
  /** By the number of their path. @type {Map<number, Link>} */
  #links = new Map();

  constructor() {
    const number = ++guests;
    super(`guest${number}`);
    this.#number = number;
  }

  /** The link by which it is joined, when that is one that can be made bad. */
  get link() {
    const link = this.#links.get(this.#paths);
    if (!link) throw new Error(`${this.name} is joined by a cable that has no faults`);
    return link;
  }

  /** Its address on a path. */
  get address() {
    return this.#address(this.#paths, 2);
  }

  /** Joins the guest to the node's machine by one more network: paths are numbered from 1. */
  addPath() {
    const path = ++this.#paths;
    const [here, there] = this.#devices(path);
    ip(`link add ${here} type veth peer name ${there} netns ${this.name}`);
    this.#joins(path);
  }

  /**
   * Joins it by a link that can be made bad, as one more path.
   * @param {import('./link.js').Conditions} conditions at the beginning, in both directions
   */
  async addLink(conditions) {
    const path = this.#paths + 1;
    const [here, there] = this.#devices(path);
    // The number of a guest as seed: each has chances of its own, and in each run the same.
    const link = await Link.between(here, there, this.#number);
    this.#paths = path;
    this.#links.set(path, link);
    ip(`link set ${there} netns ${this.name}`);
    this.#joins(path);
    await link.set(conditions);
  }

  /** Takes a path away, as leaving the range of a Wi-Fi does. @param {number} path */
  cutPath(path) {
    this.ip(`link set g${this.#number}t${path} down`);
  }

  async remove() {
    for (let path = 1; path <= this.#paths; path += 1) {
      const link = this.#links.get(path);
      if (link) await link.close();
      else ip(`link delete ${this.#devices(path)[0]}`);
    }
    super.remove();
  }

  /** Gives both ends of a path their addresses, and takes them into use. @param {number} path */
  #joins(path) {
    const [here, there] = this.#devices(path);
    ip(`address add ${this.#address(path, 1)}/24 dev ${here}`);
    up(here);
    this.ip(`address add ${this.#address(path, 2)}/24 dev ${there}`);
    this.up(there);
    this.ip(`route add default via ${this.#address(path, 1)} dev ${there} metric ${path}`);
  }

  /** The ends of a path, here and there. @param {number} path */
  #devices(path) {
    return [`g${this.#number}h${path}`, `g${this.#number}t${path}`];
  }

  /** @param {number} path @param {number} end */
  #address(path, end) {
    return `10.77.${this.#number * 10 + path}.${end}`;
  }
}

/** Drops all UDP between two guests, in both directions, until it is mended. */
export class Rift {
  #pairs;

  /** @param {Guest} one @param {Guest} other */
  constructor(one, other) {
    this.#pairs = [[one.address, other.address], [other.address, one.address]];
    for (const [from, to] of this.#pairs) iptables(`-I FORWARD -p udp -s ${from} -d ${to} -j DROP`);
  }

  close() {
    for (const [from, to] of this.#pairs.splice(0)) iptables(`-D FORWARD -p udp -s ${from} -d ${to} -j DROP`);
  }
}
