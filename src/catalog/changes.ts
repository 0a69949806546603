import { id, input, page, text } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

/** A write of this server, as its journal has it. */
const change = entity({
  name: 'own_change',
  plural: 'own_changes',
  columns: ['change', { name: 'at', as: 'time' }, 'tool', 'what', 'state'],
  outside: ['what'],
  note: 'Newest first. undo_changes takes them back.',
});

const { cursor } = page();

export const changes = [
  operation({
    name: 'list_changes',
    title: 'List own changes',
    summary: 'What this server has written, newest first, and what can be undone.',
    kind: 'read',
    toolset: 'history',
    core: true,
    job: true,
    endpoint: 'GET /api/v1/users/me',
    cost: 2,
    input: input({ change: text.describe('Of one job').optional(), cursor }),
    paging: 'whole',
    entity: change,
  }),
  operation({
    name: 'undo_changes',
    title: 'Undo own changes',
    summary: 'Take back changes of this server, but not what others changed since.',
    kind: 'update',
    toolset: 'history',
    core: true,
    job: true,
    endpoint: 'GET /api/v1/users/me',
    cost: 2,
    input: input({
      last: id.min(1).max(50).describe('How many').optional(),
      change: text.describe('Or one, by list_changes').optional(),
    }),
    entity: change,
  }),
];
