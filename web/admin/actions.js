/**
 * What an operator does: each wish of the page that asks the node for something. What hurts was asked
 * about before; what can be taken back is offered back.
 */
import { ApiError, path } from './api.js';
import { hashOf } from './route.js';

/** @import { Role, Source } from '../lib/types.js' */
/** @import { Api } from './api.js' */
/** @import { AdminStore, Said } from './state.js' */
/** @import { Word } from './words.js' */

/** Why something was not done, in words. @type {Record<string, Word>} */
const REFUSALS = {
  'connection-lost': 'said.no-answer', 'rate-limited': 'said.too-fast', 'room-unknown': 'said.room-gone', 'participant-unknown': 'said.person-gone',
  'publication-unknown': 'said.not-sent-any-more', 'stage-full': 'said.stage-full', 'webhook-target': 'said.webhook-target', 'not-found': 'said.gone',
  forbidden: 'said.forbidden', 'name-invalid': 'said.name-invalid', malformed: 'said.malformed',
};

/** @param {string} code of a refusal @returns {Word} */
export function refusalWord(code) {
  return REFUSALS[code] ?? 'said.refused';
}

export class Actions {
  #store;
  #api;
  #changed;
  #goTo;

  /**
   * @param {object} options
   * @param {AdminStore} options.store
   * @param {() => Api} options.api
   * @param {() => void} options.changed                  what is shown is to be read anew
   * @param {(hash: string) => void} options.goTo
   */
  constructor({ store, api, changed, goTo }) {
    this.#store = store;
    this.#api = api;
    this.#changed = changed;
    this.#goTo = goTo;
  }

  /** @param {{ room: string }} wish */
  async endRoom({ room }) {
    if (await this.#done(this.#api().delete(path('rooms', room)), 'left')) {
      this.#say('said.room-ended', { room });
      this.#goTo(hashOf({ view: 'rooms' }));
    }
  }

  /** @param {{ room: string, change: Record<string, unknown> }} wish */
  async setRoom({ room, change }) {
    const item = await this.#done(this.#api().patch(path('rooms', room), change));
    if (item) this.#store.setRoom(room, { item: { ...this.#store.state.room?.item, ...item } });
  }

