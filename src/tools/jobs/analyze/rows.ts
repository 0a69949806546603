import type { JsonObject } from '../../../pipedrive/json.ts';
import { type Group, type Value, valuesOf } from './groups.ts';
import { add, type Part, type Tally } from './tally.ts';

/** The records that have the same of all groups, as sums. */
export type Row = { readonly values: readonly Value[]; readonly tally: Tally };

/** All that is counted: in all, each record once, and in groups. */
export class Sheet {
  readonly total: Tally = new Map();
  /** A record was counted in more groups than one. */
  isManifold = false;
  readonly #groups: readonly Group[];
  readonly #zone: string;
  readonly #rows = new Map<string, Row>();

  constructor(groups: readonly Group[], zone: string) {
    this.#groups = groups;
    this.#zone = zone;
  }

  get rows(): readonly Row[] {
    return [...this.#rows.values()];
  }

  count(record: JsonObject, parts: readonly Part[]): void {
    add(this.total, parts);
    if (this.#groups.length === 0) return;
    const places = this.#groups
      .map((group) => valuesOf(group, record, this.#zone))
      .reduce<readonly (readonly Value[])[]>(
        (all, values) => all.flatMap((place) => values.map((value) => [...place, value])),
        [[]],
      );
    if (places.length > 1) this.isManifold = true;
    for (const values of places) {
      const key = JSON.stringify(values);
      const row = this.#rows.get(key) ?? { values, tally: new Map() };
      this.#rows.set(key, row);
      add(row.tally, parts);
    }
  }
}

/** Several rows as one. */
export function together(rows: readonly Row[]): Tally {
  const tally: Tally = new Map();
  for (const row of rows) add(tally, row.tally);
  return tally;
}
