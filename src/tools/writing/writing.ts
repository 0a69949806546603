import { randomUUID } from 'node:crypto';
import type { Operation } from '../../catalog/operation.ts';
import { JournalingClient, type JournalRules, Planned, PlanningClient } from '../../guard/client.ts';
import { type Differences, differences, type PlanCodes } from '../../guard/codes.ts';
import { type Leftovers, settleCall } from '../../guard/leftovers.ts';
import type { Taint } from '../../guard/taint.ts';
import type { ApiRequest } from '../../pipedrive/client.ts';
import { PipedriveError } from '../../pipedrive/errors.ts';
import { isObject, type Json, type JsonObject } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { signature } from '../answers/answer.ts';
import { unmarked, visible } from '../answers/outside.ts';
import type { Run } from '../run.ts';
import { api } from './api.ts';
import { lookForLike } from './duplicates.ts';
import { describePlan, type Plan, sentence, touched } from './preview.ts';
import { keyed, once } from './repeated.ts';
import { unlessChanged } from './unchanged.ts';

/** How a person answers a question; `silent` is one that did not in time. */
export type Reply = 'accept' | 'decline' | 'cancel' | 'silent';
/** Asks the person behind the host; undefined where the host cannot. */
export type Ask = (question: string) => Promise<Reply>;

export type Mode = 'guarded' | 'open';

/** What guards the writes of one process. */
export type Guard = JournalRules & {
  readonly mode: Mode;
  readonly codes: PlanCodes;
  readonly taint: Taint;
  readonly leftovers: Leftovers;
  /** A question was not answered in time: from then on codes take its place. */
  isSilent: boolean;
};

/** More records than this in one write are confirmed. */
const MANY = 10;
/** Toolsets whose writes change how the account works for others. */
const ADMINISTRATION: readonly Operation['toolset'][] = ['fields', 'admin', 'webhooks'];

/** Does a write wait for a person's word: what is hard to take back, and what touches many. */
export function isHard({ kind, name, toolset }: Operation, args: JsonObject): boolean {
  return (
    kind === 'merge' ||
    kind === 'convert' ||
    (kind === 'delete' && name.startsWith('delete_')) ||
    ADMINISTRATION.includes(toolset) ||
    isMany(args)
  );
}

function isMany(args: JsonObject): boolean {
  return [args['ids'], args['data']].some((list) => Array.isArray(list) && list.length > MANY);
}

/** Writes by which data or rights leave the company, or mails go out. */
const OUTWARD = ['create_webhook', 'create_user', 'update_user', 'create_remote_file', 'add_remote_file'];
/** Arguments that Pipedrive mails to whoever is invited. */
const MAILED = ['attendees', 'public_description'];

/** Why a write waits for a person's word whatever the mode: who wrote what was just read may be behind it. */
function suspicion({ name }: Operation, args: JsonObject, taint: Taint): string | undefined {
  const minutes = taint.minutes();
  const isOutward = OUTWARD.includes(name) || MAILED.some((key) => key in args);
  if (minutes === undefined || !(isOutward || isMany(args))) return undefined;
  const ago = minutes === 0 ? 'less than a minute ago' : `${minutes} minute${minutes === 1 ? '' : 's'} ago`;
  return `Text from outside the company was read ${ago}, and this ${isOutward ? 'reaches out of it' : 'touches many records'}.`;
}

/**
 * One write: looked at only, or confirmed where it must be, then put down and done. `work` does it with the client it is
 * given.
 */
export function write(
  run: Run,
  guard: Guard,
  ask: Ask | undefined,
  work: (run: Run) => Promise<JsonObject>,
): Promise<JsonObject> {
  // A tool for a job writes by itself, and puts down each of its writes.
  if (run.operation.job) return work(run);
  const unchanged = (one: Run) => work(unlessChanged(one));
  return once(run, guard.journal, accountOf(run), () => writeNew(run, guard, ask, unchanged));
}

