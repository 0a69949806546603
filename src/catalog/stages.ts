import { flag, id, input, named, page, pipeline, sort, text } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

export const stage = entity({
  name: 'stage',
  plural: 'stages',
  columns: ['id', 'name', 'pipeline_id', 'order_nr', 'deal_probability', 'is_deal_rot_enabled', 'days_to_rotten'],
});

const name = text.describe('Name');
const fields = {
  deal_probability: id.min(0).max(100).describe('Percent').optional(),
  is_deal_rot_enabled: flag.describe('Untouched deals rot').optional(),
  days_to_rotten: id.describe('Days until a deal rots').optional(),
};

export const stages = [
  operation({
    name: 'list_stages',
    title: 'List stages',
    summary: 'Stages of one pipeline or of all.',
    kind: 'read',
    toolset: 'deals',
    endpoint: 'GET /api/v2/stages',
    cost: 5,
    input: input({
      pipeline_id: named.describe('Only of this pipeline').optional(),
      ...sort(['id', 'update_time', 'add_time', 'order_nr'], 'order_nr', 'asc'),
      ...page(),
    }),
    paging: 'cursor',
    entity: stage,
  }),
  operation({
    name: 'get_stage',
    title: 'Get stage',
    summary: 'One stage.',
    kind: 'read',
    toolset: 'deals',
    endpoint: 'GET /api/v2/stages/{id}',
    cost: 1,
    input: input({ id: id.describe('Stage id') }),
    entity: stage,
  }),
  operation({
    name: 'create_stage',
    title: 'Create stage',
    summary: 'Add a stage at the end of a pipeline.',
    kind: 'create',
    toolset: 'admin',
    endpoint: 'POST /api/v2/stages',
    cost: 5,
    input: input({ name, pipeline_id: pipeline, ...fields }),
    entity: stage,
  }),
  operation({
    name: 'update_stage',
    title: 'Update stage',
    summary: 'Change name, pipeline, win probability or rotting of a stage.',
    kind: 'update',
    toolset: 'admin',
    endpoint: 'PATCH /api/v2/stages/{id}',
    cost: 5,
    input: input({ id: id.describe('Stage id'), name: name.optional(), pipeline_id: pipeline.optional(), ...fields }),
    entity: stage,
  }),
  operation({
    name: 'delete_stage',
    title: 'Delete stage',
    summary: 'Delete a stage.',
    kind: 'delete',
    toolset: 'admin',
    endpoint: 'DELETE /api/v2/stages/{id}',
    cost: 3,
    input: input({ id: id.describe('Stage id') }),
    entity: stage,
  }),
];
