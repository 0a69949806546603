import { z } from 'zod/v3';
import { type ManyKind, manyKinds } from '../../catalog/bulk.ts';
import type { Operation } from '../../catalog/operation.ts';
import { sealOf } from '../../guard/codes.ts';
import { holds } from '../../guard/compare.ts';
import { collectionOf } from '../../guard/places.ts';
import { PipedriveError } from '../../pipedrive/errors.ts';
import { isObject, type JsonObject } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { outsidersWrote } from '../answers/answer.ts';
import { defaultColumns, type FullColumn, tableOf } from '../answers/table.ts';
import { nested, operationOf } from '../nested.ts';
import { perform } from '../perform.ts';
import { target } from '../request.ts';
import type { Run } from '../run.ts';
import { api } from '../writing/api.ts';
import { effectsOf } from '../writing/effects.ts';
import { type Plan, planOf, touched } from '../writing/plan.ts';
import { changesOf } from '../writing/preview.ts';
import { ReadAhead } from './ahead.ts';
import type { Planned } from './job.ts';
import { type Id, idsOf, MOST, pluralOf, recordsById, recordsWhere } from './records.ts';
import { Tally } from './tally.ts';

export type Verb = 'update' | 'delete';

/** Groups of records with the same changes, and records, that a plan shows. */
const MOST_GROUPS = 8;
const MOST_SHOWN = 25;
/** Columns that tell the records of a plan apart: the first so many of their list, or those that do it better. */
const COLUMNS = 4;
const telling: Readonly<Partial<Record<ManyKind, readonly string[]>>> = { activity: ['id', 'due', 'type', 'subject'] };

/** What an update or a delete of many records would do: which they are, what changes in them, what cannot be done. */
export async function planChange(run: Run, verb: Verb): Promise<Planned> {
  const { args, client } = run;
  const { entity, ids, where, set = {} } = args;
  const fail = (why: string, next: string) =>
    new Problem(`${run.operation.title}: nothing was changed.`, why, next, 'no');
  const kind = z.enum(manyKinds).safeParse(entity).data;
  if (!kind) throw fail('It takes an entity.', `Give one of ${manyKinds.join(', ')}.`);
  if (Array.isArray(ids) === Array.isArray(where)) {
    throw fail('It takes ids or where, one of them.', 'Give the ids, or conditions that choose the records.');
  }
  if (verb === 'update' && (!isObject(set) || Object.keys(set).length === 0)) {
    throw fail('It takes set: what to change.', `Give fields as update_${kind} takes them: {"owner_id": "Ann"}.`);
  }
  const ahead = new ReadAhead(client);
  const operation = `${verb}_${kind}`;
  const wanted = Array.isArray(ids) ? idsOf(ids, kind) : [];
  if (wanted.length > MOST) throw fail(`${wanted.length} ids are too many.`, `Give at most ${MOST} in one call.`);
  const records = Array.isArray(where)
    ? await recordsWhere(run, kind, where.map(String))
    : await byId(run, kind, wanted, ahead);
  const found = new Set(records.map((record) => idIn(record)));
  const missing = wanted.filter((id) => !found.has(id));
  const [first] = records;
  // What is wrong with the arguments is wrong for all of them.
  if (first) await nested(run, operation, { id: idIn(first), ...(isObject(set) ? set : {}) });

  const plans: { id: Id; plan: Plan }[] = [];
  const tally = new Tally({ ...run, operation: operationOf(operation) });
  let same = 0;
  for (const record of records) {
    const id = idIn(record);
    try {
      const one = await planFor(run, ahead, operation, id, isObject(set) ? set : {}, record);
      if (isSo(one)) same += 1;
      else plans.push({ id, plan: one });
    } catch (error) {
      if (!(error instanceof Problem) && !(error instanceof PipedriveError)) throw error;
      if (records.length === 1) throw error;
      tally.note({ key: String(id), is: 'failed', error });
    }
  }
  const listing = await nested(run, `list_${pluralOf(kind)}`, {});
  const plural = plans.length === 1 ? kind : pluralOf(kind);
  const groups = verb === 'update' ? await grouped({ ...run, operation: operationOf(operation) }, plans) : [];
  const shown = await tableOf(
    listing,
    plans.slice(0, MOST_SHOWN).flatMap(({ plan: { before } }) => (before ? [before] : [])),
    columnsOf(kind, defaultColumns(listing.operation.entity)),
  );
  const also = [...new Set(plans.flatMap(({ plan: { request, before } }) => effectsOf(request, before)))];
  const cannot = tally.says()['failed'];
  const would = `${verb === 'update' ? 'Update' : 'Delete'} ${plans.length} ${plural}`;
  return {
    work: { kind, set: isObject(set) ? set : {}, items: plans.map(({ id, plan: one }) => [id, digestOf(one)]) },
    count: plans.length,
    says: {
      would,
      ...(groups.length > 0 ? { changes: groups } : {}),
      ...(also.length > 0 ? { also } : {}),
      ...counts(same, missing),
      ...(cannot === undefined ? {} : { cannot }),
      ...(plans.length > 0
        ? {
            which: {
              showing: plans.length > MOST_SHOWN ? `the first ${MOST_SHOWN} of ${plans.length}` : 'all of them',
              columns: [...(shown.columns ?? [])],
              rows: [...shown.rows],
            },
            ...doneAmong(kind, where, plans),
          }
        : { hint: same > 0 ? 'They all have these values already.' : 'No record was found.' }),
      ...outsidersWrote(shown.outside),
    },
    question: [would, ...groups.map(said), ...also],
    price: priceOf(kind, operation, plans.length, isObject(set) ? set : {}),
  };
}

