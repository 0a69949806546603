import { z } from 'zod/v3';
import { json } from '../json.ts';

const id = z.number().int();
const ids = z.array(id);
const link = id.nullable();
const stamp = z.string();
const day = z.string().nullable();
const dated = { add_time: stamp, update_time: stamp };
const deletable = { is_deleted: z.boolean(), delete_time: stamp.nullable() };

/** Projects and what they are made of; projects' `archive_time` says whether they are archived. */
export const projects = {
  projects: z.object({
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
    archive_time: stamp.nullable(),
    custom_fields: z.record(json),
    ...deletable,
    ...dated,
  }),
  boards: z.object({ id, name: z.string(), order_nr: z.number(), ...deletable, ...dated }),
  phases: z.object({ id, name: z.string(), board_id: id, order_nr: z.number(), ...deletable, ...dated }),
  tasks: z.object({
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
    marked_as_done_time: stamp.nullable(),
    ...deletable,
    ...dated,
  }),
  projectTemplates: z.object({
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
  /** Groups of a project's plan. */
  projectGroups: z.object({ id, project_id: id, name: z.string(), order_nr: z.number() }),
  /** Where in its project's plan a task or activity stands; those that nobody has placed have none. */
  planItems: z.object({
    /** `task 7` or `activity 7`. */
    id: z.string(),
    project_id: id,
    phase_id: link,
    group_id: link,
  }),
} as const;
