import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodingsOf, layersFor, published } from '../lib/layers.js';
import { Lanes } from '../lib/lanes.js';
import { Publisher } from '../lib/publisher.js';
import { takesLayers } from '../lib/sdp.js';
import { FakePeer, FakeTrack } from './fake-peer.js';
import { settle } from './fakes.js';

const HD = { width: 1280, height: 720 };
const camera = (settings = HD) => new FakeTrack('video', undefined, settings);

/** Lanes that send these tracks, negotiated. */
async function sending(tracks, { codec = null, layered = true, ...browser } = {}) {
  const peer = Object.assign(new FakePeer(), browser);
  const lanes = new Lanes(peer, codec, { layered });
  lanes.fill(new Map(Object.entries(tracks)));
  await peer.setLocalDescription(await peer.createOffer());
  await settle();
  const sender = (at = 0) => peer.getTransceivers()[at].sender;
  const active = (at = 0) => sender(at).getParameters().encodings.filter((one) => one.active).map(({ rid }) => rid);
  return { peer, lanes, sender, active };
}

const rids = (layers) => layers.map(({ rid }) => rid);

test('a camera is sent in three layers, the lowest first, and a small one in fewer', () => {
  assert.deepEqual(rids(layersFor('camera', HD)), ['q', 'h', 'f']);
  assert.deepEqual(rids(layersFor('camera', { width: 720, height: 1280 })), ['q', 'h', 'f'], 'a phone held upright');
  assert.deepEqual(rids(layersFor('camera', { width: 960, height: 540 })), ['q', 'h', 'f']);
  assert.deepEqual(rids(layersFor('camera', { width: 640, height: 480 })), ['h', 'f']);
  assert.deepEqual(rids(layersFor('camera', { width: 320, height: 240 })), []);
  assert.deepEqual(rids(layersFor('camera', { width: 0, height: 0 })), ['q', 'h', 'f'], 'not known yet');
});

test('a screen is sent in two layers, and sound in one', () => {
  assert.deepEqual(rids(layersFor('screen', { width: 1920, height: 1080 })), ['h', 'f']);
  assert.deepEqual(rids(layersFor('screen', { width: 300, height: 200 })), []);
  assert.deepEqual(layersFor('microphone', { width: 0, height: 0 }), []);
  assert.deepEqual(layersFor('screen-audio', { width: 0, height: 0 }), []);
});

test('each layer costs and shows more than the one before', () => {
  for (const layers of [layersFor('camera', HD), layersFor('camera', { width: 640, height: 360 }), layersFor('screen', HD)]) {
    for (const [at, one] of published(layers, HD).slice(1).entries()) {
      assert.ok(one.bitrate > published(layers, HD)[at].bitrate);
      assert.ok(one.width > published(layers, HD)[at].width);
    }
  }
  assert.deepEqual(published(layersFor('camera', HD), HD)[0], { rid: 'q', bitrate: 150_000, width: 320, height: 180 });
});

test('frames can be left out of every codec but H264', () => {
  const modes = (codec) => encodingsOf(layersFor('camera', HD), codec).map(({ scalabilityMode }) => scalabilityMode);
  for (const codec of ['vp8', 'vp9', 'av1']) assert.deepEqual(modes(codec), ['L1T3', 'L1T3', 'L1T3']);
  assert.deepEqual(modes('h264'), [undefined, undefined, undefined]);
});

test('the node is told of the layers, and of nothing where there are none', async () => {
  const { lanes } = await sending({ camera: camera(), microphone: new FakeTrack('audio') });
  const [picture, sound] = lanes.named();
  assert.deepEqual(rids(picture.layers), ['q', 'h', 'f']);
  assert.deepEqual(sound, { mid: '1', source: 'microphone' });
});

test('a link is sent in one encoding without a name', async () => {
  const { lanes, sender } = await sending({ camera: camera() }, { layered: false });
  assert.deepEqual(rids(sender().getParameters().encodings), [undefined]);
  assert.deepEqual(lanes.named(), [{ mid: '0', source: 'camera' }]);
});

