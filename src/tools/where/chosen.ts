import type { JsonObject } from '../../pipedrive/json.ts';
import { type Run, rowsOf } from '../run.ts';
import { meets, type Needs, narrowed } from './narrowed.ts';

/** One page of a list: those of its records that meet all conditions, and how many there were to look at. */
export type Page = { readonly records: readonly JsonObject[]; readonly looked: number; readonly isLast: boolean };

/**
 * All records of a list that its arguments and `where` choose, page by page: what totals, bulk work and exports are made
 * of. In the order of their ids, in which no write of others moves one from a page to the next; v1's lists, which are
 * paged by number, in the order of their creation. `run` is of a `list_` operation, its names resolved. Rejects with
 * Problem and PipedriveError; where a call has no more time, the caller stops.
 */
export async function* chosen(run: Run, needs: Pick<Needs, 'include' | 'codes'> = {}): AsyncGenerator<Page> {
  const { operation, client, options } = run;
  const now = Math.trunc(Date.now() + client.limits().clockAhead);
  const { request, conditions } = await narrowed({ ...run, args: { ...run.args, ...inOrder(run) } }, now, needs);
  for await (const answer of client.pages(request, options)) {
    const rows = rowsOf(answer.data, operation.at);
    const records = rows.filter((record) => meets(record, conditions));
    yield { records, looked: rows.length, isLast: answer.nextCursor === undefined };
  }
}

function inOrder({ operation }: Run): JsonObject {
  const { shape } = operation.input;
  if ('sort_by' in shape) return { sort_by: 'id', sort_direction: 'asc' };
  return 'sort' in shape ? { sort: 'add_time ASC' } : {};
}
