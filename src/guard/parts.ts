import { isObject, type JsonObject } from '../pipedrive/json.ts';
import { shownAs, touchedKeys, withoutNulls } from './inverse.ts';
import type { Entry } from './journal.ts';
import { flatCode, kindOf } from './places.ts';

/** What a record is called, and what decides how other keys of it go back. */
const KEPT = ['id', 'uuid', 'title', 'name', 'subject', 'status'];

/** As much of a record as it takes to take a change of it back: one of thousands is not kept whole. */
export function touchedPart(entry: Pick<Entry, 'path' | 'body'>, record: JsonObject): JsonObject {
  const kind = kindOf(entry.path);
  const keys = touchedKeys(entry);
  const shown = new Set([...KEPT, ...keys.map((key) => shownAs(kind, key))]);
  const codes = new Set(keys.flatMap((key) => flatCode(key) ?? []));
  const set = isObject(entry.body) ? entry.body['custom_fields'] : undefined;
  const part: JsonObject = {};
  for (const [key, value] of Object.entries(record)) {
    if (key === 'custom_fields' && isObject(value) && isObject(set)) {
      part[key] = Object.fromEntries(Object.keys(set).map((code) => [code, value[code] ?? null]));
    } else if (shown.has(key) || codes.has(flatCode(key) ?? '')) part[key] = value;
  }
  return part;
}

/** As much of a new record as tells whether others have changed it since: all that can be set and is. */
export function settablePart(keys: ReadonlySet<string>, record: JsonObject): JsonObject {
  const part: JsonObject = {};
  for (const [key, value] of Object.entries(record)) {
    const isMeant = KEPT.includes(key) || keys.has(key) || flatCode(key) !== undefined;
    if (isMeant && value !== null) part[key] = key === 'custom_fields' ? withoutNulls(value) : value;
  }
  return part;
}
