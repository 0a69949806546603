import { isDeepStrictEqual } from 'node:util';
import { isObject, type Json } from '../pipedrive/json.ts';

/** Is it the same value? An empty text, an empty list and null are all "nothing". */
export function isSame(a: Json | undefined, b: Json | undefined): boolean {
  return isDeepStrictEqual(plain(a), plain(b));
}

function plain(value: Json | undefined): Json {
  if (value === undefined || value === '') return null;
  return Array.isArray(value) && value.length === 0 ? null : value;
}

/**
 * Does a record show what a body set? The API adds parts to what it is given (the rest of an address, a product's id in its
 * prices, seconds), trims names, and says some things in another type.
 */
export function holds(wanted: Json | undefined, shown: Json | undefined): boolean {
  if (isSame(wanted, shown)) return true;
  if (wanted === undefined || wanted === null || shown === undefined || shown === null) return false;
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(shown) && wanted.length === shown.length && wanted.every((one, index) => holds(one, shown[index]))
    );
  }
  if (isObject(wanted)) {
    return isObject(shown) && Object.entries(wanted).every(([key, one]) => holds(one, shown[key]));
  }
  // v1 shows the record that an id points to.
  if (isObject(shown)) return holds(wanted, shown['value'] ?? shown['id']);
  if (typeof shown === 'boolean') return shown === Boolean(wanted);
  const [given, seen] = [String(wanted).trim(), String(shown).trim()];
  return given === seen || (/^\d\d:\d\d$/.test(given) && seen === `${given}:00`) || isSameTime(given, seen);
}

/** The forms that v1 and v2 have for one instant. */
function isSameTime(a: string, b: string): boolean {
  const form = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d/;
  return form.test(a) && form.test(b) && instant(a) === instant(b);
}

/** A time of the API in epoch milliseconds, NaN where it is none; v1's has no zone and is UTC. */
export function instant(time: string): number {
  return Date.parse(/(Z|[+-]\d\d:\d\d)$/.test(time) ? time : `${time.replace(' ', 'T')}Z`);
}
