import { z } from 'zod/v3';
import { v1IsoTime, v1MsTime } from '../clock.ts';
import { invalid } from '../error.ts';
import type { JsonObject } from '../json.ts';
import { checkLinks } from '../links.ts';
import type { Task } from '../model.ts';
import { cursorReply } from '../page.ts';
import { field, loose, paging, param } from '../parameters.ts';
import { type Reply, type Route, route, whole } from '../route.ts';
import type { Changes } from '../table.ts';
import { deletion, live, type World } from '../world.ts';
import { activeUser } from './users.ts';

/** Flags are 0 and 1 in bodies, of v2 too, whose answers then have booleans. */
const digit = z
  .union([z.literal(0), z.literal(1)], { errorMap: () => ({ message: 'The value must be one of 0, 1' }) })
  .optional();
const title = field.filled;

const bodyV2 = z
  .object({
    title,
    project_id: field.id,
    parent_task_id: field.id.nullish(),
    description: z.string().nullish(),
    done: digit,
    milestone: digit,
    due_date: field.date.nullish(),
    start_date: field.date.nullish(),
    assignee_id: field.id.nullish(),
    assignee_ids: z.array(field.id).max(10, 'At most 10 assignees are allowed').optional(),
    priority: z.number().int().min(0).nullish(),
  })
  .strict();

const bodyV1 = z.object({
  title,
  project_id: loose.id,
  parent_task_id: loose.id.nullish(),
  description: z.string().nullish(),
  done: loose.int.pipe(digit).optional(),
  due_date: field.date.nullish(),
  assignee_id: loose.id.nullish(),
  assignee_ids: z.array(loose.id).max(10, 'At most 10 assignees are allowed').optional(),
});

const changedV2 = bodyV2.partial();
type Body = z.output<typeof changedV2>;

const listQuery = z.object({
  ...paging,
  is_done: param.bool,
  done: param.bool,
  is_milestone: param.bool,
  assignee_id: param.int,
  project_id: param.int,
  parent_task_id: z
    .string()
    .regex(/^(null|\d{1,15})$/, "The value must be 'null' or an integer")
    .transform((value) => (value === 'null' ? null : Number(value)))
    .optional(),
});

export const routes: Route[] = [
  route('GET /v2/tasks', {
    cost: 10,
    query: listQuery.omit({ done: true }),
    handle: (world, { query }) => list(world, query, taskV2),
  }),
  route('GET /v2/tasks/{id}', { cost: 1, handle: (world, { int }) => whole(taskV2(liveTask(world, int('id')))) }),
  route('POST /v2/tasks', {
    cost: 5,
    body: bodyV2,
    handle: (world, { body }) => whole(taskV2(insertTask(world, body)), 201),
  }),
  route('PATCH /v2/tasks/{id}', {
    cost: 5,
    body: changedV2,
    handle: (world, { body, int }) => whole(taskV2(changeTask(world, int('id'), body))),
  }),
  route('DELETE /v2/tasks/{id}', { cost: 3, handle: (world, { int }) => remove(world, int('id')) }),
  route('GET /v1/tasks', {
    cost: 20,
    query: listQuery.omit({ is_done: true, is_milestone: true }),
    handle: (world, { query: { done, ...query } }) => list(world, { ...query, is_done: done }, taskV1),
  }),
  route('GET /v1/tasks/{id}', { cost: 2, handle: (world, { int }) => whole(taskV1(liveTask(world, int('id')))) }),
  route('POST /v1/tasks', {
    cost: 10,
    body: bodyV1,
    handle: (world, { body }) => whole(taskV1(insertTask(world, body)), 201),
  }),
  route('PUT /v1/tasks/{id}', {
    cost: 10,
    body: bodyV1.partial(),
    handle: (world, { body, int }) => whole(taskV1(changeTask(world, int('id'), body))),
  }),
  route('DELETE /v1/tasks/{id}', { cost: 6, handle: (world, { int }) => remove(world, int('id')) }),
];

/** The task of that id, 404 where it is unknown or deleted. */
function liveTask({ db }: World, id: number): Task {
  return live(db.tasks, id, 'Task');
}

/** The tasks of a project that are not deleted. */
export function tasksOf({ db }: World, projectId: number): Task[] {
  return db.tasks.where('project_id', projectId).filter((task) => !task.is_deleted);
}

type Filters = Omit<z.output<typeof listQuery>, 'done'>;

function list(world: World, query: Filters, view: (task: Task) => JsonObject): Reply {
  const { is_done, is_milestone, assignee_id, project_id, parent_task_id } = query;
  const rows = world.db.tasks
    .matching({ project_id, parent_task_id, is_done, is_milestone, is_deleted: false })
    .filter((task) => assignee_id === undefined || task.assignee_ids.includes(assignee_id));
  return cursorReply(rows, query, view);
}

