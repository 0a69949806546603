import { createHash } from 'node:crypto';
import { DateTime } from 'luxon';
import { PipedriveError } from '../../../pipedrive/errors.ts';
import type { JsonObject } from '../../../pipedrive/json.ts';
import { Problem } from '../../../vocabulary/problem.ts';
import { restrictions } from '../../answers/answer.ts';
import { isLate } from '../../lists/pages.ts';
import { nested } from '../../nested.ts';
import type { Run } from '../../run.ts';
import { nowIn } from '../../time.ts';
import { chosen } from '../../where/chosen.ts';
import type { RecordCondition } from '../../where/conditions.ts';
import { narrowed, withoutDefault } from '../../where/narrowed.ts';
import { describe } from '../../where/where.ts';
import { activities, deals, leads, type Measure } from './figures.ts';
import { type Group, groupsOf } from './groups.ts';
import { conversionOf, readSummary } from './money.ts';
import { Sheet } from './rows.ts';
import { Stages } from './stages.ts';
import { tableFor } from './table.ts';
import { summaryQuery, summed } from './whole.ts';

/** How many records one call looks through. */
const MOST = 100_000;
/** After so many pages the API's own summary, which costs as much, is asked in their place where it tells the same. */
const AS_MUCH_AS_A_SUMMARY = 4;

export const analysisTasks: Readonly<Record<string, (run: Run) => Promise<JsonObject>>> = {
  analyze_deals: (run) => analyze(run, deals),
  analyze_activities: (run) => analyze(run, activities),
  analyze_leads: (run) => analyze(run, leads),
};

/** Where a call goes on: at the API's page, with what was now when the first call began. */
type Place = { readonly page: string | undefined; readonly now: number };

/** Totals over all records that a call's filters and conditions choose; nothing is kept of them but sums. */
async function analyze(run: Run, measure: Measure): Promise<JsonObject> {
  const { args, account, options } = run;
  const began = clock(run);
  const place = readPlace(run) ?? { page: undefined, now: began };
  const list = await nested(run, measure.list, listed(args, measure));
  const groups = await groupsOf(list, Array.isArray(args['group_by']) ? args['group_by'].map(String) : []);
  const shown = await described(list, place.now);
  const stages = needsStages(args, groups, measure) ? await Stages.load(run) : undefined;
  const sheet = new Sheet(groups, account.zone);
  const local = nowIn(account.zone, place.now - Date.now()).slice(0, 16);
  const setting = { now: place.now, local, zone: account.zone, currency: account.currency, stages };
  const query = measure === deals ? summaryQuery(args) : undefined;
  const most = query ? AS_MUCH_AS_A_SUMMARY : Number.POSITIVE_INFINITY;
  const walked = await walk(list, place, groups, most, (record) => {
    sheet.count(record, measure.parts(record, setting));
  });
  const summary = walked.isLong && query ? await readSummary(run, query) : undefined;
  const ended = clock(run);
  const total = summary ? summed(summary) : sheet.total;
  const isWorth = wants(args, 'value') || wants(args, 'weighted');
  const { rates, notes } = isWorth ? await conversionOf(run, total, summary) : { notes: [] };
  const table = await tableFor(shown, { measure, groups, sheet, total, stages, rates, wants: (of) => wants(args, of) });
  const remarks = [...notes, ...table.notes];
  return {
    ...scopeOf(shown, total.get('count') ?? 0),
    as_of: asOf(began, ended, account.zone),
    ...table.answer,
    ...reach(run, walked, place.now),
    ...(remarks.length > 0 ? { notes: remarks } : {}),
    ...(summary ? { source: "Pipedrive's own summary" } : {}),
    cost: { requests: options.spent?.requests ?? 0, api_tokens: options.spent?.tokens ?? 0 },
    times_in: account.zone,
  };
}

/** Now by Pipedrive's clock, in epoch milliseconds. */
function clock({ client }: Run): number {
  return Math.trunc(Date.now() + client.limits().clockAhead);
}

/** The list with its conditions as they were understood: `expected close < 2026-11-20` for one that says today. */
async function described(list: Run, now: number): Promise<Run> {
  const { conditions, pushed } = await narrowed(list, now);
  refuseDeleted(list, conditions);
  const where = conditions.map(({ condition }) => describe(condition));
  return { ...list, args: { ...list.args, ...withoutDefault(pushed), where } };
}

/** Deleted deals are in no total, so that none of them would be an answer, and a wrong one. */
function refuseDeleted({ operation }: Run, conditions: readonly RecordCondition[]): void {
  const asked = conditions.find(
    ({ condition: { operator, value = [] }, subject }) =>
      subject.key === 'status' && operator === '=' && value.some((one) => one.kind === 'word' && one.key === 'deleted'),
  );
  if (!asked) return;
  throw new Problem(
    `where: "${asked.condition.text.slice(0, 80)}" asks for deleted ${operation.entity.plural}, which are not counted.`,
    'Totals are of what is there: open, won and lost.',
    `Leave deleted out; ${operation.name} with status deleted has those of the last 30 days.`,
  );
}

