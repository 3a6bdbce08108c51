/**
 * Roomcast on other pages: `<roomcast-player>`, and the WHEP client below it. A page loads it from a
 * node, `https://node/sdk/roomcast.js`; the client library is `client.js` beside it.
 */
import { RoomcastPlayer } from './player.js';

if (!customElements.get('roomcast-player')) customElements.define('roomcast-player', RoomcastPlayer);

export { RoomcastPlayer };
export { Whep } from '../lib/whep.js';
