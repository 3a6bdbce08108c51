/** A site that is not the node: another origin, with pages of its own. */
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';

const KINDS = /** @type {Record<string, string>} */ ({ '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' });

export class Site {
  #server = createServer((request, response) => this.#answer(request.url ?? '/', response));
  #pages;
  #folder;

  /** @param {{ pages?: Record<string, string>, folder?: string }} options   `pages`: texts by path; `folder`: files, with a slash at its end */
  constructor({ pages = {}, folder }) {
    this.#pages = pages;
    this.#folder = folder;
  }

  /** @param {number} [port] where it has to be one that the node was told */
  async listen(port = 0) {
    await new Promise((resolve) => this.#server.listen(port, '0.0.0.0', () => resolve(undefined)));
    return this;
  }

  get origin() {
    const { port } = /** @type {import('node:net').AddressInfo} */ (this.#server.address());
    return `http://localhost:${port}`;
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** @param {string} url @param {import('node:http').ServerResponse} response */
  async #answer(url, response) {
    const { pathname } = new URL(url, 'http://site');
    const path = pathname === '/' ? '/index.html' : pathname;
    const text = this.#pages[path] ?? (this.#folder && (await readFile(this.#folder + path.slice(1)).catch(() => null)));
    // Browsers ask for an icon, whatever a page says.
    if (text === null || text === undefined) response.writeHead(path === '/favicon.ico' ? 204 : 404).end();
    else response.writeHead(200, { 'content-type': `${KINDS[extname(path)]}; charset=utf-8` }).end(text);
  }
}

/** A page of a site. @param {string} body @param {{ head?: string }} [more] */
export function pageWith(body, { head = '' } = {}) {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A site</title>${head}</head><body>${body}</body></html>`;
}
