/** A person in front of a page: what they do, by the names and roles that the page gives its parts. */
import { readFileSync } from 'node:fs';
import { expectPhase } from './phase.js';
import { until } from './until.js';

/** @typedef {import('playwright-core').Page} Page */

export class Person {
  page;
  label;
  /** When the page was loaded: the same for as long as it is not loaded anew. */
  #loaded = 0;

  /** @param {Page} page @param {string} label */
  constructor(page, label) {
    this.page = page;
    this.label = label;
  }

  /** @param {string} url */
  async open(url) {
    await this.page.goto(url);
    this.#loaded = await this.#origin();
  }

  /** From the front page to the setup of a room of one's own. @param {string} origin @param {string} room */
  async opensRoom(origin, room) {
    await this.open(origin);
    await this.page.locator('#room-name').fill(room);
    await this.page.locator('#go-live').click();
    await this.phase('setup');
  }

  /** Tries to open a room that somebody has opened already. @param {string} origin @param {string} room */
  async opensRoomOfAnother(origin, room) {
    await this.open(origin);
    await this.page.locator('#room-name').fill(room);
    await this.page.locator('#go-live').click();
    await this.phase('taken');
  }

  /** From the setup to being live. */
  async goesLive() {
    await this.page.locator('#start-live:enabled').click();
    await this.phase('live');
  }

  /** Joins a call, or begins it: nothing is pressed. @param {string} origin @param {string} room */
  async calls(origin, room) {
    await this.open(`${origin}/r/${room}#call`);
    await this.phase('live');
  }

  /** Host: changes settings of the room. @param {{ topology?: 'auto' | 'p2p' | 'sfu', relayOnly?: boolean }} change */
  async setsRoom(change) {
    await this.page.locator('#open-settings').click();
    const dialog = this.page.locator('#settings-dialog');
    if (change.topology) await dialog.locator('[data-testid=choose-topology]').selectOption(change.topology);
    if (change.relayOnly !== undefined) await dialog.locator('#room-relay-only').setChecked(change.relayOnly);
    await dialog.getByRole('button', { name: 'Close' }).click();
    const wanted = JSON.stringify(change);
    const holds = `Object.entries(${wanted}).every(([key, value]) => roomcast.store.state.room.room[key] === value)`;
    await until(`${this.label} has set ${wanted}`, () => this.page.evaluate(holds));
  }

  /** @returns {Promise<string>} as what the person came in */
  async role() {
    await this.page.locator('body[data-role]').waitFor();
    return (await this.page.locator('body').getAttribute('data-role')) ?? '';
  }

  /** Waits for a phase of the page. @param {string} phase @param {number} [within] milliseconds */
  phase(phase, within) {
    return expectPhase(this.page, phase, within);
  }