/** A new task, of the caller's making. */
export function insertTask(world: World, body: Body & { title: string; project_id: number }): Task {
  const { db, clock } = world;
  const changes = changesOf(world, body);
  const now = clock.stamp();
  const task = db.tasks.insert({
    id: db.tasks.nextId(),
    title: body.title,
    creator_id: world.me().id,
    description: null,
    project_id: body.project_id,
    is_done: false,
    is_milestone: false,
    due_date: null,
    start_date: null,
    parent_task_id: null,
    assignee_ids: [],
    priority: null,
    marked_as_done_time: null,
    is_deleted: false,
    delete_time: null,
    add_time: now,
    update_time: now,
  });
  return db.tasks.patch(task, changes);
}

function changeTask(world: World, id: number, body: Body): Task {
  const { db, clock } = world;
  const task = liveTask(world, id);
  const changes = changesOf(world, body, task);
  db.tasks.patch(task, { ...changes, update_time: clock.stamp() });
  // Subtasks go where their task goes.
  db.tasks.patchWhere('parent_task_id', id, { project_id: task.project_id });
  return task;
}

/** What a body changes, of a new task or of `task`; 400 where it breaks a rule. */
function changesOf(world: World, body: Body, task?: Task): Changes<Task> {
  const { done, milestone, assignee_id, assignee_ids, ...given } = body;
  const { clock } = world;
  if (given.project_id !== undefined) checkLinks(world, { project_id: given.project_id });
  checkParent(world, given, task);
  const assignees =
    assignee_ids ?? (typeof assignee_id === 'number' ? [assignee_id] : assignee_id === null ? [] : undefined);
  for (const user of assignees ?? []) if (!task?.assignee_ids.includes(user)) activeUser(world, user);
  const is_done = done === undefined ? undefined : done === 1;
  const turned = is_done !== undefined && is_done !== (task?.is_done ?? false);
  return {
    ...given,
    is_done,
    is_milestone: milestone === undefined ? undefined : milestone === 1,
    assignee_ids: assignees && [...new Set(assignees)],
    ...(turned ? { marked_as_done_time: is_done ? clock.stamp() : null } : {}),
  };
}

/** A task is in the project of its parent, which has no parent itself. */
function checkParent(world: World, { parent_task_id, project_id }: Body, task?: Task): void {
  const parentId = parent_task_id === undefined ? task?.parent_task_id : parent_task_id;
  if (parentId === undefined || parentId === null) return;
  if (parent_task_id !== undefined) checkLinks(world, { task_id: parentId });
  const parent = world.db.tasks.get(parentId);
  if (!parent) return;
  if (parent.parent_task_id !== null)
    throw invalid('parent_task_id can not be ID of a task which is already a subtask');
  if (task && parent.id === task.id) throw invalid('A task can not be its own subtask');
  if (task && world.db.tasks.where('parent_task_id', task.id).some((one) => !one.is_deleted))
    throw invalid('A task that has subtasks can not become a subtask');
  if (parent.project_id !== (project_id ?? task?.project_id))
    throw invalid('A subtask must be in the project of its parent task');
}

function remove(world: World, id: number): Reply {
  removeTask(world, liveTask(world, id));
  return whole({ id });
}

/** Deletes a task and its subtasks. */
export function removeTask(world: World, task: Task): void {
  const subtasks = world.db.tasks.where('parent_task_id', task.id).filter((one) => !one.is_deleted);
  for (const one of [task, ...subtasks]) world.db.tasks.patch(one, deletion(world));
}

function taskV2({ is_deleted: _, delete_time: __, ...task }: Task): JsonObject {
  return {
    ...task,
    add_time: v1IsoTime(task.add_time),
    update_time: v1IsoTime(task.update_time),
    marked_as_done_time: task.marked_as_done_time && v1IsoTime(task.marked_as_done_time),
  };
}

export function taskV1(task: Task): JsonObject {
  return {
    id: task.id,
    title: task.title,
    creator_id: task.creator_id,
    description: task.description,
    done: task.is_done ? 1 : 0,
    due_date: task.due_date,
    parent_task_id: task.parent_task_id,
    assignee_id: task.assignee_ids[0] ?? null,
    assignee_ids: task.assignee_ids,
    add_time: v1MsTime(task.add_time),
    update_time: v1MsTime(task.update_time),
    marked_as_done_time: task.marked_as_done_time && v1MsTime(task.marked_as_done_time),
    project_id: task.project_id,
  };
}
