/** Browsers as processes of their own, with fake devices where they have any. */
import { chromium, firefox } from 'playwright-core';
import { chromiumPath, firefoxPath } from './places.js';

/** Nothing is asked of the internet, and no sandbox, which needs rights that root has not in a container. */
const QUIET = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
  // Pages that are not in front are not slowed down: a person would have a window for each.
  '--disable-background-timer-throttling', '--disable-backgrounding-occluded-windows', '--disable-renderer-backgrounding',
];

/**
 * @typedef {object} ChromiumOptions
 * @property {number} [cameras]        fake cameras; each shows a moving picture
 * @property {number} [framesPerSecond] of the fake cameras
 * @property {boolean} [autoplay]      whether pages may play sound without a click
 * @property {string[]} [args]         further flags
 * @property {import('./machine.js').Machine} [guest]   the machine on which it runs
 */

/** @param {ChromiumOptions} [options] */
export function openChromium({ cameras = 1, framesPerSecond = 20, autoplay = true, args = [], guest } = {}) {
  const path = /** @type {string} */ (chromiumPath());
  return chromium.launch({
    executablePath: guest ? guest.wrapped(path) : path,
    headless: true,
    // Playwright's own default hides scroll bars and mutes; muted pages still measure sound energy.
    args: [
      ...QUIET,
      `--use-fake-device-for-media-stream=device-count=${cameras},fps=${framesPerSecond}`,
      '--use-fake-ui-for-media-stream',
      // Elsewhere it only makes ways that lead nowhere, and each of them is tried before others.
      ...(guest ? [] : ['--allow-loopback-in-peer-connection']),
      `--autoplay-policy=${autoplay ? 'no-user-gesture-required' : 'document-user-activation-required'}`,
      ...args,
    ],
  });
}

/** Firefox never uses loopback addresses for media: open pages at the node's LAN address. */
export function openFirefox() {
  return firefox.launch({
    channel: 'moz-firefox',
    executablePath: firefoxPath(),
    headless: true,
    firefoxUserPrefs: {
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
      'media.autoplay.default': 0,
      'media.autoplay.blocking_policy': 0,
      'media.peerconnection.ice.obfuscate_host_addresses': false,
    },
  });
}
