import { z } from 'zod/v3';
import type { Operation } from '../catalog/operation.ts';
import type { JsonObject } from '../pipedrive/json.ts';
import { parseJson } from '../pipedrive/json.ts';
import { Problem } from '../vocabulary/problem.ts';
import { checkArguments } from './arguments.ts';
import { type Arguments, jsonObject } from './request.ts';

const form = /^([\w-]*)\.(.+)$/s;

/**
 * A cursor of ours: what was asked, so that going on asks the same, and where the API goes on (its own cursor, or a
 * number of records to pass over).
 */
export function writeCursor(operation: Operation, args: Arguments, at: string): string {
  const asked = Object.entries(args).filter(([name, value]) => {
    const schema = operation.input.shape[name];
    const byDefault = schema instanceof z.ZodDefault && schema._def.defaultValue() === value;
    return name !== 'cursor' && !byDefault;
  });
  return `${Buffer.from(JSON.stringify(Object.fromEntries(asked))).toString('base64url')}.${at}`;
}

export type Asked = {
  readonly args: JsonObject /** Where to go on; undefined at the beginning. */;
  readonly at: string | undefined;
};

/**
 * The checked arguments of a call. With a cursor they are those of the call that gave it; given again they must be the
 * same, but for the limit, since a list can't change its filter midway.
 */
export function askedFor(operation: Operation, given: JsonObject): Asked {
  const { cursor, ...rest } = given;
  if (!operation.paging || typeof cursor !== 'string' || !Object.hasOwn(operation.input.shape, 'cursor')) {
    return { args: checkArguments(operation, given), at: undefined };
  }
  const [, encoded = '', at] = form.exec(cursor) ?? [];
  const stored = jsonObject.safeParse(parseJson(Buffer.from(encoded, 'base64url').toString('utf8')));
  if (at === undefined || !stored.success || (operation.paging !== 'cursor' && !/^\d+$/.test(at))) {
    throw new Problem(
      `${operation.name}: "${cursor.slice(0, 60)}" is no cursor of this list.`,
      'Cursors belong to the list that gave them.',
      'Take next_cursor of an answer of this tool as it is, or leave cursor out to begin anew.',
    );
  }
  const before = checkArguments(operation, stored.data);
  const now = checkArguments(operation, { ...stored.data, ...rest });
  const other = Object.keys(rest).find(
    (name) => name !== 'limit' && JSON.stringify(now[name]) !== JSON.stringify(before[name]),
  );
  if (other !== undefined) {
    throw new Problem(
      `${operation.name}: ${other} is not what it was when this cursor was given.`,
      'A cursor goes on with the list it came from, so its filters and order stay.',
      'Call with the cursor alone to go on, or without it to begin a new list.',
    );
  }
  return { args: now, at };
}
