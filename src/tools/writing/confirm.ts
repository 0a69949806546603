import type { Operation } from '../../catalog/operation.ts';
import { type Differences, differences } from '../../guard/codes.ts';
import { noWayBack } from '../../guard/inverse.ts';
import type { Taint } from '../../guard/taint.ts';
import { isObject, type Json, type JsonObject } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { signature } from '../answers/answer.ts';
import { unmarked } from '../answers/outside.ts';
import { visible } from '../answers/visible.ts';
import type { Run } from '../run.ts';
import { ADMINISTRATION } from './api.ts';
import type { Ask, Guard } from './guard.ts';
import { look, type Plan, planOf, touched } from './plan.ts';
import { describePlan } from './preview.ts';

/** More records than these in one call are confirmed. */
export const FEW = 10;
/** Does a write wait for a person's word: what is hard to take back, and what touches many. */
export function isHard({ kind, name, toolset, endpoint }: Operation, args: JsonObject): boolean {
  return (
    noWayBack(endpoint) !== undefined ||
    (kind === 'delete' && name.startsWith('delete_')) ||
    ADMINISTRATION.includes(toolset) ||
    isMany(args)
  );
}

function isMany(args: JsonObject): boolean {
  return [args['ids'], args['data']].some((list) => Array.isArray(list) && list.length > FEW);
}

/** Writes by which data or rights leave the company, or mails go out. */
const OUTWARD = ['create_webhook', 'create_user', 'update_user', 'create_remote_file', 'add_remote_file'];
/** Arguments that Pipedrive mails to whoever is invited. */
const MAILED = ['attendees', 'public_description'];

/** Why a write waits for a person's word whatever the mode: who wrote what was just read may be behind it. */
export function suspicion({ name }: Pick<Operation, 'name'>, args: JsonObject, taint: Taint): string | undefined {
  const minutes = taint.minutes();
  const isOutward = OUTWARD.includes(name) || MAILED.some((key) => key in args);
  if (minutes === undefined || !(isOutward || isMany(args))) return undefined;
  const ago = minutes === 0 ? 'less than a minute ago' : `${minutes} minute${minutes === 1 ? '' : 's'} ago`;
  return `Text from outside the company was read ${ago}, and this ${isOutward ? 'reaches out of it' : 'touches many records'}.`;
}

function sealed(run: Run, present: JsonObject) {
  return { tool: run.operation.name, args: { ...run.args }, present };
}

/** A code that lets this call through as long as what it touches has these values. */
export function codeFor(run: Run, guard: Guard, present: JsonObject): string {
  return guard.codes.issue(sealed(run, present));
}

/** Asks, or checks the code that was given. Gives an answer in the place of the write's, or nothing where it may go on. */
export async function confirm(
  run: Run,
  guard: Guard,
  work: (run: Run) => Promise<JsonObject>,
  why: string | undefined,
): Promise<JsonObject | undefined> {
  const planned = await planOf(run, work);
  const { ask, guarding } = run;
  const { plan } = guarding;
  if (typeof plan === 'string') {
    checkCode(run, guard, plan, touched(planned));
    return undefined;
  }
  const described = await describePlan(run, planned);
  const asked = question(run, described, why);
  if (ask && asked !== undefined && !guard.isSilent) {
    await askPerson(run, guard, ask, asked);
    return stillTheSame(run, planned);
  }
  return {
    needs_confirmation: true,
    nothing_changed: true,
    ...(why === undefined ? {} : { why }),
    ...described,
    plan_code: codeFor(run, guard, touched(planned)),
    next: `Show this to the person. If they agree, call ${run.operation.name} again with the same arguments and plan set to this code, within ten minutes.`,
    as: signature(run.account),
  };
}

/** Asks the person behind the host. Throws Problem where they say no, or nothing in time. */
export async function askPerson(run: Run, guard: Guard, ask: Ask, text: string): Promise<void> {
  const reply = await ask(text);
  if (reply === 'accept') return;
  if (reply === 'silent') guard.isSilent = true;
  throw new Problem(
    `${run.operation.title}: nothing was changed.`,
    reply === 'silent' ? 'The person was asked and did not answer in time.' : 'The person was asked and said no.',
    reply === 'silent'
      ? 'Call again: the answer then is a preview with a code that lets it through.'
      : 'Ask them what they want instead.',
    'no',
  );
}

