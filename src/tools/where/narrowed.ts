import { DateTime } from 'luxon';
import { z } from 'zod/v3';
import type { Operation } from '../../catalog/operation.ts';
import type { ApiRequest, QueryValue } from '../../pipedrive/client.ts';
import type { Json, JsonObject } from '../../pipedrive/json.ts';
import { chosenOnRequest } from '../answers/columns.ts';
import { prepare } from '../prepare.ts';
import { type Arguments, buildRequest, plain } from '../request.ts';
import type { Run } from '../run.ts';
import { rfc3339 } from '../time.ts';
import { conditionsOf, type RecordCondition } from './conditions.ts';
import { isConditional } from './subjects.ts';
import { matches } from './where.ts';

/** The largest page of a list that is looked through. */
const PAGE = 500;
/** How many custom fields a v2 list can be restricted to. */
const MOST_CODES = 15;

/** What is asked of a list whose records are looked through. */
export type Narrowed = {
  /** One page, of all that the API itself can leave out. */
  readonly request: ApiRequest;
  readonly conditions: readonly RecordCondition[];
  /** Arguments that say for the API what conditions say. */
  readonly pushed: JsonObject;
};

export type Needs = {
  /** Where the API goes on. */
  readonly page?: string | undefined;
  /** Keys that records have only where `include_fields` names them. */
  readonly include?: readonly string[];
  /** Custom fields by code, besides those of conditions and columns. */
  readonly codes?: readonly string[] | 'all';
};

/**
 * The request of a list and the conditions that its records are to be checked for. `now` is what `today` is reckoned from.
 * Pipedrive filters by what it has an argument for; every condition is checked all the same.
 */
export async function narrowed(run: Run, now: number, { page, ...needs }: Needs = {}): Promise<Narrowed> {
  const { operation, args, account, client, options } = run;
  const { name } = operation.entity;
  const given = await prepare(operation, args, account, client, options);
  const texts = Array.isArray(args['where']) ? args['where'].map(String) : [];
  if (!isConditional(name)) throw new Error(`${operation.name} takes no conditions`);
  const conditions =
    texts.length > 0 ? await conditionsOf(run, name, texts, { now: new Date(now), zone: account.zone }) : [];
  const pushed = pushDown(operation, args, conditions);
  const request = buildRequest(operation, { ...given, ...pushed, limit: PAGE }, page);
  return {
    request: { ...request, query: { ...request.query, ...(await wanted(run, request, conditions, needs)) } },
    conditions,
    pushed,
  };
}

/** Do all conditions hold for a record? */
export function meets(record: JsonObject, conditions: readonly RecordCondition[]): boolean {
  return conditions.every(({ condition, subject }) => matches(condition, subject.read(record)));
}

/** What the records must have for the conditions to be read, and no more of the custom fields than that. */
async function wanted(
  run: Run,
  { query = {} }: ApiRequest,
  conditions: readonly RecordCondition[],
  needs: Pick<Needs, 'include' | 'codes'>,
): Promise<Record<string, QueryValue>> {
  const { operation, args, vocabulary, options } = run;
  const extra = [...conditions.flatMap(({ subject }) => subject.include ?? []), ...(needs.include ?? [])];
  const include = new Set([...String(query['include_fields'] ?? '').split(','), ...extra].filter((key) => key !== ''));
  for (const key of await chosenOnRequest(run)) include.add(key);
  const included = include.size > 0 ? { include_fields: [...include].join(',') } : {};
  const { fields } = operation.entity;
  const isRestricted = fields === 'deal' || fields === 'person' || fields === 'organization' || fields === 'product';
  const isWhole = args['fields'] !== undefined || args['detail'] !== undefined || needs.codes === 'all';
  if (!isRestricted || isWhole) return included;
  const codes = [...new Set([...conditions.flatMap(({ subject }) => subject.code ?? []), ...(needs.codes ?? [])])];
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
export function withoutDefault(pushed: JsonObject): JsonObject {
  return 'done' in pushed ? { done: 'any' } : {};
}
