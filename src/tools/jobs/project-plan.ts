import type { Json, JsonObject } from '../../pipedrive/json.ts';
import { offsetList } from '../lists/offset-list.ts';
import { buildRequest } from '../request.ts';
import { type Run, rowsOf } from '../run.ts';

/** A project's plan with what its ids stand for: titles of tasks and names of groups are in lists of their own. */
export async function getProjectPlan(run: Run): Promise<JsonObject> {
  const { operation, args, client, vocabulary, options } = run;
  const project = Number(args['project_id']);
  const [items, groups, tasks] = await Promise.all([
    client.request(buildRequest(operation, args), options).then(({ data }) => rowsOf(data, undefined)),
    client
      .request({ method: 'GET', path: `/api/v1/projects/${project}/groups`, cost: 20 }, options)
      .then(({ data }) => rowsOf(data, undefined)),
    tasksOf(run, project),
  ]);
  const ids = items.flatMap(({ item_type: type, item_id: id }) =>
    type === 'activity' && typeof id === 'number' ? [id] : [],
  );
  await vocabulary.linked.need('activity', ids, options);
  const named = new Map(groups.map(({ id = null, name }) => [id, `${String(name)} (${String(id)})`]));
  const rows = items.map((item) => {
    const { item_type, item_id = null, group_id = null } = item;
    const isActivity = item_type === 'activity' && typeof item_id === 'number';
    const about = isActivity ? vocabulary.linked.record('activity', item_id) : tasks.get(item_id);
    const title: Json = about?.['title'] ?? about?.['subject'] ?? null;
    const done: Json = about?.['is_done'] ?? about?.['done'] ?? null;
    return { ...item, title, done, group: named.get(group_id) ?? group_id };
  });
  return offsetList(run, rows);
}

async function tasksOf({ client, options }: Run, project: number): Promise<ReadonlyMap<Json, JsonObject>> {
  const query = { project_id: project, limit: 500 };
  const tasks = new Map<Json, JsonObject>();
  for await (const { data } of client.pages({ method: 'GET', path: '/api/v2/tasks', query, cost: 10 }, options)) {
    for (const task of rowsOf(data, undefined)) tasks.set(task['id'] ?? null, task);
  }
  return tasks;
}
