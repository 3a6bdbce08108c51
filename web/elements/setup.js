/** Before going live or into a call: what will be seen and heard, and the button that starts it. */
import { callLink, hostLink, roomLink, secureAddress } from '../address.js';
import { h, setText } from '../dom.js';
import { faultKey } from '../faults.js';
import { t } from '../i18n.js';
import { icon, setIcon } from '../icons.js';
import { isOn } from '../tiles.js';
import { View } from './view.js';
import './meter.js';
import './source-button.js';

/** @import { Key } from '../i18n.js' */
/** @import { State } from '../store.js' */
/** @import { MeterElement } from './meter.js' */
/** @import { SourceButton } from './source-button.js' */

export class SetupView extends View {
  /** @override */
  build() {
    const button = (/** @type {string} */ source) => {
      const element = document.createElement('rc-source-button');
      element.setAttribute('source', source);
      return element;
    };
    const video = (/** @type {string} */ name) => {
      const element = h('video', { class: name, playsinline: true });
      element.muted = true;
      return element;
    };
    this.append(
      h('section', { class: 'setup', 'aria-labelledby': 'setup-title' },
        h('h1', { id: 'setup-title' }),
        h('div', { class: 'preview', 'data-testid': 'preview' },
          video('preview-main'), video('preview-small'),
          h('p', { class: 'preview-empty' }, icon('camera-off'), h('span'))),
        document.createElement('rc-meter'),
        h('p', { class: 'fault', role: 'status', 'data-testid': 'setup-fault' }),
        h('div', { class: 'setup-sources' }, button('camera'), button('microphone'), button('screen')),
        h('div', { class: 'setup-insecure', hidden: true, 'data-testid': 'insecure' }, h('p'),
          h('a', { class: 'button primary big', id: 'open-secure' }, icon('lock'), t('setup.open-secure'))),
        h('p', { class: 'setup-name' }, h('span'),
          h('button', { class: 'link', type: 'button', onclick: () => this.ask('dialog', { name: 'name' }) }, t('chat.change-name'))),
        h('div', { class: 'setup-actions' },
          h('button', { id: 'start-live', class: 'button primary big', type: 'button', onclick: () => this.ask('go-live') },
            icon('live'), h('span')),
          h('button', { id: 'just-watch', class: 'button quiet', type: 'button', onclick: () => this.ask('just-watch') }))),
    );
  }

  /** @override @param {State} state */
  update(state) {
    const { studio } = state;
    const call = state.room.room?.kind === 'call';
    setText(this.find('h1'), t(call ? 'setup.title-call' : 'setup.title'));
    setText(this.find('#start-live span'), t(call ? 'setup.join' : 'setup.go'));
    setIcon(this.find('#start-live'), call ? 'phone' : 'live');
    setText(this.find('#just-watch'), t(call ? 'setup.just-listen' : 'setup.just-watch'));
    setText(this.find('.setup-name span'), t('setup.name', { name: state.room.me?.name ?? '' }));
    this.#preview(state);
    /** @type {MeterElement} */ (this.find('rc-meter')).track = studio.tracks.microphone ?? null;
    this.find('rc-meter').toggleAttribute('hidden', !studio.tracks.microphone);
    const fault = studio.fault && t(faultKey(studio.fault.fault), { device: t(/** @type {Key} */ (`controls.${studio.fault.source}`)) });
    setText(this.find('.fault'), fault ?? '');
    for (const button of this.querySelectorAll('rc-source-button')) /** @type {SourceButton} */ (button).state = state;
    /** @type {HTMLButtonElement} */ (this.find('#start-live')).disabled = !call && Object.keys(studio.tracks).length === 0;
    this.#secure(state);
  }

  /** @param {State} state */
  #preview({ studio }) {
    const { screen, camera } = studio.tracks;
    show(this.find('.preview-main'), screen ?? camera);
    show(this.find('.preview-small'), screen && camera);
    this.find('.preview-main').classList.toggle('mirrored', !screen && isOn(studio, 'camera'));
    this.find('.preview').classList.toggle('is-screen', Boolean(screen));
    this.find('.preview-empty').toggleAttribute('hidden', Boolean(screen ?? camera));
    setText(this.find('.preview-empty span'), t(studio.opening ? 'setup.opening' : 'setup.no-picture'));
  }

  /** @param {State} state */
  #secure({ secure, roomName, hostKey, room }) {
    this.find('.setup').classList.toggle('blocked', !secure);
    this.find('.setup-insecure').toggleAttribute('hidden', secure);
    if (secure || roomName === null) return;
    setText(this.find('.setup-insecure p'), t('setup.insecure'));
    const origin = secureAddress(location.host, '');
    const plain = room.room?.kind === 'call' ? callLink(roomName, origin) : roomLink(roomName, origin);
    const link = hostKey ? hostLink(roomName, hostKey, origin) : plain;
    this.find('#open-secure').setAttribute('href', link);
  }
}
customElements.define('rc-setup', SetupView);

/** @param {HTMLVideoElement} video @param {MediaStreamTrack | undefined} track */
function show(video, track) {
  const before = /** @type {MediaStream | null} */ (video.srcObject)?.getVideoTracks()[0];
  video.hidden = !track;
  if (before === track) return;
  video.srcObject = track ? new MediaStream([track]) : null;
  if (track) video.play().catch(() => {});
}