async function writeNew(
  run: Run,
  guard: Guard,
  ask: Ask | undefined,
  work: (run: Run) => Promise<JsonObject>,
): Promise<JsonObject> {
  const { operation, guarding } = run;
  const { plan } = guarding;
  const why = suspicion(operation, run.args, guard.taint);
  const needsWord = why !== undefined || (guard.mode === 'guarded' && isHard(operation, run.args));
  const { found, says } = await lookForLike(run);
  if (plan === 'preview') {
    const planned = await planOf(run, work);
    const code = needsWord ? { plan_code: codeFor(run, guard, planned) } : {};
    const described = await describePlan(run, planned);
    return { nothing_changed: true, ...described, ...found, ...says, ...code, as: signature(run.account) };
  }
  if (found) return { nothing_changed: true, ...found, as: signature(run.account) };
  const asked = Date.now();
  if (needsWord || plan !== undefined) {
    const answer = await confirm(run, guard, ask, work, why);
    if (answer) return answer;
  }
  // The time that a person took to answer is not the call's.
  const options = { ...run.options, deadline: run.options.deadline + Date.now() - asked };
  const key = keyed(run);
  const provenance = { call: randomUUID(), tool: operation.name, account: accountOf(run), ...key };
  // A key that is not put down would be forgotten.
  const rules = { ...guard, isRequired: guard.isRequired || key !== undefined };
  const reading = { client: run.client, api, options };
  const earlier = (await guard.leftovers.look(accountOf(run), reading, rules)).map(({ says: found }) => found);
  const answer = await work({ ...run, options, client: new JournalingClient(run.client, rules, provenance) }).catch(
    (error: unknown) => afterSilence(run, guard, provenance.call, error),
  );
  const hint = [answer['hint'], says.hint].filter((one) => one !== undefined).join(' ');
  return {
    ...answer,
    ...says,
    ...(hint === '' ? {} : { hint }),
    ...(earlier.length > 0 ? { earlier_writes: earlier } : {}),
  };
}

/** A look-up after a write that got no answer has this long, whatever the call's own deadline. */
const LOOK_MS = 8_000;

/** A write may have happened all the same: it is looked up at once, so that nobody has to guess. */
async function afterSilence(run: Run, guard: Guard, call: string, error: unknown): Promise<JsonObject> {
  if (!(error instanceof PipedriveError) || error.applied !== 'unknown' || error.code === 'cancelled') throw error;
  const options = { signal: run.options.signal, deadline: Date.now() + LOOK_MS };
  const settled = await settleCall(call, guard.journal, { client: run.client, api, options });
  const [last] = (settled ?? []).slice(-1);
  if (!last || last.state === 'unknown') throw error;
  const { title } = run.operation;
  if (last.state === 'failed') {
    const problem = new Problem(
      `${title}: nothing was changed. Pipedrive gave no answer, and a look shows that it was not done.`,
      error.message,
      'Call again.',
      'no',
    );
    throw Object.assign(problem, { cause: error });
  }
  return {
    done: `${title}: it was done, although Pipedrive gave no answer`,
    looked_up: last.says,
    as: signature(run.account),
  };
}

/** Whose account a write is of: a journal may hold several users' of one token's life. */
export function accountOf({ account }: Pick<Run, 'account'>): string {
  return `${account.userId}@${account.domain}`;
}

/** What would be sent, found by doing all but that, and the records that it is about. */
async function planOf(run: Run, work: (run: Run) => Promise<JsonObject>): Promise<Plan> {
  try {
    await work({ ...run, client: new PlanningClient(run.client) });
  } catch (error) {
    if (!(error instanceof Planned)) throw error;
    return look(run, error.request);
  }
  throw new Error(`${run.operation.name} is a write and sends none`);
}

