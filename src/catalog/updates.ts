import { z } from 'zod/v3';
import { flag, id, input, page } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

/** Something that happened to a record, or on it, told in a line. */
export const update = entity({
  name: 'update',
  plural: 'updates',
  columns: ['time', 'what', 'id', 'summary', { name: 'by', kind: 'user' }],
  prose: ['summary'],
  times: ['time'],
});

const common = ['change', 'activity', 'plannedActivity', 'note', 'file', 'mailMessage', 'follower'] as const;
/** What each kind of record may be asked for. */
const records = [
  { name: 'deal', items: [...common, 'call', 'comment', 'participant'], core: { core: true as const } },
  { name: 'person', items: [...common, 'call', 'comment', 'deal'], core: {} },
  { name: 'organization', items: [...common, 'deal'], core: {} },
] as const;

export const updates = records.map(({ name, items, core }) =>
  operation({
    name: `list_${name}_updates`,
    title: `List ${name} updates`,
    summary: `What happened to the ${name}: changes, activities, notes, files, mails, calls; newest first.`,
    kind: 'read',
    toolset: 'history',
    ...core,
    endpoint: `GET /api/v1/${name}s/{id}/flow`,
    cost: 40,
    input: input({
      [`${name}_id`]: id.describe(`The ${name}`),
      items: z.array(z.enum(items)).describe('Only these').optional(),
      all_changes: flag.describe('Custom fields too').optional(),
      ...page(),
    }),
    path: { id: `${name}_id` },
    paging: 'start',
    entity: update,
  }),
);