  /** Whether this is still the page that was opened. */
  async isSamePage() {
    return (await this.#origin()) === this.#loaded;
  }

  /** @param {'camera' | 'microphone' | 'screen'} source @param {boolean} on */
  async turns(source, on) {
    await this.page.locator(`[data-testid=toggle-${source}]:visible`).click();
    await this.page.locator(`[data-testid=toggle-${source}][aria-pressed=${on}]:visible`).waitFor();
  }

  /** @param {string} text */
  async says(text) {
    await this.page.locator('#chat-input').fill(text);
    await this.page.locator('#chat-send').click();
  }

  /** Waits until a message is shown. @param {string} name of its author @param {string} text */
  async reads(name, text) {
    const holds = (/** @type {{ name: string, text: string }[]} */ all) => all.some((one) => one.name === name && one.text === text);
    await until(`${this.label} reads “${text}”`, () => this.messages(), holds);
  }

  /** @returns {Promise<{ number: number, name: string, time: string, text: string }[]>} the chat as shown */
  messages() {
    return this.page.locator('.messages .message').evaluateAll((items) => items.map((item) => ({
      number: Number(item.getAttribute('data-number')),
      name: item.querySelector('.message-name')?.textContent ?? '',
      time: item.querySelector('time')?.getAttribute('datetime') ?? '',
      text: item.querySelector('.message-text')?.textContent ?? '',
    })));
  }

  /** Sends a file to everyone. @param {string} name @param {Buffer} contents */
  async sendsFile(name, contents) {
    await this.page.locator('#file-input').setInputFiles({ name, mimeType: 'application/octet-stream', buffer: contents });
  }

  /** The card of a file in the chat. @param {string} name */
  file(name) {
    return this.page.locator('[data-testid=file]', { has: this.page.locator('.file-name', { hasText: name }) });
  }

  /** Takes a file that is offered, and waits until it is there. @param {string} name @returns {Promise<Buffer>} */
  async takesFile(name) {
    await this.page.evaluate(() => globalThis.roomcast.room.addEventListener('files', ({ detail }) => (globalThis.newestFiles = detail)));
    await this.file(name).locator('[data-testid=file-accept]').click();
    await this.fileIs(name, 'done');
    const contents = await this.page.evaluate(contentsOf, name);
    return Buffer.from(contents, 'base64');
  }

  /** Takes a file and saves it: browsers driven from afar tell of that in Chromium alone. @param {string} name @returns {Promise<Buffer>} */
  async savesFile(name) {
    const card = this.file(name);
    await card.locator('[data-testid=file-accept]').click();
    await this.fileIs(name, 'done');
    const saved = this.page.waitForEvent('download');
    await card.locator('[data-testid=file-save]').click();
    return readFileSync(await (await saved).path());
  }

  /** Waits until a file stands so. @param {string} name @param {string} state */
  async fileIs(name, state) {
    await until(`${name} is ${state} at ${this.label}`, () => this.file(name).getAttribute('data-state'), (now) => now === state);
  }

  /** Waits until the page counts so many viewers. @param {number} count */
  async counts(count) {
    await this.page.locator(`[data-testid=viewer-count][data-count="${count}"]`).waitFor();
  }

  /** Chooses how good pictures are to be, on the picture itself. @param {'Automatic' | 'High' | 'Medium' | 'Low' | 'Sound only'} quality */
  async choosesQuality(quality) {
    const tile = this.page.locator('rc-tile', { has: this.page.locator('.tile-quality:not([hidden])') });
    await tile.hover();
    await tile.getByLabel('Picture quality').selectOption({ label: quality });
  }

  /** The link in the share dialog. @param {'share-link' | 'host-link'} id */
  async copiesLink(id) {
    await this.page.locator('#open-share').click();
    const link = await this.page.locator(`#${id}`).inputValue();
    await this.page.locator('#share-dialog').getByRole('button', { name: 'Close' }).click();
    return link;
  }

  /** Opens the list of people. */
  async opensPeople() {
    await this.page.locator('#open-people').click();
    await this.page.locator('[data-testid=stage-list]').waitFor();
  }

  /** The row of a person in the audience. @param {string} name */
  inAudience(name) {
    return this.page.locator('[data-testid=audience-list] li', { hasText: name });
  }

  /** Someone who waits for a host's word, in the list of people. @param {'hands' | 'waiting'} list @param {string} name */
  asking(list, name) {
    return this.page.locator(`[data-testid=${list}-list] li`, { hasText: name });
  }

  /** What the page knows. @template T @param {(state: any) => T} read @returns {Promise<T>} */
  async knows(read) {
    return this.page.evaluate(`(${read})(roomcast.store.state)`);
  }

  #origin() {
    return this.page.evaluate(() => performance.timeOrigin);
  }
}

/** Runs in the page. @param {string} name @returns {Promise<string>} in base64 */
function contentsOf(name) {
  const { blob } = globalThis.newestFiles.find((/** @type {any} */ file) => file.name === name);
  const reader = new FileReader();
  return new Promise((resolve) => {
    reader.onload = () => resolve(String(reader.result).split(',')[1]);
    reader.readAsDataURL(blob);
  });
}
