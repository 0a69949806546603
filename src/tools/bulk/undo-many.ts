import { type ManyKind, manyKinds } from '../../catalog/bulk.ts';
import type { Entry } from '../../guard/journal.ts';
import { kindOf, lastId } from '../../guard/places.ts';
import { type Undoing, type Undone, undo } from '../../guard/undo.ts';
import { isLate } from '../lists/pages.ts';
import type { Run } from '../run.ts';
import { ReadAhead } from './ahead.ts';
import { pool } from './pool.ts';
import { pluralOf, recordsById } from './records.ts';
import { TOLD_EACH, widthOf } from './work.ts';

/**
 * Takes the writes of a job back, many at once. What a later write of a row rests on goes after it: all deals of an
 * import, then their persons, then the organizations. Stops in time; what is left is taken back by calling again.
 */
export async function undoMany(run: Run, entries: readonly Entry[], undoing: Undoing): Promise<Undone[]> {
  const ahead = new ReadAhead(run.client);
  const options = { ...run.options, priority: 'bulk' as const, settles: true as const };
  const reading = { ...undoing.reading, client: ahead, options };
  const undone: Undone[] = [];
  let isStopped = false;
  const isOver = () => {
    isStopped ||= run.options.signal.aborted || isLate(run.options.deadline, Date.now());
    return isStopped;
  };
  for (const group of byKind(entries)) {
    // What is made anew changes what others point to: of them the journal is read again for each.
    const isApart = group.every(({ method }) => method !== 'DELETE');
    const known = isApart ? (await undoing.rules.journal.read()).entries : undefined;
    await pool(
      inOrder(run, group, ahead),
      () => widthOf(run),
      isOver,
      async ({ id }) => {
        const [one] = await undo([id], { ...undoing, reading }, known);
        if (!one) return;
        undone.push(one);
        // What is refused for more than this one is refused for the next one too.
        if (one.is === 'refused' && Object.keys(one.changes).length === 0) isStopped = true;
        if (undone.length % TOLD_EACH === 0) run.options.progress?.(undone.length, entries.length);
      },
    );
    if (isOver()) break;
  }
  return undone;
}

/** The kind that was written to last comes first. */
function byKind(entries: readonly Entry[]): Entry[][] {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const kind = kindOf(entry.path);
    groups.set(kind, [...(groups.get(kind) ?? []), entry]);
  }
  const latest = (group: readonly Entry[]) => Math.max(...group.map(({ at }) => at));
  return [...groups.values()].sort((a, b) => latest(b) - latest(a));
}

/** Writes that changed records, with these read a page at a time before. */
async function* inOrder(run: Run, entries: readonly Entry[], ahead: ReadAhead): AsyncGenerator<Entry> {
  const kind = manyKinds.find((one) => entries.every(({ path }) => kindOf(path) === pluralOf(one)));
  const changes = entries.filter(({ method }) => method === 'PATCH' || method === 'PUT');
  if (!kind || kind === 'lead' || changes.length < entries.length) {
    yield* entries;
    return;
  }
  yield* readAhead(run, kind, changes, ahead);
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
