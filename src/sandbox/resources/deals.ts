import { z } from 'zod/v3';
import { localDate } from '../clock.ts';
import { checkLabels, customFieldsV2, labelObjects, writeCustomFieldsV2 } from '../custom-fields.ts';
import { invalid, schemaError } from '../error.ts';
import { filesCount } from '../files.ts';
import { asksForDeleted, filterRows } from '../filters.ts';
import type { Json, JsonObject } from '../json.ts';
import { checkLinks } from '../links.ts';
import { dealMessages, lastMailTime } from '../mail.ts';
import type { Activity, Deal } from '../model.ts';
import { cursorReply } from '../page.ts';
import { checkVisibility, field, listing, param } from '../parameters.ts';
import { ok, type Reply, type Route, route } from '../route.ts';
import type { Changes } from '../table.ts';
import { deletion, live, purgedBefore, type World } from '../world.ts';
import { lastActivity, nextActivity } from './activities.ts';
import { isCurrency } from './currencies.ts';
import { checkSeen, defaultVisibility, visibleDeals, visiblePipelines } from './roles.ts';
import { checkPipeline, firstStage } from './stages.ts';
import { activeUser } from './users.ts';

const body = z
  .object({
    title: field.line.min(1, 'The value must not be empty'),
    owner_id: field.id,
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
    visible_to: z.number().int(),
    close_time: field.dateTime.nullable(),
    won_time: field.dateTime,
    lost_time: field.dateTime,
    expected_close_date: field.date,
    label_ids: z.array(field.id),
    custom_fields: z.unknown(),
  })
  .strict()
  .partial();

type DealBody = z.output<typeof body>;

/** What `include_fields` adds to a deal. */
export const included: Readonly<Record<string, (world: World, deal: Deal) => Json>> = {
  next_activity_id: (world, { id }) => nextActivity(world, { deal_id: id })?.id ?? null,
  last_activity_id: (world, { id }) => lastActivity(world, { deal_id: id })?.id ?? null,
  first_won_time: (_, deal) => deal.first_won_time,
  products_count: ({ db }, { id }) => db.dealProducts.where('deal_id', id).length,
  files_count: (world, { id }) => filesCount(world, 'deal_id', id),
  notes_count: ({ db }, { id }) => db.notes.where('deal_id', id).filter((note) => note.active_flag).length,
  followers_count: ({ db }, { id }) =>
    db.followers.where('record_id', id).filter((follower) => follower.entity === 'deal').length,
  email_messages_count: (world, { id }) => dealMessages(world, id).length,
  activities_count: (world, { id }) => activitiesOf(world, id).length,
  done_activities_count: (world, { id }) => activitiesOf(world, id).filter(({ done }) => done).length,
  undone_activities_count: (world, { id }) => activitiesOf(world, id).filter(({ done }) => !done).length,
  participants_count: ({ db }, { id }) => db.participants.where('deal_id', id).length,
  last_incoming_mail_time: (world, { id }) => lastMailTime(dealMessages(world, id), 'incoming'),
  last_outgoing_mail_time: (world, { id }) => lastMailTime(dealMessages(world, id), 'outgoing'),
  smart_bcc_email: ({ company }, { id }) => `${company.domain}+deal${id}@pipedrivemail.com`,
  source_lead_id: (_, deal) => deal.source_lead_id,
};

const viewQuery = z.object({
  include_fields: param.csv.refine(
    (names) => names === undefined || names.every((name) => Object.hasOwn(included, name)),
    `Must be some of: ${Object.keys(included).join(', ')}`,
  ),
  custom_fields: param.keys,
  include_option_labels: param.bool,
  include_labels: param.bool,
});

const listQuery = viewQuery.extend({
  ...listing(['id', 'update_time', 'add_time']),
  filter_id: param.int,
  ids: param.ids,
  owner_id: param.int,
  person_id: param.int,
  org_id: param.int,
  pipeline_id: param.int,
  stage_id: param.int,
  status: param.csv.pipe(z.array(z.enum(['open', 'won', 'lost', 'deleted'])).optional()),
  updated_since: param.time,
  updated_until: param.time,
});

