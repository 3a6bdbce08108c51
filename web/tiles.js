/** Which tiles the stage shows: one for each person, and one for each shared screen. */
import { pathOf } from './path.js';

/** @import { Path } from './path.js' */
/** @import { Client, Publication, PublicationTrouble, Source, StageMember } from './lib/types.js' */
/** @import { State, Studio } from './store.js' */

/**
 * @typedef {object} Tile
 * @property {string} key
 * @property {string} participant
 * @property {'camera' | 'microphone' | 'screen'} source   what it is: a person seen, a person heard, a screen
 * @property {string} name
 * @property {boolean} local                   this page's own
 * @property {boolean} connected
 * @property {Client} client                   with what they take part
 * @property {PublicationTrouble[]} troubles   what is wrong with what they send, where this page is told
 * @property {boolean} hasPicture              a picture is published
 * @property {number | null} publication       the picture's; null for one's own, and where there is none
 * @property {boolean} unwanted                only its sound is wanted
 * @property {boolean} pictureMuted
 * @property {boolean} hasSound
 * @property {boolean} soundMuted
 * @property {string | null} unsupported       the codec that this browser cannot decode
 * @property {MediaStreamTrack | null} video
 * @property {MediaStreamTrack | null} audio
 * @property {Path | null} path                how it comes here; null for one's own
 */

/** @param {State} state @returns {Tile[]} screens first */
export function tilesOf(state) {
  const room = state.room.room?.live ? state.room.room : (state.held ?? state.room.room);
  const me = state.room.me;
  const members = (room?.stage ?? []).filter((member) => member.participant !== me?.participant);
  const others = members.flatMap((member) => memberTiles(member, state));
  const own = me && onStage(state) ? ownTiles(me, state) : [];
  const seen = state.selfView || others.length === 0 ? own : own.filter((tile) => tile.source === 'screen');
  return [...seen, ...others].sort((a, b) => Number(b.source === 'screen') - Number(a.source === 'screen'));
}

/** Whether this page sends, or is in a call to send. @param {State} state */
function onStage({ studio, room, watchOnly }) {
  return studio.live || (room.room?.kind === 'call' && room.me?.role !== 'viewer' && !watchOnly);
}

/** Whether pictures are published and none of them can be decoded here: the codec, else null. @param {Tile[]} tiles */
export function undecodable(tiles) {
  const pictures = tiles.filter((tile) => tile.hasPicture && !tile.local);
  return pictures.length > 0 && pictures.every((tile) => tile.unsupported) ? pictures[0].unsupported : null;
}

/** @param {StageMember} member @param {State} state @returns {Tile[]} */
function memberTiles(member, state) {
  const by = new Map(member.publications.map((publication) => [publication.source, publication]));
  const person = { participant: member.participant, name: member.name, connected: member.connected, local: false, client: member.client ?? 'page' };
  const tiles = [];
  if (by.has('screen') || by.has('screen-audio')) {
    tiles.push(received(person, 'screen', by.get('screen'), by.get('screen-audio'), state));
  }
  if (by.has('camera') || by.has('microphone')) {
    const source = by.has('camera') ? 'camera' : 'microphone';
    tiles.push(received(person, source, by.get('camera'), by.get('microphone'), state));
  } else if (state.room.room?.kind === 'call') {
    // In a call everyone is there, also with nothing turned on.
    tiles.push(received(person, 'microphone', undefined, undefined, state));
  }
  return tiles;
}

/**
 * @param {Pick<Tile, 'participant' | 'name' | 'connected' | 'local' | 'client'>} person
 * @param {Tile['source']} source
 * @param {Publication | undefined} picture
 * @param {Publication | undefined} sound
 * @param {State} state
 * @returns {Tile}
 */
function received(person, source, picture, sound, state) {
  const subscription = picture && state.room.subscriptions[picture.publication];
  const refused = subscription?.state === 'codec-unsupported';
  return {
    ...person,
    key: `${person.participant}:${source === 'screen' ? 'screen' : 'person'}`,
    source,
    troubles: troublesOf(person.participant, source === 'screen', state),
    hasPicture: Boolean(picture),
    publication: picture?.publication ?? null,
    unwanted: Boolean(picture) && state.quality === 'sound',
    pictureMuted: isMuted(picture),
    hasSound: Boolean(sound),
    soundMuted: isMuted(sound),
    unsupported: refused ? (subscription.codec ?? '?').toUpperCase() : null,
    video: (picture && state.tracks.get(picture.publication)) ?? null,
    audio: (sound && state.tracks.get(sound.publication)) ?? null,
    path: pathOf(state, person.participant),
  };
}

/** @param {{ participant: string, name: string }} me @param {State} state @returns {Tile[]} */
function ownTiles(me, state) {
  const { tracks } = state.studio;
  const tiles = [];
  if (tracks.screen) tiles.push(own(me, 'screen', 'screen-audio', state));
  if (tracks.camera) tiles.push(own(me, 'camera', 'microphone', state));
  else if (tracks.microphone || state.room.room?.kind === 'call') tiles.push(own(me, 'microphone', 'microphone', state));
  return tiles;
}

/**
 * @param {{ participant: string, name: string }} me
 * @param {Tile['source']} source @param {Source} sound @param {State} state
 * @returns {Tile}
 */
function own(me, source, sound, state) {
  const { tracks } = state.studio;
  const hasPicture = source !== 'microphone';
  return {
    key: `${me.participant}:${source === 'screen' ? 'screen' : 'person'}`,
    participant: me.participant, name: me.name, source, local: true, connected: true, unsupported: null, client: 'page',
    troubles: troublesOf(me.participant, source === 'screen', state),
    hasPicture,
    publication: null,
    unwanted: false,
    pictureMuted: hasPicture && ownMuted(state, source),
    hasSound: Boolean(tracks[sound]),
    soundMuted: ownMuted(state, sound),
    video: (hasPicture && tracks[source]) || null,
    audio: null,
    path: null,
  };
}

/** What is wrong with someone's screen, or else with their camera and microphone. @param {string} participant @param {boolean} screen @param {State} state */
function troublesOf(participant, screen, { room: { publicationTroubles } }) {
  const own = publicationTroubles.filter((told) => told.participant === participant && told.source.startsWith('screen') === screen);
  return own.map(({ trouble }) => trouble);
}

/** Whether one of this page's own sources is muted, by its owner or by a host. @param {State} state @param {Source} source */
export function ownMuted(state, source) {
  return Boolean(state.studio.muted[source]) || mutedByHost(state, source);
}

/** @param {State} state @param {Source} source */
export function mutedByHost(state, source) {
  const { me, room } = state.room;
  const member = room?.stage.find((other) => other.participant === me?.participant);
  return Boolean(member?.publications.find((publication) => publication.source === source)?.mutedByHost);
}

/** Whether a source is on: captured and not muted. @param {Studio} studio @param {Source} source */
export function isOn(studio, source) {
  return Boolean(studio.tracks[source]) && !studio.muted[source];
}

/** @param {Publication | undefined} publication */
function isMuted(publication) {
  return Boolean(publication?.muted || publication?.mutedByHost);
}
