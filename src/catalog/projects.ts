import { z } from 'zod/v3';
import {
  conditions,
  custom,
  date,
  id,
  input,
  labelChanges,
  labelEdits,
  labels,
  named,
  owner,
  page,
  rest,
  savedToo,
  search,
  shape,
  text,
  textOffset,
} from './arguments.ts';
import { change } from './changelogs.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';
import { permittedUser } from './permitted-users.ts';
import { result } from './search.ts';

export const project = entity({
  name: 'project',
  fields: 'project',
  plural: 'projects',
  link: 'projects/{id}',
  prose: ['description'],
  outside: ['title'],
  columns: [
    'id',
    'title',
    { name: 'phase', from: 'phase_id' },
    'status',
    { name: 'owner', from: 'owner_id' },
    { name: 'health', from: 'health_status' },
    { name: 'start', from: 'start_date' },
    { name: 'end', from: 'end_date' },
    { name: 'deals', from: 'deal_ids' },
    { name: 'persons', from: 'person_ids' },
    { name: 'organizations', from: 'org_ids' },
    { name: 'updated', from: 'update_time', as: 'day' },
  ],
});

/** A task or activity of a project, with its place in the plan. */
const planItem = entity({
  name: 'plan_item',
  plural: 'plan_items',
  columns: ['item_type', 'item_id', 'title', 'done', { name: 'phase', from: 'phase_id' }, 'group'],
  outside: ['title'],
});

const group = entity({ name: 'group', plural: 'groups', columns: ['id', 'name', 'order_nr'] });

const activity = entity({
  name: 'activity',
  plural: 'activities',
  columns: [
    'id',
    'done',
    { name: 'due', from: 'due_date', as: 'due' },
    'type',
    'subject',
    { name: 'person', from: 'person_id' },
    { name: 'organization', from: 'org_id' },
    { name: 'owner', from: 'user_id' },
  ],
  kinds: { type: 'activity_type' },
  outside: ['subject'],
});

const title = text.describe('Title');
const statuses = ['open', 'completed', 'canceled'] as const;
const filters = {
  ...savedToo,
  status: z
    .array(z.enum([...statuses, 'deleted']))
    .describe('Default: all but deleted')
    .optional(),
  phase_id: named.describe('Phase: id or name').optional(),
};

/** Everything but the title that can be set. */
const fields = {
  description: text.describe('Description').optional(),
  status: z.enum(statuses).describe('Status').optional(),
  board_id: named.describe('Board; first phase').optional(),
  phase_id: named.describe('Phase; decides board').optional(),
  ...owner,
  start_date: date.describe('YYYY-MM-DD').optional(),
  end_date: date.describe('YYYY-MM-DD').optional(),
  health_status: named.describe('Health, by label').optional(),
  ...custom,
};
const linked = {
  deal_ids: z.array(id).describe('Deals').optional(),
  person_ids: z.array(id).describe('Persons').optional(),
  org_ids: z.array(id).describe('Organizations').optional(),
};
const lists = Object.keys(linked);
const changes = Object.fromEntries(
  lists.flatMap((list) => [
    [`add_${list}`, z.array(id).describe('To add').optional()],
    [`remove_${list}`, z.array(id).describe('To remove').optional()],
  ]),
);

const self = { id: id.describe('Project id') };
const parent = { project_id: id.describe('The project') };
const path = { id: 'project_id' };
const place = {
  phase_id: named.describe('Phase: id or name').optional(),
  group_id: id.describe('Group').optional(),
};

