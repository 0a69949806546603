import { z } from 'zod/v3';
import { localDate } from '../clock.ts';
import { ofDeal } from '../derived.ts';
import { invalid, schemaError } from '../error.ts';
import { asksForDeleted, listed } from '../filters/filter.ts';
import type { JsonObject } from '../json.ts';
import { checkLinks } from '../links.ts';
import type { Deal } from '../model.ts';
import { isCurrency } from '../money.ts';
import { cursorReply } from '../page.ts';
import { csvOf, field, param } from '../parameters.ts';
import { ok, type Reply, type Route, route } from '../route.ts';
import type { Changes } from '../table.ts';
import { checkSeen, visibleDeals, visiblePipelines } from '../visibility.ts';
import { deletion, live, purgedBefore, type World } from '../world.ts';
import {
  listQuery,
  newRecord,
  recordBody,
  recordChanges,
  recordCustomFields,
  recordExtras,
  viewQuery,
} from './records.ts';
import { checkPipeline, firstStage, namedStage } from './stages.ts';

const body = z
  .object({
    title: field.filled,
    ...recordBody,
    person_id: field.id.nullable(),
    org_id: field.id.nullable(),
    pipeline_id: field.id,
    stage_id: field.id,
    value: field.amount,
    currency: z.string(),
    is_deleted: z.boolean(),
    is_archived: z.boolean(),
    archive_time: field.dateTime,
    status: z.enum(['open', 'won', 'lost']),
    probability: z.number().min(0).max(100).nullable(),
    lost_reason: field.line.nullable(),
    close_time: field.dateTime.nullable(),
    won_time: field.dateTime,
    lost_time: field.dateTime,
    expected_close_date: field.date,
  })
  .strict()
  .partial();

type DealBody = z.output<typeof body>;

const view = viewQuery(ofDeal);
const query = listQuery(ofDeal).extend({
  person_id: param.int,
  org_id: param.int,
  pipeline_id: param.int,
  stage_id: param.int,
  status: csvOf(['open', 'won', 'lost', 'deleted']),
});

export const routes: Route[] = [
  route('GET /v2/deals', {
    cost: 10,
    query,
    handle: (world, call) => list(world, call.query, false),
  }),
  route('GET /v2/deals/archived', {
    cost: 20,
    query,
    handle: (world, call) => list(world, call.query, true),
  }),
  route('GET /v2/deals/{id}', {
    cost: 1,
    query: view,
    handle: (world, { query, int }) => ok(dealV2(world, liveDeal(world, int('id')), query)),
  }),
  route('POST /v2/deals', {
    cost: 5,
    body: body.required({ title: true }),
    handle(world, { body }) {
      const delete_time = body.is_deleted ? world.clock.stamp() : null;
      const changes = { ...changesOf(world, body), title: body.title, is_deleted: body.is_deleted, delete_time };
      return ok(dealV2(world, insertDeal(world, changes)));
    },
  }),
  route('PATCH /v2/deals/{id}', {
    cost: 5,
    body,
    handle(world, { body, int }) {
      const deal = body.is_archived === false ? liveDeal(world, int('id')) : editableDeal(world, int('id'));
      world.db.deals.patch(deal, changesOf(world, body, deal));
      return ok(dealV2(world, deal));
    },
  }),
  route('DELETE /v2/deals/{id}', {
    cost: 3,
    handle(world, { int }) {
      const deal = liveDeal(world, int('id'));
      removeDeal(world, deal);
      return ok({ id: deal.id });
    },
  }),
];

/** The deal of that id, archived or not; 404 where it is unknown or deleted, 403 where its pipeline is hidden. */
export function liveDeal(world: World, id: number): Deal {
  const deal = live(world.db.deals, id, 'Deal');
  checkSeen(world, deal);
  return deal;
}

/** As liveDeal, and 400 where the deal is archived: such deals are read-only until they are un-archived. */
export function editableDeal(world: World, id: number): Deal {
  const deal = liveDeal(world, id);
  if (deal.is_archived) throw invalid('Deal is archived and cannot be edited');
  return deal;
}

/** Marks a deal as changed now, as a done activity, a note or a mail on it does; nothing for null. */
export function touchDeal({ db, clock }: World, id: number | null): void {
  const deal = id === null ? undefined : db.deals.get(id);
  if (deal) db.deals.patch(deal, { update_time: clock.stamp() });
}

