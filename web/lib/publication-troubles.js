/** What is wrong with publications in a room, as the node tells their owner and the hosts. */

/** @import { PublicationTrouble, RoomState, Source } from './types.js' */

/** @typedef {{ participant: string, source: Source, trouble: PublicationTrouble }} ToldTrouble */

/** One of the same kind takes the place of the older one: its figures are newer. @param {readonly ToldTrouble[]} list @param {ToldTrouble & { over: boolean }} told @returns {ToldTrouble[]} */
export function afterTrouble(list, { participant, source, trouble, over }) {
  const rest = list.filter((one) => one.participant !== participant || one.source !== source || one.trouble.kind !== trouble.kind);
  return over ? rest : [...rest, { participant, source, trouble }];
}

/** Without those whose publication has ended. @param {ToldTrouble[]} list @param {RoomState} room @returns {ToldTrouble[]} */
export function stillPublished(list, room) {
  const published = (/** @type {ToldTrouble} */ { participant, source }) => room.stage.some((member) =>
    member.participant === participant && member.publications.some((publication) => publication.source === source));
  return list.every(published) ? list : list.filter(published);
}
