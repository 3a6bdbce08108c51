/** The messages of a room as a page keeps them, each with a number by which they are sorted. */

/** @import { ChatMessage, RoomState } from './types.js' */

/** The page keeps what a node keeps, and somewhat more of what came while it was open. */
const CHAT_KEPT = 500;

/**
 * Joins two runs of messages by their numbers, each number once, in order.
 * @param {ChatMessage[]} known @param {ChatMessage[]} more
 */
export function merged(known, more) {
  const last = known.at(-1)?.number ?? -1;
  if (more.every((message, at) => message.number > (more[at - 1]?.number ?? last))) {
    return [...known, ...more].slice(-CHAT_KEPT);
  }
  const byNumber = new Map([...known, ...more].map((message) => [message.number, message]));
  return [...byNumber.values()].sort((a, b) => a.number - b.number).slice(-CHAT_KEPT);
}

/** The numbers of messages that the node has not numbered lie between those that it has, so finely. */
const FRACTION = 2 ** -20;

/**
 * Adds a message that did not come from the node: it stands after the last one.
 * @param {ChatMessage[]} chat @param {Omit<ChatMessage, 'number'>} message @returns {ChatMessage[]}
 */
export function added(chat, message) {
  const number = (chat.at(-1)?.number ?? 0) + FRACTION;
  return [...chat, { number, ...message }].slice(-CHAT_KEPT);
}

/** @param {RoomState | null} room @param {string | undefined} participant whether they are a host */
export function isHost(room, participant) {
  return Boolean(room?.stage.some((member) => member.participant === participant && member.role === 'host'));
}
