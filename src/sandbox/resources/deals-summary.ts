import { z } from 'zod/v3';
import { filterRows } from '../filters.ts';
import type { JsonObject } from '../json.ts';
import type { Deal } from '../model.ts';
import { param } from '../parameters.ts';
import { ok, type Reply, type Route, route } from '../route.ts';
import type { World } from '../world.ts';
import { cents } from './deal-products.ts';
import { visibleDeals } from './roles.ts';

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
function summary(world: World, query: Query, archived: boolean): Reply {
  const { user_id, pipeline_id, stage_id, status, filter_id } = query;
  const totals = new Map<string, { count: number; value: number; weighted: number }>();
  const visible = visibleDeals(world, world.db.deals.all());
  // A saved filter takes the place of the owner that is asked for.
  const deals = filter_id === undefined ? visible : filterRows(world, 'deals', filter_id, visible);
  for (const deal of deals) {
    if (deal.is_deleted || deal.is_archived !== archived) continue;
    if (status !== undefined && deal.status !== status) continue;
    if (filter_id === undefined && user_id !== undefined && deal.owner_id !== user_id) continue;
    if (pipeline_id !== undefined && deal.pipeline_id !== pipeline_id) continue;
    if (stage_id !== undefined && deal.stage_id !== stage_id) continue;
    const total = totals.get(deal.currency) ?? { count: 0, value: 0, weighted: 0 };
    total.count += 1;
    total.value += deal.value;
    total.weighted += (deal.value * probability(world, deal)) / 100;
    totals.set(deal.currency, total);
  }
  const { default_currency: own, locale } = world.me();
  const format = (amount: number, currency: string) => money(amount, currency, locale);
  const values: JsonObject = {};
  const weightedValues: JsonObject = {};
  let [count, converted, weightedConverted] = [0, 0, 0];
  for (const [currency, total] of totals) {
    const rate = rateOf(world, currency) / rateOf(world, own);
    values[currency] = {
      value: cents(total.value),
      count: total.count,
      value_converted: cents(total.value * rate),
      value_formatted: format(total.value, currency),
      value_converted_formatted: format(total.value * rate, own),
    };
    weightedValues[currency] = {
      value: cents(total.weighted),
      count: total.count,
      value_formatted: format(total.weighted, currency),
    };
    count += total.count;
    converted += total.value * rate;
    weightedConverted += total.weighted * rate;
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

/** In percent: the deal's own, else its stage's where the pipeline works with probabilities. */
export function probability({ db }: World, deal: Deal): number {
  if (deal.probability !== null) return deal.probability;
  if (!db.pipelines.get(deal.pipeline_id)?.is_deal_probability_enabled) return 100;
  return db.stages.get(deal.stage_id)?.deal_probability ?? 100;
}

export function rateOf({ company }: World, currency: string): number {
  const rate = company.rates[currency];
  if (rate === undefined) throw new Error(`the company has no rate for ${currency}`);
  return rate;
}

export function money(amount: number, currency: string, locale: string): string {
  const key = `${locale} ${currency}`;
  const known = formats.get(key);
  if (known) return known.format(amount);
  const format = new Intl.NumberFormat(locale.replace('_', '-'), {
    style: 'currency',
    currency,
    trailingZeroDisplay: 'stripIfInteger',
  });
  formats.set(key, format);
  return format.format(amount);
}

/** Kept, since making one takes longer than showing a whole deal. */
const formats = new Map<string, Intl.NumberFormat>();
