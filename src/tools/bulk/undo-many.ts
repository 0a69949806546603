import { type ManyKind, manyKinds } from '../../catalog/bulk.ts';
import type { Entry } from '../../guard/journal.ts';
import { idIn, kindOf, lastId } from '../../guard/places.ts';
import { type Undoing, type Undone, undo } from '../../guard/undo.ts';
import { PipedriveError } from '../../pipedrive/errors.ts';
import type { Json } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { operationOf } from '../nested.ts';
import { target } from '../request.ts';
import { type Run, rowsOf } from '../run.ts';
import { ReadAhead } from './ahead.ts';
import { pool } from './pool.ts';
import { pluralOf, recordsById } from './records.ts';
import { lateIn, TOLD_EACH, widthOf } from './work.ts';

export type UndoneMany = {
  readonly undone: Undone[];
  /** Why it ended before the last write. */
  readonly stopped?: string;
};

/**
 * Takes the writes of a job back, many at once. What others rest on goes after them: all deals of an import, then their
 * persons, then the organizations; of these two only those that nothing else is linked to. Stops in time; what is left is
 * taken back by calling again.
 */
export async function undoMany(run: Run, entries: readonly Entry[], undoing: Undoing): Promise<UndoneMany> {
  const ahead = new ReadAhead(run.client);
  const options = { ...run.options, priority: 'bulk' as const, settles: true as const };
  const reading = { ...undoing.reading, client: ahead, options };
  const undone: Undone[] = [];
  const isLate = lateIn(run.options.deadline);
  let stopped: string | undefined;
  const isOver = () => {
    if (run.options.signal.aborted) stopped ??= 'the call was cancelled';
    else if (isLate()) stopped ??= 'the time for a call is up';
    return stopped !== undefined;
  };
  // Writes of one job have nothing to do with each other, but for contacts, which go last.
  const { entries: known } = await undoing.rules.journal.read();
  for (const group of byKind(entries)) {
    if (isOver()) break;
    try {
      await pool(
        inOrder(run, group, ahead, undone),
        () => widthOf(run),
        isOver,
        async ({ id }) => {
          const [one] = await undo([id], { ...undoing, reading }, known);
          if (!one) return;
          undone.push(one);
          // What is refused for more than this one is refused for the next one too.
          if (one.is === 'refused' && Object.keys(one.changes).length === 0) stopped ??= one.why;
          if (undone.length % TOLD_EACH === 0) run.options.progress?.(undone.length, entries.length);
        },
      );
    } catch (error) {
      if (!(error instanceof PipedriveError || error instanceof Problem)) throw error;
      stopped ??= error.message;
    }
  }
  return { undone, ...(stopped === undefined ? {} : { stopped }) };
}

/** Kinds that others are linked to. */
const LAST: readonly string[] = ['persons', 'organizations'];

function byKind(entries: readonly Entry[]): Entry[][] {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const kind = kindOf(entry.path);
    groups.set(kind, [...(groups.get(kind) ?? []), entry]);
  }
  return [...groups].sort(([a], [b]) => LAST.indexOf(a) - LAST.indexOf(b)).map(([, group]) => group);
}

/** Writes of one kind, the records that they changed read a page at a time before. */
async function* inOrder(
  run: Run,
  entries: readonly Entry[],
  ahead: ReadAhead,
  undone: Undone[],
): AsyncGenerator<Entry> {
  const kind = manyKinds.find((one) => entries.every(({ path }) => kindOf(path) === pluralOf(one)));
  const isChange = entries.every(({ method }) => method === 'PATCH' || method === 'PUT');
  const isMade = entries.every(({ method }) => method === 'POST');
  if (kind && kind !== 'lead' && isChange) yield* readAhead(run, kind, entries, ahead);
  else if ((kind === 'person' || kind === 'organization') && isMade) yield* unlinked(run, kind, entries, undone);
  else yield* entries;
}

async function* readAhead(run: Run, kind: ManyKind, changes: readonly Entry[], ahead: ReadAhead) {
  const byId = new Map(changes.map((entry) => [Number(lastId(entry.path)), entry]));
  for await (const { ids } of recordsById(run, kind, [...byId.keys()], ahead)) {
    for (const id of ids) {
      const entry = byId.get(Number(id));
      if (entry) yield entry;
    }
  }
}

/** What a contact counts of what is linked to it. */
const COUNTS: Readonly<Record<'person' | 'organization', string>> = {
  person:
    'open_deals_count,closed_deals_count,participant_open_deals_count,participant_closed_deals_count,activities_count,notes_count,files_count,email_messages_count',
  organization:
    'open_deals_count,closed_deals_count,people_count,activities_count,notes_count,files_count,email_messages_count',
};
const PAGE = 100;

/** Contacts that were made and that nothing is linked to by now: the others stay, and that is said. */
async function* unlinked(run: Run, kind: 'person' | 'organization', entries: readonly Entry[], undone: Undone[]) {
  const list = operationOf(`list_${kind}s`);
  for (let from = 0; from < entries.length; from += PAGE) {
    const page = entries.slice(from, from + PAGE);
    const made = page.map(({ path, after }) => idIn(kindOf(path), after)).filter((id) => id !== undefined);
    const query = { ids: made.join(','), limit: PAGE, include_fields: COUNTS[kind] };
    const { data } = await run.client.request({ ...target(list), query, cost: list.cost }, run.options);
    const records = new Map(rowsOf(data, undefined).map((record) => [record['id'], record]));
    for (const entry of page) {
      const record = records.get(idIn(kindOf(entry.path), entry.after) ?? null) ?? {};
      const links = Object.entries(record).filter(([key, value]) => key.endsWith('_count') && Number(value) > 0);
      if (links.length === 0) yield entry;
      else undone.push({ entry, is: 'impossible', why: `It stays, since there are linked to it: ${said(links)}.` });
    }
  }
}

/** `2 open deals, 1 notes`. */
function said(links: readonly (readonly [string, Json])[]): string {
  return links.map(([key, count]) => `${String(count)} ${key.replace(/_count$/, '').replaceAll('_', ' ')}`).join(', ');
}
