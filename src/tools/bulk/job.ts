import type { Job } from '../../guard/jobs.ts';
import { isObject, type JsonObject } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { signature } from '../answers/answer.ts';
import type { Run } from '../run.ts';
import { askPerson, checkCode, codeFor, FEW, harmless, suspicion } from '../writing/confirm.ts';
import { accountOf, type Guard } from '../writing/guard.ts';
import { Tally } from './tally.ts';
import { type Item, priorOf, workThrough } from './work.ts';

/** What a call of many writes is to do, before any of it is done. */
export type Planned = {
  /** What is kept of it until it is done. */
  readonly work: JsonObject;
  /** How many records it writes to. */
  readonly count: number;
  /** What the answer says of it. */
  readonly says: JsonObject;
  /** The same for a person, a line each, the first of them the question. */
  readonly question: readonly string[];
  /** API tokens and requests that it takes. */
  readonly price: { readonly tokens: number; readonly requests: number };
};

/** A tool that plans many writes first and then works through them. */
export type BulkTool = {
  /** `Updated`: what is said of the records that are done. */
  readonly verb: string;
  plan(run: Run): Promise<Planned>;
  /** What there is to do, from the work that was kept, with what the answer calls it and how many there are. */
  items(
    run: Run,
    work: JsonObject,
  ): Promise<{
    readonly plural: string;
    readonly count: number;
    /** The run whose client and price the items go by. */
    readonly run: Run;
    items(isDone: (key: string) => boolean): Iterable<Item> | AsyncIterable<Item>;
    /** What the answer says besides, once all that was begun has ended. */
    ended?(): Promise<JsonObject>;
  }>;
};

/** One call of such a tool: it plans, or does what was planned, or goes on with it. */
export async function bulkJob(run: Run, tool: BulkTool): Promise<JsonObject> {
  const { args, guarding, guard } = run;
  if (!guard) throw new Error('a job of many writes needs a journal');
  const { resume } = args;
  const { plan } = guarding;
  if (typeof resume === 'string') return perform(run, guard, tool, await begun(run, guard, resume));
  if (typeof plan === 'string' && plan !== 'preview') {
    checkCode(run, guard, plan, {});
    const job = await guard.jobs.load(plan);
    if (!job) {
      throw new Problem(
        `${run.operation.title}: nothing was changed, since the plan is gone.`,
        'So many others were made since that it was dropped.',
        'Call again without plan for a new one.',
        'no',
      );
    }
    return perform(run, guard, tool, job);
  }
  const planned = await tool.plan(run);
  if (planned.count === 0) return { nothing_changed: true, ...planned.says, as: signature(run.account) };
  refuseTooDear(run, planned);
  const id = codeFor(run, guard, {});
  const job = {
    id,
    tool: run.operation.name,
    account: accountOf(run),
    at: Date.now(),
    begun: false,
    work: planned.work,
  };
  await guard.jobs.save(job);
  const why = suspicion(run.operation, { ...valuesIn(args), ids: Array(planned.count).fill(0) }, guard.taint);
  const isHard = run.operation.kind === 'delete' || planned.count > FEW;
  const needsWord = why !== undefined || (guard.mode === 'guarded' && isHard);
  if (run.ask && needsWord && plan === undefined && !guard.isSilent) {
    const asked = Date.now();
    await askPerson(run, guard, run.ask, question(run, planned, why));
    // The time that a person took to answer is not the call's.
    const options = { ...run.options, deadline: run.options.deadline + Date.now() - asked };
    return perform({ ...run, options }, guard, tool, job);
  }
  return {
    nothing_changed: true,
    ...(needsWord ? { needs_confirmation: true } : {}),
    ...(why === undefined ? {} : { why }),
    ...planned.says,
    costs: `${planned.price.tokens} API tokens, ${planned.price.requests} requests`,
    takes: duration(run, planned.price.requests),
    plan_code: id,
    next: `${needsWord ? 'Show this to the person. If they agree, call' : 'Call'} ${run.operation.name} again with the same arguments and plan set to this code, within ten minutes.`,
    as: signature(run.account),
  };
}

