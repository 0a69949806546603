import type { Operation } from '../catalog/operation.ts';
import type { CallOptions, Client } from '../pipedrive/client.ts';
import { isObject, type Json, type JsonObject } from '../pipedrive/json.ts';
import type { Account } from '../vocabulary/account.ts';
import type { Vocabulary } from '../vocabulary/vocabulary.ts';
import type { Marks } from './answers/outside.ts';
import type { Attachment, Files } from './files.ts';
import type { Arguments } from './request.ts';
import type { Seen } from './seen.ts';
import type { Ask, Guard } from './writing/guard.ts';
import type { Scope } from './writing/scope.ts';

/** One call of a tool under way. */
export type Run = {
  readonly operation: Operation;
  /** Checked, as the caller means them. */
  readonly args: Arguments;
  /** Where a list goes on; undefined at its beginning. */
  readonly at: string | undefined;
  readonly account: Account;
  readonly vocabulary: Vocabulary;
  readonly client: Client;
  readonly options: CallOptions;
  readonly seen: Seen;
  readonly files: Files;
  /** Puts boundaries around what outsiders wrote. */
  readonly marks: Marks;
  /** How a write is to be done, as the caller says: `plan` and its like. */
  readonly guarding: JsonObject;
  /** What guards the writes of this process; none where they are just done. */
  readonly guard: Guard | undefined;
  /** Asks the person behind the host; undefined where the host cannot. */
  readonly ask: Ask | undefined;
  /** What this process is kept to: the arguments have what it fills in. */
  readonly scope: Scope | undefined;
  /** Puts something beside the answer: a picture or a file. */
  readonly attach: (content: Attachment) => void;
};

/**
 * The records of a list answer; `at` names where in `data` they are, `*` that each stands alone under a key of its row.
 * Where a list is of ids alone, they are records that have no more.
 */
export function rowsOf(data: Json, at: string | undefined): JsonObject[] {
  if (at === '*') return rowsOf(data, undefined).flatMap((row) => Object.values(row).filter(isObject));
  const rows = at !== undefined && isObject(data) ? data[at] : data;
  return Array.isArray(rows) ? rows.map((row) => (typeof row === 'number' ? { id: row } : row)).filter(isObject) : [];
}