/** A soft delete: `status=deleted` lists the deal for 30 days. */
export function removeDeal(world: World, deal: Deal): void {
  world.db.deals.patch(deal, deletion(world));
}

/**
 * Stores a new deal with the defaults of POST /deals: owned by the caller, open, in the owner's currency, in the first
 * stage of the pipeline it names or of the default one. Links are not checked, the stage is.
 */
export function insertDeal(world: World, input: Changes<Deal> & { title: string }): Deal {
  const { db } = world;
  const me = world.me();
  const deal = db.deals.insert({
    id: db.deals.nextId(),
    title: input.title,
    ...newRecord(world, 'deal'),
    creator_user_id: me.id,
    value: 0,
    currency: me.default_currency,
    person_id: null,
    org_id: null,
    ...placeOf(world, input),
    status: 'open',
    stage_change_time: null,
    is_archived: false,
    archive_time: null,
    probability: null,
    lost_reason: null,
    close_time: null,
    won_time: null,
    lost_time: null,
    first_won_time: null,
    expected_close_date: null,
    origin: 'API',
    origin_id: null,
    channel: null,
    channel_id: null,
    source_lead_id: null,
    acv: null,
    arr: null,
    mrr: null,
  });
  const { stage_id: _stage, pipeline_id: _pipeline, ...rest } = input;
  return db.deals.patch(deal, rest);
}

/**
 * A deal as v2 shows it; the options are the query parameters of GET /deals. Written out key by key, since a copy of so
 * many keys by spread is an object that takes the engine six times as long to make and to write as JSON.
 */
function dealV2(world: World, deal: Deal, options: z.output<typeof view> = {}): JsonObject {
  const zone = world.me().timezone_name;
  const local = (stamp: string | null) => stamp && localDate(stamp, zone);
  const shown = {
    id: deal.id,
    title: deal.title,
    creator_user_id: deal.creator_user_id,
    owner_id: deal.owner_id,
    value: deal.value,
    person_id: deal.person_id,
    org_id: deal.org_id,
    stage_id: deal.stage_id,
    pipeline_id: deal.pipeline_id,
    currency: deal.currency,
    archive_time: deal.archive_time,
    add_time: deal.add_time,
    update_time: deal.update_time,
    stage_change_time: deal.stage_change_time,
    status: deal.status,
    is_archived: deal.is_archived,
    is_deleted: deal.is_deleted,
    probability: deal.probability,
    lost_reason: deal.lost_reason,
    visible_to: deal.visible_to,
    close_time: deal.close_time,
    won_time: deal.won_time,
    lost_time: deal.lost_time,
    local_won_date: local(deal.won_time),
    local_lost_date: local(deal.lost_time),
    local_close_date: local(deal.close_time),
    expected_close_date: deal.expected_close_date,
    label_ids: deal.label_ids,
    origin: deal.origin,
    origin_id: deal.origin_id,
    channel: deal.channel,
    channel_id: deal.channel_id,
    source_lead_id: deal.source_lead_id,
    acv: deal.acv,
    arr: deal.arr,
    mrr: deal.mrr,
    custom_fields: recordCustomFields(world, 'deal', deal, options),
  };
  return Object.assign(shown, recordExtras(world, 'deal', deal, ofDeal, options));
}

function list(world: World, given: z.output<typeof query>, is_archived: boolean): Reply {
  const { filter_id, owner_id, person_id, org_id, pipeline_id, stage_id, status } = given;
  const wanted = { owner_id, person_id, org_id, pipeline_id, stage_id };
  const found = listed(world, 'deals', world.db.deals, given, { is_archived }, wanted);
  const withDeleted = filter_id !== undefined && asksForDeleted(world, filter_id);
  const statuses = filter_id === undefined ? status : withDeleted ? ['open', 'won', 'lost', 'deleted'] : undefined;
  return cursorReply(visibleDeals(world, found).filter(hasStatus(world, statuses)), given, (deal) =>
    dealV2(world, deal, given),
  );
}

