import { z } from 'zod/v3';
import { v1MsTime } from '../clock.ts';
import { invalid, notFound } from '../error.ts';
import { customFieldsV1, writeCustomFieldsV1 } from '../fields/custom.ts';
import { type Json, type JsonObject, json } from '../json.ts';
import type { Activity, Project } from '../model.ts';
import { loose, param } from '../parameters.ts';
import { type Route, route, whole } from '../route.ts';
import { activityV1 } from '../views/activity.ts';
import { live, type World } from '../world.ts';
import {
  archiveProject,
  changeProject,
  insertProject,
  list,
  listQuery,
  liveProject,
  type ProjectBody,
  projectBody,
  removeProject,
  statusOf,
} from './projects.ts';
import { tasksOf, taskV1 } from './tasks.ts';

/** v1 knows one person and organization of a project, the first, and has custom fields among the other keys. */
const body = projectBody
  .extend({
    board_id: loose.id.nullish(),
    phase_id: loose.id.nullish(),
    owner_id: loose.id.optional(),
    deal_ids: z.array(loose.id).optional(),
    person_id: loose.id.nullish(),
    org_id: loose.id.nullish(),
    labels: z.array(loose.id).optional(),
    health_status: loose.int.nullish(),
    template_id: loose.id.optional(),
  })
  .catchall(json);

const changed = body.partial();
const jsonObject = z.record(json);

const place = z.object({ phase_id: loose.id.nullish(), group_id: loose.id.nullish() });

export const routes: Route[] = [
  route('GET /v1/projects', {
    cost: 20,
    query: z.object({ ...listQuery, include_archived: param.bool }),
    handle: (world, { query: { include_archived, ...query } }) =>
      list(
        world,
        query,
        (row) => include_archived === true || row.archive_time === null,
        (row) => projectV1(world, row),
      ),
  }),
  route('GET /v1/projects/{id}', {
    cost: 2,
    handle: (world, { int }) => whole(projectV1(world, liveProject(world, int('id')))),
  }),
  route('POST /v1/projects', {
    cost: 10,
    body,
    handle: (world, { body }) =>
      whole(projectV1(world, insertProject(world, { ...bodyV2(world, body), title: body.title })), 201),
  }),
  route('PUT /v1/projects/{id}', {
    cost: 10,
    body: changed,
    handle(world, { body, int }) {
      const project = liveProject(world, int('id'));
      return whole(projectV1(world, changeProject(world, project, bodyV2(world, body, project))));
    },
  }),
  route('DELETE /v1/projects/{id}', {
    cost: 6,
    handle: (world, { int }) => whole(removeProject(world, int('id'))),
  }),
  route('POST /v1/projects/{id}/archive', {
    cost: 10,
    handle: (world, { int }) => whole(projectV1(world, archiveProject(world, int('id')))),
  }),
  route('GET /v1/projects/{id}/tasks', {
    cost: 20,
    handle: (world, { int }) => all(tasksOf(world, liveProject(world, int('id')).id).map(taskV1)),
  }),
  route('GET /v1/projects/{id}/activities', {
    cost: 20,
    handle: (world, { int }) =>
      all(activitiesOf(world, liveProject(world, int('id'))).map((row) => activityView(world, row))),
  }),
  route('GET /v1/projects/{id}/groups', {
    cost: 20,
    handle(world, { int }) {
      const groups = world.db.projectGroups.where('project_id', liveProject(world, int('id')).id);
      return whole(
        groups.sort((a, b) => a.order_nr - b.order_nr).map(({ project_id: _, ...group }): JsonObject => group),
      );
    },
  }),
  route('GET /v1/projects/{id}/plan', {
    cost: 20,
    handle(world, { int }) {
      const project = liveProject(world, int('id'));
      const tasks = tasksOf(world, project.id).map(({ id }) => planItem(world, 'task', id));
      const activities = activitiesOf(world, project).map(({ id }) => planItem(world, 'activity', id));
      return whole([...tasks, ...activities]);
    },
  }),
  putPlan('tasks', 'taskId', 'task'),
  putPlan('activities', 'activityId', 'activity'),
];

