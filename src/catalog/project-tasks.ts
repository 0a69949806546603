import { z } from 'zod/v3';
import { date, flag, id, input, named, orNull, page, text, textOffset } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

export const projectTask = entity({
  name: 'project_task',
  plural: 'project_tasks',
  columns: [
    'id',
    { name: 'done', from: 'is_done' },
    { name: 'due', from: 'due_date' },
    'title',
    { name: 'milestone', from: 'is_milestone' },
    { name: 'assignees', from: 'assignee_ids' },
    { name: 'project', from: 'project_id' },
    { name: 'parent_task', from: 'parent_task_id' },
    'priority',
  ],
  quiet: ['is_milestone'],
  prose: ['description'],
  outside: ['title'],
});

const title = text.describe('Title');
const parent = id.describe('Task that it is part of');
const description = text.describe('Description');
const due = date.describe('YYYY-MM-DD');
const priority = id.min(0).describe('Priority');
const flags = { done: flag.describe('Done').optional(), milestone: flag.describe('Milestone').optional() };
const assignees = {
  assignee_ids: z.array(named).max(10).describe('Users; replaces all').optional(),
};
const self = { id: id.describe('Task id') };

export const projectTasks = [
  operation({
    name: 'list_project_tasks',
    title: 'List project tasks',
    summary: 'Tasks of projects by project, assignee, done or milestone, subtasks included.',
    kind: 'read',
    toolset: 'projects',
    endpoint: 'GET /api/v2/tasks',
    cost: 10,
    input: input({
      project_id: id.describe('Project').optional(),
      assignee_id: named.describe('User: id, name, e-mail or me').optional(),
      is_done: flag.describe('Done').optional(),
      is_milestone: flag.describe('Milestones').optional(),
      parent_task_id: named.describe('Subtasks of it; null as text: none').optional(),
      ...page(),
    }),
    paging: 'cursor',
    entity: projectTask,
  }),
  operation({
    name: 'get_project_task',
    title: 'Get project task',
    summary: 'One task of a project.',
    kind: 'read',
    toolset: 'projects',
    endpoint: 'GET /api/v2/tasks/{id}',
    cost: 1,
    input: input({ ...self, ...textOffset }),
    entity: projectTask,
  }),
  operation({
    name: 'create_project_task',
    title: 'Create project task',
    summary: 'Add a task to a project, or a subtask to one of its tasks.',
    kind: 'create',
    toolset: 'projects',
    endpoint: 'POST /api/v2/tasks',
    cost: 5,
    input: input({
      title,
      project_id: id.describe('The project'),
      parent_task_id: parent.optional(),
      description: description.optional(),
      ...flags,
      due_date: due.optional(),
      start_date: due.optional(),
      ...assignees,
      priority: priority.optional(),
    }),
    flags: Object.keys(flags),
    entity: projectTask,
  }),
  operation({
    name: 'update_project_task',
    title: 'Update project task',
    summary: 'Change, complete, reschedule or reassign one task of a project.',
    kind: 'update',
    toolset: 'projects',
    endpoint: 'PATCH /api/v2/tasks/{id}',
    cost: 5,
    input: input({
      ...self,
      title: title.optional(),
      project_id: id.describe('Other project').optional(),
      parent_task_id: orNull(parent),
      description: orNull(description),
      ...flags,
      due_date: orNull(due),
      start_date: orNull(due),
      ...assignees,
      priority: orNull(priority),
    }),
    flags: Object.keys(flags),
    entity: projectTask,
  }),
  operation({
    name: 'delete_project_task',
    title: 'Delete project task',
    summary: 'Delete a task of a project with its subtasks.',
    kind: 'delete',
    toolset: 'projects',
    endpoint: 'DELETE /api/v2/tasks/{id}',
    cost: 3,
    input: input(self),
    entity: projectTask,
  }),
];
