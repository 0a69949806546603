import { v1Time } from '../clock.ts';
import { bccAddress, counts, derived, lastActivity, nextActivity, ofDeal } from '../derived.ts';
import { customFieldsV1 } from '../fields/custom.ts';
import type { JsonObject } from '../json.ts';
import type { Deal, Pipeline, Stage } from '../model.ts';
import { cents, money, weighted } from '../money.ts';
import type { World } from '../world.ts';
import { activityDates, keyed, organizationRef, personRef, relatedContacts, userRef } from './contact.ts';

/** A deal as v1 shows it: custom fields at the top, links as ids, names and counts beside them. */
export function dealV1(world: World, deal: Deal): JsonObject {
  const { db } = world;
  const { id, currency, value } = deal;
  const next = nextActivity(world, { deal_id: id });
  const stage = db.stages.get(deal.stage_id);
  const likely = cents(weighted(world, deal));
  const person = db.persons.get(deal.person_id ?? 0);
  const organization = db.organizations.get(deal.org_id ?? 0);
  return {
    id,
    creator_user_id: deal.creator_user_id,
    user_id: deal.owner_id,
    person_id: deal.person_id,
    org_id: deal.org_id,
    stage_id: deal.stage_id,
    title: deal.title,
    value,
    currency,
    archive_time: deal.archive_time && v1Time(deal.archive_time),
    add_time: v1Time(deal.add_time),
    update_time: v1Time(deal.update_time),
    stage_change_time: deal.stage_change_time && v1Time(deal.stage_change_time),
    active: deal.status === 'open' && !deal.is_deleted,
    deleted: deal.is_deleted,
    is_archived: deal.is_archived,
    status: deal.is_deleted ? 'deleted' : deal.status,
    probability: deal.probability,
    ...activityDates(next, lastActivity(world, { deal_id: id })),
    lost_reason: deal.lost_reason,
    visible_to: String(deal.visible_to),
    close_time: deal.close_time && v1Time(deal.close_time),
    pipeline_id: deal.pipeline_id,
    won_time: deal.won_time && v1Time(deal.won_time),
    first_won_time: deal.first_won_time && v1Time(deal.first_won_time),
    lost_time: deal.lost_time && v1Time(deal.lost_time),
    ...counts(ofDeal, world, deal),
    expected_close_date: deal.expected_close_date,
    ...derived(ofDeal, world, deal, ['last_incoming_mail_time', 'last_outgoing_mail_time']),
    label: deal.label_ids.length > 0 ? deal.label_ids.join(',') : null,
    origin: deal.origin,
    origin_id: deal.origin_id,
    channel: deal.channel,
    channel_id: deal.channel_id,
    stage_order_nr: stage?.order_nr ?? 0,
    person_name: person?.name ?? null,
    org_name: organization?.name ?? null,
    next_activity_subject: next?.subject ?? null,
    next_activity_type: next?.type ?? null,
    next_activity_duration: next?.duration ?? null,
    next_activity_note: next?.note ?? null,
    formatted_value: money(world, value, currency),
    weighted_value: likely,
    formatted_weighted_value: money(world, likely, currency),
    weighted_value_currency: currency,
    rotten_time: rottenTime(world, deal, stage),
    owner_name: db.users.get(deal.owner_id)?.name ?? '',
    cc_email: bccAddress(world, id),
    org_hidden: false,
    person_hidden: false,
    acv: deal.acv,
    arr: deal.arr,
    mrr: deal.mrr,
    acv_currency: deal.acv === null ? null : currency,
    arr_currency: deal.arr === null ? null : currency,
    mrr_currency: deal.mrr === null ? null : currency,
    ...customFieldsV1(world, 'deal', deal.custom_fields),
  };
}

/** As the lists of v1 show a deal: users, person and organization as objects in the place of their ids. */
export function dealV1WithLinks(world: World, deal: Deal): JsonObject {
  return {
    ...dealV1(world, deal),
    creator_user_id: userRef(world, deal.creator_user_id),
    user_id: userRef(world, deal.owner_id),
    person_id: personRef(world, deal.person_id),
    org_id: organizationRef(world, deal.org_id),
  };
}

/** The `related_objects` of such a list. */
export function relatedToDeals(world: World, deals: readonly Deal[]): JsonObject {
  const { db, company } = world;
  return {
    ...relatedContacts(world, {
      users: deals.flatMap((deal) => [deal.owner_id, deal.creator_user_id]),
      persons: deals.map((deal) => deal.person_id),
      organizations: deals.map((deal) => deal.org_id),
    }),
    stage: keyed(
      deals.map((deal) => deal.stage_id),
      (id) => db.stages.get(id),
      (stage) => stageV1(company.id, stage, db.pipelines.get(stage.pipeline_id)),
    ),
    pipeline: keyed(
      deals.map((deal) => deal.pipeline_id),
      (id) => db.pipelines.get(id),
      pipelineV1,
    ),
  };
}

/** A stage as v1 shows it. */
export function stageV1(company_id: number, stage: Stage, pipeline: Pipeline | undefined): JsonObject {
  return {
    id: stage.id,
    company_id,
    order_nr: stage.order_nr,
    name: stage.name,
    active_flag: !stage.is_deleted,
    deal_probability: stage.deal_probability,
    pipeline_id: stage.pipeline_id,
    rotten_flag: stage.is_deal_rot_enabled,
    rotten_days: stage.days_to_rotten,
    add_time: v1Time(stage.add_time),
    update_time: v1Time(stage.update_time),
    pipeline_name: pipeline?.name ?? null,
    pipeline_deal_probability: pipeline?.is_deal_probability_enabled ?? false,
  };
}

/** A pipeline as v1 shows it. */
export function pipelineV1(pipeline: Pipeline): JsonObject {
  return {
    id: pipeline.id,
    name: pipeline.name,
    url_title: pipeline.name.replaceAll(/\W+/g, '-'),
    order_nr: pipeline.order_nr,
    active: !pipeline.is_deleted,
    deal_probability: pipeline.is_deal_probability_enabled,
    add_time: v1Time(pipeline.add_time),
    update_time: v1Time(pipeline.update_time),
  };
}

/** Since when an open deal has lain untouched for longer than its stage allows; null while it has not. */
function rottenTime({ clock }: World, deal: Deal, stage: Stage | undefined): string | null {
  if (deal.status !== 'open' || !stage?.is_deal_rot_enabled || stage.days_to_rotten === null) return null;
  const rotten = Date.parse(deal.update_time) + stage.days_to_rotten * 24 * 3600 * 1000;
  return rotten <= clock.now().getTime() ? v1Time(new Date(rotten).toISOString()) : null;
}
