import type { Entry } from '../../guard/journal.ts';
import { isUndone } from '../../guard/undo.ts';
import type { JsonObject } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { offsetList } from '../lists/offset-list.ts';
import type { Run } from '../run.ts';
import { accountOf } from '../writing/guard.ts';
import { aboutUnit, journalOf, SHORT, type Unit, unitsOf } from './change-units.ts';

/** What this server has written, newest first, a job of many writes in one line; or each write of one job. */
export async function listChanges(run: Run): Promise<JsonObject> {
  const { change } = run.args;
  const { entries, damaged } = await journalOf(run).read();
  const own = entries.filter((entry) => entry.account === accountOf(run));
  const units = typeof change === 'string' ? ofJob(own, change) : unitsOf(own);
  // The journal has this machine's time, answers have Pipedrive's.
  const { clockAhead } = run.client.limits();
  const rows = units.reverse().map((unit) => ({
    change: unit.id,
    at: new Date((unit.entries[0]?.at ?? 0) + clockAhead).toISOString(),
    tool: unit.entries[0]?.tool ?? '',
    what: aboutUnit(unit),
    state: stateOf(unit, entries),
  }));
  const list = await offsetList(run, rows);
  return { ...list, ...(damaged > 0 ? { damaged: `${damaged} lines of the journal cannot be read` } : {}) };
}

/** Each write of a job by itself. */
function ofJob(entries: readonly Entry[], id: string): Unit[] {
  const found = entries.filter(({ call, item }) => item !== undefined && call === id);
  if (found.length > 0) return found.map((entry) => ({ id: entry.id.slice(0, SHORT), entries: [entry], isJob: false }));
  throw new Problem(
    `list_changes: there is no job "${id.slice(0, 40)}".`,
    'It has expired, or is the change of a single write.',
    'Call without change: jobs are shown in one line each.',
  );
}

function stateOf({ entries: own, isJob }: Unit, all: readonly Entry[]): string {
  const [only] = own;
  if (!isJob && only) return stateOfOne(only, all);
  const states = new Map<string, number>();
  // Of an item that was tried again the last try counts.
  for (const entry of new Map(own.map((one) => [one.item, one])).values()) {
    const state = stateOfOne(entry, all);
    states.set(state, (states.get(state) ?? 0) + 1);
  }
  const [first, ...more] = [...states].sort((a, b) => b[1] - a[1]);
  return more.length === 0 && first ? first[0] : [...states].map(([state, count]) => `${count} ${state}`).join(', ');
}

function stateOfOne(entry: Entry, entries: readonly Entry[]): string {
  if (entry.state === 'open') return 'not known: the server ended first';
  if (entry.state === 'unknown') return 'not known: no answer came';
  if (entry.state === 'failed') return 'not done';
  if (entry.undoes !== undefined) {
    const undone = entries.find(({ id }) => id === entry.undoes);
    return `undoes ${undone?.item === undefined ? entry.undoes.slice(0, SHORT) : undone.call}`;
  }
  return isUndone(entry, entries) ? 'undone' : 'done';
}
