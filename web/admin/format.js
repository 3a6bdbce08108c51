/** Times as operators read them. */
import { language } from '../i18n.js';
import { w } from './words.js';

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

/** The two largest units of how long something has lasted: `3 d 4 h`. @param {number} seconds */
export function lasted(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [days, hours, minutes] = [Math.floor(whole / DAY), Math.floor(whole / HOUR) % 24, Math.floor(whole / MINUTE) % 60];
  if (days > 0) return w('time.days', { days, hours });
  if (hours > 0) return w('time.hours', { hours, minutes });
  return w('time.minutes', { minutes, seconds: whole % 60 });
}

/** Day and time. @param {number | undefined} at milliseconds since 1970 */
export function moment(at) {
  if (at === undefined) return '–';
  return new Intl.DateTimeFormat(language(), { dateStyle: 'medium', timeStyle: 'short' }).format(at);
}

/** The time of today, with seconds; the day before that. @param {number} at @param {number} [now] */
export function recent(at, now = Date.now()) {
  const today = new Date(at).toDateString() === new Date(now).toDateString();
  return new Intl.DateTimeFormat(language(), { ...(today ? {} : { month: 'short', day: 'numeric' }), hour: 'numeric', minute: '2-digit', second: '2-digit' }).format(at);
}
