import { z } from 'zod/v3';
import { input, named, page, rest, text } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

/** The apps of Pipedrive that a user can have access to. */
export const app = z
  .enum(['sales', 'projects', 'campaigns', 'global', 'account_settings', 'partnership', 'nova'])
  .describe('App');

const permissionSet = entity({
  name: 'permission_set',
  plural: 'permission_sets',
  columns: ['id', 'name', 'app', 'type', { name: 'users', from: 'assignment_count' }, 'description'],
});

const assignment = entity({
  name: 'permission_set_assignment',
  plural: 'permission_set_assignments',
  columns: ['user_id', { name: 'permission_set', from: 'name' }],
});

export const permissionSets = [
  operation({
    name: 'list_permission_sets',
    title: 'List permission sets',
    summary: 'Permission sets by app, with how many users have each.',
    kind: 'read',
    toolset: 'admin',
    endpoint: 'GET /api/v1/permissionSets',
    cost: 20,
    input: input({ app: app.optional(), ...rest }),
    paging: 'whole',
    entity: permissionSet,
  }),
  operation({
    name: 'get_permission_set',
    title: 'Get permission set',
    summary: 'One permission set with all that it allows.',
    kind: 'read',
    toolset: 'admin',
    endpoint: 'GET /api/v1/permissionSets/{id}',
    cost: 2,
    input: input({ id: text.describe('Permission set id') }),
    entity: permissionSet,
  }),
  operation({
    name: 'list_permission_set_assignments',
    title: 'List permission set assignments',
    summary: 'Users who have a permission set.',
    kind: 'read',
    toolset: 'admin',
    endpoint: 'GET /api/v1/permissionSets/{id}/assignments',
    cost: 20,
    input: input({ permission_set_id: named.describe('Permission set: id or name'), ...page() }),
    path: { id: 'permission_set_id' },
    paging: 'start',
    entity: assignment,
  }),
];
