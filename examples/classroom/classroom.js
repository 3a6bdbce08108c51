/**
 * A classroom: a teacher who goes live with camera and screen, pupils who watch, raise a hand and chat.
 * All that is live comes from a Roomcast node: `?node=https://node`, or the one that serves this page.
 */
import { Stage } from './stage.js';

const node = new URLSearchParams(location.search).get('node') ?? location.origin;
const { Room, captureFault, openBoth, openMicrophone, openScreen, socketAddress } = await import(`${node}/sdk/client.js`);

/** A class that has not begun is asked for again so often. Milliseconds. */
const ASK_AGAIN = 3_000;

const $ = (selector) => document.querySelector(selector);
const room = new Room({ url: socketAddress(node) });
/** What this person wants on: devices by what they are called here. */
const on = { camera: false, microphone: false, screen: false, hand: false };
let join = null;

new Stage($('#stage'), room);
room.addEventListener('change', render);
room.addEventListener('sent', render);
room.addEventListener('welcome', welcomed);
room.addEventListener('refused', refused);
room.addEventListener('waiting', () => note('The teacher will let you in.'));
room.addEventListener('goodbye', gone);
room.addEventListener('hand-lowered', () => set('hand', false));
room.addEventListener('trouble', ({ detail }) => note(detail.cause ? 'Your network lets no media through.' : ''));

$('#door').hidden = false;
$('#door').addEventListener('submit', (event) => {
  event.preventDefault();
  const { name, room: title } = Object.fromEntries(new FormData(event.target));
  const teaches = event.submitter?.value === 'teach';
  join = { room: title, name, open: teaches, ...(teaches && keyOf(title) ? { hostKey: keyOf(title) } : {}) };
  room.join(join);
});

$('#say').addEventListener('submit', (event) => {
  event.preventDefault();
  const field = event.target.elements.text;
  if (!field.value.trim()) return;
  room.say(field.value).then(() => (field.value = ''), explain);
});

/** Inside: the one who opened the room keeps its key, to come back as its teacher. */
function welcomed({ detail }) {
  if (detail.hostKey) localStorage.setItem(`classroom:key:${detail.room.name}`, detail.hostKey);
  $('#door').hidden = true;
  $('main').hidden = false;
  note('');
}

function refused({ detail }) {
  if (detail.code !== 'room-unknown') return note(detail.message);
  note('The class has not begun. You will be let in when it does.');
  setTimeout(() => room.join(join), ASK_AGAIN);
}

function gone({ detail }) {
  if (!detail.final) return note('Coming back…');
  note(detail.code === 'room-ended' ? 'The class is over.' : detail.message);
  for (const { track } of room.publisher.sent.values()) track.stop();
  $('main').hidden = true;
}

/** Turns something of one's own on or off, and says why if that cannot be. */
async function toggle(what) {
  try {
    await ACTS[what](!on[what]);
    set(what, !on[what]);
    note('');
  } catch (error) {
    explain(error);
  }
}

const ACTS = {
  hand: (up) => room.hand(up),
  microphone: (open) => switchDevice('microphone', open, async () => ({ microphone: await openMicrophone() })),
  camera: async (open) => {
    await switchDevice('camera', open, openBoth);
    on.microphone = open;
  },
  screen: async (open) => {
    await switchDevice('screen', open, async () => {
      const { video, audio } = await openScreen();
      // People end the sharing of a screen in the browser, too.
      video.addEventListener('ended', () => on.screen && toggle('screen'));
      return { screen: video, 'screen-audio': audio };
    });
  },
};

/** The sources that a button of this name stands for. */
const SOURCES = { camera: ['camera', 'microphone'], microphone: ['microphone'], screen: ['screen', 'screen-audio'] };

async function switchDevice(name, open, device) {
  if (open) return room.publisher.setTracks(await device());
  for (const source of SOURCES[name]) room.publisher.sent.get(source)?.track.stop();
  return room.publisher.setTracks(Object.fromEntries(SOURCES[name].map((source) => [source, null])));
}

function render() {
  const { me, room: state, audience, chat, hands } = room.state;
  if (!me || !state) return;
  // Who is on stage has been called.
  if (me.role !== 'viewer') on.hand = false;
  $('#title').textContent = state.name;
  $('#count').textContent = `${audience} watching`;
  $('#asking').hidden = me.role !== 'host';
  $('#hands').replaceChildren(...hands.map(({ participant, name }) => row(name, button('Let speak', () => room.stage(participant, true)))));
  $('#chat').replaceChildren(...chat.map(({ name, text }) => row(Object.assign(document.createElement('b'), { textContent: name }), ' ', text)));
  $('#chat').lastElementChild?.scrollIntoView({ block: 'nearest' });
  $('#controls').replaceChildren(...controls(me.role));
}

/** A teacher has devices; a pupil a hand, and on stage a microphone. */
function controls(role) {
  const switches = { host: ['camera', 'microphone', 'screen'], speaker: ['microphone'], viewer: ['hand'] }[role];
  const buttons = switches.map((what) => button(LABELS[what][on[what] ? 1 : 0], () => toggle(what), what, on[what]));
  if (role === 'host') buttons.push(button('End the class', () => confirm('End the class for everyone?') && room.end().catch(explain), 'end'));
  if (role === 'speaker') buttons.push(button('Back to my seat', sitDown, 'seat'));
  return buttons;
}

async function sitDown() {
  if (on.microphone) await toggle('microphone');
  await room.stage(room.state.me.participant, false).catch(explain);
}

const LABELS = {
  camera: ['Camera', 'Camera off'],
  microphone: ['Microphone', 'Microphone off'],
  screen: ['Share screen', 'Stop sharing'],
  hand: ['Raise hand', 'Lower hand'],
};

function set(what, now) {
  on[what] = now;
  render();
}

/** A request that was refused has a code of the node; what a device refuses has a name of the browser. */
function explain(error) {
  note(error.code && error.name === 'Refused' ? error.message : `That did not work: ${captureFault(error)}.`);
}

function keyOf(title) {
  return localStorage.getItem(`classroom:key:${title}`);
}

function button(text, act, id = '', pressed = null) {
  const element = Object.assign(document.createElement('button'), { type: 'button', textContent: text, onclick: act, id });
  if (pressed !== null) element.setAttribute('aria-pressed', String(pressed));
  return element;
}

function row(...parts) {
  const item = document.createElement('li');
  item.append(...parts);
  return item;
}

function note(text) {
  $('#note').textContent = text;
}
