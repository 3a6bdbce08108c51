import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { wordsOf } from '../elements/tile-figures.js';
import { useLanguage } from '../i18n.js';
import { inOrder, receptionFigures, receptionWords } from '../reception.js';
import { EMPTY_ROOM } from '../store.js';

afterEach(() => useLanguage('en'));

const words = (reception, quality = 'auto') => receptionWords({ room: { ...EMPTY_ROOM, reception }, quality });
const weak = (participant, standing, available) => ({ participant, name: participant, reception: { standing, available, lossPercent: 0 } });

test('a good network is not worth a word', () => {
  assert.equal(words(null), null);
  assert.equal(words({ standing: 'good', available: 900_000, lossPercent: 1 }), null);
});

test('a network that carries less says what it carries, and what follows from that', () => {
  assert.equal(words({ standing: 'limited', available: 480_000, lossPercent: 0 })?.full, 'Your network carries 480 kbit/s: the picture is smaller');
  assert.equal(words({ standing: 'poor', available: 90_000, lossPercent: 2 })?.full, 'Your network carries 90 kbit/s: picture and sound suffer');
  assert.equal(words({ standing: 'limited', lossPercent: 0 })?.full, 'Your network is slow: the picture is smaller');
});

test('loss is named where it is what hurts', () => {
  assert.deepEqual(words({ standing: 'poor', available: 4_000_000, lossPercent: 12 }), {
    full: '12 % gets lost on the way to you: picture and sound suffer', short: '12 % lost',
  });
});

test('who wants sound only hears of a bad network, and not of small pictures', () => {
  assert.equal(words({ standing: 'limited', available: 480_000, lossPercent: 0 }, 'sound'), null);
  assert.ok(words({ standing: 'poor', available: 20_000, lossPercent: 0 }, 'sound'));
});

test('those who struggle stand in an order that figures do not disturb', () => {
  const names = (list) => inOrder(list).map(({ participant }) => participant);
  const list = [weak('bob', 'limited', 400_000), weak('zoe', 'poor', 90_000), weak('ann', 'limited', 700_000), weak('cho', 'poor', 30_000)];
  assert.deepEqual(names(list), ['cho', 'zoe', 'ann', 'bob']);
  list[0].reception.available = 10_000;
  assert.deepEqual(names(list.reverse()), ['cho', 'zoe', 'ann', 'bob']);
});

test('a host reads how badly someone is reached', () => {
  assert.equal(receptionFigures({ standing: 'poor', available: 90_400, lossPercent: 12 }), '90.4 kbit/s · 12 % lost');
  assert.equal(receptionFigures({ standing: 'poor', lossPercent: 30 }), '30 % lost');
});

const figures = { width: 1280, height: 720, framesPerSecond: 24.6, bitrate: 1_430_000, lossPercent: 0.44, roundTrip: 32, codec: 'vp9', path: 'node', relayed: false, transport: 'udp' };

test('figures are read as people say them', () => {
  assert.deepEqual(wordsOf(/** @type {any} */ (figures), ''), {
    size: '1280 × 720', codec: 'VP9', rate: '1.4 Mbit/s', frames: '25 fps', loss: '0.4 % lost', trip: '32 ms', way: 'Over the server, UDP', limit: '',
  });
  useLanguage('zh-Hans');
  assert.equal(wordsOf(/** @type {any} */ (figures), '').frames, '25 帧/秒');
});

test('each way has its words', () => {
  const way = (more) => wordsOf(/** @type {any} */ ({ ...figures, ...more }), '').way;
  assert.equal(way({ path: 'link' }), 'Direct, UDP');
  assert.equal(way({ path: 'link', relayed: true, transport: 'tls' }), 'Relayed, TLS');
  assert.equal(way({ relayed: true, transport: 'tcp' }), 'Over the server, Relayed, TCP');
  assert.equal(way({ transport: null }), 'Over the server');
});

test('before the first picture there is no size, and what is not known is left out', () => {
  const said = wordsOf(/** @type {any} */ ({ ...figures, height: 0, roundTrip: null, lossPercent: 0 }), 'Held down by your network');
  assert.deepEqual([said.size, said.trip, said.loss, said.limit], ['No picture yet', '', '0 % lost', 'Held down by your network']);
});
