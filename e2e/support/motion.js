/**
 * A camera and a microphone that give an encoder something to do: Chromium's own fake camera shows a
 * picture so plain that no encoder needs more than a fraction of its bit rate for it.
 */
import { closeSync, existsSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const WIDTH = 1280;
const HEIGHT = 720;
/** Of the camera. Fewer than a real one has: encoder and decoders share the machine of the test. */
const FRAMES_PER_SECOND = 20;
/** The film begins anew after so many frames. */
const FRAMES = 30;
/** How far grain changes a pixel, at most. More of it cannot be encoded at all, less needs no bit rate. */
const GRAIN = 9;

const SAMPLE_RATE = 48_000;
/** Seconds after which the sound begins anew. */
const SOUND_LASTS = 4;

/** Flags with which Chromium takes both for its devices. @returns {string[]} */
export function motion() {
  const folder = join(tmpdir(), `roomcast-motion-${WIDTH}x${HEIGHT}-${FRAMES}-${GRAIN}`);
  const [film, sound] = [join(folder, 'film.y4m'), join(folder, 'sound.wav')];
  if (!existsSync(sound)) {
    mkdirSync(folder, { recursive: true });
    writeFilm(film);
    writeFileSync(sound, soundFile());
  }
  return [`--use-file-for-fake-video-capture=${film}`, `--use-file-for-fake-audio-capture=${sound}`];
}

/** A camera that moves over a landscape of soft shapes, with the grain of bad light. @param {string} path */
function writeFilm(path) {
  const file = openSync(path, 'w');
  writeSync(file, `YUV4MPEG2 W${WIDTH} H${HEIGHT} F${FRAMES_PER_SECOND}:1 Ip A1:1 C420jpeg\n`);
  const grain = Uint8Array.from({ length: 1 << 20 }, chances(1));
  for (let at = 0; at < FRAMES; at += 1) {
    writeSync(file, 'FRAME\n');
    writeSync(file, light(at, grain));
    writeSync(file, colours(at));
  }
  closeSync(file);
}

/** @param {number} frame @param {Uint8Array} grain 0 to 255 each */
function light(frame, grain) {
  const turn = (frame / FRAMES) * 2 * Math.PI;
  const [left, top] = [Math.cos(turn) * 60, Math.sin(turn) * 40];
  const plane = Buffer.alloc(WIDTH * HEIGHT);
  const across = Float64Array.from({ length: WIDTH }, (_, x) => Math.sin((x + left) / 23) + Math.sin((x + left) / 7.3));
  const offset = (frame * 104_729) % grain.length;
  for (let y = 0; y < HEIGHT; y += 1) {
    const down = Math.sin((y + top) / 19) + Math.sin((y + top) / 5.7);
    for (let x = 0, at = y * WIDTH; x < WIDTH; x += 1, at += 1) {
      const noise = ((grain[(at + offset) % grain.length] - 128) / 128) * GRAIN;
      plane[at] = 128 + 40 * across[x] * down * 0.5 + noise;
    }
  }
  return plane;
}

/** @param {number} frame */
function colours(frame) {
  const size = (WIDTH * HEIGHT) / 4;
  const planes = Buffer.alloc(size * 2);
  planes.fill(96 + frame, 0, size);
  planes.fill(160 - frame, size);
  return planes;
}

/** Tones that rise and fall all the time, so that no pause and no steady tone is taken for noise. */
function soundFile() {
  const samples = SAMPLE_RATE * SOUND_LASTS;
  const file = Buffer.alloc(44 + samples * 2);
  file.write('RIFF', 0);
  file.writeUInt32LE(36 + samples * 2, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(SAMPLE_RATE, 24);
  file.writeUInt32LE(SAMPLE_RATE * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36);
  file.writeUInt32LE(samples * 2, 40);
  let phase = 0;
  for (let at = 0; at < samples; at += 1) {
    const second = at / SAMPLE_RATE;
    phase += (2 * Math.PI * (220 + 180 * Math.sin(2 * Math.PI * second * 1.5))) / SAMPLE_RATE;
    const loudness = 0.35 + 0.2 * Math.sin(2 * Math.PI * second * 4);
    file.writeInt16LE(Math.round(32_767 * loudness * Math.sin(phase) * (0.7 + 0.3 * Math.sin(3 * phase))), 44 + at * 2);
  }
  return file;
}

/** Numbers that look like chance and are the same each time (mulberry32). @param {number} seed */
function chances(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 24;
  };
}