/** While the person thought about it, the record may have changed. */
async function stillTheSame(run: Run, planned: Plan): Promise<undefined> {
  const changes = differences(touched(planned), touched(await look(run, planned.request)));
  if (Object.keys(changes).length > 0) throw changedMeanwhile(run, changes);
  return undefined;
}

/** Uses a code up. Throws Problem where it does not fit what was previewed. */
export function checkCode(run: Run, guard: Guard, code: string, present: JsonObject): void {
  const verdict = guard.codes.redeem(code, sealed(run, present));
  if (verdict.is === 'good') return;
  if (verdict.is === 'changed') throw changedMeanwhile(run, verdict.changes);
  const why: Readonly<Record<Exclude<typeof verdict.is, never>, string>> = {
    unknown: 'This process gave no such code: it may be mistyped, or from before a restart.',
    used: 'A code is good for one call, and this one has been used.',
    expired: 'A code is good for ten minutes.',
    'other tool': 'The code was given for another tool.',
    'other values': 'The code was given for other arguments.',
  };
  throw new Problem(
    `${run.operation.title}: nothing was changed, since the plan code does not fit.`,
    why[verdict.is],
    'Call with plan "preview" for a new code, with exactly the arguments that are meant.',
    'no',
  );
}

function changedMeanwhile(run: Run, changes: Differences): Problem {
  const labels = Object.keys(changes).map((key) => run.vocabulary.withLabels(key));
  return new Problem(
    `${run.operation.title}: nothing was changed, since the record has changed since it was looked at.`,
    `Changed meanwhile: ${labels.slice(0, 10).join(', ')}.`,
    'Call with plan "preview" to see it as it is now.',
    'no',
  );
}

/** Changes and records in a question: of more only the number is said. */
const MOST_LINES = 15;
/** A line that is longer is not read: then the preview and its code take the place of the question. */
const LONGEST_LINE = 1_500;

/**
 * The question as a person reads it: each record and change on a line of its own. Values from records are made harmless, so
 * that none can pretend to be a part of it. Undefined where it would be too long to be read.
 */
function question(run: Run, described: JsonObject, why: string | undefined): string | undefined {
  const { would = '', goes, stays, target, changes, also } = described;
  const lines = [
    `${said(would)}?`,
    ...some(list(goes).map((one) => `Goes: ${said(one)}`)),
    ...(stays === undefined ? [] : [`Stays: ${said(stays)}`]),
    ...some(entries(target).map(([label, value]) => `${harmless(label)}: ${said(value)}`)),
    ...some(entries(changes).map(([label, change]) => `${harmless(label)}: ${changeSaid(change)}`)),
    ...list(also).map(String),
    ...(why === undefined ? [] : [why]),
    `Account: ${signature(run.account)}`,
  ];
  return lines.some((line) => line.length > LONGEST_LINE) ? undefined : lines.join('\n');
}

function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function entries(value: Json | undefined): readonly (readonly [string, Json])[] {
  return isObject(value) ? Object.entries(value) : [];
}

function some(lines: readonly string[]): readonly string[] {
  const left = lines.length - MOST_LINES;
  return left > 0 ? [...lines.slice(0, MOST_LINES), `and ${left} more`] : lines;
}

function changeSaid(change: Json): string {
  return isObject(change) && 'from' in change && 'to' in change
    ? `${said(change['from'] ?? '')} → ${said(change['to'] ?? '')}`
    : said(change);
}

function said(value: Json): string {
  const plain = unmarked(value);
  return harmless(typeof plain === 'string' ? plain : JSON.stringify(plain));
}

/** One line of what can be seen, its markdown escaped. */
export function harmless(text: string): string {
  return visible(text)
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_[\]<>#|~]/g, '\\$&')
    .trim();
}
