import { z } from 'zod/v3';
import { invalid } from '../error.ts';
import { changesOf } from '../history.ts';
import type { JsonObject } from '../json.ts';
import type { Deal, Stage } from '../model.ts';
import { byCurrency, money } from '../money.ts';
import { field, param } from '../parameters.ts';
import { type Call, ok, type Route, route } from '../route.ts';
import type { World } from '../world.ts';
import { livePipeline } from './pipelines.ts';

const DAY = 24 * 3600 * 1000;

const query = z.object({ start_date: field.date, end_date: field.date, user_id: param.int });
type Query = z.output<typeof query>;

export const routes: Route[] = [
  route('GET /v1/pipelines/{id}/conversion_statistics', {
    cost: 40,
    query,
    handle: (world, call) => ok(conversions(asked(world, call))),
  }),
  route('GET /v1/pipelines/{id}/movement_statistics', {
    cost: 40,
    query,
    handle: (world, call) => ok(movements(world, asked(world, call))),
  }),
];

type Asked = {
  /** Of the pipeline, in order. */
  readonly stages: readonly Stage[];
  /** The user's deals in it, archived ones too, each with its way through the stages. */
  readonly ways: readonly Way[];
  /** The last moment of the period. */
  readonly end: string;
  readonly isIn: (stamp: string | null) => stamp is string;
};
type Way = { readonly deal: Deal; readonly closed: string | null; readonly stays: readonly Stay[] };
/** `to` is null while the deal is in the stage. */
type Stay = { readonly stage_id: number; readonly from: string; readonly to: string | null };

/** What a request is about: deals of the user whose statistics are asked for, the caller unless told. */
function asked(world: World, { query, int }: Call<Query, unknown>): Asked {
  const { db } = world;
  const pipeline = livePipeline(world, int('id'));
  const { start_date, end_date, user_id = world.me().id } = query;
  if (start_date > end_date) throw invalid('end_date must not be before start_date');
  if (!db.users.get(user_id)) throw invalid(`User with id '${user_id}' not found`);
  const [start, end] = [`${start_date}T00:00:00Z`, `${end_date}T23:59:59Z`];
  return {
    stages: db.stages
      .where('pipeline_id', pipeline.id)
      .filter((stage) => !stage.is_deleted)
      .sort((a, b) => a.order_nr - b.order_nr),
    ways: db.deals
      .where('pipeline_id', pipeline.id)
      .filter((deal) => !deal.is_deleted && deal.owner_id === user_id)
      .map((deal) => wayOf(world, deal)),
    end,
    isIn: (stamp): stamp is string => stamp !== null && stamp >= start && stamp <= end,
  };
}

function wayOf(world: World, deal: Deal): Way {
  const closed = deal.status === 'won' ? deal.won_time : deal.status === 'lost' ? deal.lost_time : null;
  const moves = changesOf(world, 'deal', deal.id).filter((change) => change.field_key === 'stage_id');
  const begun = { stage_id: Number(moves[0]?.old_value ?? deal.stage_id), from: deal.add_time };
  const entered = [begun, ...moves.map((move) => ({ stage_id: Number(move.new_value), from: move.time }))];
  const stays = entered.map((stay, index) => ({ ...stay, to: entered[index + 1]?.from ?? closed }));
  return { deal, closed, stays };
}

/**
 * Of the deals that came to a stage within the period, how many percent came to the next one by its end; a stage that was
 * skipped was passed. Of the deals closed within it, how many were won and how many lost.
 */
function conversions({ stages, ways, end, isIn }: Asked): JsonObject {
  const reached = ways.map(({ stays }) => {
    const steps = stays.map(({ stage_id, from }) => ({ at: stages.findIndex(({ id }) => id === stage_id), from }));
    const first = steps[0]?.at ?? 0;
    return stages.map((_, index) => (index < first ? null : (steps.find((step) => step.at >= index)?.from ?? null)));
  });
  const stage_conversions = stages.slice(1).map((stage, index) => {
    const came = reached.filter((times) => isIn(times[index] ?? null));
    const went = came.filter((times) => (times[index + 1] ?? '9') <= end);
    return {
      from_stage_id: stages[index]?.id ?? 0,
      to_stage_id: stage.id,
      conversion_rate: percent(went.length, came.length),
    };
  });
  const closed = ways.filter((way) => isIn(way.closed));
  const share = (status: Deal['status']) =>
    percent(closed.filter(({ deal }) => deal.status === status).length, closed.length);
  return { stage_conversions, won_conversion: share('won'), lost_conversion: share('lost') };
}

/** What moved within the period: deals from stage to stage, new ones, closed ones, and those still open at its end. */
function movements(world: World, { stages, ways, end, isIn }: Asked): JsonObject {
  const moves = ways.flatMap(({ stays }) => stays.slice(1).filter(({ from }) => isIn(from)));
  const left = (stage: Stage) =>
    ways.flatMap(({ stays }) =>
      stays.flatMap(({ stage_id, from, to }) => (stage_id === stage.id && isIn(to) ? [days(from, to)] : [])),
    );
  const ages = ways.flatMap(({ deal, stays }) => {
    const last = stays.flatMap(({ to }) => (isIn(to) ? [to] : [])).at(-1);
    return last === undefined ? [] : [days(deal.add_time, last)];
  });
  const deals = (kept: (way: Way) => boolean) => dealsSummary(world, ways.filter(kept));
  return {
    movements_between_stages: { count: moves.length },
    new_deals: deals(({ deal }) => isIn(deal.add_time)),
    deals_left_open: deals(({ deal, closed }) => deal.add_time <= end && (closed === null || closed > end)),
    won_deals: deals(({ deal, closed }) => deal.status === 'won' && isIn(closed)),
    lost_deals: deals(({ deal, closed }) => deal.status === 'lost' && isIn(closed)),
    average_age_in_days: {
      across_all_stages: average(ages),
      by_stages: stages.map((stage) => ({ stage_id: stage.id, value: average(left(stage)) })),
    },
  };
}

function dealsSummary(world: World, ways: readonly Way[]): JsonObject {
  const deals = ways.map(({ deal }) => deal);
  const values = byCurrency(deals, ({ value }) => value);
  return {
    count: deals.length,
    deals_ids: deals.map(({ id }) => id),
    values,
    formatted_values: Object.fromEntries(
      Object.entries(values).map(([currency, value]) => [currency, money(world, value, currency)]),
    ),
  };
}

function days(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / DAY;
}

function average(values: readonly number[]): number {
  return values.length === 0 ? 0 : Math.round(values.reduce((sum, value) => sum + value, 0) / values.length);
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 100);
}
