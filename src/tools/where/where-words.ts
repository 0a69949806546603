import { Problem } from '../../vocabulary/problem.ts';
import type { Operator } from './where.ts';

const symbols: ReadonlyMap<string, Operator> = new Map([
  ['=', '='],
  ['==', '='],
  ['!=', '!='],
  ['<>', '!='],
  ['≠', '!='],
  ['<', '<'],
  ['<=', '<='],
  ['≤', '<='],
  ['>', '>'],
  ['>=', '>='],
  ['≥', '>='],
]);
const phrases: ReadonlyMap<string, Operator> = new Map([
  ['is', '='],
  ['equals', '='],
  ['is not', '!='],
  ['contains', 'contains'],
  ['does not contain', 'not contains'],
  ['not contains', 'not contains'],
  ['starts with', 'starts with'],
  ['begins with', 'starts with'],
  ['does not start with', 'not starts with'],
  ['not starts with', 'not starts with'],
  ['in', '='],
  ['is in', '='],
  ['not in', '!='],
  ['is not in', '!='],
]);
/** Not for text and names, where they begin values: `stage is On hold`. */
const comparisons: ReadonlyMap<string, Operator> = new Map([
  ['on', '='],
  ['before', '<'],
  ['below', '<'],
  ['under', '<'],
  ['less than', '<'],
  ['at most', '<='],
  ['after', '>'],
  ['above', '>'],
  ['over', '>'],
  ['more than', '>'],
  ['greater than', '>'],
  ['at least', '>='],
]);
const emptiness: ReadonlyMap<string, Operator> = new Map([
  ['is empty', 'is empty'],
  ['is not set', 'is empty'],
  ['is missing', 'is empty'],
  ['missing', 'is empty'],
  ['is null', 'is empty'],
  ['is not empty', 'is not empty'],
  ['is set', 'is not empty'],
  ['is not null', 'is not empty'],
]);

const any = (words: Iterable<string>) =>
  [...words]
    .sort((a, b) => b.length - a.length)
    // `stage is In progress` is no list.
    .map((word) => (/^is .*in$/.test(word) ? `${word}(?=\\s*[([])` : word).replaceAll(' ', '\\s+'))
    .join('|');
const SYMBOLS = '[=!<>~≠≤≥＝！＜＞]+';
const END = '(?![\\p{L}\\p{N}_])';
const symbol = new RegExp(`^${SYMBOLS}`, 'u');
const empty = new RegExp(`^(?:${any(emptiness.keys())})$`, 'iu');
const phrase = new RegExp(`^(?:${any(phrases.keys())})${END}`, 'iu');
const comparison = new RegExp(`^(?:is\\s+)?(${any(comparisons.keys())})${END}`, 'iu');
const anywhere = new RegExp(
  `\\s*${SYMBOLS}|\\s(?:${any([...phrases.keys(), ...comparisons.keys(), ...emptiness.keys()])})${END}`,
  'iu',
);

export type FoundOperator = { readonly operator: Operator; readonly several: boolean; readonly value: string };

/** The operator that `rest` begins with, and what follows; undefined where it begins with none. */
export function readOperator(rest: string, isOrdered: boolean): FoundOperator | undefined {
  const text = rest.trim();
  const sign = symbol.exec(text)?.[0];
  if (sign !== undefined) return found(text, sign, symbols.get(sign.normalize('NFKC')));
  if (empty.test(text)) return found(text, text, emptiness.get(simple(text)));
  const compared = isOrdered ? comparison.exec(text) : null;
  if (compared) return found(text, compared[0], comparisons.get(simple(compared[1] ?? '')));
  const said = phrase.exec(text)?.[0];
  return said === undefined ? undefined : found(text, said, phrases.get(simple(said)));
}

function found(text: string, said: string, operator: Operator | undefined): FoundOperator | undefined {
  if (operator === undefined) return undefined;
  return { operator, several: /\bin$/i.test(said), value: text.slice(said.length).trim() };
}

function simple(said: string): string {
  return said.toLowerCase().replaceAll(/\s+/g, ' ');
}

/** Whether a name may end before this: with the text, a space or a sign. */
export function isBoundary(rest: string): boolean {
  return rest === '' || /^\s/.test(rest) || symbol.test(rest);
}

/** What the text before its first operator was probably meant to name. */
export function guessName(text: string): string {
  const start = text.slice(0, 100);
  return start.slice(0, anywhere.exec(start)?.index ?? start.length).trim();
}

/** `meant`: the condition that it was probably meant to be; `hint`: what to do where none would do. */
export function noOperator(
  text: string,
  name: string,
  operators: readonly Operator[],
  meant: string | undefined,
  hint: string | undefined,
): Problem {
  return new Problem(
    `where: no operator is known after ${name} in "${text.slice(0, 80)}".`,
    `It takes ${operators.join(', ')}, also in words: is, is not, before, after, at least, at most, in (a, b), not in (a, b).`,
    meant !== undefined
      ? `Write "${meant}", or another operator in the place of =.`
      : (hint ??
          'Write it as <subject> <operator> <value>, with quotes around the subject if another name begins with its words.'),
  );
}

/** Opening quotes and what closes them; within, a doubled closing quote is one. */
export const quotes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["'", "'"],
  ['“', '”'],
  ['«', '»'],
]);

export function unquoted(text: string): string {
  const close = quotes.get(text.slice(0, 1));
  if (close === undefined || text.length < 2 || !text.endsWith(close)) return text;
  const inner = text.slice(1, -1);
  return inner.replaceAll(close + close, '').includes(close) ? text : inner.replaceAll(close + close, close);
}

export function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** Whether it needs no quotes in a list of values. */
export function isPlain(text: string): boolean {
  return /^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._/&+@:-]*$/u.test(text);
}

/** The values of `(a, "b, c", d)`. */
export function split(text: string): string[] {
  const inner = /^(?:\(.*\)|\[.*\])$/s.test(text) ? text.slice(1, -1) : text;
  const item = /\s*(?:("(?:[^"]|"")*"|'(?:[^']|'')*'|“(?:[^”]|””)*”|«(?:[^»]|»»)*»)\s*(?=,|$)|([^,]*))(?:,|$)/y;
  const items: string[] = [];
  let match: RegExpExecArray | null;
  do {
    match = item.exec(inner);
    const [, inQuotes, plain = ''] = match ?? [];
    items.push(inQuotes === undefined ? plain.trim() : unquoted(inQuotes));
  } while (match?.[0].endsWith(','));
  return items;
}
