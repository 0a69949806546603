import { z } from 'zod/v3';
import { GUARDING } from '../catalog/arguments.ts';
import type { Operation } from '../catalog/operation.ts';
import type { CallOptions, Client } from '../pipedrive/client.ts';
import { isObject, type Json, type JsonObject } from '../pipedrive/json.ts';
import type { Account } from '../vocabulary/account.ts';
import { Problem } from '../vocabulary/problem.ts';
import { toHtml } from './answers/text.ts';
import { type Arguments, buildRequest, plain, target } from './request.ts';
import { dueToLocal, dueToUtc, rfc3339, toUtc, v1Time } from './time.ts';

/** Checked arguments in the API's own terms: UTC times, HTML, whole lists. Reads the record where a change needs it. */
export async function prepare(
  operation: Operation,
  args: Arguments,
  account: Account,
  client: Client,
  options: CallOptions,
): Promise<Arguments> {
  const ready: JsonObject = { ...args };
  for (const [name, value] of Object.entries(args)) {
    if (typeof value !== 'string') continue;
    if (operation.rich?.includes(name)) ready[name] = toHtml(value, name);
    else if (isInstant(name)) ready[name] = instant(operation, name, value, account.zone);
  }
  const { term } = args;
  if (operation.search && typeof term === 'string' && term.trim().length < (args['exact_match'] === true ? 1 : 2)) {
    throw new Problem(
      `${operation.name}: the term "${term}" is too short.`,
      'Pipedrive searches from two characters on, or from one with exact_match.',
      'Nothing was sent. Give a longer term.',
    );
  }
  if (operation.kind === 'merge' && args['id'] === args['merge_with_id']) {
    throw new Problem(
      `${operation.name}: id and merge_with_id are the same ${operation.entity.name}.`,
      'A record cannot be merged with itself.',
      'Nothing was sent. Give the other record as merge_with_id.',
    );
  }
  const record = once(() => readRecord(operation, args, client, options));
  await setDue(operation, args, ready, account.zone, record);
  for (const edit of operation.edits ?? []) await editList(operation, edit, args, ready, record);
  if (operation.kind === 'update' && !changesAnything(operation, ready)) {
    throw new Problem(
      `${operation.name}: nothing to change was given.`,
      'Only the id was there.',
      `Give at least one of ${Object.keys(operation.input.shape)
        .filter((name) => !isAddress(operation, name))
        .join(', ')}.`,
    );
  }
  return ready;
}

function isInstant(name: string): boolean {
  return (
    /^(updated_since|updated_until|since_timestamp)$/.test(name) || (name.endsWith('_time') && name !== 'due_time')
  );
}

/** Bodies and timestamps of v1 want `YYYY-MM-DD HH:MM:SS`, everything else RFC 3339. */
function instant(operation: Operation, name: string, value: string, zone: string): string {
  const time = toUtc(value, zone, name);
  const { isV1, method } = target(operation);
  return isV1 && (method !== 'GET' || name === 'since_timestamp') ? v1Time(time) : rfc3339(time);
}

/** Does an argument say which record is written, or how, rather than what? */
function isAddress(operation: Operation, name: string): boolean {
  if (name === 'id' || GUARDING.includes(name)) return true;
  return Object.values(operation.path ?? {}).includes(name);
}

/** An update that takes nothing but the id, as archiving does, changes what it says. */
function changesAnything(operation: Operation, ready: Arguments): boolean {
  const isChange = (name: string) => !isAddress(operation, name);
  return Object.keys(ready).some(isChange) || !Object.keys(operation.input.shape).some(isChange);
}

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => {
    loaded ??= load();
    return loaded;
  };
}

/** The record that an update is about, by the GET of the same address. */
export async function readRecord(
  operation: Operation,
  args: Arguments,
  client: Client,
  options: CallOptions,
): Promise<JsonObject> {
  const { path } = buildRequest(operation, args);
  const { data } = await client.request({ method: 'GET', path, cost: target(operation).isV1 ? 2 : 1 }, options);
  if (!isObject(data))
    throw new Problem(`${operation.name}: there is no such record.`, 'It was deleted.', 'Look it up again.');
  return data;
}

