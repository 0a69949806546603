import type { CallOptions } from '../pipedrive/client.ts';
import type { Kept } from './kept.ts';
import { type Entry, longName, type Names } from './names.ts';
import { didYouMean, Problem } from './problem.ts';

/** How many valid names an error lists. */
const LISTED = 20;

/**
 * The id that was meant by an id or a name. Digits are an id, unless something bears exactly that name. A name that is
 * not found is looked for once more among freshly loaded ones, since it may be new.
 * Throws a Problem for a name that fits none, or more than one.
 */
export async function lookUp(
  kept: Kept<Names>,
  given: string | number,
  what: { readonly argument: string; readonly noun: string; readonly within?: (entry: Entry) => boolean },
  options: CallOptions,
): Promise<number | string> {
  if (typeof given === 'number') return given;
  const text = given.trim();
  const digits = /^\d+$/.test(text);
  const known = kept.loadedAt !== undefined;
  let found = matching(await kept.get(options), text, what.within);
  if (found.length === 0 && !digits && known) found = matching(await kept.refresh(options), text, what.within);
  const [only] = found;
  if (digits) {
    if (only === undefined || String(only.id) === text) return Number(text);
    throw new Problem(
      `${what.argument}: "${text}" is the id of one ${what.noun} and may be the name of another.`,
      `${longName(only)} has the id ${only.id}.`,
      `Give the number ${text} as an id without quotes, or ${only.id} for the one of that name.`,
    );
  }
  if (found.length === 1 && only) return only.id;
  if (found.length > 1) {
    throw new Problem(
      `${what.argument}: ${found.length} of this account's ${what.noun} entries are called "${text}".`,
      `They are ${found.map((entry) => `${longName(entry)} (id ${entry.id})`).join(', ')}.`,
      'Give the id of the one that is meant, or its full name as shown here.',
    );
  }
  throw unknownName(await kept.get(options), text, what);
}

function matching(names: Names, text: string, within: ((entry: Entry) => boolean) | undefined): readonly Entry[] {
  const found = names.find(text);
  const inside = within ? found.filter(within) : found;
  return inside.length > 0 ? inside : within ? [] : found;
}

/** Says that no name fits, which one is near, and which there are. */
export function unknownName(
  names: Names,
  text: string,
  what: { readonly argument: string; readonly noun: string; readonly within?: (entry: Entry) => boolean },
): Problem {
  const live = names.entries.filter((entry) => entry.retired !== true && (what.within?.(entry) ?? true)).map(longName);
  const near = didYouMean(text, live);
  const more = live.length > LISTED ? `, and ${live.length - LISTED} more` : '';
  return new Problem(
    `${what.argument}: there is no ${what.noun} "${text.slice(0, 100)}".`,
    near ? `Did you mean "${near}"?` : 'No name of this account fits, case and accents aside.',
    live.length > 0 ? `Give one of: ${live.slice(0, LISTED).join(', ')}${more}; or an id.` : 'The account has none.',
  );
}
