/** Why media did not get through, as the participants' browsers said. */
import { h } from '../../dom.js';
import { recent } from '../format.js';
import { hashOf } from '../route.js';
import { named, w } from '../words.js';
import { table } from './part.js';

/** @import { ConnectionTrouble } from '../types.js' */

/** @param {ConnectionTrouble[]} troubles the newest first @param {{ rooms: boolean }} options whether the room is named */
export function troubleTable(troubles, { rooms }) {
  return table(w('troubles.title'), ['column.when', ...(rooms ? /** @type {const} */ (['column.room']) : []), 'column.who', 'column.where', 'column.cause'],
    troubles.map((trouble, at) => ({
      key: `${trouble.at}-${trouble.participant}-${trouble.place}-${at}`,
      cells: [
        h('time', { datetime: new Date(trouble.at).toISOString() }, recent(trouble.at)),
        ...(rooms ? [h('a', { href: hashOf({ view: 'room', room: trouble.room }) }, trouble.room)] : []),
        trouble.participant,
        trouble.other ? w('troubles.between', { place: named('place', trouble.place), other: trouble.other }) : named('place', trouble.place),
        named('cause', trouble.cause),
      ],
    })));
}
