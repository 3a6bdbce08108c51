/** Cameras, microphones and screens of this device. Answers with tracks, never with page elements. */

/** A talking person; more than this buys nothing at the bit rate that is sent. */
const CAMERA = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };
const MICROPHONE = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
/** The sound of a film must not be treated as speech in a room. */
const SCREEN_AUDIO = { echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: 2 };

/** Whether this page may use cameras at all: it may not over plain HTTP. */
export function canCapture() {
  return Boolean(globalThis.navigator?.mediaDevices?.getUserMedia);
}

/** Phones cannot share their screen. */
export function canShareScreen() {
  return Boolean(globalThis.navigator?.mediaDevices?.getDisplayMedia);
}

/** @param {string} [deviceId] the one to use; without it, the browser's choice */
export async function openCamera(deviceId) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { ...CAMERA, ...exact(deviceId) } });
  const track = stream.getVideoTracks()[0];
  track.contentHint = 'motion';
  return track;
}

/** @param {string} [deviceId] */
export async function openMicrophone(deviceId) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { ...MICROPHONE, ...exact(deviceId) } });
  return stream.getAudioTracks()[0];
}

/**
 * Camera and microphone by one question to the person, who may grant or refuse them together.
 * @param {string} [camera] @param {string} [microphone] the devices to use
 */
export async function openBoth(camera, microphone) {
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { ...CAMERA, ...exact(camera) },
    audio: { ...MICROPHONE, ...exact(microphone) },
  });
  const [picture] = stream.getVideoTracks();
  const [sound] = stream.getAudioTracks();
  picture.contentHint = 'motion';
  return { camera: picture, microphone: sound };
}

/** Lets the person choose a screen, a window or a tab, with its sound where the browser has it. */
export async function openScreen() {
  const stream = await navigator.mediaDevices.getDisplayMedia({
    video: { frameRate: { ideal: 30, max: 30 } },
    audio: SCREEN_AUDIO,
    .../** @type {any} */ ({ systemAudio: 'include', surfaceSwitching: 'include' }),
  });
  const video = stream.getVideoTracks()[0];
  const audio = stream.getAudioTracks()[0] ?? null;
  video.contentHint = 'detail';
  if (audio) audio.contentHint = 'music';
  return { video, audio };
}

/** @typedef {{ id: string, label: string, kind: 'camera' | 'microphone' }} Device */

/** @returns {Promise<Device[]>} empty labels until the person has allowed one of them */
export async function listDevices() {
  const kinds = /** @type {const} */ ({ videoinput: 'camera', audioinput: 'microphone' });
  const all = (await globalThis.navigator?.mediaDevices?.enumerateDevices?.()) ?? [];
  return all.flatMap((device) => {
    const kind = kinds[/** @type {keyof typeof kinds} */ (device.kind)];
    return kind ? [{ id: device.deviceId, label: device.label, kind }] : [];
  });
}

/**
 * Why a device could not be opened, as one word for the page to explain.
 * @param {unknown} error
 * @returns {'denied' | 'missing' | 'busy' | 'cancelled' | 'failed'}
 */
export function captureFault(error) {
  const { name, message } = /** @type {DOMException} */ (error);
  if (name === 'NotAllowedError') return /dismissed|by user/i.test(message) ? 'cancelled' : 'denied';
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'missing';
  if (name === 'NotReadableError' || name === 'AbortError') return 'busy';
  return 'failed';
}

/** @param {string} [deviceId] */
function exact(deviceId) {
  return deviceId ? { deviceId: { exact: deviceId } } : {};
}
