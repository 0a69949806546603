import { z } from 'zod/v3';
import { invalid } from './error.ts';
import type { Json, JsonObject } from './json.ts';
import type { JsonReply } from './route.ts';

type SortValue = string | number | null;
type Row = { readonly id: string | number };
type Sorted = { readonly id: Row['id']; readonly value: SortValue };

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

/** What a list is sorted by: a column of the row itself. */
export function column(row: object, key: string): SortValue {
  const value: unknown = Reflect.get(row, key);
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'string' || typeof value === 'number' ? value : null;
}

/**
 * One page of a v2 list. The cursor names the last record by its sort value and id, so a page goes on where the last one
 * ended however many records came or went meanwhile.
 */
export function cursorPage<R extends Row>(
  rows: readonly R[],
  paging: Paging,
  sortValue: (row: R, key: string) => SortValue = column,
): { rows: R[]; next_cursor: string | null } {
  const after = paging.cursor === undefined ? undefined : readCursor(paging.cursor);
  const key = after?.field ?? paging.sort_by ?? 'id';
  const direction = after?.sortDirection ?? paging.sort_direction ?? 'asc';
  const sign = direction === 'asc' ? 1 : -1;
  const order = (a: Sorted, b: Sorted) => sign * (compare(a.value, b.value) || compare(a.id, b.id));
  const left: (Sorted & { row: R })[] = [];
  const last = after && { id: after.id, value: after.fieldValue };
  for (const row of rows) {
    const one = { id: row.id, value: sortValue(row, key), row };
    if (!last || order(one, last) > 0) left.push(one);
  }
  left.sort(order);
  const page = left.slice(0, paging.limit);
  const end = left.length > page.length ? page.at(-1) : undefined;
  const next = end && { field: key, fieldValue: end.value, sortDirection: direction, id: end.id };
  return {
    rows: page.map(({ row }) => row),
    next_cursor: next ? Buffer.from(JSON.stringify(next)).toString('base64url') : null,
  };
}

/** The reply of a v2 list: a page of rows, each shown by `view`. */
export function cursorReply<R extends Row>(
  rows: readonly R[],
  paging: Paging,
  view: (row: R) => Json,
  sortValue?: (row: R, key: string) => SortValue,
): JsonReply {
  const page = cursorPage(rows, paging, sortValue);
  return {
    status: 200,
    body: { success: true, data: page.rows.map(view), additional_data: { next_cursor: page.next_cursor } },
  };
}

/** What a v1 list has beside its rows, `additional_data` beside its paging. */
type More = { related_objects?: JsonObject; additional_data?: JsonObject };

/** The reply of a paged v1 list, whose empty collection is null. `more` is made from the rows of the page and their views. */
export function startReply<R, V extends Json>(
  rows: readonly R[],
  { start, limit }: { start: number; limit: number },
  view: (row: R) => V,
  more: (page: readonly R[], shown: readonly V[]) => More = () => ({}),
): JsonReply {
  const page = rows.slice(start, start + limit);
  const shown = page.map((row) => view(row));
  const end = start + page.length;
  const pagination = {
    start,
    limit,
    more_items_in_collection: rows.length > end,
    ...(rows.length > end ? { next_start: end } : {}),
  };
  const { additional_data, ...extra } = more(page, shown);
  return {
    status: 200,
    body: {
      success: true,
      data: shown.length > 0 ? shown : null,
      additional_data: { ...additional_data, pagination },
      ...extra,
    },
  };
}

/** The reply of a v1 list that comes whole. */
export function listReply(data: Json[]): JsonReply {
  return { status: 200, body: { success: true, data: data.length > 0 ? data : null } };
}

/** Sorts by v1's `field ASC, other DESC`; throws 400 for a key that is not in `allowed`. */
export function v1Sort<R extends object>(
  rows: readonly R[],
  sort: string | undefined,
  allowed: readonly string[],
  sortValue: (row: R, key: string) => SortValue = column,
): R[] {
  if (!sort) return [...rows];
  const keys = sort.split(',').map((part) => {
    const [key = '', direction = 'ASC'] = part.trim().split(/\s+/);
    if (!allowed.includes(key) || !/^(asc|desc)$/i.test(direction)) throw invalid(`Invalid sort: ${part.trim()}`);
    return { key, sign: direction.toUpperCase() === 'ASC' ? 1 : -1 };
  });
  const valued = rows.map((row) => ({ row, values: keys.map(({ key }) => sortValue(row, key)) }));
  valued.sort((a, b) => {
    for (const [index, { sign }] of keys.entries()) {
      const order = sign * compare(a.values[index] ?? null, b.values[index] ?? null);
      if (order !== 0) return order;
    }
    return 0;
  });
  return valued.map(({ row }) => row);
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
