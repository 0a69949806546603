import { z } from 'zod/v3';
import { input } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

/** Records that are probably one and the same. */
const duplicate = entity({ name: 'duplicate', plural: 'duplicates', columns: ['id'] });

export const duplicates = [
  operation({
    name: 'find_duplicates',
    title: 'Find duplicates',
    summary: 'Persons or organizations that are probably the same, in groups to be merged.',
    details:
      'Persons: same e-mail, phone, or name in one organization. Organizations: same name, unless addresses differ. Looks through 20,000 records, 10 API tokens per 500.',
    kind: 'read',
    toolset: 'contacts',
    job: true,
    endpoint: 'GET /api/v2/persons',
    also: ['GET /api/v2/organizations'],
    cost: 10,
    input: input({ entity: z.enum(['person', 'organization']).describe('Kind of record') }),
    entity: duplicate,
  }),
];
