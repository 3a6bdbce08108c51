/** Why media did not get through, as the participants' browsers said. */
import { h } from '../../dom.js';
import { recent } from '../format.js';
import { hashOf } from '../route.js';
import { named, w } from '../words.js';
import { table } from './part.js';

/** @import { ConnectionTrouble } from '../types.js' */

/** @param {ConnectionTrouble[]} troubles the newest first @param {{ rooms: boolean, names?: ReadonlyMap<string, string> }} options whether the room is named; the names of those who are there */
export function troubleTable(troubles, { rooms, names = new Map() }) {
  const who = (/** @type {string} */ participant, /** @type {string | undefined} */ name) => name ?? names.get(participant) ?? participant;
  return table(w('troubles.title'), ['column.when', ...(rooms ? /** @type {const} */ (['column.room']) : []), 'column.who', 'column.where', 'column.cause'],
    troubles.map((trouble, at) => ({
      key: `${trouble.at}-${trouble.participant}-${trouble.place}-${at}`,
      cells: [
        h('time', { datetime: new Date(trouble.at).toISOString() }, recent(trouble.at)),
        ...(rooms ? [h('a', { href: hashOf({ view: 'room', room: trouble.room }) }, trouble.room)] : []),
        who(trouble.participant, trouble.name),
        trouble.other ? w('troubles.between', { place: named('place', trouble.place), other: who(trouble.other, trouble.otherName) }) : named('place', trouble.place),
        named('cause', trouble.cause),
      ],
    })));
}
