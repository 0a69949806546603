import { id, input, page } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

export const projectTemplate = entity({
  name: 'project_template',
  plural: 'project_templates',
  columns: [
    'id',
    'title',
    'description',
    { name: 'board', from: 'projects_board_id' },
    { name: 'owner', from: 'owner_id' },
  ],
});

export const projectTemplates = [
  operation({
    name: 'list_project_templates',
    title: 'List project templates',
    summary: 'Templates that projects can be made from; they are made in the web app.',
    kind: 'read',
    toolset: 'projects',
    endpoint: 'GET /api/v2/projectTemplates',
    cost: 10,
    input: input(page()),
    paging: 'cursor',
    entity: projectTemplate,
  }),
  operation({
    name: 'get_project_template',
    title: 'Get project template',
    summary: 'One project template; its tasks are not told.',
    kind: 'read',
    toolset: 'projects',
    endpoint: 'GET /api/v2/projectTemplates/{id}',
    cost: 1,
    input: input({ id: id.describe('Template id') }),
    entity: projectTemplate,
  }),
];
