import {
  changed,
  conditions,
  custom,
  duplicate,
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
  place,
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

export const organization = entity({
  name: 'organization',
  fields: 'organization',
  plural: 'organizations',
  link: 'organization/{id}',
  columns: [
    'id',
    'name',
    { name: 'owner', from: 'owner_id' },
    { name: 'address', as: 'address' },
    { name: 'people', from: 'people_count' },
    { name: 'open_deals', from: 'open_deals_count' },
    { name: 'updated', from: 'update_time', as: 'day' },
  ],
  outside: ['name', 'address', 'website', 'linkedin'],
  // `org_id` is the organization's own id once more.
  hidden: ['org_id'],
});

const name = text.describe('Name');
const website = text.describe('Website');
const linkedin = text.describe('LinkedIn URL');
const industry = named.describe('By label');
const revenue = id.describe('Annual revenue');
const employees = id.describe('Number of employees');

const fields = {
  address: place.describe('On one line').optional(),
  ...owner,
  website: website.optional(),
  linkedin: linkedin.optional(),
  industry: industry.optional(),
  annual_revenue: revenue.optional(),
  employee_count: employees.optional(),
  ...visible,
  ...custom,
};

export const organizations = [
  operation({
    name: 'list_organizations',
    title: 'List organizations',
    summary: 'Organizations (companies), newest change first.',
    kind: 'read',
    toolset: 'contacts',
    core: true,
    endpoint: 'GET /api/v2/organizations',
    cost: 10,
    input: input({
      ...saved,
      ...ids,
      ...owner,
      ...changed,
      ...sort(['id', 'update_time', 'add_time']),
      ...shape,
      ...conditions('open deals > 0'),
      ...page(),
    }),
    always: { include_fields: 'people_count,open_deals_count' },
    paging: 'cursor',
    scope: 'deleted ones left out',
    entity: organization,
  }),
  operation({
    name: 'get_organization',
    title: 'Get organization',
    summary: 'One organization with every field, counts, last and next activity.',
    kind: 'read',
    toolset: 'contacts',
    core: true,
    endpoint: 'GET /api/v2/organizations/{id}',
    cost: 1,
    input: input({ id: id.describe('Organization id'), ...textOffset }),
    entity: organization,
    always: {
      include_fields:
        'next_activity_id,last_activity_id,open_deals_count,won_deals_count,lost_deals_count,people_count,' +
        'undone_activities_count,notes_count,files_count',
    },
  }),
  operation({
    name: 'create_organization',
    title: 'Create organization',
    summary: 'Add an organization (company).',
    kind: 'create',
    toolset: 'contacts',
    core: true,
    endpoint: 'POST /api/v2/organizations',
    cost: 5,
    input: input({
      name,
      ...fields,
      ...labels(named),
      add_time: text.describe('Creation time').optional(),
      ...duplicate,
    }),
    entity: organization,
  }),
  operation({
    name: 'update_organization',
    title: 'Update organization',
    summary: 'Change fields of one organization; add or take off single labels.',
    kind: 'update',
    toolset: 'contacts',
    core: true,
    endpoint: 'PATCH /api/v2/organizations/{id}',
    cost: 5,
    input: input({
      id: id.describe('Organization id'),
      name: name.optional(),
      ...fields,
      website: orNull(website),
      linkedin: orNull(linkedin),
      industry: orNull(industry),
      annual_revenue: orNull(revenue),
      employee_count: orNull(employees),
      ...labelChanges(named),
    }),
    edits: [labelEdits],
    entity: organization,
  }),
  operation({
    name: 'delete_organization',
    title: 'Delete organization',
    summary: 'Delete an organization; Pipedrive keeps it for 30 days.',
    kind: 'delete',
    toolset: 'contacts',
    endpoint: 'DELETE /api/v2/organizations/{id}',
    cost: 3,
    input: input({ id: id.describe('Organization id') }),
    entity: organization,
  }),
  operation({
    name: 'search_organizations',
    title: 'Search organizations',
    summary: 'Find organizations by words in name, address, notes or custom fields.',
    kind: 'read',
    toolset: 'contacts',
    endpoint: 'GET /api/v2/organizations/search',
    cost: 20,
    search: true,
    input: input(search(['address', 'custom_fields', 'notes', 'name'])),
    paging: 'cursor',
    at: 'items',
    entity: result,
  }),
  ...followers(organization, 'contacts'),
];
