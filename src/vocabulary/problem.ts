import { closest, distance } from 'fastest-levenshtein';

/**
 * Something the model can mend: what went wrong, why, and what to do next. The one form in which a tool says no.
 */
export class Problem extends Error {
  readonly why: string;
  readonly next: string;
  /** Of a write: whether it may have happened. */
  readonly written: 'no' | 'unknown';

  constructor(what: string, why: string, next: string, written: 'no' | 'unknown' = 'no') {
    super(what);
    this.why = why;
    this.next = next;
    this.written = written;
  }
}

/** The candidate that `word` was probably meant to be, if one is near. */
export function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  // Short ones are part of too many words: `id` of every id.
  const inside = candidates.find(
    (candidate) => candidate.length > 3 && (candidate.includes(lower) || lower.includes(candidate)),
  );
  const near = candidates.length > 0 ? closest(lower, candidates) : undefined;
  if (near !== undefined && distance(lower, near) <= Math.max(2, Math.floor(lower.length / 3))) return near;
  return inside;
}