function columnsOf(kind: ManyKind, all: readonly FullColumn[]): readonly FullColumn[] {
  const names = telling[kind];
  return names ? all.filter(({ name }) => names.includes(name)) : all.slice(0, COLUMNS);
}

/** Conditions choose activities whether they are done or not, which is rarely meant where they don't speak of it. */
function doneAmong(kind: ManyKind, where: unknown, plans: readonly { plan: Plan }[]): JsonObject {
  if (
    kind !== 'activity' ||
    !Array.isArray(where) ||
    where.some((one) => /^["']?(done|marked[ _]as[ _]done|completed)/i.test(String(one)))
  )
    return {};
  const done = plans.filter(({ plan: { before } }) => before?.['done'] === true).length;
  return done > 0
    ? { hint: `${done} of them are done already: add the condition "done = no" to leave these out.` }
    : {};
}

function counts(same: number, missing: readonly Id[]): JsonObject {
  return {
    ...(same > 0 ? { already_so: same } : {}),
    ...(missing.length > 0 ? { not_found: missing.slice(0, 100) } : {}),
  };
}

/** The writes themselves, and their records, which are read once more before they are written to. */
function priceOf(kind: ManyKind, name: string, count: number, set: JsonObject): Planned['price'] {
  const operation = operationOf(name);
  const pages = kind === 'lead' ? count : Math.ceil(count / 100);
  const each = kind === 'lead' ? 2 : operationOf(`list_${pluralOf(kind)}`).cost;
  const alone = editsLists(operation, set) ? count : 0;
  const tokens = count * operation.cost + pages * each + alone * operationOf(`get_${kind}`).cost;
  return { tokens, requests: count + pages + alone };
}

/** Does a change add to a list, or take from one, which the API replaces whole? */
export function editsLists({ edits = [] }: Operation, set: JsonObject): boolean {
  return edits.some(({ add, remove }) => add in set || remove in set);
}

async function byId(run: Run, kind: ManyKind, ids: readonly Id[], ahead: ReadAhead): Promise<JsonObject[]> {
  const records: JsonObject[] = [];
  for await (const part of recordsById(run, kind, ids, ahead)) {
    records.push(...part.records.values());
    run.options.progress?.(records.length, ids.length);
  }
  return records;
}

function idIn({ id }: JsonObject): Id {
  if (typeof id === 'number' || typeof id === 'string') return id;
  throw new Error('a record without an id');
}

/** What the write of one record would send, with the record as it is. */
export async function planFor(
  run: Run,
  ahead: ReadAhead,
  operation: string,
  id: Id,
  set: JsonObject,
  record: JsonObject,
): Promise<Plan> {
  const one = await nested({ ...run, client: ahead }, operation, { id, ...set });
  ahead.keep(target(one.operation).path.replace('{id}', encodeURIComponent(id)), record);
  return planOf(one, perform);
}

/** Has the record all that the write would set? */
function isSo({ request, before }: Plan): boolean {
  if (request.method === 'DELETE' || !before) return false;
  return Object.entries(isObject(request.body) ? request.body : {}).every(([key, value]) => holds(value, before[key]));
}

/** What the write touches, in short: when it has changed, what was planned no longer holds. */
export function digestOf(plan: Plan): string {
  const { request } = plan;
  const present = touched(plan);
  const own = request.method === 'DELETE' ? api.inputKeys(collectionOf(request.path)) : undefined;
  const part = own
    ? Object.fromEntries(Object.entries(present).filter(([key, value]) => own.has(key) && value !== null))
    : present;
  return sealOf(part).slice(0, 12);
}

/** Records whose values change alike, together: `{records: 57, owner: {from, to}}`. */
async function grouped(run: Run, plans: readonly { plan: Plan }[]): Promise<JsonObject[]> {
  const groups = new Map<string, { plan: Plan; count: number }>();
  for (const { plan: one } of plans) {
    const key = sealOf({ was: touched(one), to: one.request.body ?? null });
    const group = groups.get(key) ?? { plan: one, count: 0 };
    group.count += 1;
    groups.set(key, group);
  }
  const sorted = [...groups.values()].sort((a, b) => b.count - a.count);
  const shown = sorted.slice(0, MOST_GROUPS);
  const rest = plans.length - shown.reduce((sum, { count }) => sum + count, 0);
  const said = await Promise.all(
    shown.map(
      async ({ plan: one, count }): Promise<JsonObject> => ({ records: count, ...(await changesOf(run, one)) }),
    ),
  );
  return [...said, ...(rest > 0 ? [{ records: rest, others: 'change likewise, from other values' }] : [])];
}

/** `57 records: owner: Aisha → Ingrid`, for a person. */
function said({ records = 0, ...changes }: JsonObject): string {
  const parts = Object.entries(changes).map(([label, change]) =>
    isObject(change) && 'from' in change
      ? `${label}: ${String(change['from'])} → ${String(change['to'])}`
      : `${label}: ${String(change)}`,
  );
  return `${String(records)} records: ${parts.join(', ')}`;
}
