import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as client from '../sdk/client.js';
import { wishOf } from '../sdk/keys.js';
import { messageOf } from '../sdk/message.js';
import { addressOf } from '../sdk/place.js';
import { speaker, WORDS } from '../sdk/words.js';

test('every language has the words of the player, with the same places to fill in', () => {
  const places = (text) => [...text.matchAll(/\{\w+\}/g)].join();
  for (const [language, catalogue] of Object.entries(WORDS)) {
    assert.deepEqual(Object.keys(catalogue), Object.keys(WORDS.en), language);
    for (const [word, text] of Object.entries(catalogue)) assert.equal(places(text), places(WORDS.en[word]), `${language} ${word}`);
  }
  assert.equal(speaker(['fr', 'zh-TW'])('live'), '直播中');
  assert.equal(speaker(['de'])('refused-other', { message: 'no' }), 'The server refused: no');
});

test('each state is said in words, and what is to be done about it', () => {
  const said = (state, code, before) => {
    const message = messageOf(state, code ? { code, message: 'why' } : null, before);
    return message && [message.title, message.text, message.retry];
  };
  assert.equal(said('playing'), null);
  assert.deepEqual(said('connecting'), ['connecting', null, false]);
  assert.deepEqual(said('connecting', 'unreachable'), ['connecting', 'trouble-unreachable', false]);
  assert.deepEqual(said('reconnecting', 'no-udp'), ['reconnecting', 'trouble-network', false]);
  assert.deepEqual(said('waiting', 'room-unknown'), ['waiting', 'waiting-text', false]);
  assert.deepEqual(said('waiting', 'not-live', { played: true }), ['waiting-again', 'waiting-text', false]);
  assert.deepEqual(said('waiting', 'room-full'), ['waiting-full', 'waiting-full-text', false]);
  assert.deepEqual(said('waiting', 'room-locked'), ['waiting-locked', 'waiting-locked-text', false]);
  assert.deepEqual(said('refused', 'token-expired'), ['refused', 'refused-token-expired', true]);
  assert.deepEqual(said('refused', 'name-invalid'), ['refused', 'refused-other', true]);
});

test('keys change the sound and the size, and leave what is not theirs', () => {
  const at = (key, more = {}) => wishOf({ key, altKey: false, ctrlKey: false, metaKey: false, ...more }, { volume: 0.95, arrowsTaken: false });
  assert.deepEqual(at('m'), ['sound']);
  assert.deepEqual(at('F'), ['fullscreen']);
  assert.deepEqual(at('ArrowUp'), ['volume', 1]);
  assert.equal(at('m', { ctrlKey: true }), null);
  assert.equal(at('x'), null);
  assert.equal(wishOf({ key: 'ArrowUp' }, { volume: 0, arrowsTaken: true }), null);
});

test('the address of a room at a node', () => {
  const page = { protocol: 'http:', href: 'http://site.example/a/' };
  const module = 'http://node.example:8443/v/1/sdk/player.js';
  assert.equal(addressOf('a b/ü', { src: null, page, module }), 'http://node.example:8443/whep/a%20b%2F%C3%BC');
  assert.equal(addressOf('x', { src: 'https://other.example', page, module }), 'https://other.example/whep/x');
  assert.equal(addressOf('x', { src: 'https://other.example/live/', page, module }), 'https://other.example/live/whep/x');
  const secure = { protocol: 'https:', href: 'https://site.example/' };
  assert.equal(addressOf('x', { src: 'http://other.example', page: secure, module }).code, 'mixed-content');
  assert.equal(addressOf('x', { src: 'http://[', page, module }).code, 'src-invalid');
  assert.equal(addressOf('x', { src: 'http://localhost:8443', page: secure, module }), 'http://localhost:8443/whep/x');
});

test('the client library has what its manual describes', () => {
  assert.deepEqual(Object.keys(client).sort(), [
    'Refused', 'Room', 'canCapture', 'canShareScreen', 'captureFault', 'isHost', 'listDevices', 'openBoth', 'openCamera',
    'openMicrophone', 'openScreen', 'socketAddress',
  ]);
  assert.equal(client.socketAddress('https://node.example:8443'), 'wss://node.example:8443/ws');
});
