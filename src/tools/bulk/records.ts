import type { ManyKind } from '../../catalog/bulk.ts';
import type { CallOptions } from '../../pipedrive/client.ts';
import { PipedriveError } from '../../pipedrive/errors.ts';
import { isObject, type JsonObject } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { isLate } from '../lists/pages.ts';
import { readLink } from '../names/link.ts';
import { nested, operationOf } from '../nested.ts';
import { buildRequest, target } from '../request.ts';
import { type Run, rowsOf } from '../run.ts';
import { chosen } from '../where/chosen.ts';
import type { ReadAhead } from './ahead.ts';

export type Id = number | string;

/** How many records one call writes to. */
export const MOST = 5_000;
/** The API gives so many records by their ids; leads have no such list, and are read one by one. */
const BY_IDS = 100;
const ONE_BY_ONE = 20;

export const pluralOf = (kind: ManyKind) => operationOf(`get_${kind}`).entity.plural;

/** The ids of a call, each once, links and digits in text among them. Throws Problem. */
export function idsOf(given: readonly unknown[], kind: ManyKind): Id[] {
  return [...new Set(given.map((id) => idOf(id, kind)))];
}

function idOf(id: unknown, kind: ManyKind): Id {
  const text = String(id).trim();
  if (/^https?:\/\//i.test(text)) return readLink(text, kind);
  if (kind === 'lead' ? /^[0-9a-f-]{36}$/i.test(text) : /^\d{1,15}$/.test(text))
    return kind === 'lead' ? text : Number(text);
  throw new Problem(
    `ids: "${text.slice(0, 60)}" is no id of a ${kind}.`,
    kind === 'lead' ? 'Leads have ids of 36 characters.' : 'Ids are numbers of at most 15 digits.',
    'Give ids as lists show them, or conditions in "where".',
  );
}

/** All records that conditions choose, whatever their state but deleted or archived. Throws Problem beyond `MOST`. */
export async function recordsWhere(run: Run, kind: ManyKind, where: readonly string[]): Promise<JsonObject[]> {
  const list = operationOf(`list_${pluralOf(kind)}`);
  const done = 'done' in list.input.shape ? { done: 'any' } : {};
  const listing = await nested(run, list.name, { where: [...where], ...done });
  const records: JsonObject[] = [];
  let looked = 0;
  let asked = Date.now();
  for await (const page of chosen(listing, { codes: 'all' })) {
    records.push(...page.records);
    looked += page.looked;
    run.options.progress?.(looked);
    const fail = (why: string) =>
      new Problem(
        `${run.operation.title}: nothing was changed.`,
        why,
        'Narrow the conditions, and do it in parts: "id <= 5000", then "id > 5000".',
        'no',
      );
    if (records.length > MOST) throw fail(`More than ${MOST} ${pluralOf(kind)} meet the conditions.`);
    if (!page.isLast && isLate(run.options.deadline, asked)) {
      throw fail(`The time for a call was up after ${looked} ${pluralOf(kind)}.`);
    }
    asked = Date.now();
  }
  return records;
}

/**
 * Records by id, a few requests at a time, each page kept in `ahead` for those who read them one by one. Gives what there
 * is; deleted ones are left out.
 */
export async function* recordsById(
  run: Run,
  kind: ManyKind,
  ids: readonly Id[],
  ahead: ReadAhead,
): AsyncGenerator<{ readonly ids: readonly Id[]; readonly records: ReadonlyMap<Id, JsonObject> }> {
  const size = kind === 'lead' ? ONE_BY_ONE : BY_IDS;
  for (let from = 0; from < ids.length; from += size) {
    const part = ids.slice(from, from + size);
    const found = kind === 'lead' ? await leads(run, part) : await listed(run, kind, part);
    const known = new Map<Id, JsonObject>();
    for (const record of found) {
      const { id } = record;
      if ((typeof id !== 'number' && typeof id !== 'string') || record['is_deleted'] === true) continue;
      known.set(id, record);
      ahead.keep(pathOf(kind, id), record);
    }
    yield { ids: part, records: known };
  }
}

export function pathOf(kind: ManyKind, id: Id): string {
  return buildRequest(operationOf(`get_${kind}`), { id }).path;
}

async function listed({ client, options }: Run, kind: ManyKind, ids: readonly Id[]): Promise<JsonObject[]> {
  const list = operationOf(`list_${pluralOf(kind)}`);
  const query = { ids: ids.join(','), limit: BY_IDS };
  const { data } = await client.request({ ...target(list), query, cost: list.cost }, options);
  return rowsOf(data, undefined);
}

async function leads({ client, options }: Run, ids: readonly Id[]): Promise<JsonObject[]> {
  const behind: CallOptions = { ...options, priority: 'bulk' };
  const found = await Promise.all(
    ids.map(async (id) => {
      try {
        const { data } = await client.request({ method: 'GET', path: pathOf('lead', id), cost: 2 }, behind);
        return isObject(data) ? [data] : [];
      } catch (error) {
        if (error instanceof PipedriveError && error.code === 'not_found') return [];
        throw error;
      }
    }),
  );
  return found.flat();
}
