import { z } from 'zod/v3';
import { rfc3339, v1IsoTime } from '../clock.ts';
import { invalid, schemaError } from '../error.ts';
import { optionsOf } from '../fields/active.ts';
import { checkLabels, customFieldsV2, writeCustomFieldsV2 } from '../fields/custom.ts';
import { filterRows } from '../filters/filter.ts';
import { recordChange } from '../history.ts';
import type { Json, JsonObject } from '../json.ts';
import { checkLinks } from '../links.ts';
import type { Project, ProjectTemplate } from '../model.ts';
import { cursorReply } from '../page.ts';
import { csvOf, field, paging, param } from '../parameters.ts';
import { created, ok, type Reply, type Route, route } from '../route.ts';
import type { Changes } from '../table.ts';
import { deletion, live, purgedBefore, type World } from '../world.ts';
import { checkBoard, phasesOf } from './project-phases.ts';
import { insertTask, removeTask } from './tasks.ts';
import { activeUser, activeUsers } from './users.ts';

const writable = ['open', 'completed', 'canceled'] as const;

/** What v1 and v2 bodies have in common. v2 says one thing more: that no custom field hides among the others. */
export const projectBody = z.object({
  title: field.filled,
  description: z.string().nullish(),
  status: z.enum(writable).optional(),
  board_id: field.id.nullish(),
  phase_id: field.id.nullish(),
  owner_id: field.id.optional(),
  start_date: field.date.nullish(),
  end_date: field.date.nullish(),
  deal_ids: z.array(field.id).optional(),
  health_status: z.number().int().nullish(),
  template_id: field.id.optional(),
});

const body = projectBody
  .extend({
    person_ids: z.array(field.id).optional(),
    org_ids: z.array(field.id).optional(),
    label_ids: z.array(field.id).optional(),
    custom_fields: z.unknown(),
  })
  .strict();

const changed = body.partial();

/** v2's body, its custom fields checked by who knows their form. */
export type ProjectBody = Omit<z.output<typeof changed>, 'custom_fields'> & {
  custom_fields?: Record<string, Json> | undefined;
};

/** What both versions list projects by. */
export const listQuery = {
  ...paging,
  filter_id: param.int,
  status: csvOf([...writable, 'deleted']),
  phase_id: param.int,
};

export const routes: Route[] = [
  route('GET /v2/projects', {
    cost: 10,
    query: z.object({ ...listQuery, deal_id: param.int, person_id: param.int, org_id: param.int }),
    handle: (world, { query }) =>
      list(
        world,
        query,
        (row) =>
          row.archive_time === null &&
          has(row.deal_ids, query.deal_id) &&
          has(row.person_ids, query.person_id) &&
          has(row.org_ids, query.org_id),
        (row) => projectV2(world, row),
      ),
  }),
  route('GET /v2/projects/archived', {
    cost: 10,
    query: z.object(listQuery),
    handle: (world, { query }) =>
      list(
        world,
        query,
        (row) => row.archive_time !== null,
        (row) => projectV2(world, row),
      ),
  }),
  route('GET /v2/projects/{id}', {
    cost: 1,
    handle: (world, { int }) => ok(projectV2(world, liveProject(world, int('id')))),
  }),
  route('POST /v2/projects', {
    cost: 5,
    body,
    handle(world, { body }) {
      const custom_fields = writeCustomFieldsV2(world, 'project', {}, body.custom_fields);
      const project = insertProject(world, { ...body, custom_fields });
      return created(projectV2(world, project));
    },
  }),
  route('PATCH /v2/projects/{id}', {
    cost: 5,
    body: changed,
    handle(world, { body, int }) {
      const project = liveProject(world, int('id'));
      const custom_fields =
        body.custom_fields === undefined
          ? undefined
          : writeCustomFieldsV2(world, 'project', project.custom_fields, body.custom_fields);
      return ok(projectV2(world, changeProject(world, project, { ...body, custom_fields })));
    },
  }),
  route('DELETE /v2/projects/{id}', {
    cost: 3,
    handle: (world, { int }) => ok(removeProject(world, int('id'))),
  }),
  route('POST /v2/projects/{id}/archive', {
    cost: 3,
    handle: (world, { int }) => ok(projectV2(world, archiveProject(world, int('id')))),
  }),
  route('GET /v2/projects/{id}/permittedUsers', {
    cost: 5,
    handle(world, { int }) {
      liveProject(world, int('id'));
      return ok(activeUsers(world).map(({ id }) => id));
    },
  }),
];

