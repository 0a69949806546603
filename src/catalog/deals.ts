import { z } from 'zod/v3';
import {
  amount,
  changed,
  conditions,
  custom,
  date,
  duplicate,
  flag,
  id,
  ids,
  input,
  labelChanges,
  labelEdits,
  labels,
  named,
  orNull,
  owner,
  page,
  pipeline,
  saved,
  search,
  shape,
  sort,
  stage,
  text,
  textOffset,
  visible,
} from './arguments.ts';
import { conversion } from './conversion.ts';
import { entity } from './entity.ts';
import { followers } from './followers.ts';
import { operation } from './operation.ts';
import { result } from './search.ts';

export const deal = entity({
  name: 'deal',
  fields: 'deal',
  plural: 'deals',
  link: 'deal/{id}',
  columns: [
    'id',
    'title',
    { name: 'value', as: 'money' },
    { name: 'stage', from: 'stage_id' },
    'status',
    { name: 'owner', from: 'owner_id' },
    { name: 'person', from: 'person_id' },
    { name: 'organization', from: 'org_id' },
    { name: 'expected_close', from: 'expected_close_date' },
    { name: 'next_activity', from: 'next_activity_id' },
    { name: 'updated', from: 'update_time', as: 'day' },
  ],
  outside: ['title', 'lost_reason'],
  hidden: ['local_won_date', 'local_lost_date', 'local_close_date'],
});

/** What the totals of every summary are made of. */
export const summaryNote =
  "Without status won and lost are in it, weighted too: give status open for a forecast. Converted totals are in the company's default currency, at Pipedrive's rates.";

export const summary = entity({
  name: 'summary',
  note: `Archived deals left out. ${summaryNote}`,
  plural: 'summaries',
  columns: ['total_count'],
  hidden: [
    'value_formatted',
    'value_converted_formatted',
    'total_currency_converted_value_formatted',
    'total_weighted_currency_converted_value_formatted',
  ],
});

const filters = {
  ...saved,
  ...ids,
  ...owner,
  person_id: id.describe('Person').optional(),
  org_id: id.describe('Organization').optional(),
  pipeline_id: pipeline.optional(),
  stage_id: stage.optional(),
  status: z
    .array(z.enum(['open', 'won', 'lost', 'deleted']))
    .describe('Default: all but deleted')
    .optional(),
  ...changed,
  ...sort(['id', 'update_time', 'add_time']),
  ...shape,
  ...conditions('value > 50000'),
  ...page(),
};

const title = text.describe('Title');
const probability = amount.describe('Percent');
const lostReason = text.describe('With status lost');

/** Everything but the title that can be set. */
const fields = {
  value: amount.describe('Amount').optional(),
  currency: text.describe('EUR').optional(),
  person_id: id.describe('Contact').optional(),
  org_id: id.describe('Organization').optional(),
  pipeline_id: named.describe('Pipeline; first stage').optional(),
  stage_id: named.describe('Stage; decides pipeline').optional(),
  status: z.enum(['open', 'won', 'lost']).describe('Status').optional(),
  lost_reason: lostReason.optional(),
  ...owner,
  expected_close_date: date.describe('YYYY-MM-DD').optional(),
  probability: probability.optional(),
  won_time: text.describe('Only won').optional(),
  lost_time: text.describe('Only lost').optional(),
  ...visible,
  is_archived: flag.describe('Archived').optional(),
  ...custom,
};

