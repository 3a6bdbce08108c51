/**
 * Files on their way, as the chat shows them: one card for each file that comes, and one for each
 * that goes, however many receive it. What has come is kept as an address that the browser can save
 * from, for as long as the page is open.
 */

/** @import { FileTransfer } from './lib/files.js' */
/** @import { State, Store } from './store.js' */

/** How a card stands: as its transfer does, or why that failed. @typedef {FileTransfer['state'] | NonNullable<FileTransfer['fault']>} CardState */

/**
 * @typedef {object} FileCard
 * @property {string} id
 * @property {boolean} own        whether this page sends it
 * @property {string} peer        name of the other side; empty when there are several
 * @property {string} name        without paths
 * @property {number} size        bytes
 * @property {number} progress    0 to 1, over all receivers
 * @property {CardState} state
 * @property {number} receivers
 * @property {number} received    how many of them have it
 * @property {string[]} moving    the transfers that can be stopped
 * @property {string | null} url  to save it from
 * @property {number} after       the number of the message that it follows in the chat
 */

/** Cards in the chat; older ones give way, and with them what they hold in memory. */
const CARDS_KEPT = 100;

/** Brings the cards up to date. @param {Store} store @param {readonly FileTransfer[]} transfers  all that are known */
export function showTransfers(store, transfers) {
  const { files } = store.state;
  /** @type {Map<string, FileTransfer[]>} */
  const groups = new Map();
  for (const transfer of transfers) {
    const id = transfer.direction === 'out' ? transfer.group : transfer.id;
    groups.set(id, [...(groups.get(id) ?? []), transfer]);
  }
  const known = new Map(files.map((card) => [card.id, card]));
  for (const [id, group] of groups) known.set(id, card(id, group, store.state, known.get(id)));
  keep(store, [...known.values()]);
}

/** A file that nobody can be sent stands in the chat all the same, with the reason. @param {Store} store @param {File} file */
export function showTooLarge(store, { name, size }) {
  const { files, room } = store.state;
  keep(store, [...files, {
    id: `refused-${files.length}-${name}`, own: true, peer: '', name, size, progress: 0, state: 'too-large', receivers: 1, received: 0,
    moving: [], url: null, after: room.chat.at(-1)?.number ?? -1,
  }]);
}

/** @param {Store} store @param {FileCard[]} cards */
function keep(store, cards) {
  for (const { url } of cards.slice(0, -CARDS_KEPT)) if (url) URL.revokeObjectURL(url);
  store.dispatch('set', { files: cards.slice(-CARDS_KEPT) });
}

/**
 * @param {string} id @param {FileTransfer[]} group @param {State} state @param {FileCard} [before]
 * @returns {FileCard}
 */
export function card(id, group, state, before) {
  const [first] = group;
  const moved = group.reduce((sum, transfer) => sum + transfer.moved, 0);
  return {
    id,
    own: first.direction === 'out',
    peer: group.length === 1 ? (nameOf(first.participant, state) ?? before?.peer ?? '') : '',
    name: first.name,
    size: first.size,
    progress: first.size > 0 ? moved / (first.size * group.length) : 1,
    state: stateOf(group),
    receivers: group.length,
    received: group.filter((transfer) => transfer.state === 'done').length,
    moving: group.filter(isOpen).map((transfer) => transfer.id),
    url: before?.url ?? (first.blob && address(first.blob)),
    after: before?.after ?? state.room.chat.at(-1)?.number ?? -1,
  };
}

/**
 * Where the browser saves it from. It is bytes, whatever its sender called it: a page among them must
 * not be opened as one of ours.
 * @param {Blob} blob
 */
function address(blob) {
  return URL.createObjectURL(new Blob([blob], { type: 'application/octet-stream' }));
}

/** What is true of one of several is told in this order. @type {FileTransfer['state'][]} */
const FOREMOST = ['moving', 'offered', 'done', 'failed', 'stopped', 'declined', 'cancelled'];

/** @param {FileTransfer[]} group @returns {CardState} */
function stateOf(group) {
  const state = FOREMOST.find((one) => group.some((transfer) => transfer.state === one)) ?? 'failed';
  const fault = group.find((transfer) => transfer.state === 'failed')?.fault;
  return state === 'failed' && fault ? fault : state;
}

/** @param {FileTransfer} transfer */
function isOpen({ state }) {
  return state === 'offered' || state === 'moving';
}

/** @param {string} participant @param {State} state @returns {string | undefined} */
function nameOf(participant, { room: { room, links } }) {
  const members = [...(room?.stage ?? []), ...links];
  return members.find((member) => member.participant === participant)?.name;
}