/** How many of what were counted. */
function scopeOf(shown: Run, counted: number): JsonObject {
  const { entity, scope } = shown.operation;
  const count = `${counted} ${counted === 1 ? entity.name : entity.plural}`;
  const showing = [count, scope, restrictions(shown)].filter((part) => part !== undefined).join('; ');
  return { showing, counted };
}

/** Whether that is all, and how to come to the rest. */
function reach(run: Run, { looked, stopped, next }: Walked, now: number): JsonObject {
  if (stopped === undefined) return { complete: true };
  return { complete: false, stopped, looked_through: looked, ...goOn(run, now, next) };
}

/** The arguments of the list: those that both take. */
function listed(args: JsonObject, { all }: Measure): JsonObject {
  const { group_by: _, figures: __, continue_at: ___, done, ...own } = args;
  return { ...own, ...all, ...(typeof done === 'boolean' ? { done: String(done) } : {}) };
}

/** Does the call want what belongs to this figure? Who asks for one outcome wants the share of deals won only by name. */
function wants({ figures, status }: JsonObject, of: string): boolean {
  const isNamed = Array.isArray(figures) && figures.length > 0;
  if (isNamed) return of === 'count' || figures.includes(of);
  return !(of === 'win_rate' && Array.isArray(status) && status.length === 1);
}

function needsStages(args: JsonObject, groups: readonly Group[], measure: Measure): boolean {
  const inOrder = groups.some(({ subject }) => subject.key === 'stage_id' || subject.key === 'pipeline_id');
  return measure === deals && (inOrder || wants(args, 'weighted'));
}

type Walked = {
  readonly looked: number;
  /** Why it stopped before the end of the list, and where that goes on. */
  readonly stopped?: string;
  readonly next?: string | undefined;
  /** It has more than `most` pages. */
  readonly isLong?: boolean;
};

/** Counts page by page, as far as a call comes. Deleted records, which a saved filter may have asked for, are not counted. */
async function walk(
  list: Run,
  { page, now }: Place,
  groups: readonly Group[],
  most: number,
  count: (record: JsonObject) => void,
): Promise<Walked> {
  const { options } = list;
  const include = groups.flatMap(({ subject }) => subject.include ?? []);
  const codes = groups.flatMap(({ subject }) => subject.code ?? []);
  const pages = chosen(list, { include, codes, page, now });
  let [looked, read, next] = [0, 0, page];
  let asked = Date.now();
  try {
    for await (const one of pages) {
      for (const record of one.records) if (record['is_deleted'] !== true) count(record);
      looked += one.looked;
      read += 1;
      next = one.next;
      if (one.isLast) break;
      if (read >= most) return { looked, isLong: true };
      if (looked >= MOST) return { looked, next, stopped: `one call looks through ${MOST}` };
      if (isLate(options.deadline, asked)) return { looked, next, stopped: 'the time for a call is up' };
      options.progress?.(looked);
      asked = Date.now();
    }
  } catch (error) {
    if (read === 0 || !(error instanceof PipedriveError) || error.code === 'cancelled') throw error;
    return { looked, next, stopped: error.message };
  }
  return { looked };
}

const placeForm = /^(\d{1,15})~([0-9a-f]{8})~(.+)$/s;

/** How to go on, and how what comes next belongs to this. */
function goOn({ args }: Run, now: number, next: string | undefined): JsonObject {
  return {
    continue_at: `${now}~${digest(args)}~${next ?? ''}`,
    next: 'Call again with the same arguments and this continue_at: it counts the rest. Add its counts and amounts to these; weight averages by their counts.',
  };
}

function readPlace({ operation, args }: Run): Place | undefined {
  const { continue_at: given } = args;
  if (typeof given !== 'string') return undefined;
  const [, now, asked, page] = placeForm.exec(given) ?? [];
  if (page !== undefined && asked === digest(args)) return { now: Number(now), page };
  throw new Problem(
    `${operation.name}: "${given.slice(0, 60)}" does not belong to this call.`,
    page === undefined ? 'It is no continue_at of an answer.' : 'The other arguments are not those of the first call.',
    'Take continue_at of an incomplete answer as it is, with all arguments of its call, or leave it out.',
  );
}

/** Tells the arguments of one call from those of another. */
function digest({ continue_at: _, ...args }: JsonObject): string {
  const said = JSON.stringify(Object.entries(args).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return createHash('sha256').update(said).digest('hex').slice(0, 8);
}

/** `2026-11-20 11:00:03`, or from when to when it was read: who writes meanwhile may be in it or not. */
function asOf(began: number, ended: number, zone: string): string {
  const [from, to] = [began, ended].map((at) => DateTime.fromMillis(at, { zone }));
  const start = from?.toFormat('yyyy-MM-dd HH:mm:ss') ?? '';
  const end = to?.toFormat('yyyy-MM-dd HH:mm:ss') ?? '';
  return start === end ? start : `${start} to ${end.slice(11)}`;
}