/** The project of that id, archived or not; 404 where it is unknown or deleted. */
export function liveProject({ db }: World, id: number): Project {
  return live(db.projects, id, 'Project');
}

type ListQuery = z.output<z.ZodObject<typeof listQuery>>;

/** A page of the projects that fit; deleted ones only where `status` asks for them, for 30 days. */
export function list(
  world: World,
  { filter_id, status, phase_id, ...page }: ListQuery,
  fits: (row: Project) => boolean,
  view: (row: Project) => JsonObject,
): Reply {
  const purged = purgedBefore(world);
  const rows = world.db.projects
    .matching({ phase_id })
    .filter(
      (row) =>
        (row.delete_time === null || row.delete_time >= purged) &&
        (status?.includes(statusOf(row)) ?? !row.is_deleted) &&
        fits(row),
    );
  return cursorReply(filter_id === undefined ? rows : filterRows(world, 'projects', filter_id, rows), page, view);
}

/** A deleted project has a status of its own. */
export function statusOf({ is_deleted, status }: Project) {
  return is_deleted ? 'deleted' : status;
}

/** A new project: open, the caller's, and where it names a template on that one's board with its tasks. */
export function insertProject(world: World, { template_id, ...given }: ProjectBody & { title: string }): Project {
  const { db, clock } = world;
  const template = template_id === undefined ? undefined : db.projectTemplates.get(template_id);
  if (template_id !== undefined && template?.is_deleted !== false)
    throw invalid(`Project template ${template_id} not found`);
  const body = template
    ? {
        ...given,
        board_id: given.board_id ?? template.projects_board_id,
        description: given.description ?? template.description,
      }
    : given;
  const now = clock.stamp();
  const changes = changesOf(world, body);
  const project = db.projects.insert({
    id: db.projects.nextId(),
    title: given.title,
    description: null,
    status: 'open',
    status_change_time: now,
    board_id: null,
    phase_id: null,
    owner_id: world.me().id,
    start_date: null,
    end_date: null,
    deal_ids: [],
    person_ids: [],
    org_ids: [],
    label_ids: [],
    health_status: null,
    archive_time: null,
    custom_fields: {},
    is_deleted: false,
    delete_time: null,
    add_time: now,
    update_time: now,
  });
  db.projects.patch(project, changes);
  if (template) fillFrom(world, project, template);
  return project;
}

export function changeProject(world: World, project: Project, { template_id: _, ...body }: ProjectBody): Project {
  const changes = { ...changesOf(world, body, project), update_time: world.clock.stamp() };
  return world.db.projects.patch(project, changes);
}

/** Deletes a project and its tasks. */
export function removeProject(world: World, id: number): { id: number } {
  const project = liveProject(world, id);
  for (const task of world.db.tasks.where('project_id', id)) if (!task.is_deleted) removeTask(world, task);
  world.db.projects.patch(project, deletion(world));
  return { id };
}

export function archiveProject(world: World, id: number): Project {
  const { db, clock } = world;
  const project = liveProject(world, id);
  if (project.archive_time !== null) throw invalid('Project is already archived');
  const now = clock.stamp();
  recordChange(world, 'project', id, 'archive_time', null, now);
  return db.projects.patch(project, { archive_time: now, update_time: now });
}

