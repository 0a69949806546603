import { randomUUID } from 'node:crypto';
import type { Entry } from '../../guard/journal.ts';
import { type Undoing, type Undone, undo, undoable } from '../../guard/undo.ts';
import type { CallOptions } from '../../pipedrive/client.ts';
import { isObject, type Json, type JsonObject } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { signature } from '../answers/answer.ts';
import { cut, toText } from '../answers/text.ts';
import { type UndoneMany, undoMany } from '../bulk/undo-many.ts';
import { isLate } from '../lists/pages.ts';
import type { Run } from '../run.ts';
import { api } from '../writing/api.ts';
import { askPerson, checkCode, codeFor, FEW, harmless, suspicion } from '../writing/confirm.ts';
import { accountOf, type Guard } from '../writing/guard.ts';
import { about, aboutUnit, journalOf, SHORT, type Unit, unitsOf } from './change-units.ts';

/** Of a job, writes that are named by themselves. */
const MOST_NAMED = 20;
/** A longer value may be prose. In characters. */
const SHORT_VALUE = 100;

/** Each change with what became of it. Undoing is a change of its own, so that it can be undone as well. */
export async function undoChanges(run: Run): Promise<JsonObject> {
  const { args, guard, client, options } = run;
  const journal = journalOf(run);
  if (!guard) throw new Error('undoing needs a journal');
  const reading = { client, api, options };
  const looked = await guard.leftovers.look(accountOf(run), reading, guard);
  const earlier = looked.length > 0 ? { earlier_writes: looked.map(({ says }) => says) } : {};
  const { entries } = await journal.read();
  const chosen = choose(run, entries);
  const first = await agreed(run, guard, chosen);
  if ('answer' in first) return { ...first.answer, ...earlier };
  const provenance = { call: randomUUID(), tool: run.operation.name, account: accountOf(run) };
  const undoing = { reading: { ...reading, options: first.options }, rules: guard, provenance };
  const said: JsonObject[] = [];
  let taken = 0;
  let left = 0;
  let stopped: string | undefined;
  for (const [index, unit] of chosen.entries()) {
    const { undone, stopped: why } = await undoUnit({ ...run, options: first.options }, unit, undoing).catch(
      (error: unknown) => heldUp(error, index),
    );
    stopped = why;
    const back = undone.filter(({ is }) => is === 'undone' || is === 'partly').length;
    const rest = unit.entries.length - undone.length;
    if (undone.length > 0)
      said.push(...(unit.isJob ? [shownJob(run, unit, undone)] : undone.map((one) => shown(run, one))));
    if (back === unit.entries.length) taken += 1;
    if (rest > 0) left += 1;
    if (rest > 0 || isLate(first.options.deadline, Date.now())) {
      left += chosen.length - index - 1;
      break;
    }
  }
  return {
    done: `Took back ${taken} of ${chosen.length} change${chosen.length === 1 ? '' : 's'}`,
    as: signature(run.account),
    changes: said,
    ...(left > 0 ? { left, stopped: stopped ?? 'the time for a call is up', ...(await goOn(run, guard, first)) } : {}),
    ...(args['last'] !== undefined && chosen.length < Number(args['last'])
      ? { hint: 'There are no more that can be undone.' }
      : {}),
    ...earlier,
  };
}

/** One unit, while nobody else takes it back, or goes on with it where it is a job. */
function undoUnit(run: Run, unit: Unit, undoing: Undoing): Promise<UndoneMany> {
  const journal = journalOf(run);
  if (unit.isJob) return journal.alone(`job-${unit.id}`, 0, () => undoMany(run, unit.entries, undoing));
  return journal.alone(`undo-${unit.id}`, run.options.deadline - 1_000, async () => ({
    undone: await undo(
      unit.entries.map(({ id }) => id),
      undoing,
    ),
  }));
}

/** What was taken back before is told all the same. */
function heldUp(error: unknown, before: number): UndoneMany {
  if (before === 0 || !(error instanceof Problem)) throw error;
  return { undone: [], stopped: error.message };
}

/** How to go on: a code is good for one call, and what is left is sealed anew. */
async function goOn(run: Run, guard: Guard, { needsWord }: Agreed): Promise<JsonObject> {
  if (!needsWord) return { next: 'Call again in the same way to go on.' };
  const left = choose(run, (await journalOf(run).read()).entries);
  return {
    plan_code: codeFor(run, guard, sealOf(left)),
    next: 'Call again with the same arguments and plan set to this code to go on.',
  };
}

/** What a code for undoing is sealed to. */
function sealOf(units: readonly Unit[]): JsonObject {
  return Object.fromEntries(units.flatMap(({ entries }) => entries.map(({ id }) => [id, true])));
}

type Agreed = { readonly options: CallOptions; readonly needsWord: boolean };

