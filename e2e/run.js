#!/usr/bin/env node
/**
 * Runs the browser tests: all, or those whose file names contain one of the given words.
 *
 *     node run.js              every test
 *     node run.js chat mute    tests/chat*.test.js and tests/*mute*.test.js
 *     node run.js --networks   networks/*.test.js: how pictures fare on weak networks. Five minutes of figures
 *                              that want a machine with nothing else to do, so they are not part of every test
 *
 * Everything happens in namespaces of its own (network, mounts, processes): no test can meet
 * another program's port or the internet, and nothing outlives the run. One file at a time, because
 * media needs the whole machine.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';
import { prepareNetwork } from './support/network.js';
import { binary, chromiumPath, firefoxPath, iptablesPath, resultsFolder } from './support/places.js';

/** More than any test needs: only a runner that hangs gets here. Milliseconds. */
const FILE_TIME_LIMIT = 600_000;
const NETWORKS = '--networks';

if (process.env.ROOMCAST_E2E_INSIDE) await runTests();
else enterNamespaces();

function enterNamespaces() {
  checkPrograms();
  const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  // Without root, namespaces are to be had inside a user namespace, where the system allows those.
  if (process.getuid() !== 0) namespaces.unshift('--user', '--map-root-user');
  const env = { ...process.env, ROOMCAST_E2E_INSIDE: '1', ROOMCAST_BIN: binary() };
  const again = [process.execPath, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const child = spawn('unshare', [...namespaces, ...again], { stdio: 'inherit', env });
  child.on('error', (error) => fail(`the browser tests need \`unshare\` (package util-linux): ${error.message}`));
  child.on('exit', (code, signal) => {
    if (code === null) fail(`the browser tests were ended by ${signal}`);
    process.exitCode = code;
  });
}

function checkPrograms() {
  if (process.platform !== 'linux') fail('the browser tests need Linux: they make network namespaces');
  const programs = { chromium: chromiumPath(), 'firefox-esr': firefoxPath(), iptables: iptablesPath(), roomcast: binary() };
  for (const [name, path] of Object.entries(programs)) {
    if (!path) fail(`the browser tests need ${name}: run ./test, which installs or builds it`);
  }
}

async function runTests() {
  // Until all has passed, it has not.
  process.exitCode = 1;
  try {
    prepareNetwork();
  } catch (error) {
    fail(`no network namespace can be made: ${error.message}\nRun the browser tests as root, or allow user namespaces.`);
  }
  rmSync(resultsFolder, { recursive: true, force: true });
  mkdirSync(resultsFolder, { recursive: true });
  const files = testFiles(process.argv.slice(2));
  if (files.length === 0) fail('no test file fits');
  let passed = 0;
  let failed = 0;
  run({ files, concurrency: 1, timeout: FILE_TIME_LIMIT })
    .on('test:pass', ({ details, skip, todo }) => {
      if (details?.type !== 'suite' && skip === undefined && todo === undefined) passed += 1;
    })
    .on('test:fail', () => (failed += 1))
    .on('end', () => {
      // A run in which nothing ran has shown nothing.
      process.exitCode = failed > 0 || passed < files.length ? 1 : 0;
      if (process.exitCode) console.log(`Screenshots and logs of what failed: ${resultsFolder}`);
    })
    .compose(new spec())
    .pipe(process.stdout);
}

/** @param {string[]} words */
function testFiles(words) {
  const names = words.filter((word) => word !== NETWORKS);
  const folder = fileURLToPath(new URL(words.includes(NETWORKS) ? 'networks/' : 'tests/', import.meta.url));
  return readdirSync(folder)
    .filter((file) => file.endsWith('.test.js'))
    .filter((file) => names.length === 0 || names.some((name) => file.includes(name)))
    .map((file) => folder + file);
}

/** @param {string} message */
function fail(message) {
  console.error(message);
  process.exit(1);
}
