import { z } from 'zod/v3';
import { dealV1, dealV1WithLinks, relatedToDeals } from '../deal-v1.ts';
import { filterRows } from '../filters.ts';
import type { JsonObject } from '../json.ts';
import type { Deal } from '../model.ts';
import { startReply, v1Sort } from '../page.ts';
import { param, startLimit } from '../parameters.ts';
import { type Reply, type Route, route } from '../route.ts';
import { purgedBefore, type World } from '../world.ts';
import { cents } from './deal-products.ts';
import { money, probability, rateOf } from './deals-summary.ts';
import { livePipeline } from './pipelines.ts';
import { visibleDeals } from './roles.ts';
import { liveStage } from './stages.ts';
import { convertTo } from './timeline.ts';

/** Deprecated lists of v1, which v2's GET /deals and /deals/archived have taken the place of. */

const archivedQuery = z.object({
  ...startLimit,
  user_id: param.int,
  filter_id: param.int,
  person_id: param.int,
  org_id: param.int,
  product_id: param.int,
  pipeline_id: param.int,
  stage_id: param.int,
  status: z.enum(['open', 'won', 'lost', 'deleted', 'all_not_deleted']).default('all_not_deleted'),
  sort: param.text,
  owned_by_you: param.flag,
});

const placeQuery = z.object({
  ...startLimit,
  filter_id: param.int,
  user_id: param.int,
  everyone: param.flag,
  stage_id: param.int,
  get_summary: param.flag,
  totals_convert_currency: param.text,
});
type PlaceQuery = z.output<typeof placeQuery>;

export const routes: Route[] = [
  route('GET /v1/deals/archived', {
    cost: 40,
    query: archivedQuery,
    handle: (world, call) => archived(world, call.query),
  }),
  route('GET /v1/pipelines/{id}/deals', {
    cost: 20,
    query: placeQuery,
    handle(world, { query, int }) {
      const { id } = livePipeline(world, int('id'));
      const inPipeline = world.db.deals.where('pipeline_id', id);
      const rows =
        query.stage_id === undefined ? inPipeline : inPipeline.filter((row) => row.stage_id === query.stage_id);
      return listed(world, rows, query);
    },
  }),
  route('GET /v1/stages/{id}/deals', {
    cost: 20,
    query: placeQuery,
    handle: (world, { query, int }) =>
      listed(world, world.db.deals.where('stage_id', liveStage(world, int('id')).id), query),
  }),
];

function archived(world: World, query: z.output<typeof archivedQuery>): Reply {
  const { db } = world;
  const { filter_id, status, product_id } = query;
  const user_id = query.owned_by_you ? world.me().id : query.user_id;
  const is = (wanted: number | undefined, value: number | null) => wanted === undefined || wanted === value;
  const purged = purgedBefore(world);
  const all = visibleDeals(world, db.deals.all()).filter((deal) => deal.is_archived);
  const found =
    filter_id !== undefined
      ? filterRows(world, 'deals', filter_id, all)
      : all.filter(
          (deal) =>
            (deal.delete_time === null
              ? status === 'all_not_deleted' || status === deal.status
              : status === 'deleted' && deal.delete_time >= purged) &&
            is(user_id, deal.owner_id) &&
            is(query.person_id, deal.person_id) &&
            is(query.org_id, deal.org_id) &&
            is(query.pipeline_id, deal.pipeline_id) &&
            is(query.stage_id, deal.stage_id) &&
            (product_id === undefined ||
              db.dealProducts.where('deal_id', deal.id).some((row) => row.product_id === product_id)),
        );
  const sorted = v1Sort(found, query.sort, sortable, sortValue);
  const page = sorted.slice(query.start, query.start + query.limit);
  const shown = new Map(page.map((deal) => [deal, dealV1WithLinks(world, deal)]));
  return startReply(
    sorted.map((deal) => shown.get(deal) ?? null),
    query,
    { related_objects: relatedToDeals(world, page) },
  );
}

const sortable = [
  'id',
  'title',
  'value',
  'add_time',
  'update_time',
  'expected_close_date',
  'stage_id',
  'status',
] as const;

function sortValue(deal: Deal, key: string): string | number | null {
  const name = z.enum(sortable).parse(key);
  return deal[name];
}

/** Open deals of the caller, unless a user, a filter or everyone is named; `everyone` outdoes a user, a user a filter. */
function listed(world: World, rows: readonly Deal[], query: PlaceQuery): Reply {
  const { everyone, filter_id, user_id, get_summary } = query;
  const open = rows.filter((deal) => !deal.is_deleted && !deal.is_archived && deal.status === 'open');
  const found = everyone
    ? open
    : user_id === undefined && filter_id !== undefined
      ? filterRows(world, 'deals', filter_id, open)
      : open.filter((deal) => deal.owner_id === (user_id ?? world.me().id));
  const shown = new Map(found.slice(query.start, query.start + query.limit).map((deal) => [deal, dealV1(world, deal)]));
  const reply = startReply(
    found.map((deal) => shown.get(deal) ?? null),
    query,
  );
  if (!get_summary) return reply;
  const { pagination = null } = z
    .object({ pagination: z.record(z.union([z.number(), z.boolean()])) })
    .parse(reply.body['additional_data']);
  const deals_summary = summary(world, found, query.totals_convert_currency);
  return { ...reply, body: { ...reply.body, additional_data: { pagination, deals_summary } } };
}

/** Count and value of the deals in each stage, by currency and, where one is named, converted to it. */
function summary(world: World, deals: readonly Deal[], convert: string | undefined): JsonObject {
  const target = convertTo(world, convert);
  const stages = new Map<number, Deal[]>();
  for (const deal of deals) stages.set(deal.stage_id, [...(stages.get(deal.stage_id) ?? []), deal]);
  const perStage = (view: (deals: readonly Deal[]) => JsonObject) =>
    Object.fromEntries([...stages].map(([id, rows]) => [String(id), view(rows)]));
  const currencies = [...new Set(deals.map((deal) => deal.currency))];
  return {
    per_stages: perStage((rows) =>
      Object.fromEntries(
        currencies.flatMap((currency) => {
          const own = rows.filter((deal) => deal.currency === currency);
          return own.length > 0 ? [[currency, worth(world, own, currency)] as const] : [];
        }),
      ),
    ),
    ...(target === undefined ? {} : { per_stages_converted: perStage((rows) => worth(world, rows, target)) }),
  };
}

function worth(world: World, deals: readonly Deal[], currency: string): JsonObject {
  const { locale } = world.me();
  const rate = (deal: Deal) => rateOf(world, deal.currency) / rateOf(world, currency);
  const value = cents(deals.reduce((sum, deal) => sum + deal.value * rate(deal), 0));
  const weighted = cents(
    deals.reduce((sum, deal) => sum + (deal.value * probability(world, deal) * rate(deal)) / 100, 0),
  );
  return {
    count: deals.length,
    value,
    value_formatted: money(value, currency, locale),
    weighted_value: weighted,
    weighted_value_formatted: money(weighted, currency, locale),
  };
}
