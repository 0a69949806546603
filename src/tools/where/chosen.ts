import type { JsonObject } from '../../pipedrive/json.ts';
import { steadyPages } from '../lists/steady.ts';
import type { Run } from '../run.ts';
import { meets, type Needs, narrowed } from './narrowed.ts';

/** One page of a list: those of its records that meet all conditions, and how many there were to look at. */
export type Page = {
  readonly records: readonly JsonObject[];
  readonly looked: number;
  readonly isLast: boolean;
  /** Where the list goes on, for a later call. */
  readonly next: string | undefined;
};

/** `now`: what `today` is reckoned from, in epoch milliseconds, where a call goes on with an earlier one. */
type Wanted = Needs & { readonly now?: number };

/**
 * All records of a list that its arguments and `where` choose, page by page: what totals, bulk work and exports are made
 * of. In the order of their ids, in which no write of others moves one from a page to the next; v1's lists, which are
 * paged by number, in the order of their creation. Each record comes once. `run` is of a `list_` operation, its names
 * resolved. Rejects with Problem and PipedriveError; where a call has no more time, the caller stops.
 */
export async function* chosen(run: Run, { now, ...needs }: Wanted = {}): AsyncGenerator<Page> {
  const { operation, client, options } = run;
  const { paging } = operation;
  if (paging !== 'cursor' && paging !== 'start') throw new Error(`${operation.name} has no pages`);
  const at = now ?? Math.trunc(Date.now() + client.limits().clockAhead);
  const { request, conditions } = await narrowed({ ...run, args: { ...run.args, ...inOrder(run) } }, at, needs);
  for await (const { rows, next } of steadyPages(client, request, paging, needs.page, options)) {
    const records = rows.filter((record) => meets(record, conditions));
    yield { records, looked: rows.length, isLast: next === undefined, next };
  }
}

function inOrder({ operation }: Run): JsonObject {
  const { shape } = operation.input;
  if ('sort_by' in shape) return { sort_by: 'id', sort_direction: 'asc' };
  return 'sort' in shape ? { sort: 'add_time ASC' } : {};
}
