import { DateTime } from 'luxon';
import { expect } from 'vitest';
import { type Loose, NOW, type Row } from '../host.ts';
import type { Work } from './work.ts';

export const ZONE = 'Europe/Berlin';
export const now = DateTime.fromISO(NOW, { zone: ZONE });
export const today = now.toISODate() ?? '';
export const ids = (records: readonly Loose[]) => records.map(({ id }) => id).sort();

export function agree(found: readonly Row[], expected: readonly Loose[]): void {
  expect(expected.length).toBeGreaterThan(0);
  expect(ids(found)).toEqual(ids(expected));
}

/** The day on which an activity is due, as the user's clock has it. */
export function dueDay({ due_date: date, due_time: time }: Loose): string {
  return time ? (DateTime.fromISO(`${date}T${time}Z`).setZone(ZONE).toISODate() ?? '') : date;
}

export const openDeals = (work: Work) => work.all('/api/v2/deals?status=open&include_fields=next_activity_id');

export function grouped(records: readonly Loose[], nameOf: (record: Loose) => string): Map<string, Loose[]> {
  const groups = new Map<string, Loose[]>();
  for (const one of records) groups.set(nameOf(one), [...(groups.get(nameOf(one)) ?? []), one]);
  return groups;
}
