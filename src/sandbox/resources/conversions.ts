import { randomUUID } from 'node:crypto';
import { z } from 'zod/v3';
import { ApiError, report } from '../error.ts';
import type { JsonObject } from '../json.ts';
import type { Conversion, Deal, Lead, Note } from '../model.ts';
import { field } from '../parameters.ts';
import { type Reply, type Route, route, whole } from '../route.ts';
import type { Key } from '../table.ts';
import { checkSeen } from '../visibility.ts';
import { deletion, type World } from '../world.ts';
import { insertDeal, removeDeal } from './deals.ts';
import { insertLead } from './leads.ts';
import { checkPipeline, firstStage, namedStage } from './stages.ts';

/** Milliseconds until a job begins and until it ends. */
const BEGINS = 100;
const ENDS = 300;
/** "Removed after a few days", as the official description says. */
const KEPT = 3 * 24 * 3600 * 1000;

export const routes: Route[] = [
  route('POST /v2/deals/{id}/convert/lead', {
    cost: 40,
    handle: (world, { int }) => start(world, 'deal', int('id'), null),
  }),
  route('GET /v2/deals/{id}/convert/status/{conversion_id}', {
    cost: 1,
    handle: (world, { int, text }) => status(world, 'deal', int('id'), text('conversion_id')),
  }),
  route('POST /v2/leads/{id}/convert/deal', {
    cost: 40,
    body: z.object({ stage_id: field.id, pipeline_id: field.id }).partial().strict(),
    handle: (world, { body, text }) => start(world, 'lead', text('id'), stageOf(world, body)),
  }),
  route('GET /v2/leads/{id}/convert/status/{conversion_id}', {
    cost: 1,
    handle: (world, { text }) => status(world, 'lead', text('id'), text('conversion_id')),
  }),
];

/** Begins a job, also for a source that an earlier job has converted: that one ends as rejected. */
function start(world: World, from: Conversion['from'], id: number | string, stage_id: number | null): Reply {
  const { db, clock } = world;
  const source = from === 'deal' ? db.deals.get(id) : db.leads.get(id);
  const source_id = String(id);
  const converted = db.conversions
    .where('source_id', source_id)
    .some((one) => one.from === from && one.status === 'completed');
  if (!source || (source.is_deleted && !converted)) throw unknown();
  if ('pipeline_id' in source) checkSeen(world, source);
  const now = clock.now();
  const conversion = db.conversions.insert({
    id: randomUUID(),
    from,
    source_id,
    status: 'running',
    start_time: now.toISOString(),
    done_time: new Date(now.getTime() + ENDS).toISOString(),
    stage_id,
    result_id: null,
  });
  setTimeout(() => finish(world, conversion), ENDS).unref();
  return whole({ conversion_id: conversion.id });
}

function status(world: World, from: Conversion['from'], id: number | string, conversionId: string): Reply {
  const conversion = world.db.conversions.get(conversionId);
  const now = world.clock.now().getTime();
  if (conversion?.from !== from || conversion.source_id !== String(id)) throw unknown();
  if (now > Date.parse(conversion.done_time) + KEPT) throw unknown();
  // The timer is the usual way; a restart may have passed it by.
  if (now >= Date.parse(conversion.done_time)) finish(world, conversion);
  const early = conversion.status === 'running' && now < Date.parse(conversion.start_time) + BEGINS;
  const data: JsonObject = { conversion_id: conversion.id, status: early ? 'not_started' : conversion.status };
  if (conversion.result_id !== null) {
    if (from === 'deal') data['lead_id'] = conversion.result_id;
    else data['deal_id'] = Number(conversion.result_id);
  }
  return whole(data);
}

/** Does the work of a job that is still running. A source that is gone, archived or has no contact is rejected. */
function finish(world: World, conversion: Conversion): void {
  if (conversion.status !== 'running') return;
  const { db } = world;
  const end = (status: Conversion['status'], result_id: string | null) =>
    db.conversions.patch(conversion, { status, result_id });
  try {
    if (conversion.from === 'deal') {
      const deal = db.deals.get(Number(conversion.source_id));
      if (!deal || deal.is_deleted || deal.is_archived || (deal.person_id ?? deal.org_id) === null) {
        end('rejected', null);
      } else end('completed', toLead(world, deal).id);
    } else {
      const lead = db.leads.get(conversion.source_id);
      if (!lead || lead.is_deleted || lead.is_archived) end('rejected', null);
      else end('completed', String(toDeal(world, lead, conversion.stage_id).id));
    }
  } catch (error) {
    // Also called by a timer, where whatever is thrown would end the process.
    if (!(error instanceof ApiError)) report(error);
    end('failed', null);
  }
}

function toLead(world: World, deal: Deal): Lead {
  const lead = insertLead(world, {
    title: deal.title,
    owner_id: deal.owner_id,
    person_id: deal.person_id,
    organization_id: deal.org_id,
    value: { amount: deal.value, currency: deal.currency },
    expected_close_date: deal.expected_close_date,
    visible_to: deal.visible_to,
    origin: deal.origin,
    origin_id: deal.origin_id,
    channel: deal.channel,
    channel_id: deal.channel_id,
    custom_fields: deal.custom_fields,
    source_deal_id: deal.id,
  });
  handOver(world, 'deal_id', deal.id, { deal_id: null, lead_id: lead.id });
  removeDeal(world, deal);
  return lead;
}

function toDeal(world: World, lead: Lead, stage_id: number | null): Deal {
  const deal = insertDeal(world, {
    title: lead.title,
    owner_id: lead.owner_id,
    person_id: lead.person_id,
    org_id: lead.organization_id,
    value: lead.value?.amount,
    currency: lead.value?.currency,
    expected_close_date: lead.expected_close_date,
    visible_to: lead.visible_to,
    origin: lead.origin,
    origin_id: lead.origin_id,
    channel: lead.channel,
    channel_id: lead.channel_id,
    custom_fields: lead.custom_fields,
    source_lead_id: lead.id,
    stage_id: stage_id ?? undefined,
  });
  handOver(world, 'lead_id', lead.id, { lead_id: null, deal_id: deal.id });
  world.db.leads.patch(lead, deletion(world));
  return deal;
}

/** What belongs to the deal or lead that is converted belongs to what it became. */
function handOver(
  { db, clock }: World,
  key: 'deal_id' | 'lead_id',
  id: Key,
  links: Pick<Note, 'deal_id' | 'lead_id'>,
): void {
  const moved = { ...links, update_time: clock.stamp() };
  for (const note of db.notes.where(key, id)) {
    const { pinned_to_deal_flag, pinned_to_lead_flag } = note;
    db.notes.patch(note, {
      ...moved,
      pinned_to_deal_flag: pinned_to_lead_flag,
      pinned_to_lead_flag: pinned_to_deal_flag,
    });
  }
  db.activities.patchWhere(key, id, moved);
  db.files.patchWhere(key, id, moved);
  db.mailThreads.patchWhere(key, id, moved);
  db.callLogs.patchWhere(key, id, links);
}

/** Where the deal is to begin: null for the default pipeline. A stage makes the pipeline be ignored, says the API. */
function stageOf(world: World, body: { stage_id?: number | undefined; pipeline_id?: number | undefined }) {
  if (body.stage_id !== undefined) return namedStage(world, body.stage_id).id;
  if (body.pipeline_id === undefined) return null;
  checkPipeline(world, body.pipeline_id);
  return firstStage(world, body.pipeline_id).id;
}

function unknown(): ApiError {
  return new ApiError(404, 'Entity was not found', { error_info: 'Object was not found.' });
}
