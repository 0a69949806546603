import { z } from 'zod/v3';
import { input, page, text } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

/** A record as it is since it was last changed. */
const recent = entity({
  name: 'recent_change',
  plural: 'recent_changes',
  columns: ['time', 'what', 'item', 'id', 'name', { name: 'owner', kind: 'user' }],
  times: ['time'],
  outside: ['name'],
});

export const recents = [
  operation({
    name: 'list_recents',
    title: 'List recents',
    summary: 'What was created, changed or deleted in the account since a time; oldest first.',
    kind: 'read',
    toolset: 'history',
    endpoint: 'GET /api/v1/recents',
    cost: 20,
    input: input({
      since_timestamp: text.describe('Date or time, at most a month ago'),
      items: z
        .array(
          z.enum([
            'activity',
            'activityType',
            'deal',
            'file',
            'filter',
            'note',
            'person',
            'organization',
            'pipeline',
            'product',
            'stage',
            'user',
          ]),
        )
        .describe('Only these kinds')
        .optional(),
      ...page(),
    }),
    paging: 'start',
    scope: 'each record once, as it is now; leads are none of them',
    entity: recent,
  }),
];
