import { distance } from 'fastest-levenshtein';
import type { JsonObject } from '../pipedrive/json.ts';
import { fold } from './fold.ts';

/**
 * Something the model can mend: what went wrong, why, and what to do next. The one form in which a tool says no.
 */
export class Problem extends Error {
  readonly why: string;
  readonly next: string;
  /** Of a write: whether it may have happened. */
  readonly written: 'no' | 'unknown';
  /** What the answer says besides. */
  readonly facts: JsonObject;

  constructor(what: string, why: string, next: string, written: 'no' | 'unknown' = 'no', facts: JsonObject = {}) {
    super(what);
    this.why = why;
    this.next = next;
    this.written = written;
    this.facts = facts;
  }
}

/** The candidate that `word` was probably meant to be, case and accents aside, if one is near. */
export function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  const given = fold(word.slice(0, 200));
  if (given === '') return undefined;
  const known = candidates.map((candidate) => {
    const folded = fold(candidate);
    return { candidate, folded, far: distance(given, folded) };
  });
  const near = known.reduce<(typeof known)[number] | undefined>(
    (best, one) => (best && best.far <= one.far ? best : one),
    undefined,
  );
  if (near && near.far <= Math.max(2, Math.floor(given.length / 3))) return near.candidate;
  // Short ones are part of too many words: `id` of every id.
  const inside = known.find(({ folded }) => folded.length > 3 && (folded.includes(given) || given.includes(folded)));
  return inside?.candidate;
}