/** The record that a request changes, the one below which it does something, and the one that it is merged into. */
async function look(run: Run, request: ApiRequest): Promise<Plan> {
  const path = api.recordAt(request.path);
  const record = path === undefined ? undefined : await present(run, path);
  const into = isObject(request.body) ? request.body['merge_with_id'] : undefined;
  const other = path && typeof into === 'number' ? path.replace(/[^/]+$/, String(into)) : undefined;
  return {
    request,
    before: path === request.path ? record : undefined,
    above: path === request.path ? undefined : record,
    into: other === undefined ? undefined : await present(run, other),
  };
}

/** The record at a path as it is; undefined where the user may not read it. */
async function present(run: Run, path: string): Promise<JsonObject | undefined> {
  const cost = api.readCost(path);
  if (cost === undefined) return undefined;
  try {
    const { data } = await run.client.request({ method: 'GET', path, cost }, run.options);
    return isObject(data) ? data : undefined;
  } catch (error) {
    if (error instanceof PipedriveError && error.code === 'forbidden') return undefined;
    throw error;
  }
}

function sealed(run: Run, plan: Plan) {
  return { tool: run.operation.name, args: { ...run.args }, present: touched(plan) };
}

function codeFor(run: Run, guard: Guard, plan: Plan): string {
  return guard.codes.issue(sealed(run, plan));
}

/** Asks, or checks the code that was given. Gives an answer in the place of the write's, or nothing where it may go on. */
async function confirm(
  run: Run,
  guard: Guard,
  ask: Ask | undefined,
  work: (run: Run) => Promise<JsonObject>,
  why: string | undefined,
): Promise<JsonObject | undefined> {
  const planned = await planOf(run, work);
  const { plan } = run.guarding;
  if (typeof plan === 'string') {
    checkCode(run, guard, plan, planned);
    return undefined;
  }
  if (ask && !guard.isSilent) {
    const reply = await ask(question(run, planned, await describePlan(run, planned), why));
    if (reply === 'accept') return stillTheSame(run, planned);
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
  return {
    needs_confirmation: true,
    nothing_changed: true,
    ...(why === undefined ? {} : { why }),
    ...(await describePlan(run, planned)),
    plan_code: codeFor(run, guard, planned),
    next: `Show this to the person. If they agree, call ${run.operation.name} again with the same arguments and plan set to this code, within ten minutes.`,
    as: signature(run.account),
  };
}

/** While the person thought about it, the record may have changed. */
async function stillTheSame(run: Run, planned: Plan): Promise<undefined> {
  const changes = differences(touched(planned), touched(await look(run, planned.request)));
  if (Object.keys(changes).length > 0) throw changedMeanwhile(run, changes);
  return undefined;
}

function checkCode(run: Run, guard: Guard, code: string, planned: Plan): void {
  const verdict = guard.codes.redeem(code, sealed(run, planned));
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

/** The question as a person reads it. Values from records are made harmless, so that none can pretend to be a part of it. */
function question(run: Run, plan: Plan, described: JsonObject, why: string | undefined): string {
  const lines = [`${sentence(run.operation, plan)}?`];
  const { changes, also } = described;
  for (const [label, change] of Object.entries(isObject(changes) ? changes : {}).slice(0, 15)) {
    lines.push(
      isObject(change) && 'from' in change && 'to' in change
        ? `${harmless(label)}: ${said(change['from'] ?? '')} → ${said(change['to'] ?? '')}`
        : `${harmless(label)}: ${said(change)}`,
    );
  }
  for (const effect of Array.isArray(also) ? also : []) lines.push(String(effect));
  if (why !== undefined) lines.push(why);
  lines.push(`Account: ${signature(run.account)}`);
  return [harmless(lines[0] ?? ''), ...lines.slice(1)].join('\n');
}

function said(value: Json): string {
  const plain = unmarked(value);
  return harmless(typeof plain === 'string' ? plain : JSON.stringify(plain)).slice(0, 200);
}

/** One line of what can be seen, its markdown escaped. */
export function harmless(text: string): string {
  return visible(text)
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_[\]<>#|~]/g, '\\$&')
    .trim();
}
