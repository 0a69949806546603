import { z } from 'zod/v3';
import { invalid } from './error.ts';
import type { Json, JsonObject } from './json.ts';
import type { JsonReply } from './route.ts';

type SortValue = string | number | null;
type Row = { readonly id: string | number };

const cursorContent = z.object({
  field: z.string(),
  fieldValue: z.union([z.string(), z.number(), z.null()]),
  sortDirection: z.enum(['asc', 'desc']),
  id: z.union([z.string(), z.number()]),
});

export type Paging = {
  limit: number;
  cursor?: string | undefined;
  sort_by?: string | undefined;
  sort_direction?: 'asc' | 'desc' | undefined;
};

/**
 * One page of a v2 list. The cursor names the last record by its sort value and id, so a page goes on where the last one
 * ended however many records came or went meanwhile.
 */
export function cursorPage<R extends Row>(
  rows: readonly R[],
  paging: Paging,
  sortValue: (row: R, key: string) => SortValue,
): { rows: R[]; next_cursor: string | null } {
  const after = paging.cursor === undefined ? undefined : readCursor(paging.cursor);
  const key = after?.field ?? paging.sort_by ?? 'id';
  const direction = after?.sortDirection ?? paging.sort_direction ?? 'asc';
  const sign = direction === 'asc' ? 1 : -1;
  const order = (a: SortValue, aId: Row['id'], b: SortValue, bId: Row['id']) =>
    sign * (compare(a, b) || compare(aId, bId));
  const left = after
    ? rows.filter((row) => order(sortValue(row, key), row.id, after.fieldValue, after.id) > 0)
    : [...rows];
  left.sort((a, b) => order(sortValue(a, key), a.id, sortValue(b, key), b.id));
  const page = left.slice(0, paging.limit);
  const last = page.at(-1);
  if (!last || left.length <= paging.limit) return { rows: page, next_cursor: null };
  const next = { field: key, fieldValue: sortValue(last, key), sortDirection: direction, id: last.id };
  return { rows: page, next_cursor: Buffer.from(JSON.stringify(next)).toString('base64url') };
}

/** The reply of a v2 list: a page of rows, each shown by `view`. */
export function cursorReply<R extends Row>(
  rows: readonly R[],
  paging: Paging,
  sortValue: (row: R, key: string) => SortValue,
  view: (row: R) => Json,
): JsonReply {
  const page = cursorPage(rows, paging, sortValue);
  return {
    status: 200,
    body: { success: true, data: page.rows.map(view), additional_data: { next_cursor: page.next_cursor } },
  };
}

/** The reply of a paged v1 list, whose empty collection is null. */
export function startReply(
  rows: readonly Json[],
  paging: { start: number; limit: number },
  extra: JsonObject = {},
): JsonReply {
  const page = rows.slice(paging.start, paging.start + paging.limit);
  const more = rows.length > paging.start + page.length;
  return {
    status: 200,
    body: {
      success: true,
      data: page.length > 0 ? page : null,
      additional_data: {
        pagination: {
          start: paging.start,
          limit: paging.limit,
          more_items_in_collection: more,
          ...(more ? { next_start: paging.start + page.length } : {}),
        },
      },
      ...extra,
    },
  };
}

/** Sorts by v1's `field ASC, other DESC`; throws 400 for a key that is not in `allowed`. */
export function v1Sort<R>(
  rows: readonly R[],
  sort: string | undefined,
  allowed: readonly string[],
  sortValue: (row: R, key: string) => SortValue,
): R[] {
  if (!sort) return [...rows];
  const keys = sort.split(',').map((part) => {
    const [key = '', direction = 'ASC'] = part.trim().split(/\s+/);
    if (!allowed.includes(key) || !/^(asc|desc)$/i.test(direction)) throw invalid(`Invalid sort: ${part.trim()}`);
    return { key, sign: direction.toUpperCase() === 'ASC' ? 1 : -1 };
  });
  return [...rows].sort((a, b) => {
    for (const { key, sign } of keys) {
      const order = sign * compare(sortValue(a, key), sortValue(b, key));
      if (order !== 0) return order;
    }
    return 0;
  });
}

function compare(a: SortValue, b: SortValue): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a) < String(b) ? -1 : 1;
}

function readCursor(text: string): z.infer<typeof cursorContent> {
  try {
    return cursorContent.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch (cause) {
    throw Object.assign(invalid('Invalid cursor'), { cause });
  }
}
