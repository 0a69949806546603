import type { Client } from '../../pipedrive/client.ts';
import { PipedriveError } from '../../pipedrive/errors.ts';
import { isObject, type Json, type JsonObject } from '../../pipedrive/json.ts';
import { operationOf } from '../nested.ts';
import { target } from '../request.ts';
import { type Run, rowsOf } from '../run.ts';
import type { Imported } from './targets.ts';

/** Records that one request reads by their ids. */
export const AT_ONCE = 100;

/** The path of one record, as a read of it alone has it. */
export function pathOf(kind: Imported, id: Json): string {
  return `${pathOfAll(kind)}/${encodeURIComponent(String(id))}`;
}

function pathOfAll(kind: Imported): string {
  return target(operationOf(`create_${kind}`)).path;
}

/** Can a record have it? Pipedrive refuses a whole list of ids for one that is none. */
function isId(kind: Imported, id: string): boolean {
  if (kind === 'lead') return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id);
  return /^[1-9]\d{0,14}$/.test(id);
}

/** The records of these ids as they are, by id; those that are gone, or never were, are missing. At most a hundred ids. */
export async function currentOf(
  run: Run,
  client: Client,
  kind: Imported,
  ids: readonly Json[],
): Promise<ReadonlyMap<string, JsonObject>> {
  const found = new Map<string, JsonObject>();
  const wanted = [...new Set(ids.map(String))].filter((id) => isId(kind, id));
  const path = pathOfAll(kind);
  if (path.startsWith('/api/v2/') && wanted.length > 1) {
    const query = { ids: wanted.join(','), limit: AT_ONCE };
    const { data } = await client.request({ method: 'GET', path, query, cost: 10 }, run.options);
    for (const record of rowsOf(data, undefined)) found.set(String(record['id']), record);
  }
  // v1's lists take no ids, and those of v2 leave out what is archived.
  const left = wanted.filter((id) => !found.has(id));
  await Promise.all(
    left.map(async (id) => {
      const record = await one(run, client, kind, id);
      if (record) found.set(id, record);
    }),
  );
  return found;
}

async function one(run: Run, client: Client, kind: Imported, id: string): Promise<JsonObject | undefined> {
  const cost = pathOfAll(kind).startsWith('/api/v2/') ? 1 : 2;
  try {
    const { data } = await client.request({ method: 'GET', path: pathOf(kind, id), cost }, run.options);
    return isObject(data) && data['is_deleted'] !== true && data['active_flag'] !== false ? data : undefined;
  } catch (error) {
    if (error instanceof PipedriveError && (error.code === 'not_found' || error.code === 'invalid')) return undefined;
    throw error;
  }
}
