import { DateTime } from 'luxon';
import type { Random } from './random.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));
const dates = new Map<number, string>();

/** Times are milliseconds since 1970 while they are made up, and stamps in the records: too many to ask Date for each. */
export function stamp(time: number): string {
  const [hours, minutes, seconds] = [HOUR, MINUTE, 1000].map((unit) => twoDigits[Math.floor((time % DAY) / unit) % 60]);
  return `${date(time)}T${hours}:${minutes}:${seconds}Z`;
}

export function date(time: number): string {
  const day = Math.floor(time / DAY);
  const found = dates.get(day) ?? new Date(time).toISOString().slice(0, 10);
  dates.set(day, found);
  return found;
}

/** One look-up a zone and day: asking the time zone database is what costs. */
const offsets = new Map<string, Map<number, number>>();

function offset(midnight: number, zone: string): number {
  const days = offsets.get(zone) ?? new Map<number, number>();
  offsets.set(zone, days);
  const found = days.get(midnight) ?? DateTime.fromMillis(midnight + 12 * HOUR, { zone }).offset * MINUTE;
  days.set(midnight, found);
  return found;
}

/** The day at `time`, moved off a weekend, at a quarter of an hour between 9:00 and 16:30 in `zone`. */
export function officeTime(random: Random, time: number, zone: string, weekend: 'before' | 'after' = 'before'): number {
  return at(time, zone, weekend, 9 * HOUR + random.int(0, 30) * 15 * MINUTE);
}

/** The same, at noon or half past. */
export function lunchTime(random: Random, time: number, zone: string, weekend: 'before' | 'after' = 'before'): number {
  return at(time, zone, weekend, 12 * HOUR + random.int(0, 1) * 30 * MINUTE);
}

function at(time: number, zone: string, weekend: 'before' | 'after', sinceMidnight: number): number {
  const midnight = Math.floor(workday(time, weekend) / DAY) * DAY;
  return midnight + sinceMidnight - offset(midnight, zone);
}

/** Any second from `from` to `to`. */
export function timeWithin(random: Random, from: number, to: number): number {
  return from + Math.floor((random.next() * (to - from)) / 1000) * 1000;
}

/** Some office time from `from` to `to`, or any time of that span where it hardly holds one. */
export function officeTimeWithin(random: Random, from: number, to: number, zone: string): number {
  for (let tries = 0; tries < 3; tries += 1) {
    const time = officeTime(random, timeWithin(random, from, to), zone);
    if (time >= from && time <= to) return time;
  }
  return timeWithin(random, from, to);
}

/** The day itself, or the Friday before or Monday after it. */
export function workday(time: number, weekend: 'before' | 'after'): number {
  const day = new Date(time).getUTCDay();
  if (day === 6) return weekend === 'before' ? time - DAY : time + 2 * DAY;
  if (day === 0) return weekend === 'before' ? time - 2 * DAY : time + DAY;
  return time;
}
