import { flag, id, input, text } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

export const pipeline = entity({
  name: 'pipeline',
  plural: 'pipelines',
  link: 'pipeline/{id}',
  columns: ['id', 'name', 'order_nr', 'is_deal_probability_enabled', 'stages'],
});

const fields = {
  name: text.describe('Name'),
  is_deal_probability_enabled: flag.describe('Stages have win probabilities').optional(),
};

export const pipelines = [
  operation({
    name: 'list_pipelines',
    title: 'List pipelines',
    summary: 'All pipelines with their stages in order: ids, names, win probabilities.',
    kind: 'read',
    toolset: 'deals',
    core: true,
    endpoint: 'GET /api/v2/pipelines',
    also: ['GET /api/v2/stages'],
    cost: 10,
    input: input({}),
    paging: 'whole',
    entity: pipeline,
  }),
  operation({
    name: 'get_pipeline',
    title: 'Get pipeline',
    summary: 'One pipeline.',
    kind: 'read',
    toolset: 'deals',
    endpoint: 'GET /api/v2/pipelines/{id}',
    cost: 1,
    input: input({ id: id.describe('Pipeline id') }),
    entity: pipeline,
  }),
  operation({
    name: 'create_pipeline',
    title: 'Create pipeline',
    summary: 'Add a pipeline.',
    kind: 'create',
    toolset: 'admin',
    endpoint: 'POST /api/v2/pipelines',
    cost: 5,
    input: input(fields),
    entity: pipeline,
  }),
  operation({
    name: 'update_pipeline',
    title: 'Update pipeline',
    summary: 'Rename a pipeline or switch its win probabilities on or off.',
    kind: 'update',
    toolset: 'admin',
    endpoint: 'PATCH /api/v2/pipelines/{id}',
    cost: 5,
    input: input({ id: id.describe('Pipeline id'), ...fields, name: fields.name.optional() }),
    entity: pipeline,
  }),
  operation({
    name: 'delete_pipeline',
    title: 'Delete pipeline',
    summary: 'Delete a pipeline and its stages.',
    kind: 'delete',
    toolset: 'admin',
    endpoint: 'DELETE /api/v2/pipelines/{id}',
    cost: 3,
    input: input({ id: id.describe('Pipeline id') }),
    entity: pipeline,
  }),
];
