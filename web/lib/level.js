/** How loud a track is, between 0 and 1, for a meter. */

/** @typedef {{ read: () => number, stop: () => void }} Meter */

/** Speech sits around a tenth of full scale: this puts it in the middle of the meter. */
const GAIN = 4;

/** @param {MediaStreamTrack} track @returns {Meter} */
export function openMeter(track) {
  const Context = globalThis.AudioContext;
  if (!Context) return { read: () => 0, stop: () => {} };
  const context = new Context();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  return {
    read() {
      if (context.state === 'suspended') context.resume();
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
      return Math.min(1, Math.sqrt(power) * GAIN);
    },
    stop() {
      context.close();
    },
  };
}
