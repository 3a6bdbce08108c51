/**
 * The stream key of a room: made once by a host, then kept in this browser, because the node keeps
 * only its hash and does not show it again. The host key, or the token with which one came, says who asks.
 */
import { lasting, parsed } from './storage.js';
import { t } from './i18n.js';

/** @import { State, Store } from './store.js' */

/** Characters of a name, as the node counts them. */
const MAX_NAME = 64;
/** An answer that takes longer will not come. Milliseconds. */
const ANSWER_WITHIN = 10_000;

export class StreamKeys {
  #store;
  #room;
  #fetch;

  /** @param {{ store: Store, room: string, fetch?: typeof globalThis.fetch }} options */
  constructor({ store, room, fetch = globalThis.fetch.bind(globalThis) }) {
    this.#store = store;
    this.#room = room;
    this.#fetch = fetch;
    this.#set({ key: kept(room) });
  }

  /** Makes a key, unless there is one. */
  async make() {
    const { key, busy } = this.#store.state.encoder;
    if (key || busy) return;
    const me = this.#store.state.room.me?.name ?? '';
    const name = [...t('encoder.key-name', { name: me })].slice(0, MAX_NAME).join('');
    // A program that was started again takes the place of its older self.
    await this.#ask('', { name, takeover: true });
  }

  /** Makes the key new: what has the old one cannot publish any more. */
  async renew() {
    const { key, busy } = this.#store.state.encoder;
    if (busy) return;
    if (!key) return this.make();
    if ((await this.#ask(`/${key.id}/renew`)) !== 'not-found') return;
    // It was removed elsewhere, or it belonged to an older room of this name.
    this.forget();
    await this.make();
  }

  /** The room is over, and with it its keys. */
  forget() {
    this.#keep(null);
    this.#set({ key: null, fault: null });
  }

  /** @param {string} path below the room's keys @param {object} [body] @returns {Promise<string | null>} the code of the refusal */
  async #ask(path, body) {
    this.#set({ busy: true, fault: null });
    const answer = await this.#send(path, body);
    if ('code' in answer) {
      this.#set({ busy: false, fault: answer.code });
      return answer.code;
    }
    this.#keep(answer);
    this.#set({ busy: false, key: answer });
    return null;
  }

  /** @param {string} path @param {object} [body] @returns {Promise<{ id: string, key: string } | { code: string }>} */
  async #send(path, body) {
    const { hostKey, token } = this.#store.state;
    try {
      const response = await this.#fetch(`/api/v1/rooms/${encodeURIComponent(this.#room)}/stream-keys${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${hostKey ?? token ?? ''}`, ...(body && { 'content-type': 'application/json' }) },
        body: body && JSON.stringify(body),
        signal: AbortSignal.timeout(ANSWER_WITHIN),
      });
      const answer = (await response.json().catch(() => null)) ?? {};
      if (response.ok) return { id: answer.id, key: answer.key };
      return { code: answer.code ?? `http-${response.status}` };
    } catch {
      return { code: 'connection-lost' };
    }
  }

  /** @param {{ id: string, key: string } | null} key */
  #keep(key) {
    lasting.write(`stream-key:${this.#room}`, key && JSON.stringify(key));
  }

  /** @param {Partial<State['encoder']>} change */
  #set(change) {
    this.#store.dispatch('set', { encoder: { ...this.#store.state.encoder, ...change } });
  }
}

/** @param {string} room */
function kept(room) {
  const key = parsed(lasting.read(`stream-key:${room}`));
  return typeof key?.id === 'string' && typeof key.key === 'string' ? { id: key.id, key: key.key } : null;
}
