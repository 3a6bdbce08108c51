import assert from 'node:assert/strict';
import { behaviour } from '../support/scene.js';
import { goesOn, look, seesAndHears } from '../support/media.js';
import { liveShow, ROOM, roomAt } from '../support/show.js';
import { until } from '../support/until.js';

/** What browsers say about requests and sockets that lost their network. */
const NETWORK_LOST = /WebSocket connection to .* failed|ERR_NETWORK_CHANGED|ERR_INTERNET_DISCONNECTED|ERR_CONNECTION_|ERR_ADDRESS_/;

behaviour('ICE is restarted in both sessions when the network changes, and media goes on', async (scene) => {
  const { host, viewers: [viewer] } = await liveShow(scene);
  for (const [person, session] of /** @type {const} */ ([[host, 'publisher'], [viewer, 'subscriber']])) {
    const before = await ufrag(person, session);
    await person.page.evaluate(() => globalThis.roomcast.room.networkChanged());
    await until('new ICE credentials', () => ufrag(person, session), (now) => now !== before);
    await until('the same connection is up', () => connection(person, session), (state) => state === 'connected');
    await goesOn(viewer.page, /** @type {any} */ (await look(viewer.page)));
  }
  assert(await viewer.isSamePage());
});

for (const who of ['host', 'viewer']) {
  behaviour(`a ${who} who moves from one network to another is back by itself`, async (scene) => {
    scene.expectComplaints(NETWORK_LOST);
    const guest = scene.guest();
    const node = await scene.node();
    const mover = await scene.person(who === 'host' ? 'Ann' : 'Bob', { chromium: { guest } });
    const stayer = await scene.person(who === 'host' ? 'Bob' : 'Ann');
    const [host, viewer] = who === 'host' ? [mover, stayer] : [stayer, mover];
    await host.opensRoom(host === mover ? node.secure : node.local, ROOM);
    await host.goesLive();
    await viewer.open(roomAt(viewer === mover ? node.secure : node.local));
    await seesAndHears(viewer.page);
    const session = who === 'host' ? 'publisher' : 'subscriber';
    const before = await ufrag(mover, session);
    // Out of the range of the first network, then into that of another, with another address.
    guest.cutPath(1);
    guest.addPath();
    await until('new ICE credentials', () => ufrag(mover, session), (now) => now !== before, 30_000);
    await until('connected again', () => connection(mover, session), (state) => state === 'connected', 30_000);
    await mover.page.locator('body[data-connection=open]').waitFor();
    await goesOn(viewer.page, /** @type {any} */ (await look(viewer.page)));
    await host.phase('live');
    assert(await host.isSamePage() && await viewer.isSamePage());
  });
}

/** @param {import('../support/person.js').Person} person @param {'publisher' | 'subscriber'} session */
function ufrag(person, session) {
  return person.page.evaluate((name) =>
    /a=ice-ufrag:(\S+)/.exec(globalThis.roomcast.room[name].peer?.localDescription?.sdp ?? '')?.[1] ?? null, session);
}

/** @param {import('../support/person.js').Person} person @param {'publisher' | 'subscriber'} session */
function connection(person, session) {
  return person.page.evaluate((name) => globalThis.roomcast.room[name].peer?.connectionState ?? null, session);
}
