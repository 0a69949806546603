import { visible } from '../tools/answers/visible.ts';
import { didYouMean } from '../vocabulary/problem.ts';

/** An argument is a name, an id, a link or a sentence. */
const LONGEST = 200;
/** What is far too long is not gone through. */
const LOOKED_AT = 20_000;

/** Periods that conditions understand, as they complete. */
export const periods: readonly string[] = [
  'today',
  'yesterday',
  'this week',
  'last week',
  'next week',
  'this month',
  'last month',
  'next month',
  'this quarter',
  'last quarter',
  'next quarter',
  'this year',
  'last year',
  'next year',
];
const DATE = '\\d{4}(?:-\\d{2}(?:-\\d{2})?|-Q[1-4])?';
const dates = new RegExp(`^${DATE}(?: to ${DATE})?$`, 'i');

/** One line of what can be seen, at most 200 characters; undefined for none. `isCut` where there was more. */
export function plain(given: string): { readonly text: string; readonly isCut: boolean } | undefined {
  const line = visible(given.slice(0, LOOKED_AT)).replaceAll(/\s+/g, ' ').trim();
  const characters = [...line];
  const isCut = characters.length > LONGEST || given.length > LOOKED_AT;
  const text = characters.slice(0, LONGEST).join('').trim();
  return text === '' ? undefined : { text, isCut };
}

/**
 * The inside of a JSON string. Signs of markup are written as their numbers: JSON means the same by them, and nothing
 * reads them as tags, marks or lines of their own.
 */
export function quotable(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(/[<>&`*#|[\]{}\u27e6\u27e7]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** What tools take for a record: an id, a name with its id as answers show it, a link; undefined for a name alone. */
export function reference(text: string): string | undefined {
  const [lead] = /(?<=^|\()[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=\)?$)/i.exec(text) ?? [];
  return lead ?? (/^\d{1,15}$|^.*\S \(\d{1,15}\)$|^https:\/\//i.test(text) ? text : undefined);
}

/** Why a text is no period; undefined for one that is. */
export function notPeriod(text: string): string | undefined {
  if (periods.includes(text.toLowerCase()) || dates.test(text)) return undefined;
  const near = didYouMean(text, periods);
  return `${near ? `Did you mean "${near}"? ` : ''}Give ${periods.join(', ')}, 2026-11, 2026-Q4 or 2026-10-01 to 2026-12-31.`;
}
