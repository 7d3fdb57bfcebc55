// Times, numbers and sizes in the reader's language.

import { language } from './language.svelte.ts';

const formats = new Map<string, Intl.DateTimeFormat | Intl.NumberFormat | Intl.RelativeTimeFormat>();

/** Formats are slow to make and are needed for every line of a list. */
function cached<F extends Intl.DateTimeFormat | Intl.NumberFormat | Intl.RelativeTimeFormat>(
  name: string,
  make: (locale: string) => F,
): F {
  const key = `${language.forIntl} ${name}`;
  let format = formats.get(key) as F | undefined;
  if (format === undefined) {
    format = make(language.forIntl);
    formats.set(key, format);
  }
  return format;
}

export function timeOfDay(at: number): string {
  return cached('time', (locale) => new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' })).format(at);
}

export function dateAndTime(at: number): string {
  return cached(
    'date-time',
    (locale) => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }),
  ).format(at);
}

export function fullDate(at: number): string {
  return cached('date', (locale) => new Intl.DateTimeFormat(locale, { dateStyle: 'full' })).format(at);
}

/** Days since 1970 by the calendar on the wall here. */
export function dayNumber(at: number): number {
  const date = new Date(at);
  return Math.floor((at - date.getTimezoneOffset() * 60_000) / 86_400_000);
}

/** "today", "yesterday", or the date. */
export function dayInWords(at: number, now: number): string {
  const days = dayNumber(at) - dayNumber(now);
  if (days === 0 || days === -1) {
    return cached('relative', (locale) => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })).format(days, 'day');
  }
  return fullDate(at);
}

/** A day of the calendar, the same wherever one is: "tomorrow", "Friday", "12 Jan", "12 Jan 2031". */
export function calendarDay(day: number, today: number): string {
  const distance = day - today;
  if (Math.abs(distance) <= 1) {
    const relative = cached('relative', (locale) => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }));
    return relative.format(distance, 'day');
  }
  const [at, timeZone] = [day * 86_400_000, 'UTC'];
  if (distance > 0 && distance < 7) {
    return cached('day of week', (locale) => new Intl.DateTimeFormat(locale, { weekday: 'long', timeZone })).format(at);
  }
  const isThisYear = Math.abs(distance) < 180;
  const parts = { day: 'numeric', month: 'short', timeZone } as const;
  return isThisYear
    ? cached('day', (locale) => new Intl.DateTimeFormat(locale, parts)).format(at)
    : cached('day of year', (locale) => new Intl.DateTimeFormat(locale, { ...parts, year: 'numeric' })).format(at);
}

/** For lists: the time today, a weekday this week, a date before. */
export function shortWhen(at: number, now: number): string {
  const days = dayNumber(now) - dayNumber(at);
  if (days <= 0) return timeOfDay(at);
  if (days < 7) return cached('weekday', (locale) => new Intl.DateTimeFormat(locale, { weekday: 'short' })).format(at);
  return cached('short', (locale) => new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' })).format(at);
}

/** "in 3 days", "5 minutes ago", "now". */
export function distance(at: number, now: number): string {
  const format = cached('distance', (locale) => new Intl.RelativeTimeFormat(locale, { numeric: 'always' }));
  const minutes = Math.round((at - now) / 60_000);
  if (minutes === 0) {
    return cached('now', (locale) => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })).format(0, 'second');
  }
  if (Math.abs(minutes) < 60) return format.format(minutes, 'minute');
  const hours = Math.round(minutes / 60);
  if (Math.abs(hours) < 48) return format.format(hours, 'hour');
  return format.format(Math.round(hours / 24), 'day');
}

export function megabytes(bytes: number): string {
  return cached(
    'megabyte',
    (locale) => new Intl.NumberFormat(locale, { style: 'unit', unit: 'megabyte', maximumFractionDigits: 1 }),
  ).format(bytes / 1_000_000);
}
