import type { ApiRequest } from '../pipedrive/client.ts';
import { isObject, type Json, type JsonObject } from '../pipedrive/json.ts';
import { holds, isSame } from './compare.ts';
import { shownAs, touchedKeys } from './inverse.ts';
import type { Entry } from './journal.ts';
import { type Api, collectionOf, flatCode, kindOf, lastId } from './places.ts';
import { type Reading, readRecord } from './record.ts';

/** Key → what the write left there and what is there now. */
export type Changes = Readonly<Record<string, { readonly ours: Json; readonly now: Json }>>;
export type Drift = { readonly is: 'none' | 'gone' } | { readonly is: 'changed'; readonly changes: Changes };

/**
 * What others have changed since a write: in the fields that it touched, or in any that can be set of a record that it
 * made. Times and counts don't tell: notes, mails and activities move them. `entry` is the write as it was put down, `now`
 * the same with the ids of today, `back` what is to take it back.
 */
export async function driftOf(
  entry: Entry,
  now: Entry,
  back: ApiRequest,
  entries: readonly Entry[],
  reading: Reading,
): Promise<Drift> {
  if (entry.method === 'DELETE' && back.method === 'POST') return { is: 'none' };
  const isOptions = kindOf(back.path).endsWith('Fields/options');
  const record = await readRecord(reading, isOptions ? collectionOf(back.path) : back.path, back.body);
  if (record === undefined) return { is: 'gone' };
  if (record === 'unreadable') return { is: 'none' };
  const changes = isOptions
    ? optionChanges(now, record)
    : Array.isArray(now.after)
      ? lineChanges(now, record, reading.api.inputKeys(collectionOf(now.path)))
      : fieldChanges(entry, now, back, record, reading.api);
  // A deal's value and contact follow its products and participants: undoing those has moved them, and nobody else.
  const followed = new Map([
    ['/products', ['value']],
    ['/participants', ['person_id']],
  ]);
  for (const [part, keys] of followed) {
    if (!entries.some(({ path }) => path.includes(`${deal(entry)}${part}`))) continue;
    for (const key of keys) delete changes[key];
  }
  return Object.keys(changes).length > 0 ? { is: 'changed', changes } : { is: 'none' };
}

function deal({ path, method, after }: Entry): string {
  const id = method === 'POST' && isObject(after) ? after['id'] : lastId(path);
  return kindOf(path) === 'deals' ? `/deals/${id}` : '/no deal';
}

type Found = Record<string, { ours: Json; now: Json }>;

function fieldChanges(entry: Entry, now: Entry, back: ApiRequest, record: JsonObject, api: Api): Found {
  const { after } = now;
  const kind = kindOf(back.path);
  const left = isObject(after) ? after : {};
  const changes: Found = {};
  const settable = entry.method === 'POST' ? api.inputKeys(collectionOf(back.path)) : undefined;
  // Of a record that a job made, what was empty was not kept.
  const isOfJob = settable !== undefined && entry.item !== undefined;
  const keys = settable
    ? Object.keys(isOfJob ? record : left).filter((key) => settable.has(key) || flatCode(key) !== undefined)
    : touchedKeys(now);
  for (const key of keys) {
    const shown = shownAs(kind, key);
    const is =
      isObject(record['custom_fields']) && flatCode(key) ? v2Value(record['custom_fields'], key) : record[shown];
    if (is === 'a part') continue;
    const ours = isOfJob ? (left[shown] ?? null) : left[shown];
    const sent = isObject(now.body) ? now.body[key] : undefined;
    if (key === 'custom_fields')
      customChanges(entry, now, settable === undefined ? now.body : isOfJob ? record : now.after, record, changes);
    else if (is === undefined && !flatCode(key)) continue;
    else if (isRecreated(entry, now, key)) continue;
    // What v1 made and v2 reads, says the same in other forms.
    else if (ours === undefined ? sent !== undefined && !holds(sent, is) : !isSame(ours, is) && !holds(is, ours)) {
      changes[key] = { ours: ours ?? sent ?? null, now: is ?? null };
    }
  }
  return changes;
}

/** A custom field as v1 says its main value, from v2's form; its parts are not compared. */
function v2Value(values: JsonObject, key: string): Json | undefined {
  if (flatCode(key) !== key) return 'a part';
  const value = values[key];
  if (isObject(value)) return value['value'];
  return Array.isArray(value) ? value.join(',') : value;
}

/** Labels and custom fields that were deleted and made anew have lost the values of records: that is no one's change. */
function isRecreated({ after }: Entry, now: Entry, key: string): boolean {
  if (key !== 'label_ids' && flatCode(key) === undefined) return false;
  const old = isObject(after) ? after[key] : undefined;
  return !isSame(old, isObject(now.after) ? now.after[key] : undefined);
}

/** `of` has the custom fields that are compared. */
function customChanges(entry: Entry, now: Entry, of: Json | undefined, record: JsonObject, changes: Found): void {
  const part = (one: Json | undefined) => (isObject(one) && isObject(one['custom_fields']) ? one['custom_fields'] : {});
  const [old, ours, is] = [part(entry.after), part(now.after), part(record)];
  for (const code of Object.keys(part(of))) {
    if (!(code in is) || !isSame(old[code], ours[code])) continue;
    if (!isSame(ours[code], is[code])) changes[code] = { ours: ours[code] ?? null, now: is[code] ?? null };
  }
}

/** Lines that were put on a deal together. */
function lineChanges({ after }: Entry, record: JsonObject, keys: ReadonlySet<string> = new Set()): Found {
  const lines = Array.isArray(record['items']) ? record['items'].filter(isObject) : [];
  const changes: Found = {};
  for (const row of Array.isArray(after) ? after.filter(isObject) : []) {
    const line = lines.find((one) => one['id'] === row['id']);
    const key = [...keys].find((one) => !isSame(row[one], line?.[one]));
    if (key !== undefined) changes[`line ${row['id']}: ${key}`] = { ours: row[key] ?? null, now: line?.[key] ?? null };
  }
  return changes;
}

function optionChanges({ method, body, after }: Entry, record: JsonObject): Found {
  const options = Array.isArray(record['options']) ? record['options'].filter(isObject) : [];
  const meant = method === 'POST' ? after : body;
  const changes: Found = {};
  for (const option of Array.isArray(meant) ? meant.filter(isObject) : []) {
    const now = options.find((one) => one['id'] === option['id'])?.['label'] ?? null;
    const ours = option['label'] ?? null;
    if (method !== 'DELETE' && !isSame(ours, now)) changes[`option ${option['id']}`] = { ours, now };
  }
  return changes;
}