/** Due date and time go together, since a time zone may push one over midnight; a lone one takes its partner from the record. */
async function setDue(
  operation: Operation,
  args: Arguments,
  ready: JsonObject,
  zone: string,
  record: () => Promise<JsonObject>,
): Promise<void> {
  if (operation.entity.name !== 'activity' || operation.kind === 'read') return;
  let { due_date, due_time } = args;
  if (due_date === undefined && due_time === undefined) return;
  if (operation.kind === 'update' && (due_date === undefined || due_time === undefined)) {
    const now = await record();
    if (typeof now['due_date'] === 'string' && typeof now['due_time'] === 'string' && now['due_time'] !== '') {
      const local = dueToLocal({ due_date: now['due_date'], due_time: now['due_time'] }, zone);
      due_date ??= local.due_date;
      due_time ??= local.due_time;
    } else due_date ??= now['due_date'] ?? undefined;
  }
  if (typeof due_time === 'string' && typeof due_date !== 'string') {
    throw new Problem(
      `${operation.name}: due_time needs due_date.`,
      'A time alone says no day.',
      'Give due_date as well.',
    );
  }
  if (typeof due_date === 'string' && typeof due_time === 'string')
    Object.assign(ready, dueToUtc({ due_date, due_time }, zone));
  else if (due_date !== undefined) ready['due_date'] = due_date;
}

type Edit = NonNullable<Operation['edits']>[number];

/** The API replaces such a list whole: what is kept is read first, so that nothing in it is lost. */
async function editList(
  operation: Operation,
  { list, add, remove, by = 'value' }: Edit,
  args: Arguments,
  ready: JsonObject,
  record: () => Promise<JsonObject>,
): Promise<void> {
  const added = args[add];
  const removed = args[remove];
  if (added === undefined && removed === undefined) return;
  const before = (await record())[list];
  const known = elementKeys(operation, add);
  let items: Json[] = Array.isArray(before) ? before.map((item) => sendable(item, known)) : [];
  const identity = (item: Json) => identityOf(item, by);
  for (const gone of Array.isArray(removed) ? removed : []) {
    const left = items.filter((item) => identity(item) !== identity(gone));
    if (left.length === items.length) {
      throw new Problem(
        `${operation.name}: ${list} has no ${identity(gone)}.`,
        items.length > 0 ? `It has ${items.map(identity).join(', ')}.` : 'It is empty.',
        'Nothing was changed. Name one that is there.',
      );
    }
    items = left;
  }
  for (const item of Array.isArray(added) ? added : []) {
    if (isObject(item) && item['primary'] === true) {
      items = items.map((other) => (isObject(other) ? { ...other, primary: false } : other));
    }
    const there = items.findIndex((other) => identity(other) === identity(item));
    const old = items[there];
    if (old === undefined) items.push(item);
    else if (isObject(old) && isObject(item)) items[there] = { ...old, ...item, [by]: old[by] ?? null };
  }
  ready[list] = items;
}

/** What an entry of a list may have, where the list is of objects. */
function elementKeys(operation: Operation, list: string): readonly string[] | undefined {
  const schema = plain(operation.input.shape[list]);
  const element = schema instanceof z.ZodArray ? plain(schema.element) : undefined;
  return element instanceof z.ZodObject ? Object.keys(element.shape) : undefined;
}

/** An entry as it was read, without what Pipedrive adds to it: that is not to be sent back. */
function sendable(item: Json, known: readonly string[] | undefined): Json {
  if (!known || !isObject(item)) return item;
  return Object.fromEntries(Object.entries(item).filter(([key, value]) => known.includes(key) && value !== null));
}

/** What makes two entries the same: the id, the e-mail address aside from case, the number aside from how it is spaced. */
function identityOf(item: Json, by: string): string {
  const value = String(isObject(item) ? item[by] : item)
    .trim()
    .toLowerCase();
  return /^\+?[\d\s()./-]{5,}$/.test(value) ? value.replaceAll(/[\s()./-]/g, '') : value;
}
