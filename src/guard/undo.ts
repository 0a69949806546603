import type { ApiRequest } from '../pipedrive/client.ts';
import { PipedriveError } from '../pipedrive/errors.ts';
import { isObject, type Json, type JsonObject } from '../pipedrive/json.ts';
import { Aliases } from './aliases.ts';
import { JournalingClient, type JournalRules, type Provenance } from './client.ts';
import { type Changes, driftOf } from './drift.ts';
import { undoesOf } from './entries.ts';
import { inverse } from './inverse.ts';
import type { Entry } from './journal.ts';
import { collectionOf, type Id, idIn, kindOf, lastId, requestOf } from './places.ts';
import type { Reading } from './record.ts';
import { relink } from './relink.ts';
import { settle } from './settle.ts';

/** `reading` is the plain client's; `provenance` is of the call that undoes, and says which account's writes may be undone. */
export type Undoing = {
  readonly reading: Reading;
  readonly rules: JournalRules;
  readonly provenance: Omit<Provenance, 'undoes' | 'key'>;
};

/** What became of one write. `id` is the new id of a record that was made anew, `relinked` what points to it again. */
export type Undone = { readonly entry: Entry } & (
  | { readonly is: 'undone' | 'partly'; readonly id?: Id; readonly relinked: number; readonly lost: readonly string[] }
  | { readonly is: 'refused'; readonly why: string; readonly changes: Changes }
  | { readonly is: 'impossible'; readonly why: string }
);

/** Errors that say something of one write alone: after any other the rest is not tried. */
const OF_ONE_WRITE: readonly string[] = ['invalid', 'not_found', 'forbidden', 'conflict', 'gone'];

/** The account's writes that can be undone, the newest first: done, no undo themselves, and not undone yet. */
export function undoable(entries: readonly Entry[], account: string): Entry[] {
  return entries
    .filter((entry) => entry.account === account && entry.state === 'done' && entry.undoes === undefined)
    .filter((entry) => !isUndone(entry, entries))
    .reverse();
}

/** Has it been taken back, by an undo that was not taken back itself? */
export function isUndone(entry: Entry, entries: readonly Entry[]): boolean {
  const backs = undoesOf(entry, entries).filter(({ state }) => state === 'done');
  // The first write of an undo is what takes back; those after it mend links.
  const firsts = new Map([...backs].reverse().map((back) => [back.call, back]));
  return [...firsts.values()].some((first) => !isUndone(first, entries));
}

/**
 * Takes writes back, in the order given, which is to be the newest first. Each undo is a journalled write of its own. What
 * others have changed since is left as it is, and said. `known` is the journal where it has been read already, of writes
 * that have nothing to do with each other.
 */
export async function undo(ids: readonly string[], undoing: Undoing, known?: readonly Entry[]): Promise<Undone[]> {
  const done: Undone[] = [];
  for (const id of ids) {
    // Read anew: the undo before it may have given records new ids.
    const entries = await lookedUp(id, undoing, known);
    const entry = entries.find((one) => one.id === id && one.account === undoing.provenance.account);
    if (!entry) continue;
    try {
      done.push({ entry, ...(await undoOne(entry, entries, undoing, known)) });
    } catch (error) {
      if (!(error instanceof PipedriveError)) throw error;
      const isDone = error.applied === 'unknown' && isUndone(entry, await lookedUp(id, undoing));
      const lost = entry.method === 'DELETE' ? ['what pointed to it, since Pipedrive gave no answer in time'] : [];
      if (isDone) done.push({ entry, is: lost.length > 0 ? 'partly' : 'undone', relinked: 0, lost });
      else done.push({ entry, is: 'refused', why: error.message, changes: {} });
      if (!OF_ONE_WRITE.includes(error.code)) return done;
    }
  }
  return done;
}

/** A look-up after an undo that got no answer has this long, whatever the call's own deadline. */
const LOOK_MS = 8_000;

/** The journal, once it is looked up whether an undo of this write that got no answer has happened all the same. */
async function lookedUp(id: string, { reading, rules }: Undoing, known?: readonly Entry[]): Promise<readonly Entry[]> {
  const { journal } = rules;
  const entries = known ?? (await journal.read()).entries;
  const isUnsure = (one: Entry) => one.undoes === id && one.state === 'unknown';
  if (!entries.some(isUnsure)) return entries;
  const options = { ...reading.options, deadline: Date.now() + LOOK_MS };
  try {
    await settle(entries, journal, { ...reading, options }, isUnsure);
  } catch (error) {
    // It stays unknown, and is not repeated.
    if (!(error instanceof PipedriveError)) throw error;
  }
  return (await journal.read()).entries;
}

type Outcome = Undone extends infer One ? (One extends Undone ? Omit<One, 'entry'> : never) : never;

