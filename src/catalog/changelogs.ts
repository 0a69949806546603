import { id, input, page } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

/** A field that was changed, its values by name. */
export const change = entity({
  name: 'change',
  plural: 'changes',
  columns: [
    'time',
    'field',
    'old',
    'new',
    { name: 'by', from: 'actor_user_id', kind: 'user' },
    { name: 'source', from: 'change_source' },
  ],
  times: ['time'],
  outside: ['old', 'new'],
});

export const changelogs = (['deal', 'person', 'organization'] as const).map((name) =>
  operation({
    name: `list_${name}_changelog`,
    title: `List ${name} changelog`,
    summary: `Which fields of the ${name} were changed, from what to what, when and by whom; newest first.`,
    kind: 'read',
    toolset: 'history',
    endpoint: `GET /api/v1/${name}s/{id}/changelog`,
    cost: 20,
    input: input({ [`${name}_id`]: id.describe(`The ${name}`), ...page() }),
    path: { id: `${name}_id` },
    paging: 'cursor',
    entity: change,
  }),
);
