/** A machine of the tests: a network namespace in which programs can be started. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class Machine {
  name;
  #folder = mkdtempSync(join(tmpdir(), 'roomcast-machine-'));

  /** @param {string} name at most eight letters and digits: devices are named after it */
  constructor(name) {
    this.name = name;
    ip(`netns add ${name}`);
    this.ip('link set lo up');
  }

  /** Runs `ip` here. @param {string} command */
  ip(command) {
    ip(`-n ${this.name} ${command}`);
  }

  /** Runs `iptables` here. @param {string} rule */
  iptables(rule) {
    run('ip', ['netns', 'exec', this.name, 'iptables', '-w', ...rule.split(' ')]);
  }

  /** Lets packets through from one network to another. */
  forwards() {
    this.iptables('-P FORWARD ACCEPT');
    run('ip', ['netns', 'exec', this.name, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward']);
  }

  /** Takes a device into use. @param {string} device */
  up(device) {
    up(device, `-n ${this.name} `);
  }

  /** @param {string} program @returns {string} a program that starts this one here */
  wrapped(program) {
    const script = join(this.#folder, 'run');
    writeFileSync(script, `#!/bin/sh\nexec ip netns exec ${this.name} ${program} "$@"\n`);
    chmodSync(script, 0o755);
    return script;
  }

  /** Takes the machine away, and with it what it is joined by. Its programs must have ended. */
  remove() {
    ip(`netns delete ${this.name}`);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/**
 * Takes a device into use without IPv6 addresses that appear seconds later by themselves: browsers
 * drop what they are loading whenever an address appears.
 * @param {string} device @param {string} [where]
 */
export function up(device, where = '') {
  ip(`${where}link set ${device} addrgenmode none`);
  ip(`${where}link set ${device} up`);
}

/** @param {string} command */
export function ip(command) {
  run('ip', command.split(' '));
}

/** Runs `iptables` on the node's machine. @param {string} rule */
export function iptables(rule) {
  run('iptables', ['-w', ...rule.split(' ')]);
}

/** @param {string} program @param {string[]} words */
function run(program, words) {
  try {
    execFileSync(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    throw new Error(`${program} ${words.join(' ')}: ${String(error.stderr ?? error.message).trim()}`);
  }
}
