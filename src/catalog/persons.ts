import { z } from 'zod/v3';
import {
  changed,
  conditions,
  contacts,
  custom,
  duplicate,
  id,
  ids,
  input,
  labelChanges,
  labelEdits,
  labels,
  named,
  owner,
  page,
  saved,
  search,
  shape,
  sort,
  text,
  textOffset,
  visible,
} from './arguments.ts';
import { entity } from './entity.ts';
import { followers } from './followers.ts';
import { operation } from './operation.ts';
import { result } from './search.ts';

export const person = entity({
  name: 'person',
  fields: 'person',
  plural: 'persons',
  link: 'person/{id}',
  columns: [
    'id',
    'name',
    { name: 'organization', from: 'org_id' },
    { name: 'emails', as: 'contacts' },
    { name: 'phones', as: 'contacts' },
    { name: 'owner', from: 'owner_id' },
    { name: 'open_deals', from: 'open_deals_count' },
    { name: 'updated', from: 'update_time', as: 'day' },
  ],
  prose: ['notes'],
  outside: ['name', 'first_name', 'last_name', 'emails', 'phones', 'im', 'postal_address', 'job_title'],
  hidden: ['picture_id'],
});

const name = text.describe('Full name');

/** All that can be set but name, e-mails, phones and labels. Of the fields that only contact sync creates, the job title. */
const fields = {
  org_id: id.describe('Organization').optional(),
  ...owner,
  ...visible,
  marketing_status: z
    .enum(['no_consent', 'unsubscribed', 'subscribed', 'archived'])
    .describe('With Campaigns')
    .optional(),
  ...custom,
  job_title: text.describe('With contact sync').optional(),
};

export const persons = [
  operation({
    name: 'list_persons',
    title: 'List persons',
    summary: 'Persons (contacts) by owner, organization or deal, newest change first.',
    kind: 'read',
    toolset: 'contacts',
    core: true,
    endpoint: 'GET /api/v2/persons',
    cost: 10,
    input: input({
      ...saved,
      ...ids,
      ...owner,
      org_id: id.describe('Organization').optional(),
      deal_id: id.describe('Deal').optional(),
      ...changed,
      ...sort(['id', 'update_time', 'add_time']),
      ...shape,
      ...conditions('email is empty'),
      ...page(),
    }),
    always: { include_fields: 'open_deals_count' },
    paging: 'cursor',
    scope: 'deleted ones left out',
    entity: person,
  }),
  operation({
    name: 'get_person',
    title: 'Get person',
    summary: 'One person with every field, deal counts, last and next activity.',
    kind: 'read',
    toolset: 'contacts',
    core: true,
    endpoint: 'GET /api/v2/persons/{id}',
    cost: 1,
    input: input({ id: id.describe('Person id'), ...textOffset }),
    entity: person,
    always: {
      include_fields:
        'next_activity_id,last_activity_id,open_deals_count,won_deals_count,lost_deals_count,undone_activities_count,' +
        'notes_count,files_count,last_incoming_mail_time,last_outgoing_mail_time',
    },
  }),
  operation({
    name: 'create_person',
    title: 'Create person',
    summary: 'Add a person (contact).',
    kind: 'create',
    toolset: 'contacts',
    core: true,
    endpoint: 'POST /api/v2/persons',
    cost: 5,
    input: input({
      name,
      emails: contacts.describe('E-mails').optional(),
      phones: contacts.describe('Phones').optional(),
      ...fields,
      ...labels(named),
      add_time: text.describe('Creation time').optional(),
      ...duplicate,
    }),
    entity: person,
  }),
  operation({
    name: 'update_person',
    title: 'Update person',
    summary: 'Change fields of one person; add or take e-mails, phones, labels.',
    kind: 'update',
    toolset: 'contacts',
    core: true,
    endpoint: 'PATCH /api/v2/persons/{id}',
    cost: 5,
    input: input({
      id: id.describe('Person id'),
      name: name.optional(),
      add_emails: contacts.describe('To add').optional(),
      remove_emails: z.array(text).describe('To remove').optional(),
      add_phones: contacts.describe('To add').optional(),
      remove_phones: z.array(text).describe('To remove').optional(),
      ...fields,
      ...labelChanges(named),
    }),
    edits: [
      { list: 'emails', add: 'add_emails', remove: 'remove_emails' },
      { list: 'phones', add: 'add_phones', remove: 'remove_phones' },
      labelEdits,
    ],
    entity: person,
  }),
  operation({
    name: 'delete_person',
    title: 'Delete person',
    summary: 'Delete a person; Pipedrive keeps it for 30 days.',
    kind: 'delete',
    toolset: 'contacts',
    endpoint: 'DELETE /api/v2/persons/{id}',
    cost: 3,
    input: input({ id: id.describe('Person id') }),
    entity: person,
  }),
  operation({
    name: 'search_persons',
    title: 'Search persons',
    summary: 'Find persons by words in name, e-mail, phone, notes or custom fields.',
    kind: 'read',
    toolset: 'contacts',
    endpoint: 'GET /api/v2/persons/search',
    cost: 20,
    search: true,
    input: input({
      ...search(['custom_fields', 'email', 'notes', 'phone', 'name']),
      organization_id: id.describe('Organization').optional(),
    }),
    paging: 'cursor',
    at: 'items',
    entity: result,
  }),
  ...followers(person, 'contacts'),
];