/** Whether a deal has one of these statuses; `deleted` is one for 30 days, and is so only where it is asked for. */
export function hasStatus(
  world: World,
  statuses: readonly string[] = ['open', 'won', 'lost'],
): (deal: Deal) => boolean {
  const purged = purgedBefore(world);
  return ({ delete_time, status }) =>
    delete_time === null ? statuses.includes(status) : statuses.includes('deleted') && delete_time >= purged;
}

/** What a body changes, of a new deal or of `deal`; 400 where it breaks a rule. */
function changesOf(world: World, body: DealBody, deal?: Deal): Changes<Deal> {
  const { is_deleted: _, ...given } = body;
  const now = world.clock.stamp();
  checkLinks(world, { person_id: given.person_id, org_id: given.org_id });
  if (given.currency !== undefined && !isCurrency(given.currency)) {
    throw schemaError('currency', `Currency '${given.currency}' does not exist`);
  }
  const is_archived = given.is_archived ?? deal?.is_archived ?? false;
  if (given.archive_time !== undefined && !is_archived) {
    throw schemaError('archive_time', 'Can only be set if the deal is archived');
  }
  const place = placeOf(world, given, deal);
  return {
    ...given,
    ...recordChanges(world, 'deal', deal?.custom_fields ?? {}, given),
    ...place,
    stage_change_time: deal && deal.stage_id !== place.stage_id ? now : undefined,
    is_archived,
    archive_time: is_archived ? (given.archive_time ?? deal?.archive_time ?? now) : null,
    ...closing(given, deal, now),
  };
}

/** The stage decides the pipeline; a pipeline alone means its first stage; neither, where the deal is or the default. */
function placeOf(
  world: World,
  given: { stage_id?: number | undefined; pipeline_id?: number | undefined },
  deal?: Deal,
): Pick<Deal, 'stage_id' | 'pipeline_id'> {
  if (given.stage_id !== undefined) {
    const stage = namedStage(world, given.stage_id);
    if (given.pipeline_id !== undefined && given.pipeline_id !== stage.pipeline_id) {
      throw invalid(`Stage ${stage.id} is not in pipeline ${given.pipeline_id}`);
    }
    return { stage_id: stage.id, pipeline_id: stage.pipeline_id };
  }
  if (deal && (given.pipeline_id ?? deal.pipeline_id) === deal.pipeline_id) {
    return { stage_id: deal.stage_id, pipeline_id: deal.pipeline_id };
  }
  const pipeline_id = given.pipeline_id ?? defaultPipeline(world);
  checkPipeline(world, pipeline_id);
  return { stage_id: firstStage(world, pipeline_id).id, pipeline_id };
}

/** The first of the pipelines that the caller sees; 400 where all are hidden. */
function defaultPipeline(world: World): number {
  const visible = visiblePipelines(world);
  const [first] = world.db.pipelines
    .all()
    .filter(({ id }) => visible.has(id))
    .sort((a, b) => a.order_nr - b.order_nr);
  if (!first) throw invalid('There is no pipeline for the deal');
  return first.id;
}

/** The times of winning and losing: set by a change of status, given by hand only in the status they tell of. */
function closing(body: DealBody, deal: Deal | undefined, now: string): Changes<Deal> {
  const status = body.status ?? deal?.status ?? 'open';
  const only = (key: 'lost_reason' | 'won_time' | 'lost_time' | 'close_time', allowed: boolean, where: string) => {
    if (!allowed && (body[key] ?? null) !== null) throw schemaError(key, `Can only be set if deal status is ${where}`);
  };
  only('lost_reason', status === 'lost', 'lost');
  only('won_time', status === 'won', 'won');
  only('lost_time', status === 'lost', 'lost');
  only('close_time', status !== 'open', 'won or lost');
  if (status === 'open') return { status, won_time: null, lost_time: null, close_time: null, lost_reason: null };
  const before = deal?.status === status ? deal : undefined;
  const given = status === 'won' ? body.won_time : body.lost_time;
  const kept = status === 'won' ? before?.won_time : before?.lost_time;
  const time = given ?? kept ?? body.close_time ?? now;
  const close_time = body.close_time !== undefined ? body.close_time : before && !given ? before.close_time : time;
  return status === 'won'
    ? {
        status,
        won_time: time,
        lost_time: null,
        lost_reason: null,
        first_won_time: deal?.first_won_time ?? time,
        close_time,
      }
    : { status, won_time: null, lost_time: time, close_time };
}
