import { randomUUID } from 'node:crypto';
import type { Entry } from '../../guard/journal.ts';
import { isUndone, type Undone, undo, undoable } from '../../guard/undo.ts';
import { isObject, type Json, type JsonObject } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { signature } from '../answers/answer.ts';
import { cut } from '../answers/text.ts';
import { offsetList } from '../lists/offset-list.ts';
import type { Run } from '../run.ts';
import { api } from '../writing/api.ts';
import { accountOf } from '../writing/guard.ts';

/** How much of a change's id is shown: enough to tell it from all others that are kept. */
const SHORT = 8;

export const changeTasks: Readonly<Record<string, (run: Run) => Promise<JsonObject>>> = {
  list_changes: listChanges,
  undo_changes: undoChanges,
};

async function listChanges(run: Run): Promise<JsonObject> {
  const { entries, damaged } = await journalOf(run).read();
  const own = entries.filter((entry) => entry.account === accountOf(run)).reverse();
  const rows = own.map((entry) => ({
    change: entry.id.slice(0, SHORT),
    at: new Date(entry.at).toISOString(),
    tool: entry.tool,
    what: about(entry),
    state: stateOf(entry, entries),
  }));
  const list = await offsetList(run, rows);
  return { ...list, ...(damaged > 0 ? { damaged: `${damaged} lines of the journal cannot be read` } : {}) };
}

function stateOf(entry: Entry, entries: readonly Entry[]): string {
  if (entry.state === 'open') return 'not known: the server ended first';
  if (entry.state === 'unknown') return 'not known: no answer came';
  if (entry.state === 'failed') return 'not done';
  if (entry.undoes !== undefined) return `undoes ${entry.undoes.slice(0, SHORT)}`;
  return isUndone(entry, entries) ? 'undone' : 'done';
}

/** `deals 5 (Probe station): value, stage_id`. */
function about({ method, path, body, before, after }: Entry): string {
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

/** Each change with what became of it. Undoing is a change of its own, so that it can be undone as well. */
async function undoChanges(run: Run): Promise<JsonObject> {
  const { args, guarding, guard, client, options } = run;
  const journal = journalOf(run);
  const reading = { client, api, options };
  const looked = guard ? await guard.leftovers.look(accountOf(run), reading, guard) : [];
  const earlier = looked.length > 0 ? { earlier_writes: looked.map(({ says }) => says) } : {};
  const { entries } = await journal.read();
  const chosen = choose(run, entries);
  if (guarding['plan'] !== undefined) {
    return {
      nothing_changed: true,
      would_undo: chosen.map((entry) => ({ change: entry.id.slice(0, SHORT), what: about(entry) })),
      ...earlier,
    };
  }
  if (!guard) throw new Error('undoing needs a journal');
  const provenance = { call: randomUUID(), tool: run.operation.name, account: accountOf(run) };
  const undone = await undo(
    chosen.map(({ id }) => id),
    { reading, rules: guard, provenance },
  );
  const taken = undone.filter(({ is }) => is === 'undone' || is === 'partly').length;
  return {
    done: `Took back ${taken} of ${chosen.length} change${chosen.length === 1 ? '' : 's'}`,
    as: signature(run.account),
    changes: undone.map((one) => shown(run, one)),
    ...(args['last'] !== undefined && chosen.length < Number(args['last'])
      ? { hint: 'There are no more that can be undone.' }
      : {}),
    ...earlier,
  };
}

function choose(run: Run, entries: readonly Entry[]): readonly Entry[] {
  const { last, change } = run.args;
  const able = undoable(entries, accountOf(run));
  const fail = (why: string, next: string) => new Problem('undo_changes: nothing was changed.', why, next, 'no');
  if ((last === undefined) === (change === undefined)) throw fail('It takes last or change, one of them.', 'Give one.');
  if (typeof change === 'string') {
    const found = entries.filter(({ id }) => id.startsWith(change) && change.length >= SHORT);
    const [one] = found.filter((entry) => able.includes(entry));
    if (one) return [one];
    const why =
      found.length > 0 ? 'It has been undone, was never done, or is an undo itself.' : 'There is no such change.';
    throw fail(why, 'list_changes shows the changes there are.');
  }
  const newest = able.slice(0, Number(last));
  if (newest.length === 0)
    throw fail('There is nothing that could be undone.', 'list_changes shows the changes there are.');
  return newest;
}

function shown(run: Run, one: Undone): JsonObject {
  const { entry, is } = one;
  const said: JsonObject = { change: entry.id.slice(0, SHORT), what: about(entry), result: is };
  if (one.is === 'refused') {
    const changes = Object.entries(one.changes).map(([key, { ours, now }]) => [
      run.vocabulary.withLabels(key),
      { ours, now },
    ]);
    return { ...said, why: one.why, changed_since: Object.fromEntries(changes) };
  }
  if (one.is === 'impossible') return { ...said, why: one.why };
  return {
    ...said,
    ...(one.id === undefined ? {} : { new_id: one.id }),
    ...(one.relinked > 0 ? { relinked: one.relinked } : {}),
    ...(one.lost.length > 0 ? { not_restored: one.lost.map((lost) => run.vocabulary.withLabels(lost)) } : {}),
  };
}

function journalOf({ guard }: Run) {
  if (guard) return guard.journal;
  throw new Error('this process keeps no journal');
}
