import type { ApiRequest, CallOptions, Client } from '../pipedrive/client.ts';
import { PipedriveError } from '../pipedrive/errors.ts';
import { isObject, type Json, type JsonObject } from '../pipedrive/json.ts';
import { type Api, collectionOf, idIn, kindOf, lastId } from './places.ts';

/** What a read needs. */
export type Reading = { readonly client: Client; readonly api: Api; readonly options: CallOptions };

const LARGEST_PAGE = 500;

/** All rows of a list. */
export async function rowsOf({ client, options }: Reading, request: ApiRequest): Promise<JsonObject[]> {
  const rows: JsonObject[] = [];
  for await (const { data } of client.pages(request, options)) {
    if (Array.isArray(data)) rows.push(...data.filter(isObject));
  }
  return rows;
}

/** The list request of a collection; undefined where the API has none. */
export function listOf(api: Api, path: string, query: ApiRequest['query'] = {}): ApiRequest | undefined {
  const cost = api.cost('GET', path);
  return cost === undefined ? undefined : { method: 'GET', path, cost, query: { limit: LARGEST_PAGE, ...query } };
}

/** What a read gives only when it is asked for it, by kind of record. */
const onRequest: Readonly<Record<string, readonly string[]>> = { activities: ['attendees'] };

/** The query of a read that shows the keys of a body. */
export function included(path: string, body: Json | undefined): Pick<ApiRequest, 'query'> {
  const keys = (onRequest[kindOf(path)] ?? []).filter((key) => isObject(body) && key in body);
  return keys.length > 0 ? { query: { include_fields: keys.join(',') } } : {};
}

/** The one request that reads a record: its own, the field's of its options, or the list that it is in. */
export function readingOf(api: Api, path: string, body?: Json): { request: ApiRequest; isList: boolean } | undefined {
  const own = kindOf(path).endsWith('Fields/options') ? collectionOf(path) : path;
  if (lastId(own) === undefined) {
    // Several lines of a deal are removed at once: what is there is the whole list.
    const request = listOf(api, own);
    return request && { request, isList: true };
  }
  const cost = api.cost('GET', own);
  if (cost !== undefined) return { request: { method: 'GET', path: own, cost, ...included(own, body) }, isList: false };
  const request = listOf(api, collectionOf(own));
  return request && { request, isList: true };
}

/**
 * The record at a path, as it is now, with the keys of the body that is to be compared with it: `{items}` for a collection,
 * undefined where there is none or it is marked as deleted, 'unreadable' where the API can't say.
 */
export async function readRecord(
  reading: Reading,
  path: string,
  body?: Json,
): Promise<JsonObject | 'unreadable' | undefined> {
  const how = readingOf(reading.api, path, body);
  if (!how) return 'unreadable';
  try {
    if (!how.isList) {
      const { data } = await reading.client.request(how.request, reading.options);
      if (!isObject(data)) return undefined;
      // A user who is not active is marked as deleted, and there all the same.
      const isGone = data['is_deleted'] === true || data['active_flag'] === false;
      return isGone && kindOf(path) !== 'users' ? undefined : data;
    }
    const rows = await rowsOf(reading, how.request);
    const id = lastId(path);
    if (id === undefined) return { items: rows };
    return rows.find((row) => String(idIn(kindOf(path), row)) === id);
  } catch (error) {
    if (!(error instanceof PipedriveError)) throw error;
    if (['not_found', 'gone'].includes(error.code)) return undefined;
    if (error.code === 'forbidden') return 'unreadable';
    throw error;
  }
}

/**
 * The record as it is before a write, for the way back: one read, or the pages of the list that it is in. Undefined where
 * there is none, as before a POST, or none that would help.
 */
export async function readBefore(
  reading: Reading,
  { method, path, body }: ApiRequest,
): Promise<JsonObject | undefined> {
  const isPart = lastId(path) === undefined && !/Fields\/[^/]+\/options$|\/deals\/[^/]+\/products$/.test(path);
  if (method === 'POST' || isPart) return undefined;
  const record = await readRecord(reading, path, body);
  return record === 'unreadable' ? undefined : record;
}