/** Undoing so many writes, or one of administration, or one that reaches out after outsiders were read, takes a word. */
async function agreed(run: Run, guard: Guard, units: readonly Unit[]): Promise<{ answer: JsonObject } | Agreed> {
  const { guarding, options, ask } = run;
  const entries = units.flatMap((unit) => unit.entries);
  const present = sealOf(units);
  const why = entries.map((entry) => suspicionOf(entry, entries.length, guard)).find((one) => one !== undefined);
  const isHard = entries.length > FEW || entries.some(({ method, path }) => api.isAdministration(method, path));
  const needsWord = why !== undefined || (guard.mode === 'guarded' && isHard);
  const { plan } = guarding;
  if (typeof plan === 'string' && plan !== 'preview') {
    checkCode(run, guard, plan, present);
    return { options, needsWord };
  }
  const lines = units.map((unit) => ({
    change: unit.id,
    what: aboutUnit(unit),
    tool: unit.entries[0]?.tool ?? '',
  }));
  if (plan === undefined && !needsWord) return { options, needsWord };
  if (plan === undefined && ask && !guard.isSilent) {
    const asked = Date.now();
    const said = lines.slice(0, 20).map(({ tool, what }) => harmless(`${tool}: ${what}`));
    const more = lines.length > said.length ? [`and ${lines.length - said.length} more`] : [];
    const question = [`Undo ${entries.length} writes?`, ...said, ...more, ...(why === undefined ? [] : [why])];
    await askPerson(run, guard, ask, [...question, `Account: ${signature(run.account)}`].join('\n'));
    return { options: { ...options, deadline: options.deadline + Date.now() - asked }, needsWord };
  }
  const code = needsWord ? { plan_code: codeFor(run, guard, present) } : {};
  return {
    answer: {
      ...(plan === undefined ? { needs_confirmation: true } : {}),
      nothing_changed: true,
      ...(why === undefined ? {} : { why }),
      would_undo: lines.slice(0, 50),
      writes: entries.length,
      ...code,
      ...(needsWord
        ? {
            next: 'Show this to the person. If they agree, call again with the same arguments and plan set to this code.',
          }
        : {}),
      as: signature(run.account),
    },
  };
}

function suspicionOf({ tool, body, path, method }: Entry, count: number, guard: Guard): string | undefined {
  // To take back a deleted webhook is to make one.
  const name = api.isAdministration(method, path) ? 'create_webhook' : tool;
  return suspicion({ name }, { ...(isObject(body) ? body : {}), ids: Array(count).fill(0) }, guard.taint);
}

function choose(run: Run, entries: readonly Entry[]): readonly Unit[] {
  const { last, change } = run.args;
  const able = undoable(entries, accountOf(run));
  const units = unitsOf([...able].reverse())
    .map((unit) => ({ ...unit, entries: [...unit.entries].reverse() }))
    .reverse();
  const fail = (why: string, next: string) => new Problem('undo_changes: nothing was changed.', why, next, 'no');
  if ((last === undefined) === (change === undefined)) throw fail('It takes last or change, one of them.', 'Give one.');
  if (typeof change === 'string') {
    const isMeant = (id: string) => change.length >= SHORT && id.startsWith(change);
    const one = units.find(({ id, isJob, entries: [only] }) => isMeant(isJob ? id : (only?.id ?? '')));
    if (one) return [one];
    const part = able.find(({ id }) => isMeant(id));
    if (part) return [{ id: part.id.slice(0, SHORT), entries: [part], isJob: false }];
    const why = entries.some(({ id, call }) => isMeant(id) || isMeant(call))
      ? 'It has been undone, was never done, or is an undo itself.'
      : 'There is no such change.';
    throw fail(why, 'list_changes shows the changes there are.');
  }
  const newest = units.slice(0, Number(last));
  if (newest.length === 0)
    throw fail('There is nothing that could be undone.', 'list_changes shows the changes there are.');
  return newest;
}

/** What became of a job's writes, those named that were not taken back whole. */
function shownJob(run: Run, unit: Unit, undone: readonly Undone[]): JsonObject {
  const count = (...results: readonly Undone['is'][]) => undone.filter(({ is }) => results.includes(is)).length;
  const others = undone.filter(({ is }) => is === 'refused' || is === 'impossible');
  const lost = new Set(undone.flatMap((one) => ('lost' in one ? one.lost : [])));
  return {
    change: unit.id,
    what: aboutUnit(unit),
    result: count('undone') === unit.entries.length ? 'undone' : 'partly',
    taken_back: count('undone', 'partly'),
    of: unit.entries.length,
    ...(others.length > 0 ? { not_taken_back: others.slice(0, MOST_NAMED).map((one) => shown(run, one)) } : {}),
    ...(lost.size > 0 ? { not_restored: [...lost].slice(0, 20).map((one) => run.vocabulary.withLabels(one)) } : {}),
  };
}

function shown(run: Run, one: Undone): JsonObject {
  const { entry, is } = one;
  const said: JsonObject = { change: entry.id.slice(0, SHORT), what: about(entry), result: is };
  if (one.is === 'refused') {
    const changes = Object.entries(one.changes).map(([key, { ours, now }]) => [
      run.vocabulary.withLabels(key),
      { ours: marked(run, ours), now: marked(run, now) },
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

/** A text that others have put there is data, and HTML is shown as what it says. */
function marked({ marks }: Run, value: Json): Json {
  if (Array.isArray(value))
    return value.slice(0, 20).map((one) => (typeof one === 'string' ? marks.text(toText(one)) : one));
  return typeof value === 'string' && value.length > SHORT_VALUE ? marks.text(cut(toText(value), 1_000)) : value;
}
