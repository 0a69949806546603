import type { CallOptions } from '../pipedrive/client.ts';
import { type Entry, longName, type Names } from './names.ts';
import { didYouMean, Problem } from './problem.ts';

/** How many valid names an error lists. */
export const LISTED = 20;

/** Names that are kept: those of an account, or the options of one of its fields. */
export type NameSource = {
  readonly loadedAt: number | undefined;
  get(options: CallOptions): Promise<Names>;
  refresh(options: CallOptions): Promise<Names>;
};

type What = { readonly argument: string; readonly noun: string; readonly within?: (entry: Entry) => boolean };

/**
 * The id that was meant by an id or a name. A number is an id, and nothing is loaded for it; digits as text are an id,
 * unless something bears that name. A name that is not found is looked for once more among freshly loaded ones, since it
 * may be new.
 * Throws a Problem for a name that fits none, or more than one.
 */
export async function lookUp(
  source: NameSource,
  given: string | number,
  what: What,
  options: CallOptions,
): Promise<number | string> {
  if (typeof given === 'number') return given;
  const text = given.trim();
  const before = source.loadedAt;
  let names = await source.get(options);
  let found = matching(names, text, what.within);
  if (found.length === 0 && before !== undefined && source.loadedAt === before) {
    names = await source.refresh(options);
    found = matching(names, text, what.within);
  }
  const [only, ...others] = found;
  if (!only) {
    if (/^\d+$/.test(text)) return Number(text);
    throw unknownName(names, text, what);
  }
  if (others.length === 0) return only.id;
  throw new Problem(
    `${what.argument}: "${text}" fits ${found.length} entries of the account.`,
    `They are ${found.map((entry) => `${longName(entry)} (id ${entry.id})`).join(', ')}.`,
    `Give the id of the one that is meant${typeof only.id === 'number' ? ', a number without quotes' : ''}, or its full name as shown here.`,
  );
}

/** The entries that may be meant: by their name, the case aside where only that tells them apart, or by their id. */
function matching(names: Names, text: string, within: What['within']): readonly Entry[] {
  const inside = within ?? (() => true);
  const alike = names.find(text).filter(inside);
  const same = alike.filter((entry) => entry.name.trim() === text);
  const named = same.length === 1 ? same : alike;
  const own = names.byId(text);
  if (!own || named.includes(own)) return named;
  // A key such as `call` is what it is, where digits might as well be a name.
  if (typeof own.id === 'string') return same.length > 0 ? named : [own];
  return [own, ...named];
}

/** Says that no name fits, which one is near, and which there are. */
export function unknownName(names: Names, text: string, what: What): Problem {
  const entries = names.entries.filter((entry) => entry.retired !== true && (what.within?.(entry) ?? true));
  const live = entries.map(longName);
  const short = didYouMean(
    text,
    entries.map((entry) => entry.name),
  );
  const near = didYouMean(text, live) ?? entries.filter((entry) => entry.name === short).map(longName)[0];
  return new Problem(
    `${what.argument}: there is no ${what.noun} "${text.slice(0, 100)}".`,
    near ? `Did you mean "${near}"?` : 'No name of this account fits, case and accents aside.',
    live.length > 0 ? `Give one of: ${listing(live)}; or an id.` : 'The account has none.',
  );
}

/** The first of them, and how many more there are. */
export function listing(names: readonly string[]): string {
  const more = names.length > LISTED ? `, and ${names.length - LISTED} more` : '';
  return `${names.slice(0, LISTED).join(', ')}${more}`;
}