export const routes: Route[] = [
  route('GET /v2/deals', {
    cost: 10,
    query: listQuery,
    handle: (world, { query }) => list(world, query, false),
  }),
  route('GET /v2/deals/archived', {
    cost: 20,
    query: listQuery,
    handle: (world, { query }) => list(world, query, true),
  }),
  route('GET /v2/deals/{id}', {
    cost: 1,
    query: viewQuery,
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
      world.db.deals.patch(deal, { ...changesOf(world, body, deal), update_time: world.clock.stamp() });
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
  const { db, clock } = world;
  const me = world.me();
  const now = clock.stamp();
  const deal = db.deals.insert({
    id: db.deals.nextId(),
    title: input.title,
    creator_user_id: me.id,
    owner_id: me.id,
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
    visible_to: defaultVisibility(world, 'deal'),
    close_time: null,
    won_time: null,
    lost_time: null,
    first_won_time: null,
    expected_close_date: null,
    label_ids: [],
    origin: 'API',
    origin_id: null,
    channel: null,
    channel_id: null,
    source_lead_id: null,
    acv: null,
    arr: null,
    mrr: null,
    custom_fields: {},
    is_deleted: false,
    delete_time: null,
    add_time: now,
    update_time: now,
  });
  const { stage_id: _stage, pipeline_id: _pipeline, ...rest } = input;
  return db.deals.patch(deal, rest);
}

/** A deal as v2 shows it; the options are the query parameters of GET /deals. */
function dealV2(world: World, deal: Deal, options: z.output<typeof viewQuery> = {}): JsonObject {
  const { delete_time: _, first_won_time: __, custom_fields, ...row } = deal;
  const zone = world.me().timezone_name;
  const local = (stamp: string | null) => stamp && localDate(stamp, zone);
  const shown: JsonObject = {
    ...row,
    local_won_date: local(deal.won_time),
    local_lost_date: local(deal.lost_time),
    local_close_date: local(deal.close_time),
    custom_fields: customFieldsV2(world, 'deal', custom_fields, {
      keys: options.custom_fields,
      optionLabels: options.include_option_labels,
    }),
  };
  if (options.include_labels) shown['labels'] = labelObjects(world, 'deal', deal.label_ids);
  for (const name of options.include_fields ?? []) shown[name] = included[name]?.(world, deal) ?? null;
  return shown;
}

function list(world: World, query: z.output<typeof listQuery>, archived: boolean): Reply {
  const { filter_id } = query;
  const ids = query.ids && new Set(query.ids);
  const purged = purgedBefore(world);
  const is = (wanted: number | undefined, value: number | null) => wanted === undefined || wanted === value;
  const asked = (deal: Deal) =>
    (deal.delete_time === null
      ? !query.status || query.status.includes(deal.status)
      : query.status?.includes('deleted') && deal.delete_time >= purged) &&
    (!ids || ids.has(deal.id)) &&
    is(query.owner_id, deal.owner_id) &&
    is(query.person_id, deal.person_id) &&
    is(query.org_id, deal.org_id) &&
    is(query.pipeline_id, deal.pipeline_id) &&
    is(query.stage_id, deal.stage_id);
  const withDeleted = filter_id !== undefined && asksForDeleted(world, filter_id);
  const kept = (deal: Deal) => deal.delete_time === null || (withDeleted && deal.delete_time >= purged);
  const deals = filter_id === undefined ? candidates(world.db.deals, query) : world.db.deals.all();
  const rows = visibleDeals(world, deals).filter(
    (deal) =>
      deal.is_archived === archived &&
      // A saved filter takes the place of what else is asked for, but for times.
      (filter_id === undefined ? asked(deal) : kept(deal)) &&
      (!query.updated_since || deal.update_time >= query.updated_since) &&
      (!query.updated_until || deal.update_time < query.updated_until),
  );
  return cursorReply(
    filter_id === undefined ? rows : filterRows(world, 'deals', filter_id, rows),
    query,
    (row, key) => (key === 'update_time' ? row.update_time : key === 'add_time' ? row.add_time : row.id),
    (row) => dealV2(world, row, query),
  );
}

/** The deals of the narrowest index that the query names. */
function candidates(deals: World['db']['deals'], query: z.output<typeof listQuery>): Deal[] {
  if (query.person_id !== undefined) return deals.where('person_id', query.person_id);
  if (query.org_id !== undefined) return deals.where('org_id', query.org_id);
  if (query.stage_id !== undefined) return deals.where('stage_id', query.stage_id);
  if (query.pipeline_id !== undefined) return deals.where('pipeline_id', query.pipeline_id);
  return deals.all();
}

/** What a body changes, of a new deal or of `deal`; 400 where it breaks a rule. */
function changesOf(world: World, body: DealBody, deal?: Deal): Changes<Deal> {
  const { is_deleted: _, custom_fields, ...given } = body;
  const now = world.clock.stamp();
  if (given.owner_id !== undefined) activeUser(world, given.owner_id);
  checkLinks(world, { person_id: given.person_id, org_id: given.org_id });
  if (given.currency !== undefined && !isCurrency(given.currency)) {
    throw schemaError('currency', `Currency '${given.currency}' does not exist`);
  }
  if (given.visible_to !== undefined) checkVisibility(given.visible_to, world.company.has_visibility_groups);
  if (given.label_ids) checkLabels(world, 'deal', given.label_ids);
  const is_archived = given.is_archived ?? deal?.is_archived ?? false;
  if (given.archive_time !== undefined && !is_archived) {
    throw schemaError('archive_time', 'Can only be set if the deal is archived');
  }
  const place = placeOf(world, given, deal);
  return {
    ...given,
    ...place,
    stage_change_time: deal && deal.stage_id !== place.stage_id ? now : undefined,
    is_archived,
    archive_time: is_archived ? (given.archive_time ?? deal?.archive_time ?? now) : null,
    ...closing(given, deal, now),
    custom_fields: writeCustomFieldsV2(world, 'deal', deal?.custom_fields ?? {}, custom_fields),
  };
}

/** The stage decides the pipeline; a pipeline alone means its first stage; neither, where the deal is or the default. */
function placeOf(
  world: World,
  given: { stage_id?: number | undefined; pipeline_id?: number | undefined },
  deal?: Deal,
): Pick<Deal, 'stage_id' | 'pipeline_id'> {
  if (given.stage_id !== undefined) {
    const stage = world.db.stages.get(given.stage_id);
    if (!stage || stage.is_deleted || !visiblePipelines(world).has(stage.pipeline_id)) {
      throw invalid(`Stage ${given.stage_id} not found`);
    }
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

function activitiesOf({ db }: World, dealId: number): Activity[] {
  return db.activities.where('deal_id', dealId).filter((activity) => !activity.is_deleted);
}
