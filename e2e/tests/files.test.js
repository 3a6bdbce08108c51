/** Files that are not sent the easy way: too large, with a path in the name, refused, stopped half-way. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasLinks } from '../support/links.js';
import { behaviour } from '../support/scene.js';
import { ROOM, roomAt } from '../support/show.js';

/** More than may be sent by a link. */
const TOO_LARGE = 256 * 1024 * 1024 + 1;
/** So much that it takes a while also on this machine. */
const LONG = 200 * 1024 * 1024;

behaviour('a file that is too large is not offered, and its sender is told', async (scene) => {
  const { host, bob } = await pair(scene);
  await sendsLarge(scene, host, 'movie.bin', TOO_LARGE);
  await host.fileIs('movie.bin', 'too-large');
  await host.sendsFile('small.txt', Buffer.from('small'));
  assert.equal((await bob.savesFile('small.txt')).toString(), 'small');
  assert.equal(await bob.file('movie.bin').count(), 0);
});

behaviour('of a file name with a path in it only the last part arrives', async (scene) => {
  const { host, bob } = await pair(scene);
  await host.page.evaluate(() => void globalThis.roomcast.room.sendFile(new File(['x'], '../../etc/pass\u0000wd')));
  await bob.file('passwd').waitFor();
  const saved = bob.page.waitForEvent('download');
  await bob.file('passwd').locator('[data-testid=file-accept]').click();
  await bob.fileIs('passwd', 'done');
  await bob.file('passwd').locator('[data-testid=file-save]').click();
  assert.equal((await saved).suggestedFilename(), 'passwd');
});

behaviour('a sender who stops half-way, a receiver who stops, and one who does not want it: the other side is told', async (scene) => {
  const { host, bob } = await pair(scene);
  await sendsLarge(scene, host, 'stopped-by-sender.bin', LONG);
  await bob.file('stopped-by-sender.bin').locator('[data-testid=file-accept]').click();
  await bob.fileIs('stopped-by-sender.bin', 'moving');
  await host.file('stopped-by-sender.bin').locator('[data-testid=file-stop]').click();
  await bob.fileIs('stopped-by-sender.bin', 'stopped');
  assert.equal(await bob.file('stopped-by-sender.bin').locator('[data-testid=file-save]').isVisible(), false);

  await sendsLarge(scene, host, 'stopped-by-receiver.bin', LONG);
  await bob.file('stopped-by-receiver.bin').locator('[data-testid=file-accept]').click();
  await bob.fileIs('stopped-by-receiver.bin', 'moving');
  await bob.file('stopped-by-receiver.bin').locator('[data-testid=file-stop]').click();
  await host.fileIs('stopped-by-receiver.bin', 'stopped');

  await sendsLarge(scene, host, 'unwanted.bin', LONG);
  await bob.file('unwanted.bin').locator('[data-testid=file-decline]').click();
  await host.fileIs('unwanted.bin', 'declined');

  await host.sendsFile('at-last.txt', Buffer.from('whole'));
  assert.equal((await bob.savesFile('at-last.txt')).toString(), 'whole');
});

behaviour('a receiver of a file is told when its sender leaves half-way', async (scene) => {
  const { host, bob } = await pair(scene);
  await sendsLarge(scene, bob, 'half.bin', LONG);
  await host.file('half.bin').locator('[data-testid=file-accept]').click();
  await host.fileIs('half.bin', 'moving');
  await bob.page.close();
  await host.page.locator('[data-testid=file][data-state=left]').waitFor({ timeout: 60_000 });
});

/**
 * A file of zeros that is not in the memory of the test.
 * @param {import('../support/scene.js').Scene} scene @param {import('../support/person.js').Person} sender
 * @param {string} name @param {number} bytes
 */
async function sendsLarge(scene, sender, name, bytes) {
  const folder = mkdtempSync(join(tmpdir(), 'roomcast-file-'));
  scene.keep({ close: () => rmSync(folder, { recursive: true }) });
  writeFileSync(join(folder, name), '');
  truncateSync(join(folder, name), bytes);
  await sender.page.locator('#file-input').setInputFiles(join(folder, name));
}

/** A host and a viewer without pictures, with a link between them. @param {import('../support/scene.js').Scene} scene */
async function pair(scene) {
  const node = await scene.node({ topology: 'p2p' });
  const host = await scene.person('Ann');
  await host.opensRoom(node.local, ROOM);
  const bob = await scene.person('Bob');
  await bob.open(roomAt(node.local));
  await hasLinks(host, 1);
  return { host, bob };
}
