/** What a page and the node say to each other: to be read, and to be added to, as the node would. */

/**
 * Listens to a page's signaling, from its next connection on.
 * @param {import('./person.js').Person} person
 */
export async function wiretap({ page }) {
  /** @type {any[]} */
  const said = [];
  /** @type {Set<string>} */
  const kept = new Set();
  /** @type {import('playwright-core').WebSocketRoute | null} */
  let newest = null;
  await page.routeWebSocket(/\/ws$/, (socket) => {
    const node = socket.connectToServer();
    newest = socket;
    socket.onMessage((text) => {
      said.push(JSON.parse(String(text)));
      node.send(text);
    });
    node.onMessage((text) => {
      if (!kept.has(JSON.parse(String(text)).type)) socket.send(text);
    });
  });
  return {
    /** All that the page said of a type, the oldest first. @param {string} type @returns {any[]} */
    said: (type) => said.filter((message) => message.type === type),
    /** The node's own messages of a type do not reach the page any more. @param {string} type */
    keepsBack: (type) => kept.add(type),
    /** Says something to the page that the node did not say. @param {Record<string, unknown>} message */
    tells: (message) => newest?.send(JSON.stringify(message)),
  };
}