export const deals = [
  operation({
    name: 'list_deals',
    title: 'List deals',
    summary: 'Deals (not archived) by owner, person, organization, pipeline, stage or status.',
    kind: 'read',
    toolset: 'deals',
    core: true,
    endpoint: 'GET /api/v2/deals',
    cost: 10,
    input: input(filters),
    always: { include_fields: 'next_activity_id' },
    paging: 'cursor',
    scope: 'open, won and lost unless status says so; archived left out',
    entity: deal,
  }),
  operation({
    name: 'get_deal',
    title: 'Get deal',
    summary: 'One deal with every field, counts, last and next activity.',
    kind: 'read',
    toolset: 'deals',
    core: true,
    endpoint: 'GET /api/v2/deals/{id}',
    cost: 1,
    input: input({ id: id.describe('Deal id'), ...textOffset }),
    entity: deal,
    always: {
      include_fields:
        'next_activity_id,last_activity_id,activities_count,undone_activities_count,notes_count,products_count,files_count,' +
        'last_incoming_mail_time,last_outgoing_mail_time,source_lead_id',
    },
  }),
  operation({
    name: 'create_deal',
    title: 'Create deal',
    summary: 'Add a deal; without a stage, to the first one of the default pipeline.',
    kind: 'create',
    toolset: 'deals',
    core: true,
    endpoint: 'POST /api/v2/deals',
    cost: 5,
    input: input({ title, ...fields, ...labels(named), ...duplicate }),
    entity: deal,
  }),
  operation({
    name: 'update_deal',
    title: 'Update deal',
    summary: 'Change fields of one deal, move it to another stage, or mark it won or lost.',
    kind: 'update',
    toolset: 'deals',
    core: true,
    endpoint: 'PATCH /api/v2/deals/{id}',
    cost: 5,
    input: input({
      id: id.describe('Deal id'),
      title: title.optional(),
      ...fields,
      lost_reason: orNull(lostReason),
      probability: orNull(probability),
      ...labelChanges(named),
    }),
    edits: [labelEdits],
    entity: deal,
  }),
  operation({
    name: 'delete_deal',
    title: 'Delete deal',
    summary: 'Delete a deal; Pipedrive keeps it for 30 days.',
    kind: 'delete',
    toolset: 'deals',
    endpoint: 'DELETE /api/v2/deals/{id}',
    cost: 3,
    input: input({ id: id.describe('Deal id') }),
    entity: deal,
  }),
  operation({
    name: 'search_deals',
    title: 'Search deals',
    summary: 'Find deals by words in title, notes or custom fields.',
    kind: 'read',
    toolset: 'deals',
    endpoint: 'GET /api/v2/deals/search',
    cost: 20,
    search: true,
    input: input({
      ...search(['custom_fields', 'notes', 'title']),
      person_id: id.describe('Person').optional(),
      organization_id: id.describe('Organization').optional(),
      status: z.enum(['open', 'won', 'lost']).describe('Status').optional(),
    }),
    paging: 'cursor',
    at: 'items',
    entity: result,
  }),
  operation({
    name: 'list_archived_deals',
    title: 'List archived deals',
    summary: 'Archived deals, newest change first.',
    kind: 'read',
    toolset: 'deals',
    endpoint: 'GET /api/v2/deals/archived',
    cost: 20,
    input: input(filters),
    always: { include_fields: 'next_activity_id' },
    paging: 'cursor',
    scope: 'archived ones only, whatever their status',
    entity: deal,
  }),
  operation({
    name: 'get_deals_summary',
    title: 'Get deals summary',
    summary: 'Count and value of deals per currency, also weighted and converted; archived left out.',
    kind: 'read',
    toolset: 'reports',
    core: true,
    endpoint: 'GET /api/v1/deals/summary',
    cost: 40,
    input: input({
      status: z.enum(['open', 'won', 'lost']).describe('Status').optional(),
      filter_id: named.describe('Saved filter; overrides user_id').optional(),
      user_id: owner.owner_id,
      pipeline_id: pipeline.optional(),
      stage_id: stage.optional(),
    }),
    entity: summary,
  }),
  operation({
    name: 'convert_deal_to_lead',
    title: 'Convert deal to lead',
    summary: 'Turn a deal into a lead with its notes, files, mails and activities; the deal is deleted.',
    details: 'Answers with the new id.',
    kind: 'convert',
    toolset: 'deals',
    endpoint: 'POST /api/v2/deals/{id}/convert/lead',
    also: ['GET /api/v2/deals/{id}/convert/status/{conversion_id}'],
    cost: 41,
    input: input({ id: id.describe('Deal id') }),
    entity: conversion,
  }),
  ...followers(deal, 'deals'),
];
