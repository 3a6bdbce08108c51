/**
 * The sending side of the page: captures devices, hands their tracks to the room, and survives a
 * reload. It holds no state of its own but the store's `studio`.
 */
import { captureFault, listDevices, openBoth, openCamera, openMicrophone, openScreen } from './lib/capture.js';
import { faultKey } from './faults.js';
import { t } from './i18n.js';
import { EMPTY_STUDIO } from './store.js';
import { isOn } from './tiles.js';
import { lasting, parsed, passing } from './storage.js';

/** @import { Source } from './lib/types.js' */
/** @import { Key } from './i18n.js' */
/** @import { Room } from './lib/room.js' */
/** @import { Say } from './podium.js' */
/** @import { Store, Studio } from './store.js' */

/** A page that was left longer ago than this does not go live by itself. Milliseconds. */
const RETURNS_WITHIN = 120_000;

export class Broadcast {
  #store;
  #room;
  #name;
  #say;
  /** Rises when all devices are given back: what the browser still asks about is not wanted then. */
  #visit = 0;

  /**
   * @param {Store} store @param {Room} room @param {string} name the room's
   * @param {Say} say
   */
  constructor(store, room, name, say) {
    this.#store = store;
    this.#room = room;
    this.#name = name;
    this.#say = say;
    const chosen = parsed(lasting.read('devices')) ?? {};
    store.dispatch('studio', { ...EMPTY_STUDIO, chosen });
    addEventListener('pagehide', () => this.#remember());
    globalThis.navigator.mediaDevices?.addEventListener?.('devicechange', () => this.#list());
  }

  get #studio() {
    return this.#store.state.studio;
  }

  /**
   * Opens camera and microphone for the preview, and sends them when on stage; what is missing or
   * refused is left out.
   * @param {Source[]} [sources]
   */
  async prepare(sources = ['camera', 'microphone']) {
    if (this.#studio.opening || Object.keys(this.#studio.tracks).length > 0) return;
    this.#change({ opening: true });
    if (sources.length > 1 && await this.#captureBoth()) {
      await this.#publish('camera', 'microphone');
    } else {
      // Whoever does not wait for all of it goes live with what is there; the rest follows.
      const visit = this.#visit;
      for (const source of sources) {
        if (visit === this.#visit && await this.#capture(source)) await this.#publish(source);
      }
    }
    this.#change({ opening: false });
    this.#remember();
  }

  /** After a reload of a page that was live: goes live again. @returns {Promise<boolean>} whether it did */
  async goOn() {
    const before = this.#remembered();
    if (!before) return false;
    this.#change({ chosen: before.chosen, opening: true });
    if (before.on.includes('camera')) await this.#capture('camera');
    if (before.on.includes('microphone')) await this.#capture('microphone');
    this.#change({ opening: false, muted: before.muted, screenLost: before.on.includes('screen') });
    if (Object.keys(this.#studio.tracks).length === 0 && !this.#studio.screenLost) return false;
    await this.goLive();
    return true;
  }

  async goLive() {
    const { tracks, muted } = this.#studio;
    this.#change({ live: true, fault: null });
    const silent = /** @type {Source[]} */ (Object.keys(muted).filter((source) => muted[/** @type {Source} */ (source)]));
    await this.#room.publisher.setTracks(tracks, silent);
    this.#remember();
  }

  /** Ends the broadcast; camera and microphone stay for the preview. */
  async stopLive() {
    this.forget();
    this.#drop('screen', 'screen-audio');
    this.#change({ live: false, muted: {}, screenLost: false });
    await this.#room.publisher.stop();
    // Not before: a muted microphone must not be heard on the way out.
    for (const track of Object.values(this.#studio.tracks)) track.enabled = true;
  }

  /** Ends the broadcast, and gives every device back. */
  async leaveStage() {
    this.forget();
    this.close();
    await this.#room.publisher.stop();
  }

  /** Gives every device back, also one that the browser is still asking about. */
  close() {
    for (const track of Object.values(this.#studio.tracks)) track.stop();
    this.#visit += 1;
    this.#change({ live: false, tracks: {}, muted: {}, screenLost: false });
  }

  /** A reload of this page is not to go live by itself. */
  forget() {
    passing.write(`live:${this.#name}`, null);
  }

  /** Turns a source on or off. While live, camera and microphone are muted rather than closed. @param {Source} source */
  async toggle(source) {
    const { live, tracks } = this.#studio;
    if (source === 'screen') await (tracks.screen ? this.#dropScreen() : this.#addScreen());
    else if (!tracks[source]) await this.#add(source);
    else if (live) await this.#mute(source, isOn(this.#studio, source));
    else this.#drop(source);
    this.#remember();
  }

  /** Switches to another device, also while live. @param {'camera' | 'microphone'} source @param {string} id */
  async choose(source, id) {
    const chosen = { ...this.#studio.chosen, [source]: id };
    this.#change({ chosen });
    lasting.write('devices', JSON.stringify(chosen));
    const old = this.#studio.tracks[source];
    // Phones have one camera open at a time: close the old one first.
    old?.stop();
    if (await this.#capture(source)) await this.#publish(source);
    else if (old) this.#drop(source);
  }

  /** @param {Source} source @param {boolean} muted */
  async #mute(source, muted) {
    this.#change({ muted: { ...this.#studio.muted, [source]: muted } });
    await this.#room.publisher.setMuted(source, muted);
  }

  /** @param {Source} source */
  async #add(source) {
    this.#change({ opening: true });
    const captured = await this.#capture(source);
    this.#change({ opening: false });
    if (captured) await this.#publish(source);
  }

  async #addScreen() {
    try {
      const { video, audio } = await openScreen();
      this.#keep('screen', video);
      if (audio) this.#keep('screen-audio', audio);
      this.#change({ screenLost: false, fault: null });
      await this.#publish('screen', 'screen-audio');
    } catch (error) {
      this.#fault('screen', error);
    }
  }

  async #dropScreen() {
    this.#change({ screenLost: false });
    this.#drop('screen', 'screen-audio');
    if (this.#studio.live) await this.#room.publisher.setTracks({ screen: null, 'screen-audio': null });
  }

  /** Camera and microphone by one question of the browser. */
  async #captureBoth() {
    const { camera, microphone } = this.#studio.chosen;
    const visit = this.#visit;
    const both = await openBoth(camera, microphone).catch(() => null);
    if (!both || !this.#wanted(visit, both.camera, both.microphone)) return false;
    this.#keep('camera', both.camera);
    this.#keep('microphone', both.microphone);
    await this.#list();
    return true;
  }

  /** Whether a device that was opened is still of use; if not, it is closed. @param {number} visit @param {...MediaStreamTrack} tracks */
  #wanted(visit, ...tracks) {
    if (visit === this.#visit) return true;
    for (const track of tracks) track.stop();
    return false;
  }

  /** @param {Source} source */
  async #capture(source) {
    const id = this.#studio.chosen[/** @type {'camera' | 'microphone'} */ (source)];
    const open = source === 'camera' ? openCamera : openMicrophone;
    const visit = this.#visit;
    try {
      // A device that was chosen once may be gone today.
      const track = await open(id).catch((error) => (id && captureFault(error) === 'missing' ? open() : Promise.reject(error)));
      if (!this.#wanted(visit, track)) return false;
      this.#keep(source, track);
      await this.#list();
      return true;
    } catch (error) {
      this.#fault(source, error);
      return false;
    }
  }

  /** @param {Source} source @param {MediaStreamTrack} track */
  #keep(source, track) {
    track.addEventListener('ended', () => this.#ended(source, track));
    track.enabled = !this.#studio.muted[source];
    const fault = this.#studio.fault?.source === source ? null : this.#studio.fault;
    this.#change({ tracks: { ...this.#studio.tracks, [source]: track }, fault });
  }

  /** The person stopped sharing in the browser's own bar, or unplugged the device. @param {Source} source @param {MediaStreamTrack} track */
  #ended(source, track) {
    if (this.#studio.tracks[source] !== track) return;
    if (source === 'screen') {
      this.#dropScreen();
    } else {
      this.#drop(source);
      if (source !== 'screen-audio') this.#say(source === 'camera' ? 'toast.camera-gone' : 'toast.microphone-gone', 'warning');
      if (this.#studio.live) this.#room.publisher.setTracks({ [source]: null });
    }
    this.#remember();
  }

  /** @param {...Source} sources */
  async #publish(...sources) {
    const { live, tracks } = this.#studio;
    if (!live) return;
    const wanted = Object.fromEntries(sources.flatMap((source) => (tracks[source] ? [[source, tracks[source]]] : [])));
    await this.#room.publisher.setTracks(wanted);
  }

  /** @param {...Source} sources */
  #drop(...sources) {
    const tracks = { ...this.#studio.tracks };
    const muted = { ...this.#studio.muted };
    for (const source of sources) {
      tracks[source]?.stop();
      delete tracks[source];
      delete muted[source];
    }
    this.#change({ tracks, muted });
  }

  /** @param {Source} source @param {unknown} error */
  #fault(source, error) {
    const fault = captureFault(error);
    // Closing the browser's own chooser is a decision, not a fault.
    if (source === 'screen' && (fault === 'cancelled' || fault === 'denied')) return;
    this.#change({ fault: { source, fault: fault === 'cancelled' ? 'denied' : fault } });
    if (this.#studio.live) this.#say(faultKey(fault), 'warning', { device: t(/** @type {Key} */ (`controls.${source}`)) });
  }

  async #list() {
    this.#change({ devices: await listDevices() });
  }

  #remember() {
    const { live, tracks, muted, chosen, screenLost } = this.#studio;
    if (!live) return;
    const on = [...Object.keys(tracks), ...(screenLost ? ['screen'] : [])];
    passing.write(`live:${this.#name}`, JSON.stringify({ at: Date.now(), on, muted, chosen }));
  }

  /** @returns {{ on: string[], muted: Studio['muted'], chosen: Studio['chosen'] } | null} */
  #remembered() {
    const before = parsed(passing.read(`live:${this.#name}`));
    return before && Date.now() - before.at < RETURNS_WITHIN ? before : null;
  }

  /** @param {Partial<Studio>} change */
  #change(change) {
    this.#store.dispatch('studio', change);
  }
}
