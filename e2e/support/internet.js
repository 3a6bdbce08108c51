/**
 * The world outside of the LAN: a network on which the node has a public address, and homes that are
 * joined to it by a router with a NAT and a firewall of a given kind.
 */
import { PORT, PUBLIC } from './addresses.js';
import { Machine, ip, up } from './machine.js';

/**
 * - `none`: the home's machine has a public address.
 * - `cone`: one public port for all destinations; nothing comes in that was not asked for.
 * - `symmetric`: another public port for each destination.
 * @typedef {'none' | 'cone' | 'symmetric'} Nat
 */
/**
 * - `open`: everything gets out.
 * - `tcp-only`: no UDP gets out.
 * - `tls-only`: only TLS to the node's port gets out, told by its first byte as such firewalls do.
 * @typedef {'open' | 'tcp-only' | 'tls-only'} Firewall
 */
/** @typedef {{ nat?: Nat, firewall?: Firewall }} Kind */

/** To be made before the node starts, which looks for its addresses then. */
export class Internet {
  /** @type {Home[]} */
  #homes = [];

  constructor() {
    ip('link add net0 type bridge');
    ip(`address add ${PUBLIC}/24 dev net0`);
    up('net0');
  }

  /** @param {Kind} [kind] */
  home(kind) {
    const home = new Home(kind);
    this.#homes.push(home);
    return home;
  }

  remove() {
    for (const home of this.#homes) home.remove();
    ip('link delete net0');
  }
}

let homes = 0;

/** A machine behind a router of its own. */
export class Home extends Machine {
  /** @type {Router} */
  #router;

  /** @param {Kind} [kind] */
  constructor(kind) {
    super(`home${++homes}`);
    this.#router = new Router(this, kind);
  }

  /** As the internet sees it. */
  get publicAddress() {
    return this.#router.publicAddress;
  }

  /** Takes the machine from this network into another, as a phone goes from the Wi-Fi to the street. @param {Kind} [kind] */
  moves(kind) {
    this.#router.remove();
    this.#router = new Router(this, kind);
  }

  remove() {
    this.#router.remove();
    super.remove();
  }
}

let routers = 0;

class Router extends Machine {
  #number;
  #nat;

  /** @param {Home} home @param {Kind} [kind] */
  constructor(home, { nat = 'cone', firewall = 'open' } = {}) {
    const number = ++routers;
    super(`router${number}`);
    this.#number = number;
    this.#nat = nat;
    this.#joinInternet();
    this.#joinHome(home);
    this.forwards();
    this.#filter(firewall);
    this.#translate();
  }

  get publicAddress() {
    return this.#nat === 'none' ? this.#inner(2) : this.#outer;
  }

  remove() {
    // What is joined to a namespace goes with it, but not at once.
    ip(`link delete r${this.#number}out`);
    this.ip('link delete home');
    if (this.#nat === 'none') ip(`route delete ${this.#inner(0)}/30`);
    super.remove();
  }

  get #outer() {
    return `203.0.113.${10 + this.#number}`;
  }

  /** @param {number} host */
  #inner(host) {
    return this.#nat === 'none' ? `198.51.100.${this.#number * 4 + host}` : `192.168.${this.#number}.${host}`;
  }

  #joinInternet() {
    const outside = `r${this.#number}out`;
    ip(`link add ${outside} type veth peer name wan netns ${this.name}`);
    ip(`link set ${outside} master net0`);
    up(outside);
    this.ip(`address add ${this.#outer}/24 dev wan`);
    this.up('wan');
    this.ip(`route add default via ${PUBLIC} dev wan`);
  }

  /** @param {Home} home */
  #joinHome(home) {
    const device = `wlan${this.#number}`;
    const length = this.#nat === 'none' ? 30 : 24;
    this.ip(`link add home type veth peer name ${device} netns ${home.name}`);
    this.ip(`address add ${this.#inner(1)}/${length} dev home`);
    this.up('home');
    home.ip(`address add ${this.#inner(2)}/${length} dev ${device}`);
    home.up(device);
    home.ip(`route add default via ${this.#inner(1)} dev ${device}`);
    if (this.#nat === 'none') ip(`route add ${this.#inner(0)}/30 via ${this.#outer}`);
  }

  #translate() {
    if (this.#nat === 'none') return;
    if (this.#nat === 'symmetric') {
      this.iptables('-t nat -A POSTROUTING -o wan -p udp -j MASQUERADE --random-fully --to-ports 20000-60000');
    }
    this.iptables('-t nat -A POSTROUTING -o wan -j MASQUERADE');
    // Otherwise the router's own answers to what comes unasked change the mapping of the real packets.
    this.iptables('-A INPUT -i wan -p udp -j DROP');
  }

  /** @param {Firewall} firewall */
  #filter(firewall) {
    // Private addresses lead nowhere on the internet.
    for (const range of ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16']) {
      this.iptables(`-A FORWARD -o wan -d ${range} -j DROP`);
    }
    if (firewall === 'open') return;
    this.iptables('-A FORWARD -p udp -j DROP');
    if (firewall === 'tls-only') this.#onlyTls();
  }

  /** A connection to the node's port whose first byte is not that of a TLS handshake is reset. */
  #onlyTls() {
    const rule = `-A FORWARD -o wan -p tcp --dport ${PORT}`;
    const [fresh, tls, other] = [0, 1, 2].map((mark) => `-m connmark --mark ${mark}`);
    // The first byte after the headers of IP and TCP: there is none in the packets of a handshake of TCP.
    const first = (/** @type {string} */ range) => `-m u32 --u32 0>>22&0x3C@12>>26&0x3C@0>>24=${range}`;
    this.iptables(`${rule} ${fresh} ${first('0x16')} -j CONNMARK --set-mark 1`);
    this.iptables(`${rule} ${fresh} ${first('0:255')} -j CONNMARK --set-mark 2`);
    this.iptables(`${rule} ${other} -j REJECT --reject-with tcp-reset`);
    this.iptables(`${rule} ${fresh} -j ACCEPT`);
    this.iptables(`${rule} ${tls} -j ACCEPT`);
    this.iptables('-A FORWARD -o wan -j DROP');
  }
}
