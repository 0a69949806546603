import { id, input, named, page } from './arguments.ts';
import { type Entity, entity } from './entity.ts';
import { type Operation, operation, type Toolset } from './operation.ts';

const follower = entity({
  name: 'follower',
  plural: 'followers',
  columns: ['user_id', { name: 'added', from: 'add_time' }],
});

const followerChange = entity({
  name: 'follower_change',
  plural: 'follower_changes',
  columns: [
    'time',
    'action',
    { name: 'follower', from: 'follower_user_id', kind: 'user' },
    { name: 'by', from: 'actor_user_id', kind: 'user' },
  ],
  times: ['time'],
});

/** The users who follow a record; alike for every entity that can be followed. A follower is known by its user id. */
export function followers(of: Entity, toolset: Toolset): readonly Operation[] {
  const parent = { [`${of.name}_id`]: id.describe(`The ${of.name}`) };
  const user = { user_id: named.describe('The user: id, name, e-mail or me') };
  return [
    operation({
      name: `list_${of.name}_followers`,
      title: `List ${of.name} followers`,
      summary: `Users who follow the ${of.name}.`,
      kind: 'read',
      toolset,
      endpoint: `GET /api/v2/${of.plural}/{id}/followers`,
      cost: 10,
      input: input({ ...parent, ...page() }),
      path: { id: `${of.name}_id` },
      paging: 'cursor',
      entity: follower,
    }),
    operation({
      name: `add_${of.name}_follower`,
      title: `Add ${of.name} follower`,
      summary: `Let a user follow the ${of.name}.`,
      kind: 'create',
      toolset,
      endpoint: `POST /api/v2/${of.plural}/{id}/followers`,
      cost: 5,
      input: input({ ...parent, ...user }),
      path: { id: `${of.name}_id` },
      entity: follower,
    }),
    operation({
      name: `remove_${of.name}_follower`,
      title: `Remove ${of.name} follower`,
      summary: `Stop a user from following the ${of.name}.`,
      kind: 'delete',
      toolset,
      endpoint: `DELETE /api/v2/${of.plural}/{id}/followers/{follower_id}`,
      cost: 3,
      input: input({ ...parent, ...user }),
      path: { id: `${of.name}_id`, follower_id: 'user_id' },
      entity: follower,
    }),
    operation({
      name: `list_${of.name}_follower_changelog`,
      title: `List ${of.name} follower changelog`,
      summary: `Who began or ceased to follow the ${of.name}, and when.`,
      kind: 'read',
      toolset,
      endpoint: `GET /api/v2/${of.plural}/{id}/followers/changelog`,
      cost: 10,
      input: input({ ...parent, ...page() }),
      path: { id: `${of.name}_id` },
      paging: 'cursor',
      entity: followerChange,
    }),
  ];
}

/** Who follows what a user does: the API has it to read alone. */
export const userFollowers = [
  operation({
    name: 'list_user_followers',
    title: 'List user followers',
    summary: 'Users who follow a user.',
    kind: 'read',
    toolset: 'admin',
    endpoint: 'GET /api/v2/users/{id}/followers',
    cost: 10,
    input: input({ user_id: named.describe('The user: id, name, e-mail or me'), ...page() }),
    path: { id: 'user_id' },
    paging: 'cursor',
    entity: follower,
  }),
];
