/** What people ask of the room, which the node may refuse: then they are told why. */
import { showTooLarge } from './transfers.js';

/** @import { SettingsChange } from './lib/types.js' */
/** @import { Refused } from './lib/signaling.js' */
/** @import { Room } from './lib/room.js' */
/** @import { Key } from './i18n.js' */
/** @import { Say } from './podium.js' */
/** @import { Store } from './store.js' */

/** Why something was not done, in words. @type {Record<string, Key>} */
const REFUSALS = {
  'chat-closed': 'toast.chat-closed', silenced: 'toast.silenced', 'rate-limited': 'toast.rate-limited',
  'name-invalid': 'toast.name-invalid', 'text-invalid': 'toast.text-invalid', 'stage-full': 'toast.stage-full',
  'connection-lost': 'toast.not-sent', timeout: 'toast.not-sent', 'participant-unknown': 'toast.gone-already',
  'hands-full': 'toast.hands-full',
};

/** Participants in one answer about the audience. */
const PAGE = 100;

export class Requests {
  #store;
  #room;
  #say;

  /** @param {{ store: Store, room: Room, say: Say }} options */
  constructor({ store, room, say }) {
    this.#store = store;
    this.#room = room;
    this.#say = say;
  }

  /**
   * Does something for the person, and says so when it was refused.
   * @template T @param {Promise<T>} wish @returns {Promise<T | null>}
   */
  async attempt(wish) {
    try {
      return await wish;
    } catch (error) {
      this.refused(/** @type {Refused} */ (error).code);
      return null;
    }
  }

  /** Explains a refusal in a toast. @param {string} code */
  refused(code) {
    this.#say(REFUSALS[code] ?? 'toast.refused', 'warning', { code });
  }

  /** @param {string} [after] */
  async listAudience(after) {
    const page = await this.attempt(this.#room.listAudience(after));
    if (!page) return;
    const before = after ? (this.#store.state.audienceList?.members ?? []) : [];
    this.#store.dispatch('set', { audienceList: { members: [...before, ...page.participants], more: page.more } });
  }

  /** The list of the audience as it is now, where it is shown and nobody has turned its pages. */
  async refreshAudience() {
    const { audienceList: list, panel } = this.#store.state;
    if (!list) return;
    if (panel !== 'people') this.#store.dispatch('set', { audienceList: null });
    else if (list.members.length <= PAGE) await this.listAudience();
  }

  /** @param {boolean} raised @param {string} [participant] whose, for hosts; one's own without it */
  async hand(raised, participant) {
    const done = await this.attempt(this.#room.hand(raised, participant));
    if (done && !participant) this.#store.dispatch('set', { handRaised: raised });
  }

  /** Hosts: brings someone on stage or takes them off. @param {string} participant @param {boolean} on @param {string} name */
  async stage(participant, on, name) {
    if (!(await this.attempt(this.#room.stage(participant, on)))) return;
    this.#say(on ? 'toast.asked-on-stage' : 'toast.took-off-stage', 'info', { name });
    await this.refreshAudience();
  }

  /** Hosts: @param {string} participant @param {boolean} silenced @param {string} name */
  async silence(participant, silenced, name) {
    if (!(await this.attempt(this.#room.silence(participant, silenced)))) return;
    this.#say(silenced ? 'toast.silenced-them' : 'toast.unsilenced-them', 'info', { name });
    await this.refreshAudience();
  }

  /** Hosts. @param {string} participant */
  async remove(participant) {
    await this.attempt(this.#room.remove(participant));
    await this.refreshAudience();
  }

  /** Hosts: lets people in who wait, or turns them away. @param {string[]} participants @param {boolean} admitted */
  async admit(participants, admitted) {
    for (const participant of participants) await this.attempt(this.#room.admit(participant, admitted));
  }

  /** To everyone who can be reached. @param {File[]} files */
  async sendFiles(files) {
    this.#store.dispatch('set', { panel: 'chat' });
    for (const file of files) {
      // A folder that was dropped looks like an empty file.
      if (file.size === 0) this.#say('toast.file-empty', 'warning', { name: file.name });
      else await this.#sendFile(file);
    }
  }

  /** @param {string} id @param {boolean} accepted */
  answerFile(id, accepted) {
    if (accepted) this.#room.acceptFile(id);
    else this.#room.declineFile(id);
  }

  /** @param {string[]} ids of transfers */
  stopFiles(ids) {
    for (const id of ids) this.#room.cancelFile(id);
  }

  /** @param {File} file */
  async #sendFile(file) {
    try {
      const sent = await this.#room.sendFile(file);
      const left = this.#room.state.links.length - sent.length;
      if (left > 0) this.#say('toast.file-too-large', 'warning', { name: file.name, count: left });
    } catch (error) {
      const { code } = /** @type {Refused} */ (error);
      if (code === 'too-large') showTooLarge(this.#store, file);
      else if (code === 'participant-unknown') this.#say('toast.file-alone', 'warning');
      else this.refused(code);
    }
  }

  /** Hosts: changes settings of the room. @param {SettingsChange} change */
  async changeSettings(change) {
    await this.attempt(this.#room.settings(change));
  }
}
