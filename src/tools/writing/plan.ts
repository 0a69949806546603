import { Planned, PlanningClient } from '../../guard/client.ts';
import { collectionOf, lastId } from '../../guard/places.ts';
import { included, readRecord } from '../../guard/record.ts';
import type { ApiRequest } from '../../pipedrive/client.ts';
import { PipedriveError } from '../../pipedrive/errors.ts';
import { isObject, type Json, type JsonObject } from '../../pipedrive/json.ts';
import { cut } from '../answers/text.ts';
import type { Run } from '../run.ts';
import { api } from './api.ts';

/** What a write would send, and the records it is about, where they can be read. */
export type Plan = {
  readonly request: ApiRequest;
  /** The record that is changed or deleted, as it is. */
  readonly before: JsonObject | undefined;
  /** The record below which something is done: the deal of a follower, the lead that is converted. */
  readonly above: JsonObject | undefined;
  /** The record that it is merged into. */
  readonly into: JsonObject | undefined;
  /** What a deletion takes that only a list shows: lines of a deal, several filters, a goal. */
  readonly goes: readonly JsonObject[];
};

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

/** The records that a request is about, as they are now. */
export async function look(run: Run, request: ApiRequest): Promise<Plan> {
  const { path, body } = request;
  const at = api.recordAt(path);
  const record = at === undefined ? undefined : await present(run, at, body);
  const before = at === path ? record : undefined;
  // Settings have no name of their own: what they are of has one.
  const over = before && lastId(path) === undefined ? api.recordAt(collectionOf(path)) : undefined;
  const owner = over === undefined ? undefined : await present(run, over);
  const into = isObject(body) ? body['merge_with_id'] : undefined;
  const other = at && typeof into === 'number' ? at.replace(/[^/]+$/, String(into)) : undefined;
  return {
    request,
    before,
    above: at === path ? owner : record,
    into: other === undefined ? undefined : await present(run, other),
    goes: request.method === 'DELETE' && !before ? await listed(run, request) : [],
  };
}

/** The record at a path as it is, with what a body sets of it; undefined where the user may not read it. */
async function present(run: Run, path: string, body?: Json): Promise<JsonObject | undefined> {
  const cost = api.readCost(path);
  if (cost === undefined) return undefined;
  try {
    const { data } = await run.client.request({ method: 'GET', path, cost, ...included(path, body) }, run.options);
    return isObject(data) ? data : undefined;
  } catch (error) {
    if (error instanceof PipedriveError && error.code === 'forbidden') return undefined;
    throw error;
  }
}

/** Of a list, the records that a deletion names in its path, query or body. */
async function listed(run: Run, { path, query, body }: ApiRequest): Promise<JsonObject[]> {
  const goal = /^(\/api\/v1\/goals)\/([^/]+)$/.exec(path);
  if (goal) return goalOf(run, `${goal[1]}/find`, goal[2] ?? '');
  const found = await readRecord({ client: run.client, api, options: run.options }, path);
  if (!isObject(found)) return [];
  if (lastId(path) !== undefined || !Array.isArray(found['items'])) return [found];
  const named = Array.isArray(body) ? body.map((one) => (isObject(one) ? one['id'] : one)) : [];
  const ids = new Set([...String(query?.['ids'] ?? '').split(','), ...named.map(String)]);
  return found['items'].filter(isObject).filter((row) => ids.has(String(row['id'])));
}

/** Goals are read by a search alone. */
async function goalOf(run: Run, path: string, id: string): Promise<JsonObject[]> {
  const { data } = await run.client.request({ method: 'GET', path, cost: api.cost('GET', path) ?? 20 }, run.options);
  const goals = isObject(data) && Array.isArray(data['goals']) ? data['goals'] : [];
  return goals.filter(isObject).filter((goal) => goal['id'] === id);
}

/** The keys of a record that a write touches, with their values now: what it is sealed to. */
export function touched({ request, before, above, into, goes }: Plan): JsonObject {
  // A merge or a conversion takes the whole record with it.
  if (into || (above && /\/(merge|convert\/\w+)$/.test(request.path))) {
    return { ...ownValues(above ?? {}), ...(into ? { into: ownValues(into) } : {}) };
  }
  if (!before) return Object.fromEntries(goes.map((row) => [named(row) || 'the record', ownValues(row)]));
  if (request.method === 'DELETE') return ownValues(before);
  const values: JsonObject = {};
  for (const [key, value] of Object.entries(isObject(request.body) ? request.body : {})) {
    const now = before[key];
    if (key === 'custom_fields' && isObject(value) && isObject(now)) {
      for (const code of Object.keys(value)) values[code] = now[code] ?? null;
    } else if (now !== undefined) values[key] = now;
  }
  // Settings that are set by another name than they are read by: any of them may be meant.
  return Object.keys(values).length > 0 ? values : ownValues(before);
}

/** What moves by itself when a note is written, a mail comes or an activity is done: it says nothing of the record's own. */
const COMPUTED =
  /^(update_time|modified|last_login|rotten_time|last_(used|delivery|notification|incoming_mail|outgoing_mail)_time|(next|last)_activity_\w+|(\w+_)?(activities|deals?|files|notes|followers|messages?|participants|people|products|assignment|role)_count)$/;

function ownValues(record: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !COMPUTED.test(key)));
}

/** `5 “Probe station”`; a name can't end its quotes. */
export function named(record: JsonObject | undefined): string {
  const name = ['title', 'name', 'subject', 'field_name']
    .map((key) => record?.[key])
    .find((one) => typeof one === 'string');
  const id = record?.['id'] ?? record?.['field_code'];
  const known = typeof id === 'number' || (typeof id === 'string' && !/^[0-9a-f]{40}$/.test(id)) ? String(id) : '';
  return `${known} ${name === undefined ? '' : `“${cut(name.replace(QUOTES, '"'), 100)}”`}`.trim();
}
const QUOTES = /[“”„‟〝〞〟＂]/g;
