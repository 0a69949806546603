import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { type Api, apiOf } from './api.ts';

type Json = Record<string, unknown>;

let sandbox: Sandbox;
let api: Api;

beforeEach(async () => {
  sandbox = await startSandbox({ seed: 3, now: new Date('2026-11-20T10:00:00Z') });
  api = apiOf(sandbox);
});
afterEach(() => sandbox.close());

async function data(method: string, path: string, body?: unknown, status = 200): Promise<Json> {
  return (await api.ok(method, path, body, status)).data;
}
async function rows(path: string): Promise<Json[]> {
  return (await api.ok('GET', path)).data;
}
const ids = (list: Json[]) => list.map(({ id }) => id);
const post = (path: string, body: unknown) =>
  data('POST', path, body, /projects$|tasks$/.test(path) ? 201 : 200) as Promise<Json & { id: number }>;

describe('boards and phases', () => {
  it('keep an order in which others make room', async () => {
    const board = await post('/api/v2/boards', { name: 'First', order_nr: 1 });
    expect((await rows('/api/v2/boards')).map(({ name, order_nr }) => [name, order_nr])).toEqual([
      ['First', 1],
      ['Installations', 2],
      ['Service year', 3],
    ]);
    await data('PATCH', `/api/v2/boards/${board.id}`, { order_nr: 3 });
    expect((await rows('/api/v2/boards')).map(({ name }) => name)).toEqual(['Installations', 'Service year', 'First']);
    await api.fails('POST', '/api/v2/boards', { name: 'Far', order_nr: 9 }, 400, 'order_nr');
    await api.fails('POST', '/api/v2/boards', { order_nr: 1 }, 400, 'name');
    await api.fails('GET', '/api/v2/phases', undefined, 400, 'board_id');
    expect(await rows('/api/v2/phases?board_id=999')).toEqual([]);
  });

  it('move to another board with their projects, and leave them behind when deleted', async () => {
    const board = await post('/api/v2/boards', { name: 'Board' });
    const [one, two] = [
      await post('/api/v2/phases', { name: 'One', board_id: board.id }),
      await post('/api/v2/phases', { name: 'Two', board_id: board.id, order_nr: 1 }),
    ];
    expect((await rows(`/v1/projects/phases?board_id=${board.id}`)).map(({ name }) => name)).toEqual(['Two', 'One']);
    const project = await post('/api/v2/projects', { title: 'P', phase_id: one.id });
    expect(project).toMatchObject({ board_id: board.id, phase_id: one.id });
    await data('PATCH', `/api/v2/phases/${one.id}`, { board_id: 1 });
    expect(await data('GET', `/api/v2/projects/${project.id}`)).toMatchObject({ board_id: 1, phase_id: one.id });
    await data('DELETE', `/api/v2/phases/${one.id}`);
    expect(await data('GET', `/api/v2/projects/${project.id}`)).toMatchObject({ board_id: 1, phase_id: null });
    await data('DELETE', `/api/v2/boards/${board.id}`);
    await api.fails('GET', `/api/v2/phases/${two.id}`, undefined, 404, 'not found');
    await api.fails('POST', '/api/v2/phases', { name: 'X', board_id: board.id }, 400, 'Board');
  });
});