  /** @param {{ room: string, participant: string, name: string }} wish */
  async remove({ room, participant, name }) {
    if (await this.#done(this.#api().delete(path('rooms', room, 'participants', participant)))) this.#say('said.removed', { name });
  }

  /** @param {{ room: string, participant: string, name: string, role: Role }} wish */
  async setRole({ room, participant, name, role }) {
    const back = { ask: 'set-role', detail: { room, participant, name, role: role === 'speaker' ? 'viewer' : 'speaker' } };
    const done = await this.#done(this.#api().patch(path('rooms', room, 'participants', participant), { role }));
    if (done) this.#say(role === 'speaker' ? 'said.on-stage' : 'said.off-stage', { name }, back);
  }

  /** @param {{ room: string, participant: string, name: string, silenced: boolean }} wish */
  async silence({ room, participant, name, silenced }) {
    const back = { ask: 'silence', detail: { room, participant, name, silenced: !silenced } };
    const done = await this.#done(this.#api().patch(path('rooms', room, 'participants', participant), { silenced }));
    if (done) this.#say(silenced ? 'said.silenced' : 'said.unsilenced', { name }, back);
  }

  /** @param {{ room: string, participant: string, name: string, source: Source, muted: boolean }} wish */
  async mute({ room, participant, name, source, muted }) {
    const back = { ask: 'mute', detail: { room, participant, name, source, muted: !muted } };
    const done = await this.#done(this.#api().put(path('rooms', room, 'participants', participant, 'publications', source), { muted }));
    if (done) this.#say(muted ? 'said.muted' : 'said.unmuted', { name }, back);
  }

  /** @param {{ room: string, name: string, takeover: boolean }} wish @returns {Promise<boolean>} whether it was made */
  async makeStreamKey({ room, name, takeover }) {
    const made = await this.#done(this.#api().post(path('rooms', room, 'stream-keys'), { name: name || undefined, takeover }));
    if (made) this.#show('secret.stream-key', 'secret.stream-key-text', made.key);
    this.#readKeys(room);
    return Boolean(made);
  }

  /** @param {{ room: string, id: string }} wish */
  async renewStreamKey({ room, id }) {
    const made = await this.#done(this.#api().post(path('rooms', room, 'stream-keys', id, 'renew')));
    if (made) this.#show('secret.stream-key', 'secret.stream-key-text', made.key);
  }

  /** @param {{ room: string, id: string }} wish */
  async removeStreamKey({ room, id }) {
    if (await this.#done(this.#api().delete(path('rooms', room, 'stream-keys', id)))) this.#say('said.key-removed');
    this.#readKeys(room);
  }

  /** @param {{ name: string }} wish @returns {Promise<boolean>} whether it was made */
  async makeApiKey({ name }) {
    const made = await this.#done(this.#api().post('/api-keys', { name }));
    if (made) this.#show('secret.api-key', 'secret.api-key-text', made.key);
    return Boolean(made);
  }

  /** @param {{ id: string }} wish */
  async revokeApiKey({ id }) {
    if (await this.#done(this.#api().delete(path('api-keys', id)))) this.#say('said.key-revoked');
  }

  /** @param {{ url: string, events: string[] }} wish without events: all of them @returns {Promise<boolean>} whether it was made */
  async makeWebhook({ url, events }) {
    const made = await this.#done(this.#api().post('/webhooks', { url, events: events.length > 0 ? events : undefined }));
    if (made) this.#show('secret.webhook', 'secret.webhook-text', made.secret);
    return Boolean(made);
  }

  /** @param {{ id: string, enabled: boolean }} wish */
  async enableWebhook({ id, enabled }) {
    await this.#done(this.#api().patch(path('webhooks', id), { enabled }));
  }

  /** @param {{ id: string }} wish */
  async removeWebhook({ id }) {
    if (!(await this.#done(this.#api().delete(path('webhooks', id)), 'left'))) return;
    this.#say('said.webhook-removed');
    this.#goTo(hashOf({ view: 'webhooks' }));
  }

  /** @param {{ id: string, delivery: string }} wish */
  async sendAgain({ id, delivery }) {
    if (await this.#done(this.#api().post(path('webhooks', id, 'deliveries', delivery, 'send')))) this.#say('said.sent-again');
  }

  /** A token with which the preview comes into a room: it watches, and nothing else. @param {string} room */
  async viewToken(room) {
    const grants = { publish: [], subscribe: true, chat: false, moderate: false, admin: false };
    try {
      const { token } = await this.#api().post('/tokens', { room, name: 'Dashboard', role: 'viewer', grants });
      this.#store.setRoom(room, { viewToken: token });
    } catch (error) {
      this.#refused(error);
    }
  }

  /** @param {string} room */
  async #readKeys(room) {
    const keys = await this.#api().list(`${path('rooms', room)}/stream-keys`, 1_000).catch(() => null);
    if (keys) this.#store.setRoom(room, { streamKeys: /** @type {any} */ (keys.items) });
  }

  /**
   * Does it, or says why not. What is shown is read anew, unless it has gone and is left now.
   * @param {Promise<any>} wish @param {'stays' | 'left'} [view]
   * @returns {Promise<any>} null when it was refused
   */
  async #done(wish, view = 'stays') {
    try {
      const answer = (await wish) ?? true;
      if (view === 'stays') this.#changed();
      // What went wrong before is of no interest now.
      this.#store.set({ said: null });
      return answer;
    } catch (error) {
      this.#refused(error);
      this.#changed();
      return null;
    }
  }

  /** @param {unknown} error */
  #refused(error) {
    const code = error instanceof ApiError ? error.code : 'internal';
    this.#store.set({ said: { text: refusalWord(code), params: { code, message: error instanceof Error ? error.message : '' }, fault: true, undo: null } });
  }

  /** @param {Word} text @param {Record<string, string | number>} [params] @param {Said['undo']} [undo] */
  #say(text, params = {}, undo = null) {
    this.#store.set({ said: { text, params, fault: false, undo } });
  }

  /** @param {Word} title @param {Word} text @param {string} secret */
  #show(title, text, secret) {
    this.#store.set({ dialog: { kind: 'secret', title, text, secret } });
  }
}
