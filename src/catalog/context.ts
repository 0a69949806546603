import { z } from 'zod/v3';
import { id, input, text } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

/** What there is to know of one record, from several reads. */
const context = entity({ name: 'context', plural: 'contexts', columns: ['id'] });

/** What `get_context` tells besides the record itself. */
export const contextParts = ['people', 'deals', 'history', 'plans', 'missing'] as const;
export type ContextPart = (typeof contextParts)[number];

export const contexts = [
  operation({
    name: 'get_context',
    title: 'Get context',
    summary: 'Catch up on one deal, person, organization or lead: state, people, history, plans, gaps.',
    details: 'Up to 75 API tokens, 40 of them for history.',
    kind: 'read',
    toolset: 'history',
    core: true,
    job: true,
    endpoint: 'GET /api/v2/deals/{id}',
    also: [
      'GET /api/v2/persons/{id}',
      'GET /api/v2/organizations/{id}',
      'GET /api/v1/leads/{id}',
      'GET /api/v1/deals/{id}/flow',
      'GET /api/v1/persons/{id}/flow',
      'GET /api/v1/organizations/{id}/flow',
      'GET /api/v1/notes',
      'GET /api/v2/activities',
      'GET /api/v2/persons',
      'GET /api/v2/deals',
    ],
    cost: 62,
    input: input({
      deal_id: id.describe('One of these').optional(),
      person_id: id.describe('Or a person').optional(),
      org_id: id.describe('Or an organization').optional(),
      lead_id: text.describe('Or a lead').optional(),
      parts: z.array(z.enum(contextParts)).describe('Only these').optional(),
    }),
    entity: context,
  }),
];
