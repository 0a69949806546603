import type { Json, JsonObject } from '../../../pipedrive/json.ts';
import { outsidersWrote } from '../../answers/answer.ts';
import { cutMarked } from '../../answers/outside.ts';

/** What an answer has room for: 1,200 tokens of four bytes, less what every answer may say of the day's budget. */
const LONGEST = 1_200 * 4;
const BUDGET_WORD = 180;

/** A cell is rarely longer; and a text of the past, the newest ones, and those before. In bytes. */
const LONGEST_CELL = 110;
const NEWEST = 5;
const LONGEST_TEXT = 280;
const LONGEST_OLDER = 150;

/** A part of the answer: rows, most important first. */
export type Told = {
  readonly key: string;
  readonly columns: readonly string[];
  readonly rows: readonly Json[];
  /** The columns that outsiders can write. */
  readonly outside: readonly string[];
  /** Is there more than `rows` in the account? */
  readonly isWhole: boolean;
  /** The tool that has the rest. */
  readonly rest: string;
  /** Its share of the room, where there is too little. */
  readonly share: number;
};

/** In UTF-8, as JSON. */
export function bytes(value: Json): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** A text of at most so many bytes, as JSON; one in marks keeps them. */
export function cutBytes(text: string, most: number): string {
  let cutText = text;
  for (let length = text.length; bytes(cutText) > most && length > 1; ) {
    length = Math.min(length - 1, Math.ceil((length * most) / bytes(cutText)));
    cutText = cutMarked(text, length);
  }
  return cutText;
}

/** The cells of a row, none too long; `at` is how many are before it. */
function narrow(row: Json, columns: readonly string[], at: number): Json {
  if (typeof row === 'string') return cutBytes(row, LONGEST_TEXT);
  if (!Array.isArray(row)) return row;
  return row.map((cell, index) => {
    const isText = columns[index] === 'summary';
    const most = isText ? (at < NEWEST ? LONGEST_TEXT : LONGEST_OLDER) : LONGEST_CELL;
    return typeof cell === 'string' ? cutBytes(cell, most) : cell;
  });
}

/** What stands around the parts, and is never cut. */
export type Frame = { readonly head: JsonObject; readonly outside: readonly string[]; readonly tail: JsonObject };

/**
 * The frame and of each part as many rows as fit beside it, `aside` being bytes that are added later. First each part has
 * its share, then what is left goes to the parts in their order. What was left out is said, with where it is.
 */
export function fitted(frame: Frame, parts: readonly Told[], aside: number): JsonObject {
  const all = parts.map((part) => ({ ...part, rows: part.rows.map((row, at) => narrow(row, part.columns, at)) }));
  // Without a row it says most of what is left out.
  const least = answer(
    frame,
    all.map((part) => ({ part, shown: 0 })),
  );
  const room = LONGEST - BUDGET_WORD - aside - bytes(least);
  const shares = all.reduce((sum, { share }) => sum + share, 0);
  let left = room;
  const taken = all.map((part) => {
    const [shown, size] = fill(part.rows, 0, (room * part.share) / shares);
    left -= size;
    return { part, shown };
  });
  for (const one of taken) {
    const [shown, size] = fill(one.part.rows, one.shown, left);
    left -= size;
    one.shown = shown;
  }
  return answer(frame, taken);
}

/** How many rows there are with those that fit into the room, and what these take. */
function fill(rows: readonly Json[], from: number, room: number): [shown: number, size: number] {
  let [shown, size] = [from, 0];
  for (const row of rows.slice(from)) {
    const more = bytes(row) + 1;
    if (size + more > room) break;
    size += more;
    shown += 1;
  }
  return [shown, size];
}

type Taken = { readonly part: Told; readonly shown: number };

function answer({ head, outside, tail }: Frame, taken: readonly Taken[]): JsonObject {
  const told = taken.map(({ part: { key, columns, rows }, shown }) => {
    const kept = rows.slice(0, shown);
    return [key, columns.length === 0 ? kept : { columns: [...columns], rows: kept }] as const;
  });
  const cut = taken.flatMap(({ part: { key, rows, isWhole, rest }, shown }) => {
    const left = rows.length - shown;
    if (left === 0 && isWhole) return [];
    return [[key, `${left > 0 ? `${left}${isWhole ? '' : ' and'} ` : ''}more: ${rest}`] as const];
  });
  const theirs = [...outside, ...taken.flatMap(({ part }) => part.outside.map((column) => `${part.key}.${column}`))];
  return {
    ...head,
    ...Object.fromEntries(told),
    ...(cut.length > 0 ? { left_out: Object.fromEntries(cut) } : {}),
    ...outsidersWrote(theirs),
    ...tail,
  };
}
