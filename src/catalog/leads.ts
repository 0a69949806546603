import { z } from 'zod/v3';
import {
  amount,
  changedV1,
  conditions,
  custom,
  date,
  flag,
  id,
  input,
  labelChanges,
  labelEdits,
  labels,
  named,
  orNull,
  owner,
  page,
  saved,
  search,
  shape,
  sortV1,
  text,
} from './arguments.ts';
import { conversion } from './conversion.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';
import { result } from './search.ts';

/** A lead: unlike other records it has a UUID, and its organization stands under `organization_id`. */
export const lead = entity({
  name: 'lead',
  fields: 'lead',
  plural: 'leads',
  link: 'leads/inbox/{id}',
  columns: [
    'id',
    'title',
    { name: 'value', as: 'money' },
    { name: 'labels', from: 'label_ids' },
    { name: 'source', from: 'source_name' },
    { name: 'owner', from: 'owner_id' },
    { name: 'person', from: 'person_id' },
    { name: 'organization', from: 'organization_id' },
    { name: 'next_activity', from: 'next_activity_id' },
    { name: 'seen', from: 'was_seen' },
    { name: 'added', from: 'add_time' },
  ],
  hidden: ['cc_email'],
});

const filters = {
  ...saved,
  ...owner,
  person_id: id.describe('Person').optional(),
  organization_id: id.describe('Organization').optional(),
};
const order = sortV1(['add_time DESC', 'add_time ASC', 'update_time DESC', 'update_time ASC'], 'update_time DESC');

const title = text.describe('Title');
const personId = id.describe('Contact person');
const organizationId = id.describe('Organization');
const value = z.object({ amount, currency: text }).strict().describe('Currency: EUR');
const closeDate = date.describe('YYYY-MM-DD');
const channel = id.describe('Marketing channel');
const fields = {
  ...owner,
  visible_to: z.enum(['1', '3', '5', '7']).describe('Visibility').optional(),
  was_seen: flag.describe('Seen by a user').optional(),
  ...custom,
};

export const leads = [
  operation({
    name: 'list_leads',
    title: 'List leads',
    summary: 'Leads (not archived) by owner, person or organization.',
    kind: 'read',
    toolset: 'leads',
    core: true,
    endpoint: 'GET /api/v1/leads',
    cost: 20,
    input: input({ ...filters, ...changedV1, ...order, ...shape, ...conditions, ...page() }),
    paging: 'start',
    scope: 'archived ones left out',
    entity: lead,
  }),
  operation({
    name: 'get_lead',
    title: 'Get lead',
    summary: 'One lead with all its fields.',
    kind: 'read',
    toolset: 'leads',
    core: true,
    endpoint: 'GET /api/v1/leads/{id}',
    cost: 2,
    input: input({ id: text.describe('Lead id') }),
    entity: lead,
  }),
  operation({
    name: 'create_lead',
    title: 'Create lead',
    summary: 'Add a lead; it needs a person or an organization.',
    kind: 'create',
    toolset: 'leads',
    core: true,
    endpoint: 'POST /api/v1/leads',
    cost: 10,
    input: input({
      title,
      person_id: personId.optional(),
      organization_id: organizationId.optional(),
      value: value.optional(),
      expected_close_date: closeDate.optional(),
      ...labels(text),
      ...fields,
      channel: channel.optional(),
    }),
    entity: lead,
  }),
  operation({
    name: 'update_lead',
    title: 'Update lead',
    summary: 'Change fields of one lead, archive it or bring it back.',
    kind: 'update',
    toolset: 'leads',
    core: true,
    endpoint: 'PATCH /api/v1/leads/{id}',
    cost: 10,
    input: input({
      id: text.describe('Lead id'),
      title: title.optional(),
      person_id: orNull(personId),
      organization_id: orNull(organizationId),
      value: orNull(value),
      expected_close_date: orNull(closeDate),
      ...labelChanges(text),
      ...fields,
      is_archived: flag.describe('Archived').optional(),
      channel: orNull(channel),
    }),
    edits: [labelEdits],
    entity: lead,
  }),
  operation({
    name: 'convert_lead_to_deal',
    title: 'Convert lead to deal',
    summary: 'Turn a lead into a deal with its notes, files, mails and activities; the lead is deleted.',
    details: 'Answers with the new id.',
    kind: 'convert',
    toolset: 'leads',
    core: true,
    endpoint: 'POST /api/v2/leads/{id}/convert/deal',
    also: ['GET /api/v2/leads/{id}/convert/status/{conversion_id}'],
    cost: 41,
    input: input({
      id: text.describe('Lead id'),
      stage_id: named.describe('Stage; decides pipeline').optional(),
      pipeline_id: named.describe('Pipeline; first stage').optional(),
    }),
    entity: conversion,
  }),
  operation({
    name: 'delete_lead',
    title: 'Delete lead',
    summary: 'Delete a lead.',
    kind: 'delete',
    toolset: 'leads',
    endpoint: 'DELETE /api/v1/leads/{id}',
    cost: 6,
    input: input({ id: text.describe('Lead id') }),
    entity: lead,
  }),
  operation({
    name: 'search_leads',
    title: 'Search leads',
    summary: 'Find leads by words in title, notes or custom fields.',
    kind: 'read',
    toolset: 'leads',
    endpoint: 'GET /api/v2/leads/search',
    cost: 20,
    search: true,
    input: input({
      ...search(['custom_fields', 'notes', 'title']),
      person_id: id.describe('Person').optional(),
      organization_id: id.describe('Organization').optional(),
    }),
    paging: 'cursor',
    at: 'items',
    entity: result,
  }),
  operation({
    name: 'list_archived_leads',
    title: 'List archived leads',
    summary: 'Archived leads, newest first.',
    kind: 'read',
    toolset: 'leads',
    endpoint: 'GET /api/v1/leads/archived',
    cost: 40,
    input: input({ ...filters, ...order, ...conditions, ...page() }),
    paging: 'start',
    scope: 'archived ones only',
    entity: lead,
  }),
];
