import { z } from 'zod/v3';
import { id, input, rest, text } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

/** A saved filter, its conditions in words. */
const filter = entity({
  name: 'filter',
  plural: 'filters',
  columns: ['id', 'name', 'type', { name: 'owner', from: 'user_id' }, 'shared'],
});

const helpers = entity({ name: 'filter_helpers', plural: 'filter helpers', columns: ['operators'] });

const type = z.enum(['deals', 'leads', 'org', 'people', 'products', 'activity', 'projects']).describe('What it lists');
const name = text.describe('Name');
const all = z.array(text).describe('All must hold: ["value > 50000", "stage = Negotiation"]');
const any = z.array(text).describe('And one of these: ["person.email is empty"]');
const CONDITIONS = 'Conditions are as in `where` of lists; `person.`, `organization.`, `deal.`… reach linked records.';

export const filters = [
  operation({
    name: 'list_filters',
    title: 'List filters',
    summary: 'Saved filters; lists take one as filter_id.',
    kind: 'read',
    toolset: 'filters',
    core: true,
    endpoint: 'GET /api/v1/filters',
    cost: 20,
    input: input({ type: type.optional(), ...rest }),
    paging: 'whole',
    scope: "the user's own and shared ones",
    entity: filter,
  }),
  operation({
    name: 'get_filter',
    title: 'Get filter',
    summary: 'One saved filter with its conditions in words.',
    kind: 'read',
    toolset: 'filters',
    endpoint: 'GET /api/v1/filters/{id}',
    cost: 2,
    input: input({ id: id.describe('Filter id') }),
    always: { include_field_code: 'true' },
    entity: filter,
  }),
  operation({
    name: 'create_filter',
    title: 'Create filter',
    summary: 'Save a filter of deals, people, activities…, from conditions in words.',
    details: `${CONDITIONS} At most 16 in all. The filter is private.`,
    kind: 'create',
    toolset: 'filters',
    endpoint: 'POST /api/v1/filters',
    cost: 10,
    input: input({ type, name, all_of: all.optional(), any_of: any.optional() }),
    always: { include_field_code: 'true' },
    entity: filter,
  }),
  operation({
    name: 'update_filter',
    title: 'Update filter',
    summary: 'Rename a saved filter or replace its conditions.',
    details: 'all_of and any_of each replace all conditions of their group; [] empties it.',
    kind: 'update',
    toolset: 'filters',
    endpoint: 'PUT /api/v1/filters/{id}',
    cost: 10,
    input: input({
      id: id.describe('Filter id'),
      name: name.optional(),
      all_of: all.describe('All must hold').optional(),
      any_of: any.describe('And one of these').optional(),
    }),
    always: { include_field_code: 'true' },
    entity: filter,
  }),
  operation({
    name: 'delete_filter',
    title: 'Delete filter',
    summary: 'Delete one saved filter, for everyone who uses it.',
    kind: 'delete',
    toolset: 'filters',
    endpoint: 'DELETE /api/v1/filters/{id}',
    cost: 6,
    input: input({ id: id.describe('Filter id') }),
    entity: filter,
  }),
  operation({
    name: 'delete_filters',
    title: 'Delete filters',
    summary: 'Delete several saved filters.',
    kind: 'delete',
    toolset: 'filters',
    endpoint: 'DELETE /api/v1/filters',
    cost: 10,
    input: input({ ids: z.array(id).min(1).max(100).describe('Filter ids') }),
    entity: filter,
  }),
  operation({
    name: 'get_filter_helpers',
    title: 'Get filter helpers',
    summary: "Operators, relative dates and address parts that Pipedrive's filters know, by type of field.",
    kind: 'read',
    toolset: 'filters',
    endpoint: 'GET /api/v1/filters/helpers',
    cost: 20,
    input: input({}),
    entity: helpers,
  }),
];
