/**
 * Coming on stage and going off it, and those who ask for it: what the page does when the node says
 * that one's role changed, that a hand went up, or that someone waits at the door.
 */

/** @import { Broadcast } from './broadcast.js' */
/** @import { Snapshot } from './lib/room.js' */
/** @import { NamedParticipant, Source } from './lib/types.js' */
/** @import { Offer, Store } from './store.js' */
/** @import { Key } from './i18n.js' */

/** @typedef {(key: Key, kind?: 'info' | 'warning', params?: Record<string, string | number>, offer?: Offer) => void} Say */

export class Podium {
  #store;
  #broadcast;
  #say;
  /** Whether this person is going off the stage by their own wish. */
  #goesOff = false;

  /** @param {{ store: Store, broadcast: Broadcast, say: Say }} options */
  constructor({ store, broadcast, say }) {
    this.#store = store;
    this.#broadcast = broadcast;
    this.#say = say;
  }

  /** What the node says is new. @param {Snapshot} before @param {Snapshot} now */
  changed(before, now) {
    const [was, is] = [before.me, now.me];
    if (was && is && was.participant === is.participant && was.role !== is.role) this.#roleChanged(is.role);
    this.#forget(now);
    for (const { participant, name } of newcomers(before.hands, now.hands)) {
      this.#say('toast.hand', 'info', { name }, { about: participant, text: 'people.bring', ask: 'stage', detail: { participant, on: true, name } });
    }
    for (const { participant, name } of newcomers(before.waitingList, now.waitingList)) {
      this.#say('toast.knocks', 'info', { name }, { about: participant, text: 'people.admit', ask: 'admit', detail: { participants: [participant], admitted: true } });
    }
  }

  /** Who is not asking any more is not to be answered either. @param {Snapshot} now */
  #forget({ hands, waitingList }) {
    for (const { id, key, offer } of this.#store.state.toasts) {
      const list = key === 'toast.hand' ? hands : key === 'toast.knocks' ? waitingList : null;
      if (list && !list.some(({ participant }) => participant === offer?.about)) this.#store.dispatch('dismiss', id);
    }
  }

  /** Came into a room with a place on its stage, and nothing is sent yet. @param {boolean} host */
  async enter(host) {
    const { room, checkFirst } = this.#store.state;
    if (room.room?.kind === 'call') await this.enterCall(checkFirst);
    else if (host) await this.#broadcast.prepare();
    else this.#askFirst();
  }

  /** @param {boolean} check look at the devices before others do */
  async enterCall(check) {
    this.#store.dispatch('set', { checking: check, watchOnly: false });
    if (!check) await this.#broadcast.goLive();
    await this.#broadcast.prepare();
  }

  /** Goes on stage with what the person chose. @param {Source[]} sources */
  async join(sources) {
    this.#store.dispatch('set', { watchOnly: false });
    await this.#broadcast.goLive();
    await this.#broadcast.prepare(sources);
  }

  /** Whoever only watched wants to be seen after all. */
  async prepare() {
    this.#store.dispatch('set', { watchOnly: false });
    if (this.#store.state.room.room?.kind === 'call') await this.enterCall(this.#store.state.checkFirst);
    else await this.#broadcast.prepare();
  }

  /** Leaves the eyes of the others to look at one's devices. */
  async checkDevices() {
    await this.#broadcast.stopLive();
    this.#store.dispatch('set', { checking: true });
    await this.#broadcast.prepare();
  }

  /** The role that follows is this person's own wish. */
  goingOff() {
    this.#goesOff = true;
  }

  /** No place on stage any more: every device is given back. */
  async goOff() {
    const { dialog } = this.#store.state;
    this.#store.dispatch('set', { checking: false, dialog: dialog?.name === 'stage' ? null : dialog });
    await this.#broadcast.leaveStage();
  }

  /** @param {'host' | 'speaker' | 'viewer'} role */
  #roleChanged(role) {
    this.#store.dispatch('set', { handRaised: false });
    if (role === 'speaker') {
      this.#askFirst();
    } else if (role === 'viewer') {
      if (!this.#goesOff) this.#say('toast.off-stage');
      this.goOff();
    }
    this.#goesOff = false;
  }

  /** No device is opened before the person has said so. */
  #askFirst() {
    if (!this.#store.state.studio.live) this.#store.dispatch('set', { dialog: { name: 'stage' }, watchOnly: true });
  }
}

/** @param {NamedParticipant[]} before @param {NamedParticipant[]} now */
function newcomers(before, now) {
  return now.filter(({ participant }) => !before.some((other) => other.participant === participant));
}
