/** Where the programs and folders are that the tests use. */
import { accessSync, constants } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { resolve } from 'node:path';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Screenshots, page consoles and node logs of tests that failed. */
export const resultsFolder = process.env.ROOMCAST_E2E_RESULTS ?? fileURLToPath(new URL('../results/', import.meta.url));
export const screenshotFolder = `${resultsFolder}screenshots/`;

/** The program under test: `ROOMCAST_BIN`, or what `cargo build --release` left. */
export function binary() {
  return firstThatRuns([process.env.ROOMCAST_BIN ? resolve(process.env.ROOMCAST_BIN) : built('roomcast')]);
}

/** The emulator of links: what `cargo build --release -p roomcast-lab` left. */
export function linkBinary() {
  return firstThatRuns([built('roomcast-link')]);
}

export function chromiumPath() {
  return firstThatRuns([process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser']);
}

export function firefoxPath() {
  return firstThatRuns([process.env.FIREFOX, '/usr/bin/firefox-esr', '/usr/bin/firefox']);
}

/** Makes the NATs and firewalls. */
export function iptablesPath() {
  return firstThatRuns(['/usr/sbin/iptables', '/sbin/iptables']);
}

/** @param {string} program */
function built(program) {
  return resolve(process.env.CARGO_TARGET_DIR ?? `${root}target`, 'release', program);
}

/** @param {(string | undefined)[]} paths @returns {string | undefined} */
function firstThatRuns(paths) {
  return paths.find((path) => {
    try {
      accessSync(path ?? '', constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