describe('projects', () => {
  it('stand in a phase of their board', async () => {
    expect(await post('/api/v2/projects', { title: 'Alone' })).toMatchObject({ board_id: null, phase_id: null });
    const project = await post('/api/v2/projects', { title: 'On a board', board_id: 2 });
    const [first] = await rows('/api/v2/phases?board_id=2');
    expect(project).toMatchObject({ board_id: 2, phase_id: first?.['id'], status: 'open', archive_time: null });
    const [other] = await rows('/api/v2/phases?board_id=1');
    const wrong = { board_id: 2, phase_id: other?.['id'] };
    await api.fails('PATCH', `/api/v2/projects/${project.id}`, wrong, 400, 'does not belong');
    await api.fails('POST', '/api/v2/projects', { title: 'X', phase_id: 999 }, 400, 'Phase 999');
  });

  it('refuse what does not exist', async () => {
    const refused: [Json, string][] = [
      [{}, 'title'],
      [{ title: '' }, 'title'],
      [{ title: 'X', deal_ids: [99_999] }, 'Deal 99999'],
      [{ title: 'X', person_ids: [99_999] }, 'Person 99999'],
      [{ title: 'X', org_ids: [99_999] }, 'Organization 99999'],
      [{ title: 'X', label_ids: [99_999] }, 'Label'],
      [{ title: 'X', health_status: 99_999 }, 'health_status'],
      [{ title: 'X', owner_id: 99_999 }, 'User'],
      [{ title: 'X', status: 'done' }, 'status'],
      [{ title: 'X', template_id: 99 }, 'template'],
      [{ title: 'X', start_date: '2026-12-02', end_date: '2026-12-01' }, 'start_date'],
      [{ title: 'X', custom_fields: { nothing: 1 } }, 'custom_fields'],
      [{ title: 'X', person_id: 1 }, "Unknown key 'person_id'"],
    ];
    const before = (await rows('/api/v2/projects?limit=500')).length;
    for (const [body, text] of refused) await api.fails('POST', '/api/v2/projects', body, 400, text);
    expect(await rows('/api/v2/projects?limit=500')).toHaveLength(before);
  });

  it('are listed by what they are linked to', async () => {
    const project = await post('/api/v2/projects', { title: 'P', deal_ids: [1, 2, 2], person_ids: [3], org_ids: [4] });
    expect(project['deal_ids']).toEqual([1, 2]);
    for (const query of ['deal_id=2', 'person_id=3', 'org_id=4'])
      expect(ids(await rows(`/api/v2/projects?${query}`))).toContain(project.id);
    expect(ids(await rows('/api/v2/projects?deal_id=3'))).not.toContain(project.id);
    await data('DELETE', `/api/v2/projects/${project.id}`);
    await api.fails('GET', `/api/v2/projects/${project.id}`, undefined, 404, 'Project not found');
    expect(await rows('/api/v2/projects?status=deleted')).toMatchObject([{ id: project.id, status: 'deleted' }]);
    expect(ids(await rows('/api/v2/projects?status=open,completed,canceled'))).not.toContain(project.id);
  });

  it('are listed page by page', async () => {
    const found: unknown[] = [];
    let cursor = '';
    do {
      const page = await api.ok('GET', `/api/v2/projects?limit=4${cursor}`);
      found.push(...ids(page.data));
      cursor = page.additional_data.next_cursor === null ? '' : `&cursor=${page.additional_data.next_cursor}`;
    } while (cursor !== '');
    expect(found).toEqual(ids(await rows('/api/v2/projects?limit=500')));
    expect(new Set(found).size).toBe(found.length);
  });

  it('are archived once, and then in a list of their own', async () => {
    const { id } = await post('/api/v2/projects', { title: 'P' });
    const archived = await data('POST', `/api/v2/projects/${id}/archive`);
    expect(archived['archive_time']).toMatch(/^2026-11-20T10:0\d:\d\d\.000Z$/);
    expect(ids(await rows('/api/v2/projects?limit=500'))).not.toContain(id);
    expect(ids(await rows('/api/v2/projects/archived'))).toContain(id);
    expect(ids(await rows('/v1/projects?limit=500'))).not.toContain(id);
    expect(ids(await rows('/v1/projects?limit=500&include_archived=true'))).toContain(id);
    await api.fails('POST', `/api/v2/projects/${id}/archive`, undefined, 400, 'already');
  });

  it('tell what changed in them, newest first', async () => {
    const { id } = await post('/api/v2/projects', { title: 'Old', deal_ids: [1] });
    expect(await rows(`/api/v2/projects/${id}/changelog`)).toEqual([]);
    await data('PATCH', `/api/v2/projects/${id}`, { title: 'New', status: 'completed' });
    await data('PATCH', `/api/v2/projects/${id}`, { title: 'New', deal_ids: [1, 2] });
    await data('PATCH', `/api/v2/projects/${id}`, { title: 'Newest' });
    const log = await rows(`/api/v2/projects/${id}/changelog`);
    expect(log[0]).toMatchObject({ old_values: { title: 'New' }, new_values: { title: 'Newest' }, actor_user_id: 1 });
    const first = log.at(-1);
    expect(first).toMatchObject({ old_values: { title: 'Old', status: 'open' }, new_values: { title: 'New' } });
    const deals = log.map(({ new_values }) => (new_values as Json)['deal_ids']).filter(Boolean);
    expect(deals).toEqual([[1, 2]]);
    const page = await api.ok('GET', `/api/v2/projects/${id}/changelog?limit=1`);
    const { next_cursor } = page.additional_data;
    expect((await rows(`/api/v2/projects/${id}/changelog?limit=1&cursor=${next_cursor}`))[0]).not.toEqual(log[0]);
  });

  it('have custom fields, nested in v2 and flat in v1', async () => {
    const fields = await rows('/api/v2/projectFields?limit=500');
    const custom = fields.filter((field) => field['is_custom_field']);
    expect(custom).toHaveLength(3);
    expect(fields[0]).toMatchObject({ field_code: 'title', required_fields: { enabled: true } });
    expect(await data('GET', '/api/v2/projectFields/health_status')).toMatchObject({ field_type: 'enum' });
    const code = String(custom.find(({ field_type }) => field_type === 'double')?.['field_code']);
    const { id } = await post('/api/v2/projects', { title: 'P', custom_fields: { [code]: 5 } });
    expect(await data('GET', `/v1/projects/${id}`)).toMatchObject({ [code]: 5 });
    await data('PUT', `/v1/projects/${id}`, { [code]: 6 });
    expect((await data('GET', `/api/v2/projects/${id}`))['custom_fields']).toMatchObject({ [code]: 6 });
    await data('PATCH', `/api/v2/projects/${id}`, { custom_fields: { [code]: null } });
    expect(await data('GET', `/v1/projects/${id}`)).not.toHaveProperty(code);
  });

  it('are the same in v1, which knows one person and organization of each', async () => {
    const made = await data('POST', '/v1/projects', { title: 'P', person_id: '3', org_id: 4, labels: [], odd: 1 }, 201);
    expect(made).toMatchObject({ person_id: 3, org_id: 4, labels: [], add_time: expect.stringMatching(/ .*\.000$/) });
    const path = `/api/v2/projects/${made['id']}`;
    await data('PATCH', path, { person_ids: [3, 5] });
    await data('PUT', `/v1/projects/${made['id']}`, { person_id: 6 });
    expect(await data('GET', path)).toMatchObject({ person_ids: [6, 5], org_ids: [4] });
    await data('PUT', `/v1/projects/${made['id']}`, { org_id: null });
    expect(await data('GET', path)).toMatchObject({ org_ids: [] });
    await data('DELETE', `/v1/projects/${made['id']}`);
    await api.fails('GET', path, undefined, 404, 'not found');
  });

  it('made from a template begin with its tasks and groups, placed in the plan', async () => {
    const [template] = await rows('/api/v2/projectTemplates');
    expect(template).not.toHaveProperty('tasks');
    const body = { title: 'P', template_id: template?.['id'], start_date: '2026-12-01' };
    const project = await post('/api/v2/projects', body);
    expect(project['board_id']).toBe(template?.['projects_board_id']);
    const tasks = await rows(`/api/v2/tasks?project_id=${project.id}`);
    expect(tasks.length).toBeGreaterThan(5);
    expect(tasks[0]).toMatchObject({ due_date: '2026-12-05', is_done: false });
    const groups = await rows(`/v1/projects/${project.id}/groups`);
    const plan = await rows(`/v1/projects/${project.id}/plan`);
    expect(plan.map(({ item_id }) => item_id)).toEqual(ids(tasks));
    expect(ids(groups)).toContain(plan[0]?.['group_id']);
  });

  it('are found by their words', async () => {
    const { id } = await post('/api/v2/projects', { title: 'Zanzibar', description: 'Quokka crossing', org_ids: [4] });
    await post('/v1/notes', { content: '<b>Xylophone</b> tuned', project_id: id });
    for (const term of ['zanzib', 'quokka', 'xylophone']) {
      const { items } = (await api.ok('GET', `/api/v2/projects/search?term=${term}`)).data;
      expect(items).toMatchObject([{ item: { id, type: 'project', organization: { id: 4 } } }]);
    }
    const search = async (query: string) => (await api.ok('GET', query)).data.items;
    expect(await search('/api/v2/projects/search?term=zanzib&fields=notes')).toEqual([]);
    expect(await search('/api/v2/projects/search?term=zanzib&organization_id=5')).toEqual([]);
    expect(await search('/api/v2/itemSearch?term=zanzib&item_types=project')).toHaveLength(1);
    expect(await rows('/api/v2/itemSearch/field?term=Zanzibar&entity_type=project&field=title')).toEqual([
      { id, name: 'Zanzibar' },
    ]);
  });
});

