import { z } from 'zod/v3';
import { filterRows, listed } from '../filters/filter.ts';
import type { JsonObject } from '../json.ts';
import type { Deal } from '../model.ts';
import { convertTo, money, total, weighted } from '../money.ts';
import { startReply, v1Sort } from '../page.ts';
import { param, startLimit } from '../parameters.ts';
import { type Reply, type Route, route } from '../route.ts';
import { dealV1, dealV1WithLinks, relatedToDeals } from '../views/deal.ts';
import { visibleDeals } from '../visibility.ts';
import type { World } from '../world.ts';
import { hasStatus } from './deals.ts';
import { livePipeline } from './pipelines.ts';
import { liveStage } from './stages.ts';

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
      return inPlace(world, rows, query);
    },
  }),
  route('GET /v1/stages/{id}/deals', {
    cost: 20,
    query: placeQuery,
    handle: (world, { query, int }) =>
      inPlace(world, world.db.deals.where('stage_id', liveStage(world, int('id')).id), query),
  }),
];

function archived(world: World, query: z.output<typeof archivedQuery>): Reply {
  const { db } = world;
  const { filter_id, status, product_id, person_id, org_id, pipeline_id, stage_id } = query;
  const owner_id = query.owned_by_you ? world.me().id : query.user_id;
  const wanted = { owner_id, person_id, org_id, pipeline_id, stage_id };
  const lines = db.dealProducts.where('product_id', product_id ?? 0);
  const sold = product_id === undefined ? undefined : new Set(lines.map((line) => line.deal_id));
  const withStatus = hasStatus(world, filter_id !== undefined || status === 'all_not_deleted' ? undefined : [status]);
  const found = visibleDeals(
    world,
    listed(world, 'deals', db.deals, { filter_id }, { is_archived: true }, wanted),
  ).filter((deal) => withStatus(deal) && (filter_id !== undefined || sold?.has(deal.id) !== false));
  return startReply(
    v1Sort(found, query.sort, sortable),
    query,
    (deal) => dealV1WithLinks(world, deal),
    (page) => ({ related_objects: relatedToDeals(world, page) }),
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

/** Open deals of the caller, unless a user, a filter or everyone is named; `everyone` outdoes a user, a user a filter. */
function inPlace(world: World, rows: readonly Deal[], query: PlaceQuery): Reply {
  const { everyone, filter_id, user_id, get_summary } = query;
  const open = rows.filter((deal) => !deal.is_deleted && !deal.is_archived && deal.status === 'open');
  const found = everyone
    ? open
    : user_id === undefined && filter_id !== undefined
      ? filterRows(world, 'deals', filter_id, open)
      : open.filter((deal) => deal.owner_id === (user_id ?? world.me().id));
  return startReply(
    found,
    query,
    (deal) => dealV1(world, deal),
    () =>
      get_summary ? { additional_data: { deals_summary: summary(world, found, query.totals_convert_currency) } } : {},
  );
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
  const value = total(world, deals, currency, (deal) => deal.value);
  const likely = total(world, deals, currency, (deal) => weighted(world, deal));
  return {
    count: deals.length,
    value,
    value_formatted: money(world, value, currency),
    weighted_value: likely,
    weighted_value_formatted: money(world, likely, currency),
  };
}
