/**
 * The client library for other pages, under one address: `https://node/sdk/client.js`. What is
 * exported here is described in `docs/SDK.md`.
 */
export {
  canCapture, canShareScreen, captureFault, listDevices, openBoth, openCamera, openMicrophone, openScreen,
} from '../lib/capture.js';
export { isHost } from '../lib/chat.js';
export { Room } from '../lib/room.js';
export { Refused } from '../lib/signaling.js';

/** Where a node takes participants. @param {string} [node] its address; without it, the one that this module came from */
export function socketAddress(node = new URL('/', import.meta.url).href) {
  const url = new URL('/ws', node);
  url.protocol = url.protocol.replace('http', 'ws');
  return url.href;
}
