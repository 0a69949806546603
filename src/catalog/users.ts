import { z } from 'zod/v3';
import { flag, id, input, named, page, rest, text } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';
import { app } from './permission-sets.ts';
import { roleAssignment, roleSettings } from './roles.ts';

export const user = entity({
  name: 'user',
  plural: 'users',
  columns: ['id', 'name', 'email', 'timezone_name', 'default_currency', 'active_flag', 'is_you'],
  times: ['created', 'modified', 'last_login'],
  hidden: ['access', 'language', 'role_id', 'icon_url', 'lang', 'timezone_offset', 'activated', 'has_created_company'],
});

/** The account, the user and what is left of its limits; told by the client besides the user's own record. */
export const limits = entity({ name: 'limits', plural: 'limits', columns: [] });

const permissions = entity({
  name: 'user_permissions',
  plural: 'user_permissions',
  columns: [],
  note: 'Permissions that are not listed are not given.',
});

const of = { user_id: named.describe('User: id, name, e-mail or me') };

export const users = [
  operation({
    name: 'list_users',
    title: 'List users',
    summary: 'All users of the company: ids, names, e-mails, time zones.',
    kind: 'read',
    toolset: 'admin',
    core: true,
    endpoint: 'GET /api/v1/users',
    cost: 20,
    input: input(rest),
    paging: 'whole',
    scope: 'deactivated ones too',
    entity: user,
  }),
  operation({
    name: 'get_current_user',
    title: 'Get current user',
    summary: 'Which user and company this works as: name, e-mail, time zone, currency, company.',
    kind: 'read',
    toolset: 'admin',
    core: true,
    endpoint: 'GET /api/v1/users/me',
    cost: 2,
    input: input({}),
    entity: user,
  }),
  operation({
    name: 'get_limits',
    title: 'Get limits',
    summary: 'Company, user, rate limits and what is left of the API budget.',
    kind: 'read',
    toolset: 'admin',
    core: true,
    job: true,
    endpoint: 'GET /api/v1/users/me',
    cost: 2,
    input: input({}),
    entity: limits,
  }),
  operation({
    name: 'get_user',
    title: 'Get user',
    summary: 'One user.',
    kind: 'read',
    toolset: 'admin',
    endpoint: 'GET /api/v1/users/{id}',
    cost: 2,
    input: input({ id: id.describe('User id') }),
    entity: user,
  }),
  operation({
    name: 'find_users',
    title: 'Find users',
    summary: 'Find users by name or e-mail.',
    kind: 'read',
    toolset: 'admin',
    endpoint: 'GET /api/v1/users/find',
    cost: 40,
    input: input({
      term: text.describe('Part of the name'),
      search_by_email: flag.describe('Look in e-mails instead').optional(),
      ...rest,
    }),
    paging: 'whole',
    flags: ['search_by_email'],
    entity: user,
  }),
  operation({
    name: 'create_user',
    title: 'Create user',
    summary: 'Invite somebody as a user of the company, who may take a paid seat.',
    kind: 'create',
    toolset: 'admin',
    endpoint: 'POST /api/v1/users',
    cost: 10,
    input: input({
      email: text.describe('E-mail'),
      access: z
        .array(z.object({ app, admin: flag.optional(), permission_set_id: named.optional() }).strict())
        .describe('Apps, each as admin or with a permission set; sales unless told')
        .optional(),
      active_flag: flag.describe('Activated').optional(),
    }),
    entity: user,
  }),
  operation({
    name: 'update_user',
    title: 'Update user',
    summary: 'Activate or deactivate a user; the API changes nothing else of one.',
    kind: 'update',
    toolset: 'admin',
    endpoint: 'PUT /api/v1/users/{id}',
    cost: 10,
    input: input({ id: id.describe('User id'), active_flag: flag.describe('Active') }),
    entity: user,
  }),
  operation({
    name: 'get_user_permissions',
    title: 'Get user permissions',
    summary: 'What a user is allowed to do, by all permission sets together.',
    kind: 'read',
    toolset: 'admin',
    endpoint: 'GET /api/v1/users/{id}/permissions',
    cost: 10,
    input: input(of),
    path: { id: 'user_id' },
    entity: permissions,
  }),
  operation({
    name: 'list_user_role_assignments',
    title: 'List user role assignments',
    summary: 'The role that a user has.',
    kind: 'read',
    toolset: 'admin',
    endpoint: 'GET /api/v1/users/{id}/roleAssignments',
    cost: 10,
    input: input({ ...of, ...page() }),
    path: { id: 'user_id' },
    paging: 'start',
    entity: roleAssignment,
  }),
  operation({
    name: 'get_user_role_settings',
    title: 'Get user role settings',
    summary: 'How visible new records of a user are, by their role.',
    kind: 'read',
    toolset: 'admin',
    endpoint: 'GET /api/v1/users/{id}/roleSettings',
    cost: 10,
    input: input(of),
    path: { id: 'user_id' },
    entity: roleSettings,
  }),
];
