import type { Entry, Journal } from '../../guard/journal.ts';
import { kindOf } from '../../guard/places.ts';
import { isObject, type Json, type JsonObject } from '../../pipedrive/json.ts';
import { cut } from '../answers/text.ts';
import type { Run } from '../run.ts';

/** How much of a change's id is shown: enough to tell it from all others that are kept. */
export const SHORT = 8;

/** A single write, or all writes of a job, which are taken back together. Its id is what answers call it. */
export type Unit = { readonly id: string; readonly entries: readonly Entry[]; readonly isJob: boolean };

/** In the order in which they were begun. */
export function unitsOf(entries: readonly Entry[]): Unit[] {
  const jobs = new Map<string, Entry[]>();
  const units: Unit[] = [];
  for (const entry of entries) {
    if (entry.item === undefined) {
      units.push({ id: entry.id.slice(0, SHORT), entries: [entry], isJob: false });
      continue;
    }
    const job = jobs.get(entry.call);
    if (job) job.push(entry);
    else {
      const first = [entry];
      jobs.set(entry.call, first);
      units.push({ id: entry.call, entries: first, isJob: true });
    }
  }
  return units;
}

/** What a write, or all writes of a job, were about. */
export function aboutUnit({ entries, isJob }: Unit): string {
  return isJob ? aboutJob(entries) : entries.map(about).join();
}

/** `2000 deals: owner_id`. */
function aboutJob(entries: readonly Entry[]): string {
  const kinds = new Map<string, Set<string>>();
  for (const { path, item = '' } of entries) {
    const kind = kindOf(path);
    kinds.set(kind, (kinds.get(kind) ?? new Set()).add(item));
  }
  const [first] = entries;
  const keys = first?.method === 'PATCH' && isObject(first.body) ? Object.keys(first.body) : [];
  const counts = [...kinds].map(([kind, items]) => `${items.size} ${kind}`).join(', ');
  return cut(`${counts}${keys.length > 0 ? `: ${keys.join(', ')}` : ''}`, 150);
}

/** `deals 5 (Probe station): value, stage_id`. */
export function about({ method, path, body, before, after }: Entry): string {
  const record = [after, before, body].find((one) => isObject(one) && nameOf(one) !== undefined);
  const name = isObject(record) ? nameOf(record) : undefined;
  const place = path.replace(/^\/api\/v\d\//, '').replaceAll('/', ' ');
  const keys = method === 'PATCH' || method === 'PUT' ? Object.keys(isObject(body) ? body : {}) : [];
  return cut(`${place}${name === undefined ? '' : ` (${name})`}${keys.length > 0 ? `: ${keys.join(', ')}` : ''}`, 150);
}

function nameOf(record: JsonObject): string | undefined {
  const name: Json | undefined = record['title'] ?? record['name'] ?? record['subject'] ?? record['field_name'];
  return typeof name === 'string' ? name : undefined;
}

export function journalOf({ guard }: Run): Journal {
  if (guard) return guard.journal;
  throw new Error('this process keeps no journal');
}
