import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from '../lib/backoff.js';
import { captureFault } from '../lib/capture.js';
import { merged } from '../lib/chat.js';
import { preferCodec } from '../lib/codecs.js';
import { Room } from '../lib/room.js';
import { withSilence, withStartBitrate, withStereo, withStreams } from '../lib/sdp.js';
import { Signaling } from '../lib/signaling.js';
import { FakeClock, fakeSockets, welcome } from './fakes.js';

const codec = (mimeType) => ({ mimeType });

test('a pause lies between half of its step and the whole of it', () => {
  assert.equal(new Backoff({ random: () => 0 }).next(), 150);
  assert.equal(new Backoff({ random: () => 1 }).next(), 300);
  const backoff = new Backoff({ random: () => 1 });
  backoff.next();
  backoff.reset();
  assert.equal(backoff.next(), 300);
  backoff.exhaust();
  assert.equal(backoff.next(), 5_000);
});

test('VP8 is offered first, another one when it is wished, RTX stays behind', () => {
  const all = ['video/rtx', 'video/H264', 'video/AV1', 'video/VP9', 'video/VP8', 'video/H264'].map(codec);
  const names = (wanted) => preferCodec(all, wanted).map((c) => c.mimeType.slice(6));
  assert.deepEqual(names(), ['VP8', 'VP9', 'H264', 'H264', 'AV1', 'rtx']);
  assert.deepEqual(names('h264'), ['H264', 'H264', 'VP8', 'VP9', 'AV1', 'rtx']);
  assert.deepEqual(names('nonsense'), names());
});

test('stereo is written into the named sections only', () => {
  const section = (mid) => `m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:${mid}\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n`;
  const sdp = `v=0\r\n${section('0')}${section('1')}`;
  const changed = withStereo(sdp, ['1']);
  assert.equal(changed.match(/stereo=1;sprop-stereo=1/g)?.length, 1);
  assert.match(changed, /a=mid:1\r\n.*\r\na=fmtp:111 minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1;maxaveragebitrate=128000\r\n$/);
  assert.equal(withStereo(changed, ['1']), changed, 'twice is the same as once');
  assert.equal(withStereo(sdp, []), sdp);
  const bare = withStereo('m=audio 9 X 96\r\na=mid:a\r\na=rtpmap:96 opus/48000/2\r\n', ['a']);
  assert.match(bare, /a=fmtp:96 stereo=1/);
});

test('silence is hardly sent where speech is, and only there', () => {
  const section = (mid) => `m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:${mid}\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n`;
  const changed = withSilence(`v=0\r\n${section('0')}${section('1')}`, ['0']);
  assert.match(changed, /a=mid:0\r\n.*\r\na=fmtp:111 minptime=10;useinbandfec=1;usedtx=1\r\n/);
  assert.equal(changed.match(/usedtx/g)?.length, 1);
  assert.equal(withSilence(changed, ['0']), changed, 'twice is the same as once');
});

test('sections that belong together are of one stream', () => {
  const section = (kind, mid) => `m=${kind} 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:${mid}\r\na=msid:s${mid} t${mid}\r\na=ssrc:${mid}7 cname:x\r\na=ssrc:${mid}7 msid:s${mid} t${mid}\r\n`;
  const sdp = `v=0\r\na=msid-semantic: WMS s0 s1 s2\r\n${section('video', '0')}${section('audio', '1')}${section('video', '2')}`;
  const changed = withStreams(sdp, new Map([['0', 'ann'], ['1', 'ann']]));
  assert.deepEqual([...changed.matchAll(/msid:(\S+ \S+)/g)].map(([, named]) => named), ['ann t0', 'ann t0', 'ann t1', 'ann t1', 's2 t2', 's2 t2']);
  assert.equal(changed.replaceAll('ann', ''), sdp.replaceAll(/\bs[01](?= t)/g, ''), 'nothing else is changed');
});

test('a video section begins at a useful bit rate, in the codec that is sent', () => {
  const vp8 = 'm=video 9 UDP/TLS/RTP/SAVPF 96 97\r\na=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\n';
  assert.match(withStartBitrate(vp8), /VP8\/90000\r\na=fmtp:96 x-google-start-bitrate=\d+\r\n/);
  const h264 = 'm=video 9 UDP/TLS/RTP/SAVPF 102\r\na=rtpmap:102 H264/90000\r\na=fmtp:102 packetization-mode=1\r\n';
  assert.match(withStartBitrate(h264), /a=fmtp:102 packetization-mode=1;x-google-start-bitrate=\d+\r\n/);
  const audio = 'm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n';
  assert.equal(withStartBitrate(audio), audio);
});