async function undoOne(
  entry: Entry,
  entries: readonly Entry[],
  undoing: Undoing,
  known: readonly Entry[] | undefined,
): Promise<Outcome> {
  const { reading } = undoing;
  const { api } = reading;
  if (entry.state === 'failed') return { is: 'impossible', why: 'It never happened, so there is nothing to undo.' };
  if (entry.state !== 'done') return { is: 'impossible', why: 'It is not known whether it happened.' };
  if (isUndone(entry, entries)) return { is: 'impossible', why: 'It has been undone already.' };
  if (undoesOf(entry, entries).some(({ state }) => state === 'open' || state === 'unknown')) {
    return { is: 'impossible', why: 'An undo of it is under way, or it is not known whether it happened.' };
  }
  const aliases = Aliases.of(entries);
  const now = aliases.entry(entry);
  const back = inverse(now, api);
  if (back.is === 'impossible') return back;
  const drift = await driftOf(entry, now, back.request, entries, reading);
  if (drift.is === 'gone') return { is: 'impossible', why: 'The record is gone: it was deleted since.' };
  if (drift.is === 'changed') {
    const own = laterOwn(entry, now, entries);
    const why = own
      ? `This server has changed it since, by ${own.tool} (change ${own.id.slice(0, 8)}): undo that one first.`
      : 'Others have changed it since.';
    return { is: 'refused', why, changes: drift.changes };
  }
  const lost = [...back.lost];
  const { body } = back.request;
  let request = back.request;
  if (isObject(body)) {
    const left = aliases.withoutGone(kindOf(entry.path), body);
    lost.push(...left.lost);
    if (Object.keys(left.body).length === 0) return { is: 'impossible', why: `${lost.join('; ')}.` };
    request = { ...request, body: left.body };
  }
  const item = entry.item === undefined ? {} : { item: entry.id };
  const provenance = { ...undoing.provenance, ...item, undoes: entry.id };
  const write = new JournalingClient(reading.client, undoing.rules, provenance);
  const answer = await sendEmptying(write, request, reading, lost);
  const made = entry.method === 'DELETE' ? madeAnew(now, entry, answer) : undefined;
  if (!made) return { is: lost.length > 0 ? 'partly' : 'undone', relinked: 0, lost };
  if (back.then) await finish(write, reading, `${collectionOf(now.path)}/${made.now}`, back.then, lost);
  const after = known ?? (await undoing.rules.journal.read()).entries;
  const mended = await relink(reading, write, made, Aliases.of(after), after);
  return { is: 'partly', id: made.now, relinked: mended.count, lost: [...lost, ...mended.lost] };
}

/** A later write of this server to the same record, if it still holds. */
function laterOwn(entry: Entry, now: Entry, entries: readonly Entry[]): Entry | undefined {
  const made = idIn(kindOf(now.path), now.after);
  const path = now.method === 'POST' && made !== undefined ? `${now.path}/${made}` : now.path;
  const isLater = (one: Entry) => one.at > entry.at && one.account === entry.account && one.state === 'done';
  return entries.find(
    (one) => isLater(one) && one.path === path && one.undoes === undefined && !isUndone(one, entries),
  );
}

type Made = { readonly kind: string; readonly old: Id; readonly now: Id };

/** The old and the new id of a record that was made anew. */
function madeAnew(now: Entry, { path }: Entry, answer: Json): Made | undefined {
  const kind = kindOf(path);
  const [old, id] = [lastId(now.path), idIn(kind, answer)];
  if (old === undefined || id === undefined || String(id) === old) return undefined;
  return { kind, old: typeof id === 'number' ? Number(old) : old, now: id };
}

/** Which keys take null is not documented for all: where the API refuses them, the others are restored without. */
async function sendEmptying(
  write: JournalingClient,
  request: ApiRequest,
  reading: Reading,
  lost: string[],
): Promise<Json> {
  try {
    return (await write.request(request, reading.options)).data;
  } catch (error) {
    const body = isObject(request.body) ? request.body : {};
    const empty = Object.keys(body).filter((key) => body[key] === null);
    const isRefused = error instanceof PipedriveError && error.code === 'invalid' && error.applied === 'no';
    if (!isRefused || empty.length === 0 || empty.length === Object.keys(body).length) throw error;
    const rest: JsonObject = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
    const { data } = await write.request({ ...request, body: rest }, reading.options);
    lost.push(...empty.map((key) => `${key}: it was empty, and the API does not empty it`));
    return data;
  }
}

async function finish(
  write: JournalingClient,
  { api, options }: Reading,
  path: string,
  body: JsonObject,
  lost: string[],
) {
  const request = requestOf(api, 'PATCH', path, { body });
  if (!request) return;
  try {
    await write.request(request, options);
  } catch (error) {
    if (!(error instanceof PipedriveError)) throw error;
    lost.push(`${Object.keys(body).join(', ')}: ${error.message}`);
  }
}
