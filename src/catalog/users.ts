import { flag, id, input, rest, text } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

export const user = entity({
  name: 'user',
  plural: 'users',
  columns: ['id', 'name', 'email', 'timezone_name', 'default_currency', 'active_flag', 'is_you'],
  times: ['created', 'modified', 'last_login'],
  hidden: ['access', 'language', 'role_id', 'icon_url', 'lang', 'timezone_offset', 'activated', 'has_created_company'],
});

/** The account, the user and what is left of its limits; told by the client besides the user's own record. */
export const limits = entity({ name: 'limits', plural: 'limits', columns: [] });

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
];
