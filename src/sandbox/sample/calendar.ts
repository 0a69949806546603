import { DateTime } from 'luxon';
import { rfc3339 } from '../clock.ts';
import type { Random } from './random.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Times are milliseconds since 1970 while they are made up, and stamps in the records. */
export function stamp(time: number): string {
  return rfc3339(new Date(time));
}

export function date(time: number): string {
  return stamp(time).slice(0, 10);
}

/** One look-up a zone and day: asking the time zone database is what costs. */
const offsets = new Map<string, number>();

function offset(day: string, zone: string): number {
  const key = `${zone} ${day}`;
  const known = offsets.get(key) ?? DateTime.fromISO(`${day}T12:00`, { zone }).offset * MINUTE;
  offsets.set(key, known);
  return known;
}

/** The day at `time`, moved off a weekend, at a quarter of an hour between 9:00 and 16:30 in `zone`. */
export function officeTime(random: Random, time: number, zone: string, weekend: 'before' | 'after' = 'before'): number {
  const midnight = Math.floor(workday(time, weekend) / DAY) * DAY;
  return midnight + 9 * HOUR + random.int(0, 30) * 15 * MINUTE - offset(date(midnight), zone);
}

/** Some office time from `from` to `to`, or any time of that span where it holds no such. */
export function officeTimeWithin(random: Random, from: number, to: number, zone: string): number {
  const any = from + Math.floor((random.next() * (to - from)) / 1000) * 1000;
  const time = officeTime(random, any, zone);
  return time >= from && time <= to ? time : any;
}

/** The day itself, or the Friday before or Monday after it. */
export function workday(time: number, weekend: 'before' | 'after'): number {
  const day = new Date(time).getUTCDay();
  if (day === 6) return weekend === 'before' ? time - DAY : time + 2 * DAY;
  if (day === 0) return weekend === 'before' ? time - 2 * DAY : time + DAY;
  return time;
}
