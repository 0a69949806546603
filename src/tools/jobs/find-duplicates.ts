import { catalog } from '../../catalog/index.ts';
import { PipedriveError } from '../../pipedrive/errors.ts';
import type { Json, JsonObject } from '../../pipedrive/json.ts';
import { outsidersWrote } from '../answers/answer.ts';
import { defaultColumns, type Table, tableOf } from '../answers/table.ts';
import { cut } from '../answers/text.ts';
import { isLate } from '../lists/pages.ts';
import { target } from '../request.ts';
import { type Run, rowsOf } from '../run.ts';
import { addressOf, agree, type ContactKind, traitsOf } from '../writing/alike.ts';

/** How many records one call looks through. */
const MOST = 20_000;
const PAGE = 500;
/** What one answer shows. */
const MOST_GROUPS = 50;
const MOST_OF_GROUP = 10;
/** In characters. */
const ROOM = 25_000;
const LONGEST_WHY = 300;

type Group = { readonly records: readonly JsonObject[]; readonly why: readonly string[] };

/** All contacts of the account that share what the look-up before a create goes by, in groups. */
export async function findDuplicates(run: Run): Promise<JsonObject> {
  const kind: ContactKind = run.args['entity'] === 'organization' ? 'organization' : 'person';
  const operation = catalog.find(({ name }) => name === `list_${kind}s`);
  if (!operation) throw new Error(`there is no list of ${kind}s`);
  const listing = { ...run, operation };
  const { records, stopped } = await everyContact(listing);
  const groups = groupsOf(kind, records);
  const { columns = [], shown, outside } = await tables(listing, groups);
  const count = groups.reduce((sum, group) => sum + group.records.length, 0);
  const { plural } = operation.entity;
  return {
    showing: `${shown.length} of ${groups.length} groups, ${count} ${plural} in all; ${operation.scope ?? ''}`,
    looked_through: records.length,
    complete: stopped === undefined,
    ...(stopped === undefined ? {} : { stopped }),
    ...(columns.length > 0 ? { columns: [...columns] } : {}),
    groups: shown,
    ...outsidersWrote(outside),
    next:
      groups.length === 0
        ? `No ${plural} share what would make them the same.`
        : `Look at both, then merge_${plural}: id goes, merge_with_id stays. It cannot be undone.${
            shown.length < groups.length ? ' Call again for the other groups when these are merged.' : ''
          }`,
  };
}

/** Every record page by page, without its custom fields; why it stopped before the end, where it did. */
async function everyContact({ operation, client, options }: Run): Promise<{ records: JsonObject[]; stopped?: string }> {
  const records: JsonObject[] = [];
  const query = { ...operation.always, limit: PAGE, sort_by: 'id', sort_direction: 'asc' };
  const request = { method: 'GET' as const, path: target(operation).path, query, cost: operation.cost };
  let asked = Date.now();
  try {
    for await (const { data, nextCursor } of client.pages(request, options)) {
      for (const { custom_fields: _, ...record } of rowsOf(data, undefined)) records.push(record);
      if (nextCursor === undefined) break;
      if (records.length >= MOST) return { records, stopped: `one call looks through ${MOST}` };
      if (isLate(options.deadline, asked)) return { records, stopped: 'the time for a call is up' };
      options.progress?.(records.length);
      asked = Date.now();
    }
  } catch (error) {
    if (records.length === 0 || !(error instanceof PipedriveError) || error.code === 'cancelled') throw error;
    return { records, stopped: cut(error.message, LONGEST_WHY) };
  }
  return { records };
}

/** Those that are the same directly or by way of others; the surest groups, by most in common, first. */
function groupsOf(kind: ContactKind, records: readonly JsonObject[]): Group[] {
  const leaders = records.map((_, index) => index);
  const leader = (index: number): number => {
    let at = index;
    for (let next = leaders[at] ?? at; next !== at; next = leaders[at] ?? at) {
      leaders[at] = leaders[next] ?? next;
      at = next;
    }
    return at;
  };
  const reasons: { index: number; says: string }[] = [];
  const known = new Map<string, { index: number; address: readonly string[] }[]>();
  for (const [index, record] of records.entries()) {
    const address = kind === 'organization' ? addressOf(record) : [];
    for (const { key, says } of traitsOf(kind, record)) {
      const others = known.get(key) ?? [];
      known.set(key, others);
      const same = others.filter((other) => agree(address, other.address));
      for (const other of same) leaders[leader(other.index)] = leader(index);
      if (same.length > 0) reasons.push({ index, says });
      // One person of a trait leads to all others; organizations of one name are told apart by their addresses.
      if (kind === 'organization' || others.length === 0) others.push({ index, address });
    }
  }
  const groups = new Map<number, { records: JsonObject[]; why: Set<string> }>();
  for (const { index, says } of reasons) {
    const group = groups.get(leader(index)) ?? { records: [], why: new Set<string>() };
    groups.set(leader(index), group);
    group.why.add(says);
  }
  for (const [index, record] of records.entries()) groups.get(leader(index))?.records.push(record);
  return [...groups.values()]
    .map(({ records: members, why }) => ({ records: members, why: [...why] }))
    .sort((a, b) => b.why.length / b.records.length - a.why.length / a.records.length);
}

/** As many groups as fit into one answer, as tables of the same columns. */
async function tables(
  run: Run,
  groups: readonly Group[],
): Promise<Pick<Table, 'columns' | 'outside'> & { shown: JsonObject[] }> {
  const first = groups.slice(0, MOST_GROUPS);
  const parts = first.map(({ records }) => records.slice(0, MOST_OF_GROUP));
  const { rows, ...heads } = await tableOf(run, parts.flat(), defaultColumns(run.operation.entity));
  const shown: JsonObject[] = [];
  let [from, size] = [0, 0];
  for (const [index, { records, why }] of first.entries()) {
    const part: Json[] = rows.slice(from, from + (parts[index]?.length ?? 0));
    from += part.length;
    const group = {
      why: cut(why.join(', '), LONGEST_WHY),
      rows: part,
      ...(records.length > part.length ? { in_all: records.length } : {}),
    };
    size += JSON.stringify(group).length;
    if (size > ROOM && shown.length > 0) break;
    shown.push(group);
    for (const record of parts[index] ?? []) run.seen.note(run.operation.entity.name, record);
  }
  return { ...heads, shown };
}