describe('tasks', () => {
  let project: number;
  beforeEach(async () => {
    project = (await post('/api/v2/projects', { title: 'P' })).id;
  });
  const task = (body: Json) => post('/api/v2/tasks', { title: 'T', project_id: project, ...body });

  it('take 0 and 1 and answer booleans', async () => {
    const made = await task({ done: 1, milestone: 1, assignee_ids: [1, 2] });
    expect(made).toMatchObject({ is_done: true, is_milestone: true, assignee_ids: [1, 2] });
    expect(made['marked_as_done_time']).not.toBeNull();
    expect(await data('GET', `/v1/tasks/${made.id}`)).toMatchObject({ done: 1, assignee_id: 1 });
    const open = await data('PATCH', `/api/v2/tasks/${made.id}`, { done: 0, assignee_id: null });
    expect(open).toMatchObject({ is_done: false, marked_as_done_time: null, assignee_ids: [] });
    await api.fails('PATCH', `/api/v2/tasks/${made.id}`, { done: true }, 400, 'done');
    await api.fails('PATCH', `/api/v2/tasks/${made.id}`, { is_done: true }, 400, 'is_done');
    await api.fails('PATCH', `/api/v2/tasks/${made.id}`, { assignee_ids: [99_999] }, 400, 'User');
  });

  it('have subtasks, but those have none', async () => {
    const parent = await task({});
    const child = await task({ parent_task_id: parent.id });
    const other = await post('/api/v2/projects', { title: 'Other' });
    await api.fails(
      'POST',
      '/api/v2/tasks',
      { title: 'X', project_id: project, parent_task_id: child.id },
      400,
      'subtask',
    );
    await api.fails('PATCH', `/api/v2/tasks/${parent.id}`, { parent_task_id: parent.id }, 400, 'own subtask');
    await api.fails(
      'POST',
      '/api/v2/tasks',
      { title: 'X', project_id: other.id, parent_task_id: parent.id },
      400,
      'project',
    );
    const second = await task({});
    await api.fails('PATCH', `/api/v2/tasks/${parent.id}`, { parent_task_id: second.id }, 400, 'subtasks');
    const of = (parent_task_id: unknown) => `/api/v2/tasks?project_id=${project}&parent_task_id=${parent_task_id}`;
    expect(ids(await rows(of(null)))).toEqual([parent.id, second.id]);
    expect(ids(await rows(of(parent.id)))).toEqual([child.id]);
    await api.fails('GET', of('none'), undefined, 400, 'parent_task_id');
    await data('PATCH', `/api/v2/tasks/${parent.id}`, { project_id: other.id });
    expect(await data('GET', `/api/v2/tasks/${child.id}`)).toMatchObject({ project_id: other.id });
    await data('DELETE', `/api/v2/tasks/${parent.id}`);
    await api.fails('GET', `/api/v2/tasks/${child.id}`, undefined, 404, 'Task not found');
  });

  it('are listed by assignee, state and project, in both versions', async () => {
    const made = [await task({ assignee_ids: [2] }), await task({ done: 1 }), await task({ milestone: 1 })];
    const list = (query: string) => rows(`/api/v2/tasks?project_id=${project}&${query}`);
    expect(ids(await list('assignee_id=2'))).toEqual([made[0]?.id]);
    expect(ids(await list('is_done=true'))).toEqual([made[1]?.id]);
    expect(ids(await list('is_milestone=true'))).toEqual([made[2]?.id]);
    expect(ids(await rows(`/v1/tasks?project_id=${project}&done=1`))).toEqual([made[1]?.id]);
    expect(await rows(`/v1/projects/${project}/tasks`)).toHaveLength(3);
  });

  it('end with their project', async () => {
    const { id } = await task({});
    await data('DELETE', `/api/v2/projects/${project}`);
    await api.fails('GET', `/v1/tasks/${id}`, undefined, 404, 'not found');
    await api.fails('POST', '/api/v2/tasks', { title: 'X', project_id: project }, 400, 'Project');
  });

  it('and activities are moved in the plan of their own project only', async () => {
    const [phase] = await rows('/api/v2/phases?board_id=1');
    await data('PATCH', `/api/v2/projects/${project}`, { board_id: 1 });
    const { id } = await task({});
    const visit = await post('/api/v2/activities', { subject: 'Visit', project_id: project });
    const plan = `/v1/projects/${project}/plan`;
    expect(await rows(plan)).toEqual([
      { item_id: id, item_type: 'task', phase_id: null, group_id: null },
      { item_id: visit.id, item_type: 'activity', phase_id: null, group_id: null },
    ]);
    await data('PUT', `${plan}/tasks/${id}`, { phase_id: phase?.['id'] });
    await data('PUT', `${plan}/activities/${visit.id}`, { phase_id: phase?.['id'] });
    expect((await rows(plan)).map(({ phase_id }) => phase_id)).toEqual([phase?.['id'], phase?.['id']]);
    const [elsewhere] = await rows('/api/v2/phases?board_id=2');
    await api.fails('PUT', `${plan}/tasks/${id}`, { phase_id: elsewhere?.['id'] }, 400, 'board');
    await api.fails('PUT', `${plan}/tasks/${id}`, { group_id: 1 }, 400, 'Group');
    await api.fails('PUT', `${plan}/activities/1`, { phase_id: phase?.['id'] }, 404, 'Activity');
  });
});

