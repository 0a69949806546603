import { Planned, PlanningClient } from '../../guard/client.ts';
import type { ApiRequest } from '../../pipedrive/client.ts';
import { PipedriveError } from '../../pipedrive/errors.ts';
import { isObject, type JsonObject } from '../../pipedrive/json.ts';
import type { Run } from '../run.ts';
import { api } from './api.ts';
import type { Plan } from './preview.ts';

/** What would be sent, found by doing all but that, and the records that it is about. */
export async function planOf(run: Run, work: (run: Run) => Promise<JsonObject>): Promise<Plan> {
  try {
    await work({ ...run, client: new PlanningClient(run.client) });
  } catch (error) {
    if (!(error instanceof Planned)) throw error;
    return look(run, error.request);
  }
  throw new Error(`${run.operation.name} is a write and sends none`);
}

/** The record that a request changes, the one below which it does something, and the one that it is merged into. */
export async function look(run: Run, request: ApiRequest): Promise<Plan> {
  const path = api.recordAt(request.path);
  const record = path === undefined ? undefined : await present(run, path);
  const into = isObject(request.body) ? request.body['merge_with_id'] : undefined;
  const other = path && typeof into === 'number' ? path.replace(/[^/]+$/, String(into)) : undefined;
  return {
    request,
    before: path === request.path ? record : undefined,
    above: path === request.path ? undefined : record,
    into: other === undefined ? undefined : await present(run, other),
  };
}

/** The record at a path as it is; undefined where the user may not read it. */
async function present(run: Run, path: string): Promise<JsonObject | undefined> {
  const cost = api.readCost(path);
  if (cost === undefined) return undefined;
  try {
    const { data } = await run.client.request({ method: 'GET', path, cost }, run.options);
    return isObject(data) ? data : undefined;
  } catch (error) {
    if (error instanceof PipedriveError && error.code === 'forbidden') return undefined;
    throw error;
  }
}
