import { DateTime } from 'luxon';
import { z } from 'zod/v3';
import type { Operation } from '../../catalog/operation.ts';
import type { ApiRequest, QueryValue } from '../../pipedrive/client.ts';
import type { Json, JsonObject } from '../../pipedrive/json.ts';
import { listAnswer, notFound } from '../answers/answer.ts';
import { chosenOnRequest, shapeOf } from '../answers/columns.ts';
import { fitting } from '../answers/table.ts';
import { placeForm, writeCursor } from '../lists/cursor.ts';
import { isLate } from '../lists/pages.ts';
import { prepare } from '../prepare.ts';
import { type Arguments, buildRequest, plain } from '../request.ts';
import { type Run, rowsOf } from '../run.ts';
import { rfc3339 } from '../time.ts';
import { conditionsOf, type RecordCondition } from './conditions.ts';
import { isConditional } from './subjects.ts';
import { describe, matches } from './where.ts';

/** How many records one call looks through. */
const MOST = 20_000;
const PAGE = 500;
/** How many custom fields a v2 list can be restricted to. */
const MOST_CODES = 15;

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
  const { operation, args, account, client, options, seen } = run;
  const { name, plural } = operation.entity;
  if (!isConditional(name) || !Array.isArray(args['where'])) throw new Error(`${operation.name} takes no conditions`);
  const from = run.at === undefined ? undefined : readPlace(run.at);
  // What `today` is stays what it was when the list began.
  const now = from?.now ?? Math.trunc(Date.now() + client.limits().clockAhead);
  const given = await prepare(operation, args, account, client, options);
  const clock = { now: new Date(now), zone: account.zone };
  const conditions = await conditionsOf(run, name, args['where'].map(String), clock);
  const pushed = pushDown(operation, args, conditions);
  const request = buildRequest(operation, { ...given, ...pushed, limit: PAGE }, from?.page);
  const query = { ...request.query, ...(await wanted(run, request, conditions)) };
  const limit = Number(args['limit']);
  const scan = await look(run, { ...request, query }, conditions, limit, from);

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
  const next = stopped ? await behind(run, { ...request, query }, stopped) : scan.rest;
  const at = next && writeCursor(operation, args, `${next.page ?? ''}~${next.passed}~${now}`);
  const isComplete = scan.rest === undefined;
  const said = conditions.map(({ condition }) => describe(condition));
  const narrowed = Object.keys(pushed).length > 0 ? ', all that Pipedrive has for a part of the conditions' : '';
  const hint =
    `Looked through ${scan.looked} ${plural}${narrowed}${operation.scope ? ` (${operation.scope})` : ''}: none meets ` +
    `all conditions. ${isComplete ? 'Loosen one of them.' : 'Go on with next_cursor.'}`;
  return listAnswer({ ...run, args: { ...args, ...done(pushed), where: said } }, shown, at, {
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
      if (!conditions.every(({ condition, subject }) => matches(condition, subject.read(record)))) continue;
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

/** What the records must have for the conditions to be read, and no more of the custom fields than that. */
async function wanted(
  run: Run,
  { query = {} }: ApiRequest,
  conditions: readonly RecordCondition[],
): Promise<Record<string, QueryValue>> {
  const { operation, args, vocabulary, options } = run;
  const extra = conditions.flatMap(({ subject }) => subject.include ?? []);
  const include = new Set([...String(query['include_fields'] ?? '').split(','), ...extra].filter((key) => key !== ''));
  for (const key of await chosenOnRequest(run)) include.add(key);
  const included = include.size > 0 ? { include_fields: [...include].join(',') } : {};
  const { fields } = operation.entity;
  const isRestricted = fields === 'deal' || fields === 'person' || fields === 'organization' || fields === 'product';
  if (!isRestricted || args['fields'] !== undefined || args['detail'] !== undefined) return included;
  const codes = [...new Set(conditions.flatMap(({ subject }) => subject.code ?? []))];
  // To name none would mean all of them.
  const [one] = (await vocabulary.fields(fields).get(options)).custom;
  const named = codes.length > 0 ? codes : one ? [one.code] : [];
  return named.length > 0 && named.length <= MOST_CODES ? { ...included, custom_fields: named.join(',') } : included;
}

/**
 * The arguments of the API that say what a condition says, or something wider: each condition is checked all the same.
 * Only those that the caller left out.
 */
function pushDown(operation: Operation, args: Arguments, conditions: readonly RecordCondition[]): JsonObject {
  const pushed: JsonObject = {};
  for (const { condition } of conditions) {
    const { operator, value = [], subject } = condition;
    const schema = plain(operation.input.shape[subject.key]);
    const words = value.flatMap((one) => (one.kind === 'word' ? [one.key] : []));
    const [word] = words;
    // By default only activities that are not done are listed: a condition that speaks of it says otherwise.
    if (schema && subject.key === 'done') {
      pushed['done'] = operator === '=' && words.length === 1 ? String(word) : 'any';
    } else if (schema && args[subject.key] === undefined && operator === '=' && word !== undefined) {
      if (schema instanceof z.ZodArray) pushed[subject.key] = words;
      else if (words.length === 1) pushed[subject.key] = word;
    }
    if (subject.key === 'update_time') Object.assign(pushed, changed(operation, args, pushed, condition));
  }
  return pushed;
}

/** Since when and until when, in whole seconds, as narrow as all conditions on the last change allow. */
function changed(
  operation: Operation,
  args: Arguments,
  pushed: JsonObject,
  { operator, value = [] }: RecordCondition['condition'],
): JsonObject {
  const [span, second] = value;
  if (span?.kind !== 'span' || second !== undefined) return {};
  const takes = (name: string) => name in operation.input.shape && args[name] === undefined;
  const since = operator === '>' || operator === '>=' || operator === '=';
  const until = operator === '<' || operator === '<=' || operator === '=';
  const stamp = (milliseconds: number) => rfc3339(DateTime.fromMillis(milliseconds, { zone: 'utc' }));
  const start = stamp(operator === '>' ? span.to : span.from);
  const end = stamp(operator === '<' ? span.from + 999 : span.to + 1000);
  const later = (a: Json | undefined, b: string) => (typeof a === 'string' && a > b ? a : b);
  const earlier = (a: Json | undefined, b: string) => (typeof a === 'string' && a < b ? a : b);
  return {
    ...(since && takes('updated_since') ? { updated_since: later(pushed['updated_since'], start) } : {}),
    ...(until && takes('updated_until') ? { updated_until: earlier(pushed['updated_until'], end) } : {}),
  };
}

/** The default that a condition has taken the place of, which the answer is not to show. */
function done(pushed: JsonObject): JsonObject {
  return 'done' in pushed ? { done: 'any' } : {};
}
