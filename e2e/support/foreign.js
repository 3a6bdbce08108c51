/** Programs that nobody here wrote, as people run them: FFmpeg, and aiortc by the scripts in `foreign/`. */
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { until } from './until.js';

const folder = fileURLToPath(new URL('../foreign/', import.meta.url));

/** What a program may take to end by itself before it is made to. Milliseconds. */
const ENDS_WITHIN = 5_000;

/** A program that runs until it is closed. */
export class Foreign {
  /** What it said, line by line. @type {string[]} */
  lines = [];
  #child;
  #ended;

  /** @param {string} command @param {string[]} args */
  constructor(command, args) {
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#ended = new Promise((resolve) => this.#child.once('exit', resolve));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.on('data', (text) => this.lines.push(...String(text).split('\n').filter(Boolean)));
    }
  }

  /** Waits until it has said something that fits. @param {string} what @param {(lines: string[]) => boolean} fits @param {number} [within] */
  async says(what, fits, within) {
    const hasEnded = () => this.#child.exitCode !== null;
    await until(what, async () => this.lines.slice(-5), () => fits(this.lines) || hasEnded(), within);
    if (!fits(this.lines)) throw new Error(`${what}: it ended with ${this.#child.exitCode}: ${this.lines.join('\n')}`);
  }

  /** Ends it in the way that it is meant to be ended, and without mercy when it does not. */
  async close() {
    this.#child.stdin.end('q');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), ENDS_WITHIN);
    await this.#ended;
    clearTimeout(late);
  }

  /** Ends it without a word to anyone. */
  async vanishes() {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}

/**
 * FFmpeg publishes a test picture in H264 and a tone in Opus by WHIP.
 * @param {string} url @param {string} bearer
 */
export function ffmpegPublishes(url, bearer) {
  const picture = ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=30'];
  const sound = ['-re', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'];
  // Browsers show no B-frames; a key frame every two seconds, since it makes none when it is asked.
  const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-profile:v', 'baseline', '-pix_fmt', 'yuv420p', '-bf', '0', '-g', '60', '-b:v', '800k'];
  const opus = ['-c:a', 'libopus', '-ac', '2', '-b:a', '64k'];
  const whip = ['-f', 'whip', '-authorization', bearer, url];
  return new Foreign(ffmpegPath(), ['-hide_banner', '-loglevel', 'warning', ...picture, ...sound, ...h264, ...opus, ...whip]);
}

/** aiortc publishes by WHIP. @param {string} url @param {string} bearer */
export function aiortcPublishes(url, bearer) {
  return new Foreign(pythonPath(), [`${folder}publish.py`, url, bearer]);
}

/** aiortc watches by WHEP. @param {string} url */
export function aiortcWatches(url) {
  return new Foreign(pythonPath(), [`${folder}watch.py`, url]);
}

/** How many frames of a kind it says to have decoded. @param {string[]} lines @param {'video' | 'audio'} kind */
export function decoded(lines, kind) {
  const [, frames, level] = lines.findLast((line) => line.startsWith(`${kind} `))?.split(' ') ?? [];
  return { frames: Number(frames ?? 0), level: Number(level ?? 0) };
}

/** The Python of an environment with `foreign/requirements.txt`: `ROOMCAST_PYTHON`, which `./test` makes. */
function pythonPath() {
  const path = process.env.ROOMCAST_PYTHON ?? '';
  try {
    accessSync(path, constants.X_OK);
  } catch {
    throw new Error('ROOMCAST_PYTHON must name a Python with e2e/foreign/requirements.txt: ./test makes one (see e2e/README.md)');
  }
  return path;
}

/** FFmpeg as its Python package brings it along: Debian's has no WHIP. */
function ffmpegPath() {
  const where = 'import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())';
  const { stdout, stderr } = spawnSync(pythonPath(), ['-c', where], { encoding: 'utf8' });
  const path = stdout.trim();
  if (!path) throw new Error(`imageio-ffmpeg has no FFmpeg: ${stderr}`);
  return path;
}
