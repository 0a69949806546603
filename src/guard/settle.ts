import { PipedriveError } from '../pipedrive/errors.ts';
import { isObject, type Json, type JsonObject } from '../pipedrive/json.ts';
import { holds, instant, isSame } from './compare.ts';
import { shownAs } from './inverse.ts';
import type { Entry, Journal } from './journal.ts';
import { aboutKind, idIn, idKey, kindOf, lastId } from './places.ts';
import { listOf, type Reading, readRecord } from './record.ts';

/** What a look-up found of a write whose end is not known. */
export type Settled = {
  readonly entry: Entry;
  readonly state: 'done' | 'failed' | 'unknown';
  readonly says: string;
  /** It may still be under way: from then on a look tells. Epoch ms. */
  readonly overAt?: number;
};
type Finding = Omit<Settled, 'entry'> & { readonly after?: Json };

/** Clocks differ, and Pipedrive's times are in whole seconds. */
const SLACK_MS = 5_000;
/** What a record is called, by which a new one is found again. */
const NAMES = ['title', 'name', 'subject', 'content', 'field_name', 'user_id', 'product_id', 'person_id'] as const;
/** Lists that can be asked for their newest rows first; of others all rows are read. */
const newestFirst: Readonly<Record<string, Readonly<Record<string, string | number>>>> = {
  deals: { sort_by: 'add_time', sort_direction: 'desc', limit: 100 },
  persons: { sort_by: 'add_time', sort_direction: 'desc', limit: 100 },
  organizations: { sort_by: 'add_time', sort_direction: 'desc', limit: 100 },
  activities: { sort_by: 'add_time', sort_direction: 'desc', limit: 100 },
  products: { sort_by: 'add_time', sort_direction: 'desc', limit: 100 },
  notes: { sort: 'add_time DESC', limit: 100 },
  leads: { sort: 'add_time DESC', limit: 100 },
};

/**
 * Looks up the writes whose end is not known, since they timed out or the process ended first, and puts down what is found.
 * One that stays unknown is said with what to do about it; a later look may still settle it. A write that another process
 * has under way meanwhile is settled by that process again, whose word comes later. The entries that are not meant may have
 * made what is found. `now` is for tests.
 */
export async function settle(
  entries: readonly Entry[],
  journal: Journal,
  reading: Reading,
  isMeant: (entry: Entry) => boolean = () => true,
  now = Date.now,
): Promise<Settled[]> {
  const settled: Settled[] = [];
  let known = entries;
  for (const entry of entries) {
    if ((entry.state !== 'open' && entry.state !== 'unknown') || !isMeant(entry)) continue;
    const { state, says, after, overAt } = yet(entry, await findingOf(entry, known, reading).catch(unreadable), now());
    if (overAt !== undefined) journal.lookAgain(entry.id, overAt);
    // A record that one write is found to have made is none of the next one's.
    known = known.map((one) =>
      one.id === entry.id ? { ...one, state, ...(after === undefined ? {} : { after }) } : one,
    );
    if (state !== 'unknown') {
      const puttingDown = journal.settle(entry.id, state, {
        ...(after === undefined ? {} : { after }),
        ...(state === 'failed' ? { error: says } : {}),
      });
      // What a full disk does not take goes in with the next line, and the next write says so.
      await puttingDown.catch(() => undefined);
    }
    const said = `${entry.method} ${entry.path} (${entry.tool}): ${says}`;
    settled.push({ entry, state, says: said, ...(overAt === undefined ? {} : { overAt }) });
  }
  return settled;
}

/** That something is not there says nothing of a write which may still be under way. */
function yet({ overAt }: Entry, finding: Finding, now: number): Finding {
  if (finding.state !== 'failed' || now >= overAt) return finding;
  const says = `not known yet: so far ${finding.says}, and it may still be under way; look again in ${seconds(overAt - now)}`;
  return { ...unknown(says), overAt };
}

export function seconds(ms: number): string {
  return `${Math.ceil(ms / 1000)} seconds`;
}