/** The values that a call gives to any of its records: some of them reach outward. */
function valuesIn({ set, records }: Run['args']): JsonObject {
  const all = [set, ...(Array.isArray(records) ? records : [])].filter((one) => isObject(one));
  return Object.assign({}, ...all);
}

/** Throws where the day's budget does not have what it takes. */
function refuseTooDear({ client, operation }: Run, { price, count }: Planned): void {
  const { left } = client.limits().daily;
  if (left === undefined || left >= price.tokens) return;
  throw new Problem(
    `${operation.title}: nothing was changed, since it takes ${price.tokens} API tokens and the company has ${left} left today.`,
    'All users and programs of the company share a daily budget.',
    `Do it tomorrow, or a part of it now: ${Math.floor((count * left) / price.tokens)} of the ${count} records at most.`,
    'no',
  );
}

/** How long so many requests take at the rate that is kept now. */
function duration({ client }: Run, requests: number): string {
  const seconds = Math.ceil((requests * 2) / client.limits().requestsPer2s);
  return seconds < 100 ? `about ${Math.max(seconds, 2)} seconds` : `about ${Math.ceil(seconds / 60)} minutes`;
}

function question(run: Run, { question: lines }: Planned, why: string | undefined): string {
  const [first = '', ...more] = [...lines, ...(why === undefined ? [] : [why]), `Account: ${signature(run.account)}`];
  return [`${harmless(first)}?`, ...more.map(harmless)].join('\n');
}

/** A job that was let through before, to go on with. */
async function begun(run: Run, guard: Guard, id: string): Promise<Job> {
  const job = await guard.jobs.load(id);
  const fail = (why: string, next: string) =>
    new Problem(`${run.operation.title}: there is nothing to go on with.`, why, next, 'no');
  if (!job?.begun || job.account !== accountOf(run)) {
    throw fail(`"${id.slice(0, 40)}" is no job that was begun.`, 'Call without resume to plan it.');
  }
  if (job.tool !== run.operation.name) throw fail(`It is a job of ${job.tool}.`, `Call ${job.tool} with it.`);
  return job;
}

/** Works on a job while nobody else does, in this process or another, and nobody takes it back. */
function perform(run: Run, guard: Guard, tool: BulkTool, job: Job): Promise<JsonObject> {
  return guard.journal.alone(`job-${job.id}`, 0, () => performAlone(run, guard, tool, job));
}

async function performAlone(run: Run, guard: Guard, tool: BulkTool, planned: Job): Promise<JsonObject> {
  const job = { ...planned, begun: true };
  await guard.jobs.save(job);
  const { items, count, plural, run: inner, ended } = await tool.items(run, job.work);
  const tally = new Tally(inner);
  const { stopped, earlier } = await workThrough(inner, guard, job, items, (outcome) => tally.note(outcome), count);
  const { size: noted } = await priorOf(guard, job);
  // What is done stays done, and is in the journal: that the job could not be kept is only told.
  await guard.jobs.save({ ...job, noted }).catch(guard.failed);
  return {
    done: `${tool.verb} ${tally.done} of ${count} ${plural}`,
    as: signature(run.account),
    ...tally.says(),
    ...(await ended?.()),
    ...ending(run, job.id, {
      stopped,
      left: count - tally.ended,
      failed: tally.failed,
      unknown: tally.unknown,
    }),
    ...(earlier.length > 0 ? { earlier_writes: [...earlier] } : {}),
  };
}

type Ending = {
  readonly stopped: string | undefined;
  readonly left: number;
  readonly failed: number;
  readonly unknown: number;
};

/** What is left of a job, and how to go on with it or to take it back. */
function ending({ operation }: Run, id: string, { stopped, left, failed, unknown }: Ending): JsonObject {
  const again = `Call ${operation.name} with resume "${id}" alone`;
  const next =
    left > 0
      ? `${again} to go on: what is done is not done again.`
      : unknown > 0
        ? `${again} when it is known what became of the rest, in some minutes.`
        : failed > 0
          ? `${again} to try those again that failed, once that is mended.`
          : `undo_changes with change "${id}" takes all of it back.`;
  return { ...(left > 0 ? { left, ...(stopped === undefined ? {} : { stopped }) } : {}), job: id, next };
}