test('a browser that takes no layers sends one encoding', async () => {
  const { lanes, sender } = await sending({ camera: camera() }, { refusesLayers: true });
  const { encodings } = sender().getParameters();
  assert.deepEqual([encodings.length, encodings[0].rid, encodings[0].maxBitrate], [1, undefined, 2_500_000]);
  assert.deepEqual(lanes.named(), [{ mid: '0', source: 'camera' }]);
});

test('VP9 and AV1 are sent in layers where the browser knows modes, or they would come out as one stream', async (context) => {
  const codecs = ['VP8', 'VP9', 'AV1'].map((name) => ({ mimeType: `video/${name}` }));
  globalThis.RTCRtpSender = { getCapabilities: () => ({ codecs }) };
  context.after(() => delete globalThis.RTCRtpSender);
  const count = async (codec, knowsModes) => {
    const { peer, sender } = await sending({ camera: camera() }, { codec, knowsModes });
    assert.equal(peer.getTransceivers().length, 1);
    return sender().getParameters().encodings.length;
  };
  for (const codec of ['vp8', 'vp9', 'av1']) assert.equal(await count(codec, true), 3);
  assert.deepEqual([await count('vp8', false), await count('vp9', false), await count('av1', false)], [3, 1, 1]);
  assert.equal(await count('h264', false), 3, 'VP8, since this browser has no H264');
});

test('a node that takes no layers gets the full picture by the encoding that is left', async () => {
  const { lanes, sender } = await sending({ camera: camera() });
  lanes.named();
  lanes.answered(() => false);
  await settle();
  const [{ scaleResolutionDownBy, maxBitrate, active }] = sender().getParameters().encodings;
  assert.deepEqual({ scaleResolutionDownBy, maxBitrate, active }, { scaleResolutionDownBy: 1, maxBitrate: 2_500_000, active: true });
  assert.deepEqual(lanes.named(), [{ mid: '0', source: 'camera' }]);
  lanes.want('camera', []);
  await settle();
  assert.equal(sender().getParameters().encodings[0].active, true);
});

test('layers that nobody takes are stopped, but never the lowest', async () => {
  const { lanes, active } = await sending({ camera: camera() });
  lanes.want('camera', ['q', 'f']);
  await settle();
  assert.deepEqual(active(), ['q', 'f']);
  for (const strange of [[], ['x'], ['f']]) {
    lanes.want('camera', strange);
    await settle();
    assert.equal(active()[0], 'q');
  }
  lanes.want('microphone', ['q']);
  lanes.wantAll();
  await settle();
  assert.deepEqual(active(), ['q', 'h', 'f']);
});

test('of several wishes while a change is on its way, the last one holds, and nothing else is lost', async () => {
  const { lanes, active, sender } = await sending({ camera: camera() });
  const before = sender().changes;
  for (const wanted of [['q'], ['q', 'h'], ['q', 'h', 'f'], ['q', 'f']]) lanes.want('camera', wanted);
  await settle();
  assert.deepEqual(active(), ['q', 'f']);
  assert.equal(sender().changes, before + 2);
  const { encodings, degradationPreference } = sender().getParameters();
  assert.deepEqual([degradationPreference, encodings[2].maxBitrate, encodings[0].scaleResolutionDownBy], ['balanced', 2_500_000, 4]);
});

test('another device keeps the layers; one of another size is told of, and one of another kind is negotiated anew', async () => {
  const { lanes, sender } = await sending({ camera: camera() });
  lanes.named();
  assert.deepEqual(await lanes.replace('camera', camera()), {});
  const larger = camera({ width: 1920, height: 1080 });
  assert.deepEqual(await lanes.replace('camera', larger), { offer: true });
  assert.equal(sender().track, larger);
  assert.deepEqual(lanes.named()[0].layers.map(({ width }) => width), [480, 960, 1920]);
  assert.deepEqual(await lanes.replace('camera', larger), {});
  assert.deepEqual(await lanes.replace('camera', camera({ width: 640, height: 480 })), { fresh: true });
  assert.equal(sender().track, larger);
  assert.deepEqual(await lanes.replace('screen', camera()), { offer: true });
});

