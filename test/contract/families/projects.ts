import type { Scene } from '../scene.ts';
import type { Family, Json } from './family.ts';

/** A project made from a template: groups of a plan come from nowhere else. */
async function project(scene: Scene): Promise<number> {
  return scene.make('project', '/api/v2/projects', {
    title: 'Contract project',
    description: 'Contract',
    template_id: (await template(scene))['id'],
    start_date: '2026-12-01',
    end_date: '2027-02-01',
    deal_ids: [await scene.deal()],
    person_ids: [await scene.person()],
    org_ids: [await scene.organization()],
    label_ids: [(await scene.labels('project'))[0]],
    health_status: await scene.option('project', 'health_status'),
    custom_fields: await scene.customFields('project'),
  });
}

async function template(scene: Scene): Promise<Json> {
  const [first] = await scene.list('project templates', '/api/v2/projectTemplates');
  return first ?? {};
}

async function board(scene: Scene): Promise<unknown> {
  return (await template(scene))['projects_board_id'];
}

/** A phase of the board that the project is on. */
async function phase(scene: Scene): Promise<unknown> {
  const phases = await scene.list('project phases', `/api/v2/phases?board_id=${await board(scene)}`);
  return phases[1]?.['id'];
}

function newBoard(scene: Scene): Promise<number> {
  return scene.make('board', '/api/v2/boards', { name: 'Contract board' });
}

async function task(scene: Scene, key = 'task'): Promise<number> {
  return scene.make(key, '/api/v2/tasks', {
    title: 'Contract task',
    project_id: await project(scene),
    description: 'Contract',
    due_date: '2026-12-01',
    start_date: '2026-11-30',
    assignee_ids: [await scene.me()],
    priority: 1,
  });
}

async function activity(scene: Scene): Promise<number> {
  return scene.make('project activity', '/api/v2/activities', {
    subject: 'Contract visit',
    project_id: await project(scene),
    person_id: await scene.person(),
    org_id: await scene.organization(),
    due_date: '2026-12-01',
    due_time: '10:30',
  });
}

async function group(scene: Scene): Promise<unknown> {
  const groups = await scene.once('groups', async () =>
    scene.send('GET', `/v1/projects/${await project(scene)}/groups`),
  );
  return (groups as Json[])[0]?.['id'];
}

/** A project with an activity and a past. */
async function busyProject(scene: Scene): Promise<number> {
  const id = await project(scene);
  await activity(scene);
  await scene.once('project change', () =>
    scene.send('PATCH', `/api/v2/projects/${id}`, { title: 'Contract project, changed', status: 'completed' }),
  );
  return id;
}

export const projects: Family = {
  at(scene, segment, parent) {
    if (segment === 'projects') return busyProject(scene);
    if (segment === 'boards') return newBoard(scene);
    if (segment === 'phases')
      return newBoard(scene).then((id) => scene.make('phase', '/api/v2/phases', { name: 'Contract', board_id: id }));
    if (segment === 'projectTemplates') return template(scene).then(({ id }) => id);
    if (segment === 'tasks') return task(scene);
    if (segment === 'activities' && parent === '{id}') return activity(scene);
    return undefined;
  },
  value(scene, operation, name, pick) {
    if (name === 'project_id') return operation.toolset === 'projects' ? busyProject(scene) : project(scene);
    if (operation.toolset !== 'projects') return undefined;
    switch (name.replace(/^(add|remove)_/, '')) {
      case 'board_id':
        return operation.entity.name === 'project_phase' ? newBoard(scene) : board(scene);
      case 'phase_id':
        return phase(scene);
      case 'group_id':
        return group(scene);
      case 'template_id':
        return template(scene).then(({ id }) => id);
      case 'deal_ids':
        return scene.deal().then((id) => [id]);
      case 'person_ids':
        return scene.person().then((id) => [id]);
      case 'org_ids':
        return scene.organization().then((id) => [id]);
      case 'health_status':
        return scene.option('project', 'health_status');
      case 'assignee_id':
        return scene.me();
      case 'assignee_ids':
        return Promise.all(pick === 'first' ? [scene.me()] : [scene.me(), scene.colleague()]);
      case 'parent_task_id':
        return task(scene, 'parent task');
      case 'activity_id':
        return activity(scene);
      case 'task_id':
        return task(scene);
      case 'order_nr':
        return Promise.resolve(1);
      case 'status':
        return operation.kind === 'read' ? undefined : Promise.resolve('completed');
      default:
        return undefined;
    }
  },
};
