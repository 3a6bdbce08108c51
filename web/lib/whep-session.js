/**
 * One WHEP session over HTTP (draft-ietf-wish-whep, RFC 9725): opened by POST, changed by PATCH, ended
 * by DELETE. It knows no peer connection.
 */

/**
 * @typedef {object} WhepAnswer
 * @property {string} sdp
 * @property {RTCIceServer[]} iceServers   what the node says of STUN and TURN
 * @property {WhepSession} session
 */

/** @typedef {{ url: string, token?: string | null, fetch?: typeof globalThis.fetch }} WhepAddress */

/** What the node refused, or what never reached it (`unreachable`). */
export class WhepRefused extends Error {
  /**
   * @param {string} code     as in `docs/ERRORS.md`, or `unreachable`
   * @param {string} message
   * @param {{ status?: number, retryAfter?: number | null }} [more]   `retryAfter`: milliseconds
   */
  constructor(code, message, { status = 0, retryAfter = null } = {}) {
    super(message);
    this.name = 'WhepRefused';
    this.code = code;
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/**
 * Asks for a session.
 * @param {WhepAddress} address @param {string} offer @param {AbortSignal} [signal]
 * @returns {Promise<WhepAnswer>} rejects with {@link WhepRefused}
 */
export async function openSession({ url, token = null, fetch = globalThis.fetch.bind(globalThis) }, offer, signal) {
  const send = (/** @type {string} */ to, /** @type {RequestInit} */ init) => asked(fetch, token, to, init);
  const response = await send(url, {
    method: 'POST', body: offer, headers: { 'content-type': 'application/sdp', accept: 'application/sdp' }, signal,
  });
  const location = response.headers.get('location');
  if (response.status !== 201 || !location) throw new WhepRefused('not-whep', 'The address does not speak WHEP.', { status: response.status });
  const session = new WhepSession({
    send, address: new URL(location, response.url || url).href,
    etag: response.headers.get('etag'),
    patches: (response.headers.get('accept-patch') ?? '').includes(FRAGMENT),
  });
  return { sdp: await response.text(), iceServers: iceServersOf(response.headers.get('link') ?? ''), session };
}

export class WhepSession {
  #send;
  #address;
  #etag;
  /** Changes come one after the other. @type {Promise<unknown>} */
  #queue = Promise.resolve();

  /** @param {{ send: (to: string, init: RequestInit) => Promise<Response>, address: string, etag: string | null, patches: boolean }} options */
  constructor({ send, address, etag, patches }) {
    this.#send = send;
    this.#address = address;
    this.#etag = etag;
    /** Whether candidates and ICE restarts are taken. */
    this.patches = patches;
  }

  /** Tells of candidates. @param {string} fragment */
  trickle(fragment) {
    return this.#inTurn(() => this.#patch(fragment, this.#etag));
  }

  /** Restarts ICE. @param {string} fragment @returns {Promise<string>} the node's fragment; rejects with {@link WhepRefused} */
  restart(fragment) {
    return this.#inTurn(async () => {
      const response = await this.#patch(fragment, '"*"');
      this.#etag = response.headers.get('etag') ?? this.#etag;
      return response.text();
    });
  }

  /** Ends it, also when the page is on its way out. */
  async end() {
    await this.#send(this.#address, { method: 'DELETE', keepalive: true }).catch(() => {});
  }

  /** @param {string} fragment @param {string | null} etag */
  #patch(fragment, etag) {
    const headers = { 'content-type': FRAGMENT, ...(etag ? { 'if-match': etag } : {}) };
    return this.#send(this.#address, { method: 'PATCH', body: fragment, headers });
  }

  /** @template T @param {() => Promise<T>} run @returns {Promise<T>} */
  #inTurn(run) {
    const result = this.#queue.then(run);
    this.#queue = result.catch(() => {});
    return result;
  }
}

const FRAGMENT = 'application/trickle-ice-sdpfrag';

/**
 * The ICE servers of a `Link` header (RFC 9725, section 4.4).
 * @param {string} header @returns {RTCIceServer[]}
 */
export function iceServersOf(header) {
  return [...header.matchAll(LINK)].flatMap(([, url, rest]) => {
    const named = new Map([...rest.matchAll(PARAMETER)].map(([, name, quoted, plain]) => [name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain]));
    if (!(named.get('rel') ?? '').split(' ').includes('ice-server')) return [];
    const [username, credential] = [named.get('username'), named.get('credential')];
    return [{ urls: url, ...(username && credential ? { username, credential } : {}) }];
  });
}

const PARAMETER = /;\s*([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]+))/g;
const LINK = new RegExp(`<([^>]*)>((?:\\s*${PARAMETER.source.replace(/\((?!\?)/g, '(?:')})*)`, 'g');

/** @param {typeof globalThis.fetch} fetch @param {string | null} token @param {string} to @param {RequestInit} init */
async function asked(fetch, token, to, init) {
  const headers = { ...init.headers, ...(token ? { authorization: `Bearer ${token}` } : {}) };
  let response;
  try {
    response = await fetch(to, { ...init, headers, mode: 'cors', credentials: 'omit', cache: 'no-store' });
  } catch (error) {
    throw new WhepRefused('unreachable', String(/** @type {Error} */ (error).message));
  }
  if (!response.ok) throw await refused(response);
  return response;
}

/** @param {Response} response */
async function refused(response) {
  const { code, message, detail } = await response.json().catch(() => ({}));
  const seconds = Number(response.headers.get('retry-after') ?? NaN);
  const retryAfter = Number.isFinite(seconds) ? Math.min(seconds * 1_000, LONGEST_WAIT) : null;
  const said = String(message ?? detail ?? response.statusText);
  return new WhepRefused(String(code ?? `http-${response.status}`), said, { status: response.status, retryAfter });
}

/** Nobody looks at a page that does nothing for longer than this. Milliseconds. */
const LONGEST_WAIT = 60_000;
