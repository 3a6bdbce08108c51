/** What a participant may ask of the node that needs nothing but an answer. */

/** @import { AudienceMember, ClientMessage, SettingsChange, Source } from './types.js' */

export class Requests extends EventTarget {
  #request;

  /** @param {(message: ClientMessage) => Promise<any>} request */
  constructor(request) {
    super();
    this.#request = request;
  }

  /** Host. @param {string} participant @param {Source} source @param {boolean} muted */
  mute(participant, source, muted) {
    return this.#request({ type: 'mute', participant, source, muted });
  }

  /** Host. @param {string} participant @param {boolean} silenced */
  silence(participant, silenced) {
    return this.#request({ type: 'silence', participant, silenced });
  }

  /** Host. @param {string} participant */
  remove(participant) {
    return this.#request({ type: 'remove', participant });
  }

  /** Host. @param {boolean} open */
  openChat(open) {
    return this.#request({ type: 'chat-open', open });
  }

  /** Host. @param {string} [after] @returns {Promise<{ participants: AudienceMember[], more: boolean }>} */
  listAudience(after) {
    return this.#request({ type: 'audience', after });
  }

  /**
   * Raises one's hand, or lowers it; a host lowers another's.
   * @param {boolean} raised @param {string} [participant]
   */
  hand(raised, participant) {
    return this.#request({ type: 'hand', raised, participant });
  }

  /** Host: brings a viewer on stage or takes a speaker off; anyone: takes oneself off. @param {string} participant @param {boolean} on */
  stage(participant, on) {
    return this.#request({ type: 'stage', participant, on });
  }

  /** Host. @param {SettingsChange} change */
  settings(change) {
    return this.#request({ type: 'settings', ...change });
  }

  /** Host: lets someone in who waits, or turns them away. @param {string} participant @param {boolean} admitted */
  admit(participant, admitted) {
    return this.#request({ type: 'admit', participant, admitted });
  }

  /** Host: ends the room for everyone. */
  end() {
    return this.#request({ type: 'end' });
  }
}
