import type { ApiRequest } from '../../pipedrive/client.ts';
import type { Json, JsonObject } from '../../pipedrive/json.ts';
import { listAnswer, notFound } from '../answers/answer.ts';
import { shapeOf } from '../answers/columns.ts';
import { fitting } from '../answers/table.ts';
import { placeForm, writeCursor } from '../lists/cursor.ts';
import { isLate } from '../lists/pages.ts';
import { type Run, rowsOf } from '../run.ts';
import type { RecordCondition } from './conditions.ts';
import { meets, narrowed, withoutDefault } from './narrowed.ts';
import { describe } from './where.ts';

/** How many records one call looks through. */
const MOST = 20_000;

/** Where a list goes on: in the page at the API's own cursor, after so many of its records. */
type Place = { readonly page: string | undefined; readonly passed: number };
type Match = { readonly record: JsonObject; readonly after: Place };
type Scan = {
  readonly first: readonly Match[];
  readonly matched: number;
  readonly looked: number;
  /** The ids of all that were looked at. */
  readonly ids: ReadonlySet<Json>;
  /** Where it stopped; undefined at the end of the list. */
  readonly rest: Place | undefined;
  /** It stopped since it had all that was asked for. */
  readonly isEnough: boolean;
};

/**
 * The records of a list for which all conditions of `where` hold, in the list's order. Pipedrive filters by what it has
 * an argument for; the rest is looked through page by page, 20,000 records a call at most. The first call counts all
 * that match, later ones don't count again.
 */
export async function listWhere(run: Run): Promise<JsonObject> {
  const { operation, args, client, seen } = run;
  const { name, plural } = operation.entity;
  const from = run.at === undefined ? undefined : readPlace(run.at);
  // What `today` is stays what it was when the list began.
  const now = from?.now ?? Math.trunc(Date.now() + client.limits().clockAhead);
  const { request, conditions, pushed } = await narrowed(run, now, { page: from?.page });
  const limit = Number(args['limit']);
  const scan = await look(run, request, conditions, limit, from);

  const all = await shapeOf(
    run,
    scan.first.map(({ record }) => record),
  );
  const fit = fitting(all, args);
  const first = scan.first.slice(0, fit);
  const records = first.map(({ record }) => record);
  const shown = fit < scan.first.length ? await shapeOf(run, records) : all;
  for (const record of records) seen.note(name, record);

  const stopped = first.length < scan.matched ? first.at(-1) : undefined;
  const next = stopped ? await behind(run, request, stopped) : scan.rest;
  const at = next && writeCursor(operation, args, `${next.page ?? ''}~${next.passed}~${now}`);
  const isComplete = scan.rest === undefined;
  const said = conditions.map(({ condition }) => describe(condition));
  const part = Object.keys(pushed).length > 0 ? ', all that Pipedrive has for a part of the conditions' : '';
  const hint =
    `Looked through ${scan.looked} ${plural}${part}${operation.scope ? ` (${operation.scope})` : ''}: none meets ` +
    `all conditions. ${isComplete ? 'Loosen one of them.' : 'Go on with next_cursor.'}`;
  return listAnswer({ ...run, args: { ...args, ...withoutDefault(pushed), where: said } }, shown, at, {
    ...(records.length === 0 ? { hint } : {}),
    ...(isComplete && !from ? { matched: scan.matched, ...notFound(args, scan.ids) } : {}),
    ...(isComplete ? { complete: true } : scan.isEnough ? {} : { complete: false, looked_through: scan.looked }),
  });
}

function readPlace(at: string): Place & { readonly now: number } {
  const [, page = '', passed, now] = placeForm.exec(at) ?? [];
  return { page: page === '' ? undefined : page, passed: Number(passed), now: Number(now) };
}

/**
 * The place behind a match. A number of records passed would not hold when records leave the list meanwhile, so the page
 * is asked for again up to the match: the API's own cursor then goes on behind it. v1 pages by number whatever is done.
 */
async function behind(
  { operation, client, options }: Run,
  request: ApiRequest,
  { record, after }: Match,
): Promise<Place> {
  if (operation.paging !== 'cursor') return after;
  const query = { ...request.query, limit: after.passed, ...(after.page === undefined ? {} : { cursor: after.page }) };
  const answer = await client.request({ ...request, query }, options);
  const isSame = rowsOf(answer.data, operation.at).at(-1)?.['id'] === record['id'];
  return isSame && answer.nextCursor !== undefined ? { page: answer.nextCursor, passed: 0 } : after;
}

async function look(
  { operation, client, options }: Run,
  request: ApiRequest,
  conditions: readonly RecordCondition[],
  limit: number,
  from: Place | undefined,
): Promise<Scan> {
  const first: Match[] = [];
  let matched = 0;
  let looked = 0;
  const ids = new Set<Json>();
  let { page, passed }: Place = from ?? { page: undefined, passed: 0 };
  let asked = Date.now();
  for await (const answer of client.pages(request, options)) {
    const records = rowsOf(answer.data, operation.at);
    for (const [index, record] of records.entries()) {
      if (index < passed) continue;
      looked += 1;
      ids.add(record['id'] ?? null);
      if (!meets(record, conditions)) continue;
      matched += 1;
      if (first.length < limit) first.push({ record, after: { page, passed: index + 1 } });
    }
    page = answer.nextCursor;
    passed = 0;
    const isEnough = from !== undefined && matched > first.length;
    if (page !== undefined && (isEnough || isLate(options.deadline, asked) || looked >= MOST))
      return { first, matched, looked, ids, rest: { page, passed }, isEnough };
    options.progress?.(looked);
    asked = Date.now();
  }
  return { first, matched, looked, ids, rest: undefined, isEnough: true };
}
