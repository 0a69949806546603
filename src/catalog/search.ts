import { z } from 'zod/v3';
import { input, page, search, text } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

/** What every search answers with: `{ items: [{ result_score, item }] }`, items of one kind or several. */
export const result = entity({
  name: 'item',
  plural: 'items',
  outside: ['name', 'emails', 'phones', 'address', 'person', 'organization'],
  columns: [
    { name: 'type', from: 'item.type' },
    { name: 'id', from: 'item.id' },
    { name: 'name', from: 'item.title|item.name' },
    { name: 'status', from: 'item.status' },
    { name: 'value', from: 'item.value' },
    { name: 'currency', from: 'item.currency' },
    { name: 'stage', from: 'item.stage.id', kind: 'stage' },
    { name: 'emails', from: 'item.emails' },
    { name: 'phones', from: 'item.phones' },
    { name: 'address', from: 'item.address' },
    { name: 'code', from: 'item.code' },
    { name: 'person', from: 'item.person', as: 'named' },
    { name: 'organization', from: 'item.organization', as: 'named' },
    { name: 'owner', from: 'item.owner.id', kind: 'user' },
    { name: 'is_archived', from: 'item.is_archived' },
  ],
});

const match = entity({ name: 'match', plural: 'matches', columns: ['id', 'name'], outside: ['name'] });

export const searches = [
  operation({
    name: 'search_items',
    title: 'Search everything',
    summary: 'Find deals, persons, organizations, leads, products, files or projects by words in them.',
    kind: 'read',
    toolset: 'contacts',
    core: true,
    endpoint: 'GET /api/v2/itemSearch',
    cost: 20,
    search: true,
    most: 100,
    input: input({
      ...search(['address', 'code', 'custom_fields', 'email', 'name', 'notes', 'phone', 'title', 'description']),
      item_types: z
        .array(z.enum(['deal', 'person', 'organization', 'product', 'lead', 'file', 'mail_attachment', 'project']))
        .describe('Only these')
        .optional(),
    }),
    paging: 'cursor',
    at: 'items',
    entity: result,
  }),
  operation({
    name: 'search_items_by_field',
    title: 'Search one field',
    summary: 'Find records by the value of one field; upper and lower case differ.',
    kind: 'read',
    toolset: 'contacts',
    endpoint: 'GET /api/v2/itemSearch/field',
    cost: 20,
    search: true,
    input: input({
      term: text.describe('2 or more characters'),
      entity_type: z.enum(['deal', 'lead', 'person', 'organization', 'product', 'project']).describe('Kind of record'),
      field: text.describe('Label or field_code'),
      match: z.enum(['exact', 'beginning', 'middle']).describe('Where the term must be').default('exact'),
      ...page(),
    }),
    paging: 'cursor',
    entity: match,
  }),
];
