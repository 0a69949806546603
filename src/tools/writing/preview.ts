import { isDeepStrictEqual } from 'node:util';
import type { Operation } from '../../catalog/operation.ts';
import type { ApiRequest } from '../../pipedrive/client.ts';
import { isObject, type Json, type JsonObject } from '../../pipedrive/json.ts';
import { cutMarked } from '../answers/outside.ts';
import { showRecord } from '../answers/record.ts';
import { cut } from '../answers/text.ts';
import { lexiconFor } from '../names/lexicon.ts';
import type { Run } from '../run.ts';
import { effectsOf } from './effects.ts';

/** What a write would send, and the records it is about, where they can be read. */
export type Plan = {
  readonly request: ApiRequest;
  /** The record that is changed or deleted, as it is. */
  readonly before: JsonObject | undefined;
  /** The record below which something is done: the deal of a follower, the lead that is converted. */
  readonly above: JsonObject | undefined;
  /** The record that it is merged into. */
  readonly into: JsonObject | undefined;
};

/** A value in a preview or a question. */
const LONGEST = 300;

/** The keys of a record that a write touches, as they are now: what it is sealed to. */
export function touched({ request, before, above, into }: Plan): JsonObject {
  // A merge or a conversion takes the whole record with it.
  if (into || (above && /\/(merge|convert\/\w+)$/.test(request.path))) {
    return { ...withoutTimes(above ?? {}), ...(into ? { into: withoutTimes(into) } : {}) };
  }
  if (!before) return {};
  if (request.method === 'DELETE') return withoutTimes(before);
  const present: JsonObject = {};
  for (const [key, value] of Object.entries(isObject(request.body) ? request.body : {})) {
    const now = before[key];
    if (key === 'custom_fields' && isObject(value) && isObject(now)) {
      for (const code of Object.keys(value)) present[code] = now[code] ?? null;
    } else if (now !== undefined) present[key] = now;
  }
  return present;
}

/** Times and counts move when a note is written or an activity done: they say nothing of a record's own fields. */
function withoutTimes(record: JsonObject): JsonObject {
  const own = Object.entries(record).filter(([key]) => !/(_time|_count|^next_activity|^last_activity|_mail)/.test(key));
  return Object.fromEntries(own);
}

/** Before → after by field, what else will happen, what it costs, and what can't be known. */
export async function describePlan(run: Run, plan: Plan): Promise<JsonObject> {
  const { operation } = run;
  const { request, before, above } = plan;
  const changes = request.method === 'DELETE' ? undefined : await changesOf(run, plan);
  const record = before && request.method === 'DELETE' ? await shownOf(run, before) : undefined;
  const effects = effectsOf(request, before);
  return {
    would: sentence(operation, plan),
    ...(changes && Object.keys(changes).length > 0 ? { changes } : {}),
    ...(record ? { [operation.entity.name]: record } : {}),
    ...(effects.length > 0 ? { also: effects } : {}),
    costs: `${request.cost} API tokens${before ? ', and the reading of the record' : ''}`,
    ...(before || above || request.method === 'POST'
      ? {}
      : { not_known: 'What is there now: the API cannot read it by itself.' }),
  };
}

/** "Delete deal 5 (Probe station)", "Merge persons: 14 (Ann Lee) into 15 (Anne Lee)". */
export function sentence({ title, entity }: Operation, { request, before, above, into }: Plan): string {
  if (into) return `${title}: ${named(above)} into ${named(into)}`;
  if (before) return `${title} ${named(before)}`;
  if (above) return `${title}: ${named(above)}`;
  const [, id = ''] = /\/([^/]+)$/.exec(request.path) ?? [];
  return /^\d+$|^[0-9a-f-]{36}$/.test(id) ? `${title}: ${entity.name.replaceAll('_', ' ')} ${id}` : title;
}

/** `5 (Probe station)`. */
function named(record: JsonObject | undefined): string {
  const name = ['title', 'name', 'subject', 'field_name']
    .map((key) => record?.[key])
    .find((one) => typeof one === 'string');
  const id = record?.['id'] ?? record?.['field_code'];
  const known = typeof id === 'number' || (typeof id === 'string' && !/^[0-9a-f]{40}$/.test(id)) ? String(id) : '';
  return `${known} ${name === undefined ? '' : `(${cut(String(name), 100)})`}`.trim();
}

/** Before → after by field, in words; after alone where there is no before. */
export async function changesOf(run: Run, { request, before }: Pick<Plan, 'request' | 'before'>): Promise<JsonObject> {
  const { merge_with_id: _, ...body } = isObject(request.body) ? request.body : {};
  const after = merged(before ?? {}, body);
  const keys = new Set(Object.keys(body));
  const part = (record: JsonObject) => Object.fromEntries(Object.entries(record).filter(([key]) => keys.has(key)));
  const [was, is] = await Promise.all([shownOf(run, part(before ?? {})), shownOf(run, part(after))]);
  const flat = (record: JsonObject): JsonObject => {
    const { custom_fields: custom, ...rest } = record;
    return { ...rest, ...(isObject(custom) ? custom : {}) };
  };
  const [old, now] = [flat(was), flat(is)];
  const changes: JsonObject = {};
  for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
    const [from, to] = [old[key] ?? null, now[key] ?? null];
    if (isDeepStrictEqual(from, to)) continue;
    changes[key] = before ? { from: brief(from), to: brief(to) } : brief(to);
  }
  return changes;
}

/** v2's custom fields are changed one by one; everything else is replaced. */
function merged(before: JsonObject, body: JsonObject): JsonObject {
  const [old, now] = [before['custom_fields'], body['custom_fields']];
  return { ...before, ...body, ...(isObject(old) && isObject(now) ? { custom_fields: { ...old, ...now } } : {}) };
}

async function shownOf(run: Run, record: JsonObject): Promise<JsonObject> {
  const lexicon = await lexiconFor(run, [record], { mode: 'load', fields: true });
  return showRecord(record, run.operation.entity, lexicon, 0, 'the get_ tool shows the rest with');
}

function brief(value: Json): Json {
  if (value === null) return '(empty)';
  return typeof value === 'string' ? cutMarked(value, LONGEST) : value;
}
