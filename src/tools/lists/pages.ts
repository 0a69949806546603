import type { Answer, ApiRequest } from '../../pipedrive/client.ts';
import { PipedriveError } from '../../pipedrive/errors.ts';
import type { JsonObject } from '../../pipedrive/json.ts';
import { shapeOf } from '../answers/columns.ts';
import { fitting, type Table } from '../answers/table.ts';
import { type Run, rowsOf } from '../run.ts';

/** The largest page of a list, unless its operation says otherwise. */
const PAGE = 500;
/** A call of several requests ends this long before its deadline, or as long as two of its pages take. */
const MARGIN_MS = 5_000;

/** Is there too little time left for another page, when the last was asked for at `asked`? */
export function isLate(deadline: number, asked: number): boolean {
  return deadline - Date.now() < Math.max(MARGIN_MS, 2 * (Date.now() - asked));
}

type Walked = {
  readonly records: readonly JsonObject[];
  readonly shown: Table;
  /** Where the API goes on; undefined at the end of the list. */
  readonly next: string | undefined;
  /** Why it stopped before it had all that was asked for. */
  readonly stopped?: string;
};

/**
 * A list from where the call begins: page after page until it has the rows that were asked for, or what fits into one
 * answer, or no more time. `ask` is one page of so many records.
 */
export async function walk(run: Run, ask: (limit: number, at: string | undefined) => ApiRequest): Promise<Walked> {
  const { operation, args, client, options } = run;
  const limit = Number(args['limit']);
  let records: readonly JsonObject[] = [];
  let shown: Table | undefined;
  for (let at = run.at; ; ) {
    const asked = Date.now();
    const size = Math.min(limit - records.length, operation.most ?? PAGE);
    let page: Answer;
    try {
      page = await client.request(ask(size, at), options);
    } catch (error) {
      if (!shown || !(error instanceof PipedriveError) || error.code === 'cancelled') throw error;
      return { records, shown, next: at, stopped: error.message };
    }
    const all = [...records, ...rowsOf(page.data, operation.at)];
    const whole = await shapeOf(run, all);
    const fit = fitting(whole, args);
    if (fit < all.length) {
      const part = await upTo(run, ask, { records, shown, at }, all, fit);
      return { ...part, stopped: 'the answer is full' };
    }
    [records, shown] = [all, whole];
    at = page.nextCursor ?? unsaid(run, page, at, size);
    if (at === undefined || records.length >= limit) return { records, shown, next: at };
    options.progress?.(records.length, limit);
    if (isLate(options.deadline, asked)) return { records, shown, next: at, stopped: 'the time for a call is up' };
  }
}

/** Where a list goes on whose answers say nothing of it, as that of mail threads: a full page may not be the last. */
function unsaid({ operation }: Run, page: Answer, at: string | undefined, size: number): string | undefined {
  if (operation.paging !== 'start' || Object.keys(page.additional).length > 0) return undefined;
  return rowsOf(page.data, operation.at).length === size ? String(Number(at ?? 0) + size) : undefined;
}

type Before = {
  readonly records: readonly JsonObject[];
  readonly shown: Table | undefined;
  readonly at?: string | undefined;
};

/**
 * As many of the records as fit. Where the last page fits in part, it is asked for again with just these: only the API
 * can give the cursor that goes on after the last of them. v1 counts, so nothing is asked again.
 */
async function upTo(
  run: Run,
  ask: (limit: number, at: string | undefined) => ApiRequest,
  before: Before,
  all: readonly JsonObject[],
  fit: number,
): Promise<Walked> {
  const { operation, client, options } = run;
  const { records, shown, at } = before;
  const kept = fit - records.length;
  if (kept <= 0 && shown) return { records, shown, next: at };
  if (operation.paging === 'start') {
    const part = all.slice(0, fit);
    return { records: part, shown: await shapeOf(run, part), next: String(Number(at ?? 0) + kept) };
  }
  const page = await client.request(ask(kept, at), options);
  const part = [...records, ...rowsOf(page.data, operation.at)];
  return { records: part, shown: await shapeOf(run, part), next: page.nextCursor };
}
