/** The page for frames of other sites: one player, and nothing else. */
import './roomcast.js';

const room = decoded(/^\/embed\/([^/]+)/.exec(location.pathname)?.[1] ?? '');
const wishes = new URLSearchParams(location.search);
const player = document.createElement('roomcast-player');
const language = wishes.get('lang');
if (language) document.documentElement.lang = language;
player.setAttribute('room', room);
const token = wishes.get('token');
if (token) player.setAttribute('token', token);
player.toggleAttribute('muted', wishes.has('muted'));
player.toggleAttribute('controls', wishes.get('controls') !== 'no');
document.title = `${room} · Roomcast`;
document.body.append(player);

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
