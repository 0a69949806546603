import { fold } from '../../vocabulary/fold.ts';
import { didYouMean, Problem } from '../../vocabulary/problem.ts';
import type { Subject } from './where.ts';
import { hintFor } from './where-hints.ts';
import { guessName, isBoundary, quotes, readOperator } from './where-words.ts';

const MOST_LISTED = 30;

/** A name, folded, and all that it may mean. */
export type Name = { readonly folded: string; readonly shown: string; readonly subjects: ReadonlySet<Subject> };

/** Every name of every subject. */
export function namesOf(subjects: readonly Subject[]): readonly Name[] {
  const names = new Map<string, { folded: string; shown: string; subjects: Set<Subject> }>();
  for (const subject of subjects) {
    for (const shown of [...subject.names, subject.key]) {
      const folded = fold(shown);
      const name = names.get(folded) ?? { folded, shown, subjects: new Set() };
      name.subjects.add(subject);
      if (folded !== '') names.set(folded, name);
    }
  }
  return [...names.values()];
}

type Found = { readonly subject: Subject; readonly name: string; readonly rest: string };

/** Every name that the text begins with, and what follows it. */
export function namesAt(text: string, names: readonly Name[]): { readonly name: Name; readonly rest: string }[] {
  const enough = 2 * Math.max(0, ...names.map((name) => name.folded.length)) + 1;
  const close = quotes.get(text.slice(0, 1));
  const bare = unfolded(text, enough);
  const inner = close === undefined ? undefined : unfolded(text.slice(1), enough);
  return names.flatMap((name) => {
    const end = bare(name.folded);
    if (end !== undefined && isBoundary(text.slice(end))) return [{ name, rest: text.slice(end) }];
    const quotedEnd = inner?.(name.folded) ?? inner?.(name.folded.replaceAll(`${close}`, `${close}${close}`));
    const rest = quotedEnd === undefined ? '' : text.slice(1 + quotedEnd).trimStart();
    return close !== undefined && rest.startsWith(close) ? [{ name, rest: rest.slice(close.length) }] : [];
  });
}

/** The subject that the text begins with, by the longest name that leaves something to be an operator. */
export function findSubject(text: string, names: readonly Name[]): Found {
  const hits = namesAt(text, names);
  hits.sort((a, b) => b.name.folded.length - a.name.folded.length);
  const hit = hits.find(({ rest }) => rest.trim() !== '') ?? hits[0];
  if (!hit) throw unknownSubject(text, names);
  const [subject, ...others] = hit.name.subjects;
  if (subject === undefined || others.length > 0) throw twoSubjects(hit.name, names);
  return { subject, name: ownName(subject, names), rest: hit.rest };
}

/** Finds folded names at the beginning of a text: each gives the index in the text as it is after the name. */
function unfolded(text: string, enough: number): (name: string) => number | undefined {
  let folded = '';
  const ends: number[] = [];
  let at = 0;
  for (const letter of text) {
    if (folded.length > enough) break;
    at += letter.length;
    const piece = foldedLetter(letter);
    if (piece === ' ' && (folded === '' || folded.endsWith(' '))) continue;
    folded += piece;
    for (let unit = 0; unit < piece.length; unit += 1) ends.push(at);
  }
  return (name) => {
    const end = ends[name.length - 1];
    if (end === undefined || end === ends[name.length] || !folded.startsWith(name)) return undefined;
    return pastAccents(text, end);
  };
}

/** Accents, of their own or on the last letter, and what makes an emoji of a sign: nothing when folded, but of the name. */
function pastAccents(text: string, end: number): number {
  let past = end;
  let at = end;
  for (const letter of text.slice(end)) {
    if (foldedLetter(letter).trim() !== '') break;
    at += letter.length;
    if (letter.trim() !== '') past = at;
  }
  return past;
}

/** One letter as `fold` leaves it, spaces kept. */
function foldedLetter(letter: string): string {
  return fold(`x${letter}x`).slice(1, -1);
}

/** How answers name the subject: by its first name that means nothing else, quoted where other names begin with it. */
export function ownName(subject: Subject, names: readonly Name[]): string {
  const own = [...subject.names, subject.key].find((shown) => {
    const folded = fold(shown);
    return names.find((name) => name.folded === folded)?.subjects.size === 1;
  });
  const shown = own ?? subject.key;
  const folded = fold(shown);
  const isBegun = names.some((name) => {
    const rest = name.folded.startsWith(folded) ? name.folded.slice(folded.length) : '';
    return (
      rest !== '' && isBoundary(rest) && (readOperator(rest, true) ?? readOperator(`${rest} x`, true)) !== undefined
    );
  });
  return isBegun ? `"${shown}"` : shown;
}

function twoSubjects({ shown, subjects }: Name, names: readonly Name[]): Problem {
  const own = [...subjects].map((subject) => ownName(subject, names));
  return new Problem(
    `where: "${shown}" may be ${own.length} things.`,
    'More than one field has this name.',
    `Say which: ${own.join(' or ')}.`,
  );
}

function unknownSubject(text: string, names: readonly Name[]): Problem {
  const guess = guessName(text);
  const near = didYouMean(
    fold(guess),
    names.map((name) => name.folded),
  );
  const meant = names.find((name) => name.folded === near)?.shown;
  const all = [...new Set(names.flatMap((name) => [...name.subjects]))];
  const listed = all.slice(0, MOST_LISTED).map((subject) => ownName(subject, names));
  const hint = hintFor(text, all);
  const more = all.length > listed.length ? ` and ${all.length - listed.length} more: list_fields has them all` : '';
  return new Problem(
    `where: nothing here is called "${guess}".${meant === undefined || hint !== undefined ? '' : ` Did you mean "${meant}"?`}`,
    'A condition begins with the name of a column or a field.',
    hint ?? `Use ${listed.join(', ')}${more}.`,
  );
}
