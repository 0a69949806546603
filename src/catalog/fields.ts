import { z } from 'zod/v3';
import { input, rest, text } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

/** A field of a deal, person, ... in one form for v1 and v2. */
export const field = entity({
  name: 'field',
  plural: 'fields',
  columns: [
    'field',
    'field_code',
    'type',
    'custom',
    'read_only',
    'required',
    'important',
    { name: 'options', as: 'whole' },
  ],
});

export const fields = [
  operation({
    name: 'list_fields',
    title: 'List fields',
    summary: 'Fields of an entity: codes, names, types, options with ids, which are custom or required.',
    kind: 'read',
    toolset: 'fields',
    core: true,
    endpoint: 'GET /api/v2/dealFields',
    also: [
      'GET /api/v2/personFields',
      'GET /api/v2/organizationFields',
      'GET /api/v2/productFields',
      'GET /api/v2/activityFields',
      'GET /api/v1/leadFields',
      'GET /api/v1/noteFields',
    ],
    cost: 10,
    input: input({
      entity: z.enum(['deal', 'person', 'organization', 'product', 'activity', 'lead', 'note']).describe('Entity'),
      ...rest,
    }),
    paging: 'whole',
    entity: field,
  }),
  operation({
    name: 'get_field',
    title: 'Get field',
    summary: 'One field of an entity with all its options; not for leads and notes.',
    kind: 'read',
    toolset: 'fields',
    endpoint: 'GET /api/v2/dealFields/{field_code}',
    also: [
      'GET /api/v2/personFields/{field_code}',
      'GET /api/v2/organizationFields/{field_code}',
      'GET /api/v2/productFields/{field_code}',
      'GET /api/v2/activityFields/{field_code}',
    ],
    cost: 1,
    input: input({
      entity: z.enum(['deal', 'person', 'organization', 'product', 'activity']).describe('Entity'),
      field_code: text.describe('Label or field_code'),
    }),
    entity: field,
  }),
];
