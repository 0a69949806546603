import { id, input, rest, text } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

export const projectBoard = entity({
  name: 'project_board',
  plural: 'project_boards',
  columns: ['id', 'name', 'order_nr'],
});

const name = text.describe('Name');
const order = { order_nr: id.min(1).describe('Place among boards').optional() };
const self = { id: id.describe('Board id') };

export const projectBoards = [
  operation({
    name: 'list_project_boards',
    title: 'List project boards',
    summary: 'All project boards.',
    kind: 'read',
    toolset: 'projects',
    endpoint: 'GET /api/v2/boards',
    cost: 10,
    input: input(rest),
    paging: 'whole',
    entity: projectBoard,
  }),
  operation({
    name: 'get_project_board',
    title: 'Get project board',
    summary: 'One project board.',
    kind: 'read',
    toolset: 'projects',
    endpoint: 'GET /api/v2/boards/{id}',
    cost: 10,
    input: input(self),
    entity: projectBoard,
  }),
  operation({
    name: 'create_project_board',
    title: 'Create project board',
    summary: 'Add a project board.',
    kind: 'create',
    toolset: 'projects',
    endpoint: 'POST /api/v2/boards',
    cost: 5,
    input: input({ name, ...order }),
    entity: projectBoard,
  }),
  operation({
    name: 'update_project_board',
    title: 'Update project board',
    summary: 'Rename or move a project board.',
    kind: 'update',
    toolset: 'projects',
    endpoint: 'PATCH /api/v2/boards/{id}',
    cost: 5,
    input: input({ ...self, name: name.optional(), ...order }),
    entity: projectBoard,
  }),
  operation({
    name: 'delete_project_board',
    title: 'Delete project board',
    summary: 'Delete a project board.',
    kind: 'delete',
    toolset: 'projects',
    endpoint: 'DELETE /api/v2/boards/{id}',
    cost: 3,
    input: input(self),
    entity: projectBoard,
  }),
];
