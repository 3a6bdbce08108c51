import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gauge } from '../lib/figures.js';
import { FakeClock } from './fakes.js';

/** A connection whose counters the test sets. */
function connection({ local = {}, remote = {}, pair = {}, selected = true, ...video } = {}) {
  const stats = {
    in: { type: 'inbound-rtp', kind: 'video', trackIdentifier: 't', codecId: 'c', frameWidth: 640, frameHeight: 360, bytesReceived: 0, packetsReceived: 0, packetsLost: 0, framesDecoded: 0, ...video },
    c: { type: 'codec', mimeType: 'video/VP8' },
    p: { type: 'candidate-pair', selected, localCandidateId: 'l', remoteCandidateId: 'r', currentRoundTripTime: 0.0321, ...pair },
    l: { type: 'local-candidate', candidateType: 'host', protocol: 'udp', ...local },
    r: { type: 'remote-candidate', candidateType: 'host', protocol: 'udp', ...remote },
  };
  return { stats, peer: { getStats: async () => new Map(Object.entries(stats)) } };
}

const tracks = new Map([[7, { id: 't' }]]);

async function after(connected, change, { path = 'node', span = 1_000 } = {}) {
  const clock = new FakeClock();
  const gauge = new Gauge({ clock });
  assert.equal((await gauge.read([{ peer: connected.peer, path }], tracks)).size, 0, 'one reading makes no rate');
  await clock.pass(span);
  Object.assign(connected.stats.in, change);
  return (await gauge.read([{ peer: connected.peer, path }], tracks)).get(7);
}

test('figures are what came since they were read before', async () => {
  const figures = await after(connection({ bytesReceived: 1_000, packetsReceived: 10, framesDecoded: 100 }), {
    bytesReceived: 126_000, headerBytesReceived: 0, packetsReceived: 106, packetsLost: 4, framesDecoded: 150,
  }, { span: 2_000 });
  assert.deepEqual(figures, {
    width: 640, height: 360, framesPerSecond: 25, bitrate: 500_000, lossPercent: 4, codec: 'vp8',
    roundTrip: 32, relayed: false, transport: 'udp', path: 'node',
  });
});

test('packets that came late after all are no loss below zero', async () => {
  const figures = await after(connection({ packetsLost: 5 }), { packetsLost: 2, packetsReceived: 10 });
  assert.equal(figures.lossPercent, 0);
});

test('a picture that rests has no rate and no loss', async () => {
  const figures = await after(connection(), {});
  assert.deepEqual([figures.bitrate, figures.framesPerSecond, figures.lossPercent], [0, 0, 0]);
});

test('a relay is told from a direct way, and how one gets to it', async () => {
  const relayed = await after(connection({ local: { candidateType: 'relay', relayProtocol: 'tls' } }), {}, { path: 'link' });
  assert.deepEqual([relayed.relayed, relayed.transport, relayed.path], [true, 'tls', 'link']);
  const theirs = await after(connection({ remote: { candidateType: 'relay' } }), {});
  assert.deepEqual([theirs.relayed, theirs.transport], [true, 'udp']);
});

test('the chosen pair is found in whatever way the browser names it', async () => {
  const connected = connection({ selected: false });
  connected.stats.t = { type: 'transport', selectedCandidatePairId: 'p' };
  assert.equal((await after(connected, {})).roundTrip, 32);
  assert.equal((await after(connection({ selected: false }), {})).roundTrip, null);
});

test('another stream in the same place begins anew, and a closed connection has no figures', async () => {
  assert.equal(await after(connection({ bytesReceived: 5_000 }), { bytesReceived: 10 }), undefined);
  const closed = { getStats: async () => { throw new Error('closed'); } };
  assert.equal((await new Gauge({ clock: new FakeClock() }).read([{ peer: closed, path: 'link' }], tracks)).size, 0);
});

test('pictures that are not shown, and sounds, have none', async () => {
  const clock = new FakeClock();
  const gauge = new Gauge({ clock });
  const { stats, peer } = connection();
  stats.in.trackIdentifier = 'other';
  stats.sound = { ...stats.in, kind: 'audio', trackIdentifier: 't' };
  await gauge.read([{ peer, path: 'node' }], tracks);
  await clock.pass(1_000);
  assert.equal((await gauge.read([{ peer, path: 'node' }], tracks)).size, 0);
});
