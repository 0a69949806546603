import { z } from 'zod/v3';
import { flag, id, input, named, rest, text } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

const team = entity({
  name: 'team',
  plural: 'teams',
  columns: ['id', 'name', 'manager_id', 'users', 'description'],
  kinds: { users: 'user' },
  hidden: ['created_by_user_id'],
});

const teamUser = entity({
  name: 'team_user',
  plural: 'team_users',
  columns: ['id', { name: 'user', from: 'id', kind: 'user' }],
  kinds: { users: 'user' },
});

const of = { team_id: named.describe('Team: id or name') };
const name = text.describe('Name');
const manager = named.describe('Manager: id, name, e-mail or me');
const users = z.array(named).describe('Users: ids, names or e-mails');

/** Pipedrive says that teams are deprecated and has put nothing in their place. */
export const teams = [
  operation({
    name: 'list_teams',
    title: 'List teams',
    summary: 'Teams with their managers and users (deprecated by Pipedrive).',
    kind: 'read',
    toolset: 'admin',
    endpoint: 'GET /api/v1/legacyTeams',
    cost: 20,
    input: input(rest),
    paging: 'whole',
    entity: team,
  }),
  operation({
    name: 'get_team',
    title: 'Get team',
    summary: 'One team (deprecated by Pipedrive).',
    kind: 'read',
    toolset: 'admin',
    endpoint: 'GET /api/v1/legacyTeams/{id}',
    cost: 2,
    input: input({ id: id.describe('Team id') }),
    entity: team,
  }),
  operation({
    name: 'create_team',
    title: 'Create team',
    summary: 'Add a team (deprecated by Pipedrive).',
    kind: 'create',
    toolset: 'admin',
    endpoint: 'POST /api/v1/legacyTeams',
    cost: 10,
    input: input({
      name,
      manager_id: manager,
      description: text.describe('Description').optional(),
      users: users.optional(),
    }),
    entity: team,
  }),
  operation({
    name: 'update_team',
    title: 'Update team',
    summary: 'Change, deactivate or delete a team (deprecated by Pipedrive).',
    kind: 'update',
    toolset: 'admin',
    endpoint: 'PUT /api/v1/legacyTeams/{id}',
    cost: 10,
    input: input({
      id: id.describe('Team id'),
      name: name.optional(),
      manager_id: manager.optional(),
      description: text.describe('Description').optional(),
      users: users.describe('Replaces all').optional(),
      active_flag: flag.describe('Active').optional(),
      deleted_flag: flag.describe('Deleted; false restores').optional(),
    }),
    flags: ['active_flag', 'deleted_flag'],
    entity: team,
  }),
  operation({
    name: 'list_team_users',
    title: 'List team users',
    summary: 'Users of a team (deprecated by Pipedrive).',
    kind: 'read',
    toolset: 'admin',
    endpoint: 'GET /api/v1/legacyTeams/{id}/users',
    cost: 20,
    input: input({ ...of, ...rest }),
    path: { id: 'team_id' },
    paging: 'whole',
    entity: teamUser,
  }),
  operation({
    name: 'add_team_users',
    title: 'Add team users',
    summary: 'Put users into a team (deprecated by Pipedrive).',
    kind: 'create',
    toolset: 'admin',
    endpoint: 'POST /api/v1/legacyTeams/{id}/users',
    cost: 10,
    input: input({ ...of, users: users.min(1) }),
    path: { id: 'team_id' },
    entity: teamUser,
  }),
  operation({
    name: 'remove_team_users',
    title: 'Remove team users',
    summary: 'Take users out of a team (deprecated by Pipedrive).',
    kind: 'delete',
    toolset: 'admin',
    endpoint: 'DELETE /api/v1/legacyTeams/{id}/users',
    cost: 10,
    input: input({ ...of, users: users.min(1) }),
    path: { id: 'team_id' },
    entity: teamUser,
  }),
  operation({
    name: 'list_user_teams',
    title: 'List user teams',
    summary: 'Teams that a user is in (deprecated by Pipedrive).',
    kind: 'read',
    toolset: 'admin',
    endpoint: 'GET /api/v1/legacyTeams/user/{id}',
    cost: 20,
    input: input({ user_id: named.describe('User: id, name, e-mail or me'), ...rest }),
    path: { id: 'user_id' },
    paging: 'whole',
    entity: team,
  }),
];
