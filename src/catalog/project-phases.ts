import { id, input, named, rest, text } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

export const projectPhase = entity({
  name: 'project_phase',
  plural: 'project_phases',
  columns: ['id', 'name', { name: 'board', from: 'board_id' }, 'order_nr'],
});

const name = text.describe('Name');
const board = named.describe('Board: id or name');
const order = { order_nr: id.min(1).describe('Place on its board').optional() };
const self = { id: id.describe('Phase id') };

export const projectPhases = [
  operation({
    name: 'list_project_phases',
    title: 'List project phases',
    summary: 'Phases of one project board in order.',
    kind: 'read',
    toolset: 'projects',
    endpoint: 'GET /api/v2/phases',
    cost: 10,
    input: input({ board_id: board, ...rest }),
    paging: 'whole',
    entity: projectPhase,
  }),
  operation({
    name: 'get_project_phase',
    title: 'Get project phase',
    summary: 'One phase of a project board.',
    kind: 'read',
    toolset: 'projects',
    endpoint: 'GET /api/v2/phases/{id}',
    cost: 10,
    input: input(self),
    entity: projectPhase,
  }),
  operation({
    name: 'create_project_phase',
    title: 'Create project phase',
    summary: 'Add a phase to a project board.',
    kind: 'create',
    toolset: 'projects',
    endpoint: 'POST /api/v2/phases',
    cost: 5,
    input: input({ name, board_id: board, ...order }),
    entity: projectPhase,
  }),
  operation({
    name: 'update_project_phase',
    title: 'Update project phase',
    summary: 'Rename a project phase, or move it on its board or to another one.',
    kind: 'update',
    toolset: 'projects',
    endpoint: 'PATCH /api/v2/phases/{id}',
    cost: 5,
    input: input({ ...self, name: name.optional(), board_id: board.optional(), ...order }),
    entity: projectPhase,
  }),
  operation({
    name: 'delete_project_phase',
    title: 'Delete project phase',
    summary: 'Delete a phase of a project board.',
    kind: 'delete',
    toolset: 'projects',
    endpoint: 'DELETE /api/v2/phases/{id}',
    cost: 3,
    input: input(self),
    entity: projectPhase,
  }),
];
