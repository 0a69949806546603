import type { Names } from '../../../vocabulary/names.ts';
import type { Group, Value } from './groups.ts';
import { type Row, together } from './rows.ts';
import type { Stages } from './stages.ts';
import type { Tally } from './tally.ts';

/** How much rows weigh against each other: what they are worth, or how many they are. */
export type Weigh = (tally: Tally) => number;

type Compare = (a: Value, b: Value) => number;

/**
 * Rows as people expect them: stages and pipelines in their own order, periods and numbers ascending, anything else the
 * heaviest first; what has nothing comes last.
 */
export function inOrder(
  rows: readonly Row[],
  groups: readonly Group[],
  weigh: Weigh,
  stages: Stages | undefined,
): readonly Row[] {
  const compares = groups.map((group, index) => comparing(group, stages) ?? heaviest(rows, index, weigh));
  return rows.toSorted((a, b) => {
    for (const [index, compare] of compares.entries()) {
      const [one = null, other = null] = [a.values[index], b.values[index]];
      const by = Number(one === null) - Number(other === null) || compare(one, other);
      if (by !== 0) return by;
    }
    return 0;
  });
}

function comparing({ subject, unit }: Group, stages: Stages | undefined): Compare | undefined {
  if (unit) return (a, b) => (String(a) < String(b) ? -1 : Number(a !== b));
  if (subject.type === 'number') return (a, b) => Number(a) - Number(b);
  if (subject.key === 'stage_id' && stages) return listed(stages.stages);
  return subject.key === 'pipeline_id' && stages ? listed(stages.pipelines) : undefined;
}

function listed({ entries }: Names): Compare {
  const places = new Map(entries.map(({ id }, place) => [id, place]));
  const place = (value: Value) => (typeof value === 'number' ? places.get(value) : undefined) ?? places.size;
  return (a, b) => place(a) - place(b);
}

/** By all rows that have the value, so that those of one stay together. */
function heaviest(rows: readonly Row[], index: number, weigh: Weigh): Compare {
  const alike = new Map<Value, Row[]>();
  for (const row of rows) {
    const value = row.values[index] ?? null;
    const some = alike.get(value) ?? [];
    some.push(row);
    alike.set(value, some);
  }
  const weights = new Map([...alike].map(([value, some]) => [value, weigh(together(some))]));
  return (a, b) => (weights.get(b) ?? 0) - (weights.get(a) ?? 0) || (String(a) < String(b) ? -1 : Number(a !== b));
}
