import assert from 'node:assert/strict';
import { behaviour } from '../support/scene.js';
import { seesAndHears } from '../support/media.js';
import { liveShow } from '../support/show.js';

for (const codec of ['vp9', 'h264', 'av1']) {
  behaviour(`a broadcast in ${codec.toUpperCase()} arrives as such`, async (scene) => {
    const { viewers: [viewer] } = await liveShow(scene, { search: `?codec=${codec}` });
    await seesAndHears(viewer.page);
    const codecs = await viewer.knows((state) => Object.values(state.room.subscriptions).map((one) => one.codec).sort());
    assert.deepEqual(codecs, [codec, 'opus'].sort());
  });
}