/** What the user may not read, or the API does not give, can't be looked up later either. */
function unreadable(error: unknown): Finding {
  if (!(error instanceof PipedriveError) || !UNREADABLE.includes(error.code)) throw error;
  return unknown(`it cannot be looked up (${error.message}); see in Pipedrive whether it happened`);
}
const UNREADABLE: readonly string[] = ['forbidden', 'payment_required', 'not_found', 'gone', 'invalid'];

const unknown = (says: string): Finding => ({ state: 'unknown', says });
const failed = (says: string): Finding => ({ state: 'failed', says });
const done = (says: string, after?: Json): Finding => ({
  state: 'done',
  says,
  ...(after === undefined ? {} : { after }),
});

async function findingOf(entry: Entry, entries: readonly Entry[], reading: Reading): Promise<Finding> {
  const { method, path } = entry;
  const moved = /^(.*\/(?:deals|leads|persons|organizations)\/[^/]+)\/(?:merge|convert\/\w+)$/.exec(path)?.[1];
  if (moved !== undefined) return movedFinding(entry, moved, reading);
  if (kindOf(path).endsWith('Fields/options')) return optionsFinding(entry, reading);
  if (method === 'POST') return creationFinding(entry, entries, reading);
  // What a later write of this server has read first is what this one left; what is there now is that one's.
  const later = entries.find((one) => entry.state === 'unknown' && one.at > entry.at && one.path === path);
  const record = later?.before ?? (await readRecord(reading, path, entry.body));
  if (record === 'unreadable') return unknown('it cannot be looked up; see in Pipedrive whether it happened');
  if (method === 'DELETE') {
    if (lastId(path) === undefined) return unknown('several were to be removed; see which of them are left');
    return record ? failed('the record is still there') : done('the record is deleted', { id: lastId(path) ?? null });
  }
  return record ? changeFinding(entry, record) : failed('the record is gone');
}

/** A merge or a conversion ends with the record that it began with. */
async function movedFinding({ path, method }: Entry, source: string, reading: Reading): Promise<Finding> {
  const path2 = reading.api.cost('GET', source) === undefined ? source.replace('/v1/', '/v2/') : source;
  const own = reading.api.cost('GET', path2) === undefined ? source.replace('/v2/', '/v1/') : path2;
  const record = await readRecord(reading, own);
  if (record === 'unreadable') return unknown('it cannot be looked up; see in Pipedrive whether it happened');
  if (record === undefined) return done(`${kindOf(own)} ${lastId(own)} is gone, as it is after that`);
  // Pipedrive converts in a job of its own, which may not have ended.
  return method === 'PUT' ? failed('the record is still there') : unknown(`${path} may still be under way`);
}

/** Compares what was to change with what is there, and with what was. */
function changeFinding({ path, body, before }: Entry, record: JsonObject): Finding {
  const kind = kindOf(path);
  const parts = Object.entries(isObject(body) ? body : {}).flatMap(([key, wanted]) => {
    const of = (source: JsonObject | undefined) => source?.[shownAs(kind, key)];
    if (key !== 'custom_fields' || !isObject(wanted)) return [{ wanted, was: of(before), is: of(record) }];
    const [was, is] = [of(before), of(record)];
    return Object.entries(wanted).map(([code, value]) => ({
      wanted: value,
      was: isObject(was) ? was[code] : undefined,
      is: isObject(is) ? is[code] : undefined,
    }));
  });
  const shown = parts.filter(({ wanted, is }) => is !== undefined || wanted === null);
  const isWhole = shown.length === parts.length;
  if (shown.length === 0) return untold;
  if (isWhole && shown.every(({ wanted, is }) => holds(wanted, is))) return done('the values are there', record);
  if (before === undefined) return shown.some(({ wanted, is }) => holds(wanted, is)) ? unsure : failed(NOT_THERE);
  const changing = shown.filter(({ wanted, was }) => !holds(wanted, was));
  if (changing.length === 0) return isWhole ? unsure : untold;
  // The API takes a write whole or not at all, and may put what it is given into another form.
  if (changing.some(({ wanted, is }) => holds(wanted, is))) return done('the values are there', record);
  return changing.every(({ was, is }) => isSame(was, is)) ? failed(NOT_THERE) : unsure;
}
const NOT_THERE = 'the old values are still there';
const untold = unknown('what it was to change cannot be read back; see in Pipedrive whether it happened');
const unsure = unknown('the record has changed, but not to these values alone; compare it in Pipedrive');

