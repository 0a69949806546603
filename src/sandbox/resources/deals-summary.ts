import { z } from 'zod/v3';
import { filterRows } from '../filters/filter.ts';
import type { JsonObject } from '../json.ts';
import { cents, money, rate, weighted } from '../money.ts';
import { param } from '../parameters.ts';
import { ok, type Reply, type Route, route } from '../route.ts';
import { visibleDeals } from '../visibility.ts';
import type { World } from '../world.ts';

const query = z.object({
  status: z.enum(['open', 'won', 'lost']).optional(),
  filter_id: param.int,
  user_id: param.int,
  pipeline_id: param.int,
  stage_id: param.int,
});

export const routes: Route[] = [
  route('GET /v1/deals/summary', {
    cost: 40,
    query,
    handle: (world, call) => summary(world, call.query, false),
  }),
  route('GET /v1/deals/summary/archived', {
    cost: 80,
    query,
    handle: (world, call) => summary(world, call.query, true),
  }),
];

/** Count, value and weighted value of each currency, and all of them together in the caller's currency. */
function summary(world: World, query: Query, is_archived: boolean): Reply {
  const { user_id, pipeline_id, stage_id, status, filter_id } = query;
  const totals = new Map<string, { count: number; value: number; weighted: number }>();
  const wanted = { status, pipeline_id, stage_id, is_archived, is_deleted: false };
  // A saved filter takes the place of the owner that is asked for.
  const owner_id = filter_id === undefined ? user_id : undefined;
  const visible = visibleDeals(world, world.db.deals.matching({ ...wanted, owner_id }));
  for (const deal of filter_id === undefined ? visible : filterRows(world, 'deals', filter_id, visible)) {
    const sums = totals.get(deal.currency) ?? { count: 0, value: 0, weighted: 0 };
    sums.count += 1;
    sums.value += deal.value;
    sums.weighted += weighted(world, deal);
    totals.set(deal.currency, sums);
  }
  const { default_currency: own } = world.me();
  const format = (amount: number, currency: string) => money(world, amount, currency);
  const values: JsonObject = {};
  const weightedValues: JsonObject = {};
  let [count, converted, weightedConverted] = [0, 0, 0];
  for (const [currency, sums] of totals) {
    const worth = sums.value * rate(world, currency, own);
    values[currency] = {
      value: cents(sums.value),
      count: sums.count,
      value_converted: cents(worth),
      value_formatted: format(sums.value, currency),
      value_converted_formatted: format(worth, own),
    };
    weightedValues[currency] = {
      value: cents(sums.weighted),
      count: sums.count,
      value_formatted: format(sums.weighted, currency),
    };
    count += sums.count;
    converted += worth;
    weightedConverted += sums.weighted * rate(world, currency, own);
  }
  return ok({
    values_total: values,
    weighted_values_total: weightedValues,
    total_count: count,
    total_currency_converted_value: cents(converted),
    total_weighted_currency_converted_value: cents(weightedConverted),
    total_currency_converted_value_formatted: format(converted, own),
    total_weighted_currency_converted_value_formatted: format(weightedConverted, own),
  });
}

type Query = z.output<typeof query>;
