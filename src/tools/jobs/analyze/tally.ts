/**
 * Named sums, which is all that is kept of the records that were counted: `count`, `value EUR`. A sum that nothing was
 * added to is not there.
 */
export type Tally = Map<string, number>;

export type Part = readonly [name: string, amount: number];

export function add(tally: Tally, parts: Iterable<Part>): void {
  for (const [name, amount] of parts) tally.set(name, (tally.get(name) ?? 0) + amount);
}

/** The currencies in which there is a sum of `what`, the user's own first. */
export function currenciesOf(tally: Tally, what: string, own: string): string[] {
  const found = [...tally.keys()]
    .filter((name) => name.startsWith(`${what} `))
    .map((name) => name.slice(what.length + 1));
  return found.sort((a, b) => Number(b === own) - Number(a === own) || (a < b ? -1 : 1));
}

/** To so many decimals, without what binary fractions leave behind. */
export function rounded(amount: number, decimals: number): number {
  const unit = 10 ** decimals;
  return Math.round(amount * unit) / unit;
}
