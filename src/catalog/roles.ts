import { z } from 'zod/v3';
import { flag, id, input, named, orNull, page, text } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

const role = entity({
  name: 'role',
  plural: 'roles',
  columns: [
    'id',
    'name',
    'parent_role_id',
    { name: 'users', from: 'assignment_count' },
    { name: 'sub_roles', from: 'sub_role_count' },
  ],
  hidden: ['active_flag', 'level'],
});

/** A user in a role: each user has one. */
export const roleAssignment = entity({
  name: 'role_assignment',
  plural: 'role_assignments',
  columns: ['user_id', { name: 'role', from: 'name' }],
  hidden: ['parent_role_id', 'active_flag', 'type'],
});

/** How visible what its users make is, by kind of record. */
export const roleSettings = entity({
  name: 'role_settings',
  plural: 'role_settings',
  columns: [],
  note:
    'Levels: 1 owner (and followers), 3 visibility group (everybody on Lite and Growth), 5 group and sub-groups, ' +
    '7 everybody.',
});

const rolePipelines = entity({
  name: 'role_pipelines',
  plural: 'role_pipelines',
  columns: [],
  kinds: { add: 'pipeline', remove: 'pipeline' },
});

const of = { role_id: named.describe('Role: id or name') };
const user = { user_id: named.describe('User: id, name, e-mail or me') };
const name = text.describe('Name');
const parent = named.describe('Role above');

export const roles = [
  operation({
    name: 'list_roles',
    title: 'List roles',
    summary: 'Roles (visibility groups) as a tree, with how many users each has.',
    kind: 'read',
    toolset: 'admin',
    endpoint: 'GET /api/v1/roles',
    cost: 20,
    input: input(page()),
    paging: 'start',
    entity: role,
  }),
  operation({
    name: 'get_role',
    title: 'Get role',
    summary: 'One role.',
    kind: 'read',
    toolset: 'admin',
    endpoint: 'GET /api/v1/roles/{id}',
    cost: 2,
    input: input({ id: id.describe('Role id') }),
    entity: role,
  }),
  operation({
    name: 'create_role',
    title: 'Create role',
    summary: 'Add a role, below the default one unless told.',
    kind: 'create',
    toolset: 'admin',
    endpoint: 'POST /api/v1/roles',
    cost: 10,
    input: input({ name, parent_role_id: parent.optional() }),
    entity: role,
  }),
  operation({
    name: 'update_role',
    title: 'Update role',
    summary: 'Rename a role or put it below another one.',
    kind: 'update',
    toolset: 'admin',
    endpoint: 'PUT /api/v1/roles/{id}',
    cost: 10,
    input: input({ id: id.describe('Role id'), name: name.optional(), parent_role_id: orNull(parent) }),
    entity: role,
  }),
  operation({
    name: 'delete_role',
    title: 'Delete role',
    summary: 'Delete a role; look at who is in it first.',
    kind: 'delete',
    toolset: 'admin',
    endpoint: 'DELETE /api/v1/roles/{id}',
    cost: 6,
    input: input({ id: id.describe('Role id') }),
    entity: role,
  }),
  operation({
    name: 'list_role_assignments',
    title: 'List role assignments',
    summary: 'Users in a role.',
    kind: 'read',
    toolset: 'admin',
    endpoint: 'GET /api/v1/roles/{id}/assignments',
    cost: 10,
    input: input({ ...of, ...page() }),
    path: { id: 'role_id' },
    paging: 'start',
    entity: roleAssignment,
  }),
  operation({
    name: 'add_role_assignment',
    title: 'Add role assignment',
    summary: 'Put a user into a role; that takes them out of the one before.',
    kind: 'create',
    toolset: 'admin',
    endpoint: 'POST /api/v1/roles/{id}/assignments',
    cost: 10,
    input: input({ ...of, ...user }),
    path: { id: 'role_id' },
    entity: roleAssignment,
  }),
  operation({
    name: 'remove_role_assignment',
    title: 'Remove role assignment',
    summary: 'Take a user out of a role, into the default one.',
    kind: 'delete',
    toolset: 'admin',
    endpoint: 'DELETE /api/v1/roles/{id}/assignments',
    cost: 6,
    input: input({ ...of, ...user }),
    path: { id: 'role_id' },
    entity: roleAssignment,
  }),
  operation({
    name: 'get_role_settings',
    title: 'Get role settings',
    summary: 'How visible new records of users in a role are.',
    kind: 'read',
    toolset: 'admin',
    endpoint: 'GET /api/v1/roles/{id}/settings',
    cost: 20,
    input: input(of),
    path: { id: 'role_id' },
    entity: roleSettings,
  }),
  operation({
    name: 'update_role_settings',
    title: 'Update role settings',
    summary: 'Change how visible new records of one kind are for users in a role.',
    kind: 'update',
    toolset: 'admin',
    endpoint: 'POST /api/v1/roles/{id}/settings',
    cost: 10,
    input: input({
      ...of,
      setting_key: z
        .enum([
          'deal_default_visibility',
          'lead_default_visibility',
          'org_default_visibility',
          'person_default_visibility',
          'product_default_visibility',
        ])
        .describe('Kind of record'),
      value: z
        .number()
        .int()
        .refine((level) => [1, 3, 5, 7].includes(level), 'must be 1, 3, 5 or 7')
        .describe('1 owner, 3 group (all on Lite, Growth), 5 with sub-groups, 7 all'),
    }),
    path: { id: 'role_id' },
    entity: roleSettings,
  }),
  operation({
    name: 'list_role_pipelines',
    title: 'List role pipelines',
    summary: 'Pipelines that users in a role see, or with visible: false those hidden from them.',
    kind: 'read',
    toolset: 'admin',
    endpoint: 'GET /api/v1/roles/{id}/pipelines',
    cost: 20,
    input: input({ ...of, visible: flag.describe('false: the hidden ones').optional() }),
    path: { id: 'role_id' },
    entity: rolePipelines,
  }),
  operation({
    name: 'update_role_pipelines',
    title: 'Update role pipelines',
    summary: 'Show pipelines to a role or hide them, with their deals.',
    kind: 'update',
    toolset: 'admin',
    endpoint: 'PUT /api/v1/roles/{id}/pipelines',
    cost: 10,
    input: input({
      ...of,
      visible_pipeline_ids: z
        .object({ add: z.array(named).optional(), remove: z.array(named).optional() })
        .strict()
        .describe('Pipelines to show (add) and to hide (remove)'),
    }),
    path: { id: 'role_id' },
    entity: rolePipelines,
  }),
];