type ItemType = 'task' | 'activity';

function putPlan(path: 'tasks' | 'activities', parameter: string, type: ItemType): Route {
  return route(`PUT /v1/projects/{id}/plan/${path}/{${parameter}}`, {
    cost: 10,
    body: place,
    handle(world, { body: { phase_id, group_id }, int }) {
      const { db } = world;
      const project = liveProject(world, int('id'));
      const item =
        type === 'task' ? live(db.tasks, int(parameter), 'Task') : live(db.activities, int(parameter), 'Activity');
      if (item.project_id !== project.id) throw notFound(type === 'task' ? 'Task' : 'Activity');
      const phase = typeof phase_id === 'number' ? db.phases.get(phase_id) : undefined;
      if (typeof phase_id === 'number' && (phase?.is_deleted !== false || phase.board_id !== project.board_id))
        throw invalid(`Phase ${phase_id} is not on the board of the project`);
      if (typeof group_id === 'number' && db.projectGroups.get(group_id)?.project_id !== project.id)
        throw invalid(`Group ${group_id} not found in the project`);
      const id = `${type} ${item.id}`;
      const row =
        db.planItems.get(id) ?? db.planItems.insert({ id, project_id: project.id, phase_id: null, group_id: null });
      db.planItems.patch(row, { phase_id, group_id });
      return whole(planItem(world, type, item.id));
    },
  });
}

function planItem({ db }: World, item_type: ItemType, item_id: number): JsonObject {
  const { phase_id = null, group_id = null } = db.planItems.get(`${item_type} ${item_id}`) ?? {};
  return { item_id, item_type, phase_id, group_id };
}

/** Lists that come whole but have the envelope of a paged one. */
function all(rows: Json[]) {
  return { status: 200, body: { success: true, data: rows, additional_data: { next_cursor: null } } };
}

function activitiesOf({ db }: World, { id }: Project): Activity[] {
  return db.activities.where('project_id', id).filter((activity) => !activity.is_deleted);
}

/** As v1's activities, but what an address lacks is empty text. */
function activityView(world: World, row: Activity): JsonObject {
  const view = activityV1(world, row);
  const lacking = Object.keys(view).filter((key) => key.startsWith('location_') && view[key] === null);
  const empty = Object.fromEntries(lacking.map((key) => [key, '']));
  return { ...view, ...empty, update_user_id: row.owner_id, source_timezone: '' };
}

/** A v1 body in v2's terms; of several persons or organizations, the one named takes the place of the first. */
function bodyV2(world: World, given: z.output<typeof changed>, project?: Project): ProjectBody {
  const { title, description, status, board_id, phase_id, owner_id, start_date, end_date, deal_ids } = given;
  const { health_status, template_id, labels, person_id, org_id } = given;
  const first = (id: number | null | undefined, before: readonly number[] = []) =>
    id === undefined ? undefined : [...(id === null ? [] : [id]), ...before.slice(1)];
  return {
    ...{ title, description, status, board_id, phase_id, owner_id, start_date, end_date, deal_ids },
    ...{ health_status, template_id, label_ids: labels },
    person_ids: first(person_id, project?.person_ids),
    org_ids: first(org_id, project?.org_ids),
    custom_fields: writeCustomFieldsV1(world, 'project', project?.custom_fields ?? {}, jsonObject.parse(given)),
  };
}

function projectV1(world: World, project: Project): JsonObject {
  const { person_ids, org_ids, label_ids, custom_fields, is_deleted: _, delete_time: __, ...row } = project;
  return {
    ...row,
    status: statusOf(project),
    labels: label_ids,
    person_id: person_ids[0] ?? null,
    org_id: org_ids[0] ?? null,
    add_time: v1MsTime(row.add_time),
    update_time: v1MsTime(row.update_time),
    status_change_time: v1MsTime(row.status_change_time),
    archive_time: row.archive_time && v1MsTime(row.archive_time),
    ...customFieldsV1(world, 'project', custom_fields),
  };
}
