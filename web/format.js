/** Times and names as people read them. */

/** How long something has lasted: `4:05`, `1:02:09`. @param {number} milliseconds */
export function duration(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const pad = (/** @type {number} */ value) => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`;
}

/**
 * When something was said: the time today, with the day before that.
 * @param {number} at @param {number} now milliseconds since 1970 @param {string} language
 */
export function moment(at, now, language) {
  const today = new Date(at).toDateString() === new Date(now).toDateString();
  /** @type {Intl.DateTimeFormatOptions} */
  const options = { hour: 'numeric', minute: '2-digit', ...(today ? {} : { month: 'short', day: 'numeric' }) };
  return new Intl.DateTimeFormat(language, options).format(at);
}

/** Large numbers, short: `1.2K`. @param {number} count @param {string} language */
export function compact(count, language) {
  return new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 }).format(count);
}

/** The first letter of a name, for an avatar. @param {string} name */
export function initial(name) {
  const [first = '?'] = [...name.trim()];
  return first.toUpperCase();
}

/** One of eight tints, always the same for the same name. @param {string} name */
export function tint(name) {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 997;
  return sum % 8;
}

/** How large a file is: `1.2 MB`. @param {number} bytes @param {string} language */
export function fileSize(bytes, language) {
  const units = /** @type {const} */ (['byte', 'kilobyte', 'megabyte', 'gigabyte']);
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const options = { style: 'unit', unit: units[step], unitDisplay: step === 0 ? 'long' : 'short', maximumFractionDigits: step > 1 ? 1 : 0 };
  return new Intl.NumberFormat(language, /** @type {Intl.NumberFormatOptions} */ (options)).format(bytes / 1000 ** step);
}

const BIT_UNITS = ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s'];

/** `2.4 Mbit/s`. @param {number} bits a second @param {string} language */
export function bitRate(bits, language) {
  const step = bits < 1000 ? 0 : Math.min(BIT_UNITS.length - 1, Math.floor(Math.log10(bits) / 3));
  const value = bits / 1000 ** step;
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: step > 0 && value < 100 ? 1 : 0 }).format(value)} ${BIT_UNITS[step]}`;
}