test('each fault of a device has its word', () => {
  const fault = (name, message = '') => captureFault({ name, message });
  assert.equal(fault('NotAllowedError', 'Permission denied'), 'denied');
  assert.equal(fault('NotAllowedError', 'Permission dismissed'), 'cancelled');
  assert.equal(fault('NotFoundError'), 'missing');
  assert.equal(fault('NotReadableError'), 'busy');
  assert.equal(fault('TypeError'), 'failed');
});

const message = (number) => ({ number, at: 0, participant: 'p', name: 'n', host: false, text: String(number) });

test('each message stands once, in its order', () => {
  const numbers = (list) => list.map((m) => m.number);
  assert.deepEqual(numbers(merged([1, 2].map(message), [3, 4].map(message))), [1, 2, 3, 4]);
  assert.deepEqual(numbers(merged([1, 2, 4].map(message), [2, 3, 4].map(message))), [1, 2, 3, 4]);
  assert.equal(merged([], Array.from({ length: 700 }, (_, at) => message(at))).length, 500);
});

async function entered() {
  const { Socket, made } = fakeSockets();
  const signaling = new Signaling({ url: 'ws://x', clock: new FakeClock(), Socket });
  const room = new Room({ url: 'ws://x', signaling });
  room.join({ room: 'r', name: 'Ann' });
  await made[0].accept();
  await made[0].answer('join', welcome({ chat: [1, 2].map(message) }));
  return { room, made };
}

test('a room follows what the node says', async () => {
  const { room, made } = await entered();
  assert.deepEqual(room.state.me, { participant: 'p1', name: 'Ann', role: 'viewer' });
  assert.equal(made[0].last('subscribe').type, 'subscribe', 'it asks for a subscriber session by itself');
  await made[0].say({ type: 'chat', message: message(3) });
  await made[0].say({ type: 'chat', message: message(3) });
  await made[0].say({ type: 'audience-count', count: 9 });
  await made[0].say({ type: 'room', name: 'r', live: true, liveSince: 5, chatOpen: false, stage: [] });
  await made[0].say({ type: 'subscription', publication: 7, state: 'codec-unsupported', codec: 'h264' });
  assert.equal(room.state.chat.length, 3);
  assert.equal(room.state.audience, 9);
  assert.deepEqual(room.state.room, { name: 'r', live: true, liveSince: 5, chatOpen: false, stage: [] });
  assert.deepEqual(room.state.subscriptions[7], { state: 'codec-unsupported', codec: 'h264' });
});

test('the first session is asked for in one breath with the way in, and again if there was none yet', async () => {
  const { Socket, made } = fakeSockets();
  const room = new Room({ url: 'ws://x', signaling: new Signaling({ url: 'ws://x', clock: new FakeClock(), Socket }) });
  const said = () => made[0].sent.map(({ type }) => type).filter((type) => type !== 'ping').join(' ');
  room.join({ room: 'r', name: 'Ann' });
  await made[0].accept();
  assert.equal(said(), 'join subscribe');
  await made[0].answer('join', { type: 'waiting' });
  await made[0].answer('subscribe', { type: 'error', code: 'not-joined', message: 'wait' });
  await made[0].say(welcome());
  assert.equal(said(), 'join subscribe subscribe');
  room.join({ room: 'r', name: 'Ann' });
  await made[0].answer('join', welcome());
  await made[0].answer('subscribe', { type: 'ok' });
  assert.equal(said(), 'join subscribe subscribe join subscribe');
  room.stop();
});

test('a new participant takes the chat of the node, a resumed one keeps its own as well', async () => {
  const { room, made } = await entered();
  await made[0].say({ type: 'chat', message: message(3) });
  room.join({ room: 'r', name: 'Ann' });
  await made[0].answer('join', welcome({ resumed: true, chat: [2, 3, 4].map(message) }));
  assert.deepEqual(room.state.chat.map((m) => m.number), [1, 2, 3, 4]);
  room.join({ room: 'r', name: 'Ann' });
  await made[0].answer('join', welcome({ chat: [message(1)] }));
  assert.deepEqual(room.state.chat.map((m) => m.number), [1]);
});
