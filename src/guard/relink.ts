import type { ApiRequest, Client } from '../pipedrive/client.ts';
import { PipedriveError } from '../pipedrive/errors.ts';
import { isObject, type Json, type JsonObject } from '../pipedrive/json.ts';
import type { Aliases } from './aliases.ts';
import { isSame } from './compare.ts';
import { undoesOf } from './entries.ts';
import type { Entry } from './journal.ts';
import { type Api, type Id, kindOf, lastId, pointers, requestOf } from './places.ts';
import { listOf, type Reading, readRecord, rowsOf } from './record.ts';

/** A list that can be asked for what points to a record, by a parameter that is also the key of the link. */
type Link = { readonly list: string; readonly key: string };

const links: Readonly<Record<string, readonly Link[]>> = {
  deals: [
    { list: '/api/v2/activities', key: 'deal_id' },
    { list: '/api/v1/notes', key: 'deal_id' },
  ],
  persons: [
    { list: '/api/v2/deals', key: 'person_id' },
    { list: '/api/v1/leads', key: 'person_id' },
    { list: '/api/v2/activities', key: 'person_id' },
    { list: '/api/v1/notes', key: 'person_id' },
  ],
  organizations: [
    { list: '/api/v2/persons', key: 'org_id' },
    { list: '/api/v2/deals', key: 'org_id' },
    { list: '/api/v1/leads', key: 'organization_id' },
    { list: '/api/v2/activities', key: 'org_id' },
    { list: '/api/v1/notes', key: 'org_id' },
  ],
  leads: [
    { list: '/api/v2/activities', key: 'lead_id' },
    { list: '/api/v1/notes', key: 'lead_id' },
  ],
  projects: [
    { list: '/api/v2/tasks', key: 'project_id' },
    { list: '/api/v1/notes', key: 'project_id' },
  ],
  stages: [{ list: '/api/v2/deals', key: 'stage_id' }],
  phases: [{ list: '/api/v2/projects', key: 'phase_id' }],
  boards: [{ list: '/api/v2/phases', key: 'board_id' }],
};

export type Relinked = { readonly count: number; readonly lost: readonly string[] };

type Made = { readonly kind: string; readonly old: Id; readonly now: Id };

/** Points to the new record what pointed to the old one, as far as the API's lists tell it; `write` sends each change. */
export async function relink(
  reading: Reading,
  write: Client,
  made: Made,
  aliases: Aliases,
  entries: readonly Entry[],
): Promise<Relinked> {
  const { api, options } = reading;
  const lost: string[] = [];
  let count = 0;
  async function send(request: ApiRequest | undefined, what: string): Promise<void> {
    if (!request) return;
    try {
      await write.request(request, options);
      count++;
    } catch (error) {
      lost.push(`${what} still points to the old record: ${said(error)}`);
    }
  }

  for (const { list, key } of links[made.kind] ?? []) {
    const kind = kindOf(list);
    for (const row of await pointing(reading, list, key, made.old, lost)) {
      const body = kind === 'activities' && key === 'person_id' ? participants(row, made) : { [key]: made.now };
      const path = `${list}/${encodeURIComponent(String(row['id']))}`;
      await send(requestOf(api, methodOf(api, path), path, { body }), `${kind} ${row['id']}`);
    }
  }
  for (const { path, key, ours } of owed(made, aliases, entries)) {
    const record = await readRecord(reading, path);
    if (!isObject(record) || !(isFree(record[key], aliases, key) || isSame(record[key], ours))) continue;
    await send(requestOf(api, methodOf(api, path), path, { body: { [key]: made.now } }), path);
  }
  if (made.kind === 'deals') {
    for (const { id } of await pointing(reading, '/api/v2/persons', 'deal_id', made.old, lost)) {
      const path = `/api/v1/deals/${made.now}/participants`;
      const there = await rowsOf(reading, listOf(api, path) ?? { method: 'GET', path, cost: 0 });
      if (there.some((one) => isObject(one['person_id']) && one['person_id']['value'] === id)) continue;
      await send(requestOf(api, 'POST', path, { body: { person_id: id ?? null } }), `participant ${id}`);
    }
  }
  return { count, lost };
}

async function pointing(reading: Reading, list: string, key: string, old: Id, lost: string[]): Promise<JsonObject[]> {
  const request = listOf(reading.api, list, { [key]: old });
  if (!request) return [];
  try {
    const rows = await rowsOf(reading, request);
    // Persons are asked for a deal that they take part in, and show none.
    return rows.filter((row) => !(key in row) || String(row[key]) === String(old));
  } catch (error) {
    lost.push(`${kindOf(list)} that pointed to it could not be listed: ${said(error)}`);
    return [];
  }
}

function said(error: unknown): string {
  if (!(error instanceof PipedriveError)) throw error;
  return error.detail ?? error.message;
}

function methodOf(api: Api, path: string): 'PATCH' | 'PUT' {
  return api.cost('PATCH', path) === undefined ? 'PUT' : 'PATCH';
}

/** An activity's persons are its participants, the first one among them. */
function participants(row: JsonObject, { old, now }: Made): JsonObject {
  const all = Array.isArray(row['participants']) ? row['participants'].filter(isObject) : [];
  return {
    participants: all.map(({ person_id = null, primary = false }) => ({
      person_id: person_id === old ? now : person_id,
      primary,
    })),
  };
}

/** `ours` is what the write that could not be taken back put there. */
type Owed = { readonly path: string; readonly key: string; readonly ours: Json };

function oursOf(entry: Entry, aliases: Aliases, key: string): Json {
  const { body } = aliases.entry(entry);
  return (entry.method !== 'DELETE' && isObject(body) ? body[key] : null) ?? null;
}

/** Links that earlier undos could not bring back, since their target was gone then. */
function owed({ kind, old }: Made, aliases: Aliases, entries: readonly Entry[]): Owed[] {
  return entries.flatMap((entry) => {
    const { method, path, before, body, state } = entry;
    const back = undoesOf(entry, entries).find((one) => one.state === 'done');
    if (!before || state !== 'done' || !back || method === 'POST') return [];
    const record = aliases.path(path);
    const last = lastId(record);
    if (last === undefined || aliases.isGone(kindOf(record), last)) return [];
    return Object.entries(pointers).flatMap(([key, to]) => {
      if (to !== kind || before[key] === null || before[key] === undefined) return [];
      const isMeant = String(aliases.id(kind, idOf(before[key]))) === String(aliases.id(kind, old));
      const isTouched = method === 'DELETE' || (isObject(body) && key in body);
      const wasLeftOut = isObject(back.body) && !(key in back.body);
      return isMeant && isTouched && wasLeftOut ? [{ path: record, key, ours: oursOf(entry, aliases, key) }] : [];
    });
  });
}

function idOf(value: Json | undefined): Id {
  return typeof value === 'string' || typeof value === 'number' ? value : '';
}

/** Nobody has put another record there since, or one that is gone itself. */
function isFree(value: Json | undefined, aliases: Aliases, key: string): boolean {
  return isSame(value, null) || aliases.isGone(pointers[key] ?? '', idOf(value));
}
