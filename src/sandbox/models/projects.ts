import { z } from 'zod/v3';
import { Table } from '../table.ts';
import { customFields, dated, day, deletable, id, ids, link, stamp, stampOrNull } from './parts.ts';

/** Projects and what they are made of; projects' `archive_time` says whether they are archived. */
export const projectTables = () => ({
  projects: new Table(
    z.object({
      id,
      title: z.string(),
      description: z.string().nullable(),
      status: z.enum(['open', 'completed', 'canceled']),
      status_change_time: stamp,
      board_id: link,
      phase_id: link,
      owner_id: id,
      start_date: day,
      end_date: day,
      deal_ids: ids,
      person_ids: ids,
      org_ids: ids,
      label_ids: ids,
      health_status: link,
      archive_time: stampOrNull,
      custom_fields: customFields,
      ...deletable,
      ...dated,
    }),
  ),
  boards: new Table(z.object({ id, name: z.string(), order_nr: z.number(), ...deletable, ...dated })),
  phases: new Table(z.object({ id, name: z.string(), board_id: id, order_nr: z.number(), ...deletable, ...dated }), [
    'board_id',
  ]),
  tasks: new Table(
    z.object({
      id,
      title: z.string(),
      creator_id: id,
      description: z.string().nullable(),
      project_id: id,
      is_done: z.boolean(),
      is_milestone: z.boolean(),
      due_date: day,
      start_date: day,
      parent_task_id: link,
      assignee_ids: ids,
      priority: z.number().nullable(),
      marked_as_done_time: stampOrNull,
      ...deletable,
      ...dated,
    }),
    ['project_id', 'parent_task_id'],
  ),
  projectTemplates: new Table(
    z.object({
      id,
      title: z.string(),
      description: z.string(),
      projects_board_id: id,
      owner_id: id,
      /** What a project made from it begins with; `day` counts from the project's start. */
      tasks: z.array(
        z.object({ title: z.string(), group: z.string(), phase_id: id, day: z.number(), is_milestone: z.boolean() }),
      ),
      ...deletable,
      ...dated,
    }),
  ),
  /** Groups of a project's plan. */
  projectGroups: new Table(z.object({ id, project_id: id, name: z.string(), order_nr: z.number() }), ['project_id']),
  /** Where in its project's plan a task or activity stands; those that nobody has placed have none. */
  planItems: new Table(
    z.object({
      /** `task 7` or `activity 7`. */
      id: z.string(),
      project_id: id,
      phase_id: link,
      group_id: link,
    }),
    ['project_id'],
  ),
});
