import { z } from 'zod/v3';
import {
  amount,
  changed,
  custom,
  date,
  flag,
  id,
  ids,
  input,
  labelChanges,
  labelEdits,
  labels,
  orNull,
  owner,
  page,
  saved,
  search,
  sort,
  text,
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
    'pipeline_id',
    'stage_id',
    'status',
    'owner_id',
    'person_id',
    'org_id',
    'expected_close_date',
    'update_time',
  ],
  hidden: ['local_won_date', 'local_lost_date', 'local_close_date'],
});

const summary = entity({
  name: 'summary',
  note: "Archived deals left out. Converted totals are in the company's default currency, at Pipedrive's rates.",
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
  pipeline_id: id.describe('Pipeline').optional(),
  stage_id: id.describe('Stage').optional(),
  status: z
    .array(z.enum(['open', 'won', 'lost', 'deleted']))
    .describe('Default: all but deleted')
    .optional(),
  ...changed,
  ...sort(['id', 'update_time', 'add_time']),
  ...page(),
};

const title = text.describe('Title');
const probability = amount.describe('Percent');
const lostReason = text.describe('Only with status lost');
const closeTime = text.describe('Only won or lost');

/** Everything but the title that can be set. */
const fields = {
  value: amount.describe('Amount').optional(),
  currency: text.describe('Code, EUR').optional(),
  person_id: id.describe('Contact person').optional(),
  org_id: id.describe('Organization').optional(),
  pipeline_id: id.describe('Pipeline; first stage').optional(),
  stage_id: id.describe('Stage; decides pipeline').optional(),
  status: z.enum(['open', 'won', 'lost']).describe('Status').optional(),
  lost_reason: lostReason.optional(),
  ...owner,
  expected_close_date: date.describe('YYYY-MM-DD').optional(),
  probability: probability.optional(),
  won_time: text.describe('Only won').optional(),
  lost_time: text.describe('Only lost').optional(),
  close_time: closeTime.optional(),
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
    paging: 'cursor',
    scope: 'open, won and lost unless status says otherwise; archived ones and custom fields left out',
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
    input: input({ id: id.describe('Deal id') }),
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
    input: input({ title, ...fields, ...labels(id) }),
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
      close_time: orNull(closeTime),
      ...labelChanges(id),
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
    paging: 'cursor',
    scope: 'archived ones only, whatever their status; custom fields left out',
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
      filter_id: id.describe('Saved filter; overrides user_id').optional(),
      user_id: id.describe('Owner').optional(),
      pipeline_id: id.describe('Pipeline').optional(),
      stage_id: id.describe('Stage').optional(),
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
