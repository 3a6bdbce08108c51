/** The HTTP API with one key: asks, and turns refusals into errors with a code. It knows no page. */

/** An answer that takes longer will not come. Milliseconds. */
const ANSWER_WITHIN = 10_000;
/** Items of one page, as many as the node gives. */
const MOST_ITEMS = 200;

/** A request that was refused by the node, or that was not answered (`connection-lost`). */
export class ApiError extends Error {
  /** @param {number} status 0 without an answer @param {string} code @param {string} message */
  constructor(status, code, message) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
  }

  /** Whether the key is to blame, and not what was asked. */
  get isKey() {
    return this.status === 401 || this.code === 'key-invalid';
  }
}

export class Api {
  #key;
  #fetch;

  /** @param {{ key: string, fetch?: typeof globalThis.fetch }} options */
  constructor({ key, fetch = globalThis.fetch.bind(globalThis) }) {
    this.#key = key;
    this.#fetch = fetch;
  }

  /** @param {string} path below `/api/v1` @returns {Promise<any>} rejects with {@link ApiError} */
  get(path) {
    return this.#ask('GET', path);
  }

  /**
   * Makes or does something once, however often it is sent.
   * @param {string} path @param {object} [body]
   */
  post(path, body) {
    return this.#ask('POST', path, body, { 'idempotency-key': newKey() });
  }

  /** @param {string} path @param {object} body */
  put(path, body) {
    return this.#ask('PUT', path, body);
  }

  /** @param {string} path @param {object} body */
  patch(path, body) {
    return this.#ask('PATCH', path, body);
  }

  /** @param {string} path */
  delete(path) {
    return this.#ask('DELETE', path);
  }

  /**
   * The first items of a list, over as many pages as they take.
   * @template T @param {string} path @param {number} count
   * @returns {Promise<{ items: T[], more: boolean }>}
   */
  async list(path, count) {
    /** @type {T[]} */
    const items = [];
    /** @type {string | undefined} */
    let after;
    do {
      const query = new URLSearchParams({ limit: String(Math.min(count - items.length, MOST_ITEMS)), ...(after && { after }) });
      const page = await this.get(`${path}?${query}`);
      items.push(...page.items);
      after = page.next;
    } while (after !== undefined && items.length < count);
    return { items, more: after !== undefined };
  }

  /** @param {string} method @param {string} path @param {object} [body] @param {Record<string, string>} [headers] */
  async #ask(method, path, body, headers = {}) {
    const response = await this.#send(method, path, body, headers);
    const text = response.status === 204 ? '' : await response.text();
    const answer = parsed(text);
    if (response.ok) return answer;
    throw new ApiError(response.status, answer?.code ?? `http-${response.status}`, answer?.message ?? text);
  }

  /** @param {string} method @param {string} path @param {object | undefined} body @param {Record<string, string>} headers */
  async #send(method, path, body, headers) {
    try {
      return await this.#fetch(`/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${this.#key}`, ...(body && { 'content-type': 'application/json' }), ...headers },
        body: body && JSON.stringify(body),
        cache: 'no-store',
        signal: AbortSignal.timeout(ANSWER_WITHIN),
      });
    } catch (error) {
      throw new ApiError(0, 'connection-lost', String(error));
    }
  }
}

/** @param {string[]} parts of a path, as they are @returns {string} */
export function path(...parts) {
  return parts.map((part) => `/${encodeURIComponent(part)}`).join('');
}

/** Names one wish. Over plain HTTP there is no `randomUUID`. */
function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** @param {string} text */
function parsed(text) {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