async function optionsFinding({ method, path, body, before }: Entry, reading: Reading): Promise<Finding> {
  const field = await readRecord(reading, path);
  if (!isObject(field)) return failed('the field is gone');
  const list = (of: Json | undefined) => (Array.isArray(of) ? of.filter(isObject) : []);
  const options = list(field['options']);
  const has = (one: JsonObject, key: 'id' | 'label') => options.find((option) => option[key] === one[key]);
  const sent = list(body);
  if (method === 'DELETE')
    return sent.some((one) => has(one, 'id')) ? failed('they are still there') : done('they are gone');
  if (method === 'PATCH') {
    return sent.every((one) => has(one, 'id')?.['label'] === one['label'])
      ? done('they are renamed', sent)
      : failed(NOT_THERE);
  }
  const known = new Set(list(before?.['options']).map((option) => option['id']));
  const made = sent
    .flatMap((one): JsonObject[] => options.filter(({ label }) => label === one['label']))
    .filter((option) => !known.has(option['id'] ?? null));
  if (made.length !== sent.length) return failed('they are not there');
  return done(
    'they are there',
    made.map(({ id = null, label = null }) => ({ id, label })),
  );
}

/** Looks for a record of the same name that was made since. */
async function creationFinding(entry: Entry, entries: readonly Entry[], reading: Reading): Promise<Finding> {
  const { path, body } = entry;
  const sent = isObject(body) ? body : {};
  const key = NAMES.find((name) => sent[name] !== undefined && sent[name] !== null);
  const kind = kindOf(path);
  const request = listOf(reading.api, path, newestFirst[kind]);
  if (key === undefined || !request || lastId(path) !== undefined) {
    return unknown('it cannot be looked up; see in Pipedrive whether it happened');
  }
  const since = entry.at + reading.client.limits().clockAhead - SLACK_MS;
  const others = entries.filter((one) => one.id !== entry.id && aboutKind(one.path) === kind);
  // A follower that was removed is added again under the same id.
  const known = new Set(idKey(kind) === 'user_id' ? [] : others.map((one) => idIn(kind, one.after)));
  const found: JsonObject[] = [];
  for await (const { data } of reading.client.pages(request, reading.options)) {
    const rows = Array.isArray(data) ? data.filter(isObject) : [];
    found.push(...rows.filter((row) => isNew(row, since) && isCalled(sent, key, row) && !known.has(idIn(kind, row))));
    if (newestFirst[kind] && rows.some((row) => !isNew(row, since))) break;
  }
  const [only] = found;
  if (!only) return failed('there is no such record');
  if (found.length > 1) {
    const ids = found.map((row) => idIn(kind, row)).join(', ');
    return unknown(`several records fit (${ids}); see in Pipedrive whether one of them is too many`);
  }
  return done(`it is there, with the id ${idIn(kind, only)}`, only);
}

/** Rows without a time of creation say nothing of it: then the name alone has to do. */
function isNew(row: JsonObject, since: number): boolean {
  const time = row['add_time'];
  return typeof time !== 'string' || instant(time) >= since;
}

/** Notes come back as Pipedrive has cleaned their HTML: then their words have to do. */
function isCalled(sent: JsonObject, key: string, row: JsonObject): boolean {
  if (key !== 'content') return holds(sent[key], row[key]);
  return words(sent[key]) === words(row[key]);
}

function words(html: Json | undefined): string {
  return String(html ?? '')
    .replaceAll(/<[^>]*>|&\w+;|\s+/g, '')
    .toLowerCase();
}
