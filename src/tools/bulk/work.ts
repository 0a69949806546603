import { JournalingClient, NotPutDown } from '../../guard/client.ts';
import type { Job } from '../../guard/jobs.ts';
import type { Entry } from '../../guard/journal.ts';
import { settleCall } from '../../guard/leftovers.ts';
import { seconds } from '../../guard/settle.ts';
import { isUndone } from '../../guard/undo.ts';
import type { CallOptions, Client } from '../../pipedrive/client.ts';
import { PipedriveError } from '../../pipedrive/errors.ts';
import { isObject, type JsonObject } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import type { Run } from '../run.ts';
import { api } from '../writing/api.ts';
import { accountOf, type Guard } from '../writing/guard.ts';
import { pool } from './pool.ts';

/**
 * Does one write of an item with the client it is given, once for all: one that the journal has as done is not done again.
 * Gives the record as the write's answer had it. `part` tells the writes of one item apart.
 */
export type Step = (
  part: string,
  write: (client: Client, options: CallOptions) => Promise<unknown>,
) => Promise<JsonObject>;

/** One record of a job, or one row: `key` is the same each time the job goes on. */
export type Item = { readonly key: string; readonly work: (step: Step) => Promise<void> };

/** What became of an item. One that is `left` was not written, and is next when the job goes on. */
export type Outcome =
  | { readonly key: string; readonly is: 'done' }
  | { readonly key: string; readonly is: 'failed' | 'unknown'; readonly error: Problem | PipedriveError };

export type Worked = {
  /** Why it ended before the last item. */
  readonly stopped?: string;
  /** What was found of writes that an earlier process left unsettled. */
  readonly earlier: readonly string[];
};

/** Errors that say something of one record alone: any other holds for the next one too. */
const OF_ONE: readonly string[] = ['invalid', 'not_found', 'forbidden', 'conflict', 'gone'];
/** How far it has come is told after so many items. */
export const TOLD_EACH = 20;
/** Items under way at once, at least. */
const WIDTH = 10;

/** A job begins no more items so long before the deadline, or in the last third of a shorter call. */
const MARGIN_MS = 5_000;

/** Is there too little time left to begin anything more? */
export function lateIn(deadline: number): () => boolean {
  const margin = Math.min(MARGIN_MS, (deadline - Date.now()) / 3);
  return () => deadline - Date.now() < margin;
}

/** How many items are under way at once: more than a window of the throttle lets out are never needed. */
export function widthOf({ client }: Pick<Run, 'client'>): number {
  return Math.max(WIDTH, client.limits().requestsPer2s);
}

/**
 * Works through the items of a job, many at once, behind every single call: each write is put down under the job's id
 * before it is sent, so that whoever goes on with the job does nothing twice. `items` may leave out or not what is done.
 * Stops in time, at the first error that is not of one record alone, and when the call is cancelled: then what is out is
 * waited for, and nothing more is sent.
 */