export const projects = [
  operation({
    name: 'list_projects',
    title: 'List projects',
    summary: 'Projects (not archived) by phase, status, deal, person or organization.',
    kind: 'read',
    toolset: 'projects',
    endpoint: 'GET /api/v2/projects',
    cost: 10,
    input: input({
      ...filters,
      deal_id: id.describe('Deal').optional(),
      person_id: id.describe('Person').optional(),
      org_id: id.describe('Organization').optional(),
      ...shape,
      ...conditions('end < today'),
      ...page(),
    }),
    paging: 'cursor',
    scope: 'open, completed and canceled unless status says so; archived left out',
    entity: project,
  }),
  operation({
    name: 'list_archived_projects',
    title: 'List archived projects',
    summary: 'Archived projects.',
    kind: 'read',
    toolset: 'projects',
    endpoint: 'GET /api/v2/projects/archived',
    cost: 10,
    input: input({ ...filters, ...shape, ...conditions('end < today'), ...page() }),
    paging: 'cursor',
    scope: 'archived ones only, whatever their status',
    entity: project,
  }),
  operation({
    name: 'get_project',
    title: 'Get project',
    summary: 'One project with every field.',
    kind: 'read',
    toolset: 'projects',
    endpoint: 'GET /api/v2/projects/{id}',
    cost: 1,
    input: input({ ...self, ...textOffset }),
    entity: project,
  }),
  operation({
    name: 'create_project',
    title: 'Create project',
    summary: 'Add a project, from a template with its tasks if one is given.',
    kind: 'create',
    toolset: 'projects',
    endpoint: 'POST /api/v2/projects',
    cost: 5,
    input: input({
      title,
      template_id: named.describe('Template: id or name').optional(),
      ...fields,
      ...linked,
      ...labels(named),
    }),
    entity: project,
  }),
  operation({
    name: 'update_project',
    title: 'Update project',
    summary: 'Change fields, phase, status, labels or links of one project.',
    kind: 'update',
    toolset: 'projects',
    endpoint: 'PATCH /api/v2/projects/{id}',
    cost: 5,
    input: input({ ...self, title: title.optional(), ...fields, ...labelChanges(named), ...changes }),
    edits: [labelEdits, ...lists.map((list) => ({ list, add: `add_${list}`, remove: `remove_${list}` }))],
    entity: project,
  }),
  operation({
    name: 'archive_project',
    title: 'Archive project',
    summary: 'Archive a project; the API has no way back.',
    kind: 'update',
    toolset: 'projects',
    endpoint: 'POST /api/v2/projects/{id}/archive',
    cost: 3,
    input: input(self),
    entity: project,
  }),
  operation({
    name: 'delete_project',
    title: 'Delete project',
    summary: 'Delete a project.',
    kind: 'delete',
    toolset: 'projects',
    endpoint: 'DELETE /api/v2/projects/{id}',
    cost: 3,
    input: input(self),
    entity: project,
  }),
  operation({
    name: 'search_projects',
    title: 'Search projects',
    summary: 'Find projects by words in title, description, notes or custom fields.',
    kind: 'read',
    toolset: 'projects',
    endpoint: 'GET /api/v2/projects/search',
    cost: 20,
    search: true,
    input: input({
      ...search(['custom_fields', 'notes', 'title', 'description']),
      person_id: id.describe('Person').optional(),
      organization_id: id.describe('Organization').optional(),
    }),
    paging: 'cursor',
    at: 'items',
    entity: result,
  }),
  operation({
    name: 'list_project_changelog',
    title: 'List project changelog',
    summary: 'Who changed which field of a project when, newest first: old and new values.',
    kind: 'read',
    toolset: 'projects',
    endpoint: 'GET /api/v2/projects/{id}/changelog',
    cost: 10,
    input: input({ ...parent, ...page() }),
    path,
    paging: 'cursor',
    entity: change,
  }),
  operation({
    name: 'list_project_permitted_users',
    title: 'List project permitted users',
    summary: 'Users who may see a project.',
    kind: 'read',
    toolset: 'projects',
    endpoint: 'GET /api/v2/projects/{id}/permittedUsers',
    cost: 5,
    input: input({ ...parent, ...rest }),
    path,
    paging: 'whole',
    entity: permittedUser,
  }),
  operation({
    name: 'list_project_activities',
    title: 'List project activities',
    summary: 'Calls, meetings and other activities of a project.',
    kind: 'read',
    toolset: 'projects',
    endpoint: 'GET /api/v1/projects/{id}/activities',
    cost: 20,
    input: input({ ...parent, ...rest }),
    path,
    paging: 'whole',
    entity: activity,
  }),
  operation({
    name: 'get_project_plan',
    title: 'Get project plan',
    summary: 'Which phase and group each task and activity of a project is in.',
    kind: 'read',
    toolset: 'projects',
    endpoint: 'GET /api/v1/projects/{id}/plan',
    also: ['GET /api/v1/projects/{id}/groups', 'GET /api/v2/tasks'],
    cost: 50,
    input: input({ ...parent, ...rest }),
    path,
    paging: 'whole',
    entity: planItem,
  }),
  operation({
    name: 'list_project_groups',
    title: 'List project groups',
    summary: "Groups of a project's plan; they are made in the web app.",
    kind: 'read',
    toolset: 'projects',
    endpoint: 'GET /api/v1/projects/{id}/groups',
    cost: 20,
    input: input({ ...parent, ...rest }),
    path,
    paging: 'whole',
    entity: group,
  }),
  ...(['activity', 'task'] as const).map((type) => {
    const plural = type === 'task' ? 'tasks' : 'activities';
    return operation({
      name: `update_project_plan_${type}`,
      title: `Update project plan ${type}`,
      summary: `Move ${type === 'task' ? 'a task' : 'an activity'} to another phase or group of the project's plan.`,
      kind: 'update',
      toolset: 'projects',
      endpoint: `PUT /api/v1/projects/{id}/plan/${plural}/{${type}Id}`,
      cost: 10,
      input: input({ ...parent, [`${type}_id`]: id.describe(`The ${type}`), ...place }),
      path: { id: 'project_id', [`${type}Id`]: `${type}_id` },
      entity: planItem,
    });
  }),
];
