import type { Answer, ApiRequest, CallOptions, Client } from '../../pipedrive/client.ts';
import type { Json, JsonObject } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { rowsOf } from '../run.ts';

/** A page of a list without those of its records that an earlier page had. `next`: where the list goes on. */
export type SteadyPage = { readonly rows: readonly JsonObject[]; readonly next: string | undefined };

/** From the third page on a call has many: then every other call passes it. */
const FEW = 2;

/**
 * The pages of a list, each record once, whatever others do to the list meanwhile. v2's cursors name the last record, so
 * that pages in the order of ids are steady by themselves. v1 counts: where a record leaves the list, all that follow
 * move up, and one would slip past the end of its page. So each page begins with the last record of the one before;
 * where it doesn't, the list is asked for further ahead, until it begins with one that is known.
 */
export async function* steadyPages(
  client: Client,
  request: ApiRequest,
  paging: 'cursor' | 'start',
  at: string | undefined,
  options: CallOptions,
): AsyncGenerator<SteadyPage> {
  const known = new Set<Json>();
  const passed = new Set<string>();
  let place = at;
  for (let asked = 0; ; asked += 1) {
    const own: CallOptions = asked < FEW ? options : { ...options, priority: 'bulk' };
    const answer = await (paging === 'cursor' || known.size === 0
      ? client.request(from(request, paging, place), own)
      : overlapping(client, request, Number(place), known, own));
    const rows = rowsOf(answer.data, undefined).filter(({ id = null }) => !known.has(id));
    for (const { id = null } of rows) known.add(id);
    const next = answer.nextCursor;
    if (next !== undefined && paging === 'cursor' && passed.has(next)) throw endless(request);
    yield { rows, next };
    if (next === undefined) return;
    passed.add(next);
    place = next;
  }
}

function from(request: ApiRequest, paging: 'cursor' | 'start', at: string | undefined): ApiRequest {
  return at === undefined ? request : { ...request, query: { ...request.query, [paging]: at } };
}

async function overlapping(
  client: Client,
  request: ApiRequest,
  start: number,
  known: ReadonlySet<Json>,
  options: CallOptions,
): Promise<Answer> {
  for (let back = 1; ; back *= 10) {
    const place = Math.max(0, start - back);
    const answer = await client.request(from(request, 'start', String(place)), options);
    const [first] = rowsOf(answer.data, undefined);
    if (place === 0 || known.has(first?.['id'] ?? null)) return answer;
  }
}

function endless({ path }: ApiRequest): Problem {
  return new Problem(
    `The pages of ${path} come round again without an end.`,
    'A page of the list says that it goes on with one that came before.',
    'Call again; narrow what is asked for, if it stays.',
  );
}
