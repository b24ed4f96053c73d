import { i18n } from '#i18n';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Under this an age reads "now": two clocks (hub and browser) differ by about as much. */
const NOW_MS = 5 * SECOND;

/** How long something has lasted, as a row shows it: "now", "12 s", "26 min", "2 h"; after a day its date, "20 Nov". */
export function ageText(sinceMs: number, nowMs: number): string {
  const ms = nowMs - sinceMs;
  if (ms < NOW_MS) return i18n.t('time.now');
  if (ms < MINUTE) return i18n.t('time.s', [Math.floor(ms / SECOND)]);
  if (ms < HOUR) return i18n.t('time.min', [Math.floor(ms / MINUTE)]);
  if (ms < DAY) return i18n.t('time.h', [Math.floor(ms / HOUR)]);
  return dateText(sinceMs, 'short');
}

/** The same for screen readers, which read "min" badly: "26 minutes". */
export function spokenAge(sinceMs: number, nowMs: number): string {
  const ms = nowMs - sinceMs;
  if (ms < NOW_MS) return i18n.t('time.justNow');
  if (ms < MINUTE) return count(Math.floor(ms / SECOND), 'second');
  if (ms < HOUR) return count(Math.floor(ms / MINUTE), 'minute');
  if (ms < DAY) return count(Math.floor(ms / HOUR), 'hour');
  return i18n.t('time.since', { date: dateText(sinceMs, 'long') });
}

/** "12 min ago", "just now", or after a day "on 20 November". */
export function agoText(atMs: number, nowMs: number): string {
  const ms = nowMs - atMs;
  if (ms < NOW_MS) return i18n.t('time.justNow');
  if (ms < DAY) return i18n.t('time.ago', { age: ageText(atMs, nowMs) });
  return i18n.t('time.on', { date: dateText(atMs, 'long') });
}

/** A time of day, 24 h: "14:20". With its date if that is another day: "20 Nov, 14:20". */
export function clockText(atMs: number, nowMs: number): string {
  const at = new Date(atMs);
  const clock = `${pad(at.getHours())}:${pad(at.getMinutes())}`;
  if (at.toDateString() === new Date(nowMs).toDateString()) return clock;
  return i18n.t('time.dateAndClock', { date: dateText(atMs, 'short'), clock });
}

/** A time of day to the second: "14:20:07". */
export function timeText(atMs: number): string {
  return new Intl.DateTimeFormat(locale(), { timeStyle: 'medium', hour12: false }).format(atMs);
}

/** "20 November" or "20 Nov". */
export function dateText(atMs: number, month: 'long' | 'short'): string {
  return new Intl.DateTimeFormat(locale(), { day: 'numeric', month }).format(atMs);
}

/** How long something took: "12 s", "4 min", "1 h 12 min". */
export function durationText(ms: number): string {
  if (ms < MINUTE) return i18n.t('time.s', [Math.max(0, Math.floor(ms / SECOND))]);
  if (ms < HOUR) return i18n.t('time.min', [Math.floor(ms / MINUTE)]);
  const minutes = Math.floor((ms % HOUR) / MINUTE);
  const hours = i18n.t('time.h', [Math.floor(ms / HOUR)]);
  return minutes === 0 ? hours : `${hours} ${i18n.t('time.min', [minutes])}`;
}

/** "1 hub", "3 hubs", "1,200 lines". */
export function count(n: number, noun: Noun): string {
  return i18n.t(`count.${noun}`, n, [numberText(n)]);
}

/** What is counted in sentences. */
type Noun = 'hub' | 'session' | 'key' | 'line' | 'second' | 'minute' | 'hour';

/** "12,345". */
export function numberText(n: number): string {
  // The popup counts in each row, and to make a format costs more than to use it.
  return formatOf(locale()).format(n);
}

/** "42%". */
export function percentText(percent: number): string {
  return new Intl.NumberFormat(locale(), { style: 'percent' }).format(percent / 100);
}

const numberFormats = new Map<string, Intl.NumberFormat>();

function formatOf(language: string): Intl.NumberFormat {
  const format = numberFormats.get(language) ?? new Intl.NumberFormat(language);
  numberFormats.set(language, format);
  return format;
}

/** The person's own way to write dates, if it goes with the language of the texts around them. */
function locale(): string {
  const language = i18n.t('language');
  const own = i18n.t('@@ui_locale').replace('_', '-');
  return own.split('-')[0] === language.split('-')[0] ? own : language;
}

function pad(n: number): string {
  return String(n).padStart(2, '0');
}
