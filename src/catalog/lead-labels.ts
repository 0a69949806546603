import { z } from 'zod/v3';
import { input, rest, text } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

const leadLabel = entity({
  name: 'lead_label',
  plural: 'lead_labels',
  columns: ['id', 'name', 'color'],
});

/** Where leads come from: a fixed list of names without ids. */
const leadSource = entity({ name: 'lead_source', plural: 'lead_sources', columns: ['name'] });

const name = text.describe('Name');
const color = z
  .enum(['blue', 'brown', 'dark-gray', 'gray', 'green', 'orange', 'pink', 'purple', 'red', 'yellow'])
  .describe('Color');

export const leadLabels = [
  operation({
    name: 'list_lead_labels',
    title: 'List lead labels',
    summary: 'All labels that leads can have.',
    kind: 'read',
    toolset: 'leads',
    endpoint: 'GET /api/v1/leadLabels',
    cost: 10,
    input: input(rest),
    paging: 'whole',
    entity: leadLabel,
  }),
  operation({
    name: 'create_lead_label',
    title: 'Create lead label',
    summary: 'Add a label for leads.',
    kind: 'create',
    toolset: 'leads',
    endpoint: 'POST /api/v1/leadLabels',
    cost: 10,
    input: input({ name, color }),
    entity: leadLabel,
  }),
  operation({
    name: 'update_lead_label',
    title: 'Update lead label',
    summary: 'Change name or color of a lead label.',
    kind: 'update',
    toolset: 'leads',
    endpoint: 'PATCH /api/v1/leadLabels/{id}',
    cost: 10,
    input: input({ id: text.describe('Label id'), name: name.optional(), color: color.optional() }),
    entity: leadLabel,
  }),
  operation({
    name: 'delete_lead_label',
    title: 'Delete lead label',
    summary: 'Delete a lead label.',
    kind: 'delete',
    toolset: 'leads',
    endpoint: 'DELETE /api/v1/leadLabels/{id}',
    cost: 6,
    input: input({ id: text.describe('Label id') }),
    entity: leadLabel,
  }),
  operation({
    name: 'list_lead_sources',
    title: 'List lead sources',
    summary: 'Where leads can come from.',
    kind: 'read',
    toolset: 'leads',
    endpoint: 'GET /api/v1/leadSources',
    cost: 2,
    input: input(rest),
    paging: 'whole',
    entity: leadSource,
  }),
];