describe('what hangs on projects', () => {
  it('activities keep one of deal, lead and project', async () => {
    const { id } = await post('/api/v2/projects', { title: 'P' });
    expect(await post('/api/v2/activities', { project_id: id, deal_id: 1 })).toMatchObject({ project_id: null });
    const visit = await post('/api/v2/activities', { subject: 'Visit', project_id: id, due_time: '10:30' });
    expect(visit).toMatchObject({ project_id: id, deal_id: null });
    expect(await rows(`/v1/projects/${id}/activities`)).toMatchObject([{ id: visit.id, due_time: '10:30' }]);
    await api.fails('POST', '/api/v2/activities', { project_id: 999 }, 400, 'Project 999');
  });

  it('notes are of projects and tasks, and pinned to them', async () => {
    const { id } = await post('/api/v2/projects', { title: 'P' });
    const task = await post('/api/v2/tasks', { title: 'T', project_id: id });
    const note = await post('/v1/notes', {
      content: 'Hm',
      project_id: id,
      task_id: task.id,
      pinned_to_project_flag: 1,
    });
    expect(note).toMatchObject({ project: { title: 'P' }, task: { title: 'T' }, pinned_to_project_flag: true });
    expect(ids(await rows(`/v1/notes?project_id=${id}`))).toEqual([note.id]);
    await api.fails('POST', '/v1/notes', { content: 'Hm', project_id: 999 }, 400, 'Project 999');
    await api.fails('POST', '/v1/notes', { content: 'Hm', task_id: 999_999 }, 400, 'Task 999999');
  });
});

it('the sample has projects of won deals, with work that is late', async () => {
  const projects = await rows('/api/v2/projects?limit=500');
  expect(projects.length).toBeGreaterThanOrEqual(8);
  expect(new Set(projects.map(({ board_id }) => board_id)).size).toBe(2);
  for (const { deal_ids } of projects) {
    const [deal = 0] = deal_ids as number[];
    expect(await data('GET', `/api/v2/deals/${deal}`)).toMatchObject({ status: 'won' });
  }
  const tasks = await rows('/api/v2/tasks?limit=500');
  const open = new Set(ids(projects.filter(({ status }) => status === 'open')));
  const late = tasks.filter(
    (task) => open.has(task['project_id']) && !task['is_done'] && String(task['due_date']) < '2026-11-20',
  );
  expect(late.length).toBeGreaterThan(0);
  expect(tasks.some((task) => task['is_milestone'])).toBe(true);
  expect(tasks.some((task) => task['parent_task_id'] !== null)).toBe(true);
  for (const task of tasks) expect(task['marked_as_done_time'] === null).toBe(!task['is_done']);
});
