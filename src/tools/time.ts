import { DateTime } from 'luxon';
import { Problem } from '../vocabulary/problem.ts';

/**
 * People speak in the time zone of their account, the API keeps UTC. A date without a time is the start of that day in
 * the zone; an offset that was given counts.
 */
export function toUtc(text: string, zone: string, argument: string): DateTime {
  const iso = text.trim().replace(/^(\d{4}-\d{2}-\d{2}) (?=\d)/, '$1T');
  const time = DateTime.fromISO(iso, { zone });
  if (!time.isValid || !/^\d{4}-\d{2}-\d{2}/.test(iso)) {
    throw new Problem(
      `"${argument}": "${text.slice(0, 60)}" is not a date or time.`,
      time.invalidExplanation ?? 'Expected a form of ISO 8601.',
      `Write it as 2026-12-31 or 2026-12-31 14:30 (in ${zone}).`,
    );
  }
  return time.toUTC();
}

/** v2's form of an instant: RFC 3339 in whole seconds, which is all that v2 takes. */
export function rfc3339(time: DateTime): string {
  return time.toFormat("yyyy-MM-dd'T'HH:mm:ss'Z'");
}

/** v1's form of an instant in a body. */
export function v1Time(time: DateTime): string {
  return time.toFormat('yyyy-MM-dd HH:mm:ss');
}

/** A UTC time of the API, in either form, as `2026-11-22 14:30` in the zone; anything else comes back as it is. */
export function toLocal(text: string, zone: string): string {
  if (!/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(text)) return text;
  const time = DateTime.fromISO(text.replace(' ', 'T'), { zone: 'utc' }).setZone(zone);
  return time.isValid ? time.toFormat('yyyy-MM-dd HH:mm') : text;
}

/** `2026-11-20 11:00 Friday`: now for the user, by Pipedrive's clock. */
export function nowIn(zone: string, clockAhead: number): string {
  return DateTime.fromMillis(Date.now() + clockAhead, { zone }).toFormat('yyyy-MM-dd HH:mm cccc', { locale: 'en' });
}

export type Due = { due_date: string; due_time: string };

/** When an activity is due: date and time change zones together, since one may push the other over midnight. */
export function dueToUtc(due: Due, zone: string): Due {
  const time = toUtc(`${due.due_date} ${due.due_time}`, zone, 'due_time');
  if (time.setZone(zone).toFormat('HH:mm') !== due.due_time.slice(0, 5)) {
    throw new Problem(
      `There is no ${due.due_time} on ${due.due_date} in ${zone}.`,
      'The clocks are put forward over it.',
      'Give a time before or after the change.',
    );
  }
  return { due_date: time.toFormat('yyyy-MM-dd'), due_time: time.toFormat('HH:mm') };
}

export function dueToLocal(due: Due, zone: string): Due {
  const [due_date = '', due_time = ''] = toLocal(`${due.due_date} ${due.due_time}`, zone).split(' ');
  return { due_date, due_time };
}