test('a source that ends and begins again is sent in all its layers', async () => {
  const { lanes, active, sender } = await sending({ camera: camera() });
  lanes.want('camera', ['q']);
  lanes.fill(new Map());
  assert.deepEqual([lanes.named(), sender().track], [[], null]);
  const track = camera();
  lanes.fill(new Map([['camera', track]]));
  await settle();
  assert.deepEqual([active(), sender().track], [['q', 'h', 'f'], track]);
});

/** A publisher that is brought to a node, which takes layers. */
async function brought(tracks) {
  const peers = [];
  const said = [];
  const node = new FakePeer();
  const request = async (message) => {
    said.push(message);
    if (message.type !== 'publish') return { type: 'ok' };
    await node.setRemoteDescription({ type: 'offer', sdp: message.sdp });
    const answer = await node.createAnswer();
    await node.setLocalDescription(answer);
    return { type: 'published', sdp: answer.sdp.replaceAll(/^a=mid:.*$/gm, '$&\r\na=simulcast:recv q;h;f') };
  };
  const createPeer = () => peers[peers.push(new FakePeer()) - 1];
  const publisher = new Publisher({ request, createPeer });
  publisher.setNeeded(true);
  await publisher.setTracks(tracks);
  const told = () => said.filter(({ type }) => type === 'publish').map(({ tracks: [{ layers }], fresh }) => [layers?.map(({ width }) => width), fresh]);
  const active = () => peers.at(-1).getTransceivers()[0].sender.getParameters().encodings.filter((one) => one.active).map(({ rid }) => rid);
  return { publisher, told, active };
}

test('a session begins with all layers, follows the node, and sends all again when a word of it may be lost', async () => {
  const { publisher, told, active } = await brought({ camera: camera() });
  assert.deepEqual([told(), active()], [[[[320, 640, 1280], true]], ['q', 'h', 'f']]);
  publisher.setWanted('camera', ['q', 'f']);
  await settle();
  assert.deepEqual(active(), ['q', 'f']);
  publisher.resume(true);
  await settle();
  assert.deepEqual([told().length, active()], [1, ['q', 'h', 'f']]);
  publisher.setWanted('camera', ['q']);
  publisher.reopen();
  await settle();
  await settle();
  assert.deepEqual([told().at(-1), active()], [[[320, 640, 1280], true], ['q', 'h', 'f']]);
  await publisher.stop();
});

test('a camera of another size is described in the session that runs, one of another kind in a new one', async () => {
  const { publisher, told } = await brought({ camera: camera() });
  await publisher.setTracks({ camera: camera() });
  assert.equal(told().length, 1);
  await publisher.setTracks({ camera: camera({ width: 1920, height: 1080 }) });
  assert.deepEqual(told().at(-1), [[480, 960, 1920], false]);
  await publisher.setTracks({ camera: camera({ width: 640, height: 480 }) });
  assert.deepEqual(told().at(-1), [[320, 640], true]);
  await publisher.stop();
});

test('an answer takes layers where it says so, section by section', () => {
  const sdp = 'v=0\r\nm=audio 9 X 111\r\na=mid:0\r\nm=video 9 X 96\r\na=mid:1\r\na=rid:q recv\r\na=simulcast:recv q;h;f\r\nm=video 9 X 96\r\na=mid:2\r\n';
  assert.deepEqual(['0', '1', '2', '3'].map((mid) => takesLayers(sdp, mid)), [false, true, false, false]);
  assert.equal(takesLayers('m=video 9 X 96\r\na=mid:1\r\na=simulcast:send q;h recv x\r\n', '1'), true);
  assert.equal(takesLayers('m=video 9 X 96\r\na=mid:1\r\na=simulcast:send q;h\r\n', '1'), false);
});
