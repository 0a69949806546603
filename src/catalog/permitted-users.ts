import { id, input, rest, text } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

/** A user who may see a record; the API gives the ids alone. */
export const permittedUser = entity({
  name: 'permitted_user',
  plural: 'permitted_users',
  columns: ['id', { name: 'user', from: 'id', kind: 'user' }],
});

const records = [
  { name: 'deal', toolset: 'deals' },
  { name: 'person', toolset: 'contacts' },
  { name: 'organization', toolset: 'contacts' },
  { name: 'lead', toolset: 'leads' },
  { name: 'product', toolset: 'products' },
] as const;

export const permittedUsers = records.map(({ name, toolset }) =>
  operation({
    name: `list_${name}_permitted_users`,
    title: `List ${name} permitted users`,
    summary: `Users who may see the ${name}.`,
    kind: 'read',
    toolset,
    endpoint: `GET /api/v1/${name}s/{id}/permittedUsers`,
    cost: 10,
    input: input({ [`${name}_id`]: (name === 'lead' ? text : id).describe(`The ${name}`), ...rest }),
    path: { id: `${name}_id` },
    paging: 'whole',
    entity: permittedUser,
  }),
);