export async function workThrough(
  run: Run,
  guard: Guard,
  job: Pick<Job, 'id' | 'tool' | 'noted'>,
  items: (isDone: (key: string) => boolean) => Iterable<Item> | AsyncIterable<Item>,
  tell: (outcome: Outcome) => void,
  of?: number,
): Promise<Worked> {
  const { client } = run;
  const account = accountOf(run);
  const options: CallOptions = { ...run.options, priority: 'bulk', settles: true };
  const reading = { client, api, options: run.options };
  const earlier = (await guard.leftovers.look(account, reading, guard)).map(({ says }) => says);
  const known = await priorOf(guard, job);
  const unsure = new Map<string, PipedriveError>();
  let stopped: string | undefined;
  let ended = 0;

  const step =
    (key: string): Step =>
    async (part, write) => {
      const item = part === '' ? key : `${key}/${part}`;
      const before = known.get(item);
      if (before?.state === 'done') return isObject(before.after) ? before.after : {};
      if (before && before.state !== 'failed') throw notKnown(before);
      const provenance = { call: job.id, tool: job.tool, account, item };
      const journaling = new JournalingClient(client, guard, provenance);
      await write(journaling, options);
      return isObject(journaling.answered) ? journaling.answered : {};
    };

  const work = async ({ key, work: start }: Item): Promise<void> => {
    try {
      await start(step(key));
      tell({ key, is: 'done' });
    } catch (error) {
      if (error instanceof NotPutDown) stopped ??= `${error.message} ${error.why} ${error.next}`;
      else if (error instanceof Problem) {
        tell({ key, is: error.written === 'unknown' ? 'unknown' : 'failed', error });
      } else if (!(error instanceof PipedriveError)) throw error;
      else if (error.applied === 'unknown') unsure.set(key, error);
      else if (OF_ONE.includes(error.code)) tell({ key, is: 'failed', error });
      else stopped ??= error.message;
    }
    ended += 1;
    if (ended % TOLD_EACH === 0 || ended === of) run.options.progress?.(ended, of);
  };

  const isLate = lateIn(run.options.deadline);
  const isOver = () => {
    if (run.options.signal.aborted) stopped ??= 'the call was cancelled';
    else if (isLate()) stopped ??= 'the time for a call is up';
    return stopped !== undefined;
  };
  try {
    await pool(
      items((key) => known.get(key)?.state === 'done'),
      () => widthOf(run),
      isOver,
      work,
    );
  } catch (error) {
    // What the next items need could not be read: what is done is told all the same.
    if (!(error instanceof PipedriveError || error instanceof Problem)) throw error;
    stopped ??= error instanceof Problem ? `${error.message} ${error.why}`.trim() : error.message;
  }
  if (unsure.size > 0) await lookUp(run, guard, job.id, unsure, tell);
  return { ...(stopped === undefined ? {} : { stopped }), earlier };
}

/** A look-up after writes that got no answer has this long, whatever the call's own deadline. */
const LOOK_MS = 8_000;

/** What got no answer is looked up at once: it is done, or it is left for when the job goes on, or nobody knows. */
async function lookUp(
  { client, options }: Run,
  guard: Guard,
  id: string,
  unsure: ReadonlyMap<string, PipedriveError>,
  tell: (outcome: Outcome) => void,
): Promise<void> {
  const looking = { client, api, options: { signal: options.signal, deadline: Date.now() + LOOK_MS } };
  const settled = (await settleCall(id, guard.journal, looking)) ?? [];
  for (const [key, error] of unsure) {
    const mine = settled.filter(({ entry: { item } }) => item === key || item?.startsWith(`${key}/`));
    const states = new Set(mine.map(({ state }) => state));
    if (mine.length === 0 || states.has('unknown')) tell({ key, is: 'unknown', error });
    else if (states.has('done') && mine.every(({ entry: { item } }) => item === key)) tell({ key, is: 'done' });
  }
}

/** What the journal has of a job, by item: the last word on each. */
export async function priorOf(
  { journal }: Guard,
  { id, noted = 0 }: Pick<Job, 'id' | 'noted'>,
): Promise<ReadonlyMap<string, Entry>> {
  const { entries } = await journal.read();
  const own = entries.filter(({ call, item }) => call === id && item !== undefined);
  if (own.some((entry) => entry.state === 'done' && isUndone(entry, entries))) {
    throw new Problem(
      'Nothing was changed: this job was undone, in whole or in part.',
      'To go on with it would do anew what was taken back.',
      'Call without resume to plan it anew.',
    );
  }
  const known = new Map(own.map((entry) => [entry.item ?? '', entry]));
  if (known.size >= noted) return known;
  throw new Problem(
    'Nothing was changed: what this job has done is no longer known in full.',
    'The journal keeps so much of the past, and the oldest of this job is gone.',
    'Look at the records, and plan the rest anew.',
  );
}

function notKnown({ error, overAt }: Entry): Problem {
  const wait = overAt - Date.now();
  return new Problem(
    'It is not known whether it was done.',
    error ?? 'The server ended before Pipedrive had answered.',
    wait > 0
      ? `It may still be under way. Go on with the job in ${seconds(wait)}: then it is looked up, and written if it is not there.`
      : 'Look at the record; it is not written again.',
    'unknown',
  );
}