/** What a body changes, of a new project or of `project`; 400 where it names something that there is not. */
function changesOf(world: World, body: ProjectBody, project?: Project): Changes<Project> {
  const { clock } = world;
  for (const deal_id of added(body.deal_ids, project?.deal_ids)) checkLinks(world, { deal_id });
  for (const person_id of added(body.person_ids, project?.person_ids)) checkLinks(world, { person_id });
  for (const org_id of added(body.org_ids, project?.org_ids)) checkLinks(world, { org_id });
  if (body.owner_id !== undefined) activeUser(world, body.owner_id);
  if (body.label_ids !== undefined) checkLabels(world, 'project', body.label_ids);
  const known = optionsOf(world, 'project', 'health_status');
  if (typeof body.health_status === 'number' && !known.some(({ id }) => id === body.health_status))
    throw schemaError('health_status', `Option with id '${body.health_status}' does not exist`);
  const start = body.start_date === undefined ? project?.start_date : body.start_date;
  const end = body.end_date === undefined ? project?.end_date : body.end_date;
  if (start && end && start > end) throw invalid('start_date must not be after end_date');
  const isNewStatus = body.status !== undefined && body.status !== (project?.status ?? 'open');
  return {
    ...body,
    ...placeOf(world, body, project),
    deal_ids: unique(body.deal_ids),
    person_ids: unique(body.person_ids),
    org_ids: unique(body.org_ids),
    label_ids: unique(body.label_ids),
    ...(isNewStatus ? { status_change_time: clock.stamp() } : {}),
  };
}

/** A phase decides the board; a board alone puts the project into its first phase. */
function placeOf(world: World, { board_id, phase_id }: ProjectBody, project?: Project): Changes<Project> {
  if (typeof phase_id === 'number') {
    const phase = world.db.phases.get(phase_id);
    if (phase?.is_deleted !== false) throw invalid(`Phase ${phase_id} not found`);
    if (typeof board_id === 'number' && board_id !== phase.board_id)
      throw invalid(`Phase ${phase_id} does not belong to board ${board_id}`);
    return { board_id: phase.board_id, phase_id };
  }
  if (typeof board_id !== 'number') return board_id === null ? { board_id, phase_id: null } : { phase_id };
  checkBoard(world, board_id);
  if (board_id === project?.board_id) return { phase_id };
  return { board_id, phase_id: phase_id === null ? null : (phasesOf(world, board_id)[0]?.id ?? null) };
}

/** What a template holds, for a new project: groups, and tasks with their places and due dates. */
function fillFrom(world: World, project: Project, { tasks }: ProjectTemplate): void {
  const { db, clock } = world;
  const start = project.start_date === null ? clock.now() : new Date(`${project.start_date}T00:00:00Z`);
  const groups = new Map<string, number>();
  for (const { title, group, phase_id, day, is_milestone } of tasks) {
    const group_id = groups.get(group) ?? insertGroup(world, project.id, group, groups.size + 1);
    groups.set(group, group_id);
    const due = rfc3339(new Date(start.getTime() + day * 24 * 3600 * 1000)).slice(0, 10);
    const task = insertTask(world, { title, project_id: project.id, due_date: due, milestone: is_milestone ? 1 : 0 });
    db.planItems.insert({ id: `task ${task.id}`, project_id: project.id, phase_id, group_id });
  }
}

export function insertGroup({ db }: World, project_id: number, name: string, order_nr: number): number {
  return db.projectGroups.insert({ id: db.projectGroups.nextId(), project_id, name, order_nr }).id;
}

function has(ids: readonly number[], wanted: number | undefined): boolean {
  return wanted === undefined || ids.includes(wanted);
}

/** What was linked before stays, deleted since or not. */
function added(ids: readonly number[] = [], before: readonly number[] = []): number[] {
  return ids.filter((id) => !before.includes(id));
}

function unique(ids: readonly number[] | undefined): number[] | undefined {
  return ids && [...new Set(ids)];
}

function projectV2(world: World, project: Project): JsonObject {
  const { is_deleted: _, delete_time: __, custom_fields, ...row } = project;
  return {
    ...row,
    status: statusOf(project),
    add_time: v1IsoTime(row.add_time),
    update_time: v1IsoTime(row.update_time),
    status_change_time: v1IsoTime(row.status_change_time),
    archive_time: row.archive_time && v1IsoTime(row.archive_time),
    custom_fields: customFieldsV2(world, 'project', custom_fields),
  };
}
