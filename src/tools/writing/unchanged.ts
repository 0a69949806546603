import { DateTime } from 'luxon';
import { catalog } from '../../catalog/index.ts';
import { Watching } from '../../guard/client.ts';
import type { Answer, ApiRequest, CallOptions, Client } from '../../pipedrive/client.ts';
import { isObject, type Json, type JsonObject } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { codeOf, told } from '../jobs/updates.ts';
import { type Run, rowsOf } from '../run.ts';
import { toUtc } from '../time.ts';
import { api } from './api.ts';

/** The run of an update that is not done where what it touches has changed since the caller says it was read. */
export function unlessChanged(run: Run): Run {
  const { if_unchanged_since: given } = run.guarding;
  if (typeof given !== 'string') return run;
  const since = toUtc(given, run.account.zone, 'if_unchanged_since');
  return { ...run, client: new UnchangedClient(run.client, run, since) };
}

/** Looks at the record before the first write of a call: what its own writes change is no reason to stop. */
class UnchangedClient extends Watching {
  readonly #run: Run;
  readonly #since: DateTime;
  #isChecked = false;

  constructor(inner: Client, run: Run, since: DateTime) {
    super(inner);
    this.#run = run;
    this.#since = since;
  }

  protected async write(request: ApiRequest, options: CallOptions): Promise<Answer> {
    if (!this.#isChecked) await refuseIfChanged(this.#run, request, this.#since);
    this.#isChecked = true;
    return this.inner.request(request, options);
  }
}

async function refuseIfChanged(run: Run, request: ApiRequest, since: DateTime): Promise<void> {
  const { operation, account, client, options } = run;
  const at = (time: DateTime) => time.setZone(account.zone).toFormat('yyyy-MM-dd HH:mm:ss');
  const cost = api.readCost(request.path);
  const { data } =
    cost === undefined ? { data: null } : await client.request({ method: 'GET', path: request.path, cost }, options);
  const record = isObject(data) ? data : {};
  const last = timeOf(record['update_time'] ?? record['modified'] ?? record['updated_at']);
  if (!last) {
    throw new Problem(
      `${operation.title}: nothing was changed, since nobody can tell whether it was edited after ${at(since)}.`,
      'Pipedrive keeps no time of the last change of it.',
      'Read it again, and call without if_unchanged_since.',
    );
  }
  if (last <= since) return;
  const edited = `${operation.title}: nothing was changed, since it was edited after ${at(since)}.`;
  const again = `call again with if_unchanged_since "${at(last)}"`;
  const log = changelogAt(request.path);
  if (!log) {
    throw new Problem(
      edited,
      `Its last change was at ${at(last)}; Pipedrive does not tell which fields.`,
      `Read it again. If the update is still right, ${again}.`,
    );
  }
  const changed = await changesSince(run, log, touchedKeys(request.body), since);
  const fields = Object.keys(changed);
  if (fields.length === 0) return;
  throw new Problem(
    edited,
    `Changed since: ${fields.join(', ')}.`,
    `Look at changed_since. If the update is still right, ${again}.`,
    'no',
    { changed_since: changed, times_in: account.zone },
  );
}

/** A time of the API, whatever its form; undefined where there is none. */
function timeOf(value: Json | undefined): DateTime<true> | undefined {
  const time = typeof value === 'string' ? DateTime.fromISO(value.replace(' ', 'T'), { zone: 'utc' }) : undefined;
  return time?.isValid ? time : undefined;
}

type Log = { readonly entity: string; readonly path: string; readonly cost: number };

/** Where the changes of the record at a path are told; undefined for kinds of record that have no changelog. */
function changelogAt(path: string): Log | undefined {
  const [, plural = '', id = ''] = /^\/api\/v2\/(deals|persons|organizations|projects)\/(\d+)$/.exec(path) ?? [];
  const log = `/api/${plural === 'projects' ? 'v2' : 'v1'}/${plural}/${id}/changelog`;
  const cost = plural === '' ? undefined : api.cost('GET', log);
  return cost === undefined ? undefined : { entity: plural.slice(0, -1), path: log, cost };
}

/** Keys that follow one another: a stage is in a pipeline, a phase on a board. */
const together = [
  ['stage_id', 'pipeline_id'],
  ['phase_id', 'board_id'],
];

function touchedKeys(body: Json | undefined): ReadonlySet<string> {
  const { custom_fields: custom, ...own } = isObject(body) ? body : {};
  const keys = new Set([...Object.keys(own), ...(isObject(custom) ? Object.keys(custom) : [])]);
  for (const pair of together) if (pair.some((key) => keys.has(key))) for (const key of pair) keys.add(key);
  return keys;
}

/** By the label of each field that is among `keys`: what it was then, what it is now, who changed it last, and when. */
async function changesSince(run: Run, log: Log, keys: ReadonlySet<string>, since: DateTime): Promise<JsonObject> {
  const { client, options } = run;
  const request = { method: 'GET' as const, path: log.path, query: { limit: 500 }, cost: log.cost };
  const records: JsonObject[] = [];
  for await (const { data } of client.pages(request, options)) {
    const page = rowsOf(data, undefined);
    const later = page.filter(({ time }) => (timeOf(time) ?? since) > since);
    records.push(...later.flatMap((record) => about(record, keys)));
    // The newest come first.
    if (later.length < page.length) break;
  }
  const operation = catalog.find(({ name }) => name === `list_${log.entity}_changelog`);
  const words = told['change'];
  if (!operation || !words || records.length === 0) return {};
  const { columns = [], rows } = await words({ ...run, operation }, records);
  const changes: Record<string, JsonObject> = {};
  for (const row of rows) {
    const cells: JsonObject = {};
    for (const [index, name] of columns.entries()) cells[name] = Array.isArray(row) ? (row[index] ?? '') : '';
    const { field, old = '', new: now = '', by = '', time = '' } = cells;
    const label = String(field);
    // The newest come first: what it is and who made it so is known from them, what it was from the oldest.
    changes[label] = { is: now, by, at: time, ...changes[label], was: old };
  }
  return changes;
}

/** The part of a changelog's record that is about one of the keys. Projects tell all that changed at a time at once. */
function about(record: JsonObject, keys: ReadonlySet<string>): JsonObject[] {
  const { field_key, new_values, old_values } = record;
  if (!isObject(new_values)) return keys.has(codeOf(String(field_key))) ? [record] : [];
  const before = isObject(old_values) ? old_values : {};
  return Object.entries(new_values)
    .filter(([key]) => keys.has(codeOf(key)))
    .map(([key, now]) => ({ ...record, new_values: { [key]: now }, old_values: { [key]: before[key] ?? null } }));
}
