import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod/v3';
import type { Operation } from '../../catalog/operation.ts';
import type { JsonObject } from '../../pipedrive/json.ts';
import { parseJson } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { checkArguments } from '../arguments.ts';
import { type Arguments, jsonObject } from '../request.ts';

const form = /^(\w{1,40})\.([\w-]*)\.(.+)$/s;

/** Where a list with conditions goes on: the API's page, how many of its records were passed, and the list's now. */
export const placeForm = /^(.*)~(\d{1,9})~(\d{1,15})$/s;

/**
 * A cursor of ours: of which list it is, since those of the API are much alike; what was asked, so that going on asks the
 * same; and where the API goes on (its own cursor, or a number of records to pass over).
 */
export function writeCursor(operation: Operation, args: Arguments, at: string): string {
  const asked = Object.entries(args).filter(([name, value]) => {
    const schema = operation.input.shape[name];
    const byDefault = schema instanceof z.ZodDefault && schema._def.defaultValue() === value;
    return name !== 'cursor' && !byDefault;
  });
  return `${operation.name}.${Buffer.from(JSON.stringify(Object.fromEntries(asked))).toString('base64url')}.${at}`;
}

export type Asked = {
  readonly args: JsonObject;
  /** Where to go on; undefined at the beginning. */
  readonly at: string | undefined;
  /** What was asked when the cursor was given. */
  readonly before?: JsonObject;
};

/**
 * The checked arguments of a call. With a cursor they are those of the call that gave it, and what is given again.
 */
export function askedFor(operation: Operation, given: JsonObject): Asked {
  const { cursor, ...rest } = given;
  if (!operation.paging || typeof cursor !== 'string' || !Object.hasOwn(operation.input.shape, 'cursor')) {
    return { args: checkArguments(operation, given), at: undefined };
  }
  const [, list, encoded = '', at] = form.exec(cursor) ?? [];
  const stored = jsonObject.safeParse(parseJson(Buffer.from(encoded, 'base64url').toString('utf8')));
  const page = stored.data?.['where'] === undefined ? at : placeForm.exec(at ?? '')?.[1];
  const isNone = !stored.success || at === undefined || page === undefined;
  if (isNone || list !== operation.name || (operation.paging !== 'cursor' && /\D/.test(page))) {
    throw new Problem(
      `${operation.name}: "${cursor.slice(0, 60)}" is no cursor of this list.`,
      isNone || list === operation.name ? 'Cursors belong to the list that gave them.' : `It is one of ${list}.`,
      'Take next_cursor of an answer of this tool as it is, or leave cursor out to begin anew.',
    );
  }
  const before = checkArguments(operation, stored.data);
  return { args: checkArguments(operation, { ...stored.data, ...rest }), at, before };
}

/** What is given again with a cursor, names already ids, must be as it was, but for the limit: a list can't change midway. */
export function refuseOtherList(operation: Operation, { before }: Asked, now: Arguments): void {
  const other =
    before && Object.keys(now).find((name) => name !== 'limit' && !isDeepStrictEqual(now[name], before[name]));
  if (other === undefined) return;
  throw new Problem(
    `${operation.name}: ${other} is not what it was when this cursor was given.`,
    'A cursor goes on with the list it came from, so its filters and order stay.',
    'Call with the cursor alone to go on, or without it to begin a new list.',
  );
}
