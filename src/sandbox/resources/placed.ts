import { z } from 'zod/v3';
import { v1IsoTime, v1Time } from '../clock.ts';
import { schemaError } from '../error.ts';
import type { JsonObject } from '../json.ts';
import type { Board } from '../model.ts';
import { field } from '../parameters.ts';
import type { World } from '../world.ts';

/** Project boards and phases: they stand in an order, and who moves makes the others close up. */
type Placed = Board & { board_id?: number };

export const placedBody = {
  name: field.filled,
  order_nr: z.number().int().min(1).optional(),
};

/** Those that are not deleted, by their `order_nr`. */
export function inOrder<R extends Placed>(rows: readonly R[]): R[] {
  return rows.filter((row) => !row.is_deleted).sort((a, b) => a.order_nr - b.order_nr);
}

/** The place that is asked for among `siblings`, the last one unless told; 400 for one beyond that. */
export function placeIn(siblings: readonly Placed[], wanted: number | undefined): number {
  const last = inOrder(siblings).length + 1;
  if (wanted !== undefined && wanted > last) throw schemaError('order_nr', `The value must be between 1 and ${last}`);
  return wanted ?? last;
}

/** What a new board or phase has before it gets its place. */
export function newPlaced({ clock }: World) {
  const now = clock.stamp();
  return { order_nr: 0, is_deleted: false, delete_time: null, add_time: now, update_time: now };
}

/** Puts one at its place among its siblings, which close up; where none is told all stay as they are. */
export function arrange<R extends Placed>(
  siblings: readonly R[],
  row: R,
  place: number | undefined,
  move: (row: R, place: number) => void,
): void {
  if (place === undefined) return;
  const others = inOrder(siblings).filter((other) => other !== row);
  others.splice(place - 1, 0, row);
  for (const [index, one] of others.entries()) if (one.order_nr !== index + 1) move(one, index + 1);
}

export function placedV2({ is_deleted: _, delete_time: __, add_time, update_time, ...row }: Placed): JsonObject {
  return { ...row, add_time: v1IsoTime(add_time), update_time: v1IsoTime(update_time) };
}

export function placedV1(row: Placed): JsonObject {
  return { ...placedV2(row), add_time: v1Time(row.add_time), update_time: v1Time(row.update_time) };
}
