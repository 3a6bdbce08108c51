import assert from 'node:assert/strict';
import { behaviour } from '../support/scene.js';
import { seesAndHears } from '../support/media.js';
import { liveShow, ROOM } from '../support/show.js';

/** What a page may say while there is no node. */
const NO_NODE = /WebSocket connection to .* failed|ERR_CONNECTION_/;

for (const signal of /** @type {const} */ (['SIGKILL', 'SIGTERM'])) {
  behaviour(`a node that is ended by ${signal} and started again: every page comes back by itself`, async (scene) => {
    scene.expectComplaints(NO_NODE);
    const { node, host, viewers } = await liveShow(scene, { viewers: ['Bob', 'Cho'] });
    await host.says('before the end');
    await viewers[0].reads('Ann', 'before the end');
    const link = await host.copiesLink('host-link');
    await node.end(signal);
    await Promise.all([host, ...viewers].map((person) => person.page.locator('body[data-connection=reconnecting]').waitFor()));
    await node.start();
    await host.phase('live');
    await Promise.all(viewers.map((viewer) => seesAndHears(viewer.page, { within: 30_000 })));
    for (const person of [host, ...viewers]) assert(await person.isSamePage(), `${person.label} did not load the page anew`);

    const late = await scene.person('Dee', { browser: await scene.chromium() });
    await late.open(`${node.local}/r/${ROOM}`);
    await late.reads('Ann', 'before the end');
    const device = await scene.secondPage(late, 'Ann’s phone');
    await device.open(link);
    assert.equal(await device.role(), 'host', 'the host key of before still makes host');
    await host.says('after the start');
    await late.reads('Ann', 'after the start');
    const numbers = (await late.messages()).map(({ number }) => number);
    assert.deepEqual(numbers, [...numbers].sort((a, b) => a - b));
    assert.equal(new Set(numbers).size, 2);
  });
}
