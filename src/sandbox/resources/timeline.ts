import { DateTime } from 'luxon';
import { z } from 'zod/v3';
import { localDate } from '../clock.ts';
import { lastActivity, nextActivity, ofDeal } from '../derived.ts';
import { invalid } from '../error.ts';
import { v1FieldKey } from '../fields/builtin.ts';
import { filterRows } from '../filters/filter.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Deal } from '../model.ts';
import { byCurrency, convertTo, money, total, weighted } from '../money.ts';
import { field, param } from '../parameters.ts';
import { ok, type Reply, type Route, route } from '../route.ts';
import { dealV1 } from '../views/deal.ts';
import { visibleDeals } from '../visibility.ts';
import type { World } from '../world.ts';

const MOST_PERIODS = 1000;
const lengths = { day: { days: 1 }, week: { days: 7 }, month: { months: 1 }, quarter: { months: 3 } } as const;

const query = z.object({
  start_date: field.date,
  interval: z.enum(['day', 'week', 'month', 'quarter']),
  amount: param.int.unwrap().pipe(z.number().min(1).max(MOST_PERIODS)),
  field_key: z.string(),
  user_id: param.int,
  pipeline_id: param.int,
  filter_id: param.int,
  exclude_deals: param.flag,
  totals_convert_currency: z.string().optional(),
});
type Query = z.output<typeof query>;

export const routes: Route[] = [
  route('GET /v1/deals/timeline', { cost: 20, query, handle: (world, call) => timeline(world, call.query, false) }),
  route('GET /v1/deals/timeline/archived', {
    cost: 40,
    query,
    handle: (world, call) => timeline(world, call.query, true),
  }),
];

/** Open and won deals by the period in which a date of theirs lies: one group an interval, empty ones too. */
function timeline(world: World, query: Query, archived: boolean): Reply {
  const dateOf = dates(world, query.field_key);
  const target = convertTo(world, query.totals_convert_currency);
  const starts = Array.from({ length: query.amount + 1 }, (_, index) => startOf(query, index));
  const groups = starts.slice(1).map((): Deal[] => []);
  for (const deal of candidates(world, query, archived)) {
    const date = dateOf(deal)?.slice(0, 10);
    if (date) groups[periodOf(starts, date)]?.push(deal);
  }
  const data = groups.map((deals, index): JsonObject => {
    const last = DateTime.fromISO(starts[index + 1] ?? '', { zone: 'utc' }).minus({ days: 1 });
    return {
      period_start: `${starts[index]} 00:00:00`,
      period_end: `${last.toISODate()} 23:59:59`,
      ...(query.exclude_deals ? {} : { deals: deals.map((deal) => dealV1(world, deal)) }),
      totals: totals(world, deals),
      ...(target === undefined ? {} : { totals_converted: converted(world, deals, target) }),
    };
  });
  return ok(data);
}

function candidates(world: World, query: Query, archived: boolean): Deal[] {
  const { user_id, pipeline_id, filter_id } = query;
  const rows = visibleDeals(
    world,
    world.db.deals.matching({ owner_id: user_id, pipeline_id, is_archived: archived, is_deleted: false }),
  ).filter((deal) => deal.status !== 'lost');
  return filter_id === undefined ? rows : filterRows(world, 'deals', filter_id, rows);
}

/** Months are counted from the first day each time, lest a start on the 31st slip. */
function startOf({ start_date, interval }: Query, index: number): string {
  const { days = 0, months = 0 }: { days?: number; months?: number } = lengths[interval];
  const start = DateTime.fromISO(start_date, { zone: 'utc' }).plus({ days: days * index, months: months * index });
  return start.toISODate() ?? '';
}

/** The last period that starts on or before the date; -1 where the date lies outside of all of them. */
function periodOf(starts: readonly string[], date: string): number {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((starts[middle] ?? '') <= date) low = middle + 1;
    else high = middle;
  }
  return low === starts.length ? -1 : low - 1;
}

/** How a deal's date is read by the key of a field; 400 where it is none of a date. */
function dates(world: World, key: string): (deal: Deal) => string | null {
  const known = world.db.fields
    .where('entity', 'deal')
    .find((one) => (one.field_code === key || v1FieldKey(one) === key) && one.active_flag);
  const text = (value: Json | undefined) => (typeof value === 'string' ? value : null);
  if (key === 'next_activity_date') return (deal) => nextActivity(world, { deal_id: deal.id })?.due_date ?? null;
  if (key === 'last_activity_date') return (deal) => lastActivity(world, { deal_id: deal.id })?.due_date ?? null;
  if (known?.field_type !== 'date') throw invalid(`field_key '${key}' is not a date field of deals`);
  const { field_code: code } = known;
  if (known.is_custom_field) return (deal) => text(deal.custom_fields[code]);
  const stored = (deal: Deal, column: string) =>
    text(ofDeal[column]?.(world, deal) ?? new Map<string, Json>(Object.entries(deal)).get(column));
  const [, closing] = /^local_(\w+)_date$/.exec(code) ?? [];
  if (closing === undefined) return (deal) => stored(deal, code);
  const zone = world.me().timezone_name;
  return (deal) => localDate(stored(deal, `${closing}_time`) ?? '', zone);
}

function totals(world: World, deals: readonly Deal[]): JsonObject {
  const open = deals.filter(({ status }) => status === 'open');
  const won = deals.filter(({ status }) => status === 'won');
  const weight = (deal: Deal) => weighted(world, deal);
  return {
    count: deals.length,
    values: byCurrency(deals, ({ value }) => value),
    weighted_values: byCurrency(deals, weight),
    open_count: open.length,
    open_values: byCurrency(open, ({ value }) => value),
    weighted_open_values: byCurrency(open, weight),
    won_count: won.length,
    won_values: byCurrency(won, ({ value }) => value),
  };
}

/** The same totals, each as one amount of `currency`. */
function converted(world: World, deals: readonly Deal[], currency: string): JsonObject {
  const weight = (deal: Deal) => weighted(world, deal);
  const value = (deal: Deal) => deal.value;
  const open = deals.filter(({ status }) => status === 'open');
  const won = deals.filter(({ status }) => status === 'won');
  const sums = {
    value: total(world, deals, currency, value),
    weighted_value: total(world, deals, currency, weight),
    open_value: total(world, open, currency, value),
    weighted_open_value: total(world, open, currency, weight),
    won_value: total(world, won, currency, value),
  };
  const shown: JsonObject = { currency, count: deals.length, open_count: open.length, won_count: won.length };
  for (const [name, amount] of Object.entries(sums)) {
    shown[name] = amount;
    shown[`${name}_formatted`] = money(world, amount, currency);
  }
  return shown;
}
