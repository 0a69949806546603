import { isObject, type Json, type JsonObject } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { cut } from '../answers/text.ts';
import type { Row } from './rows.ts';
import type { ContactPart, Imported, Matched, Target } from './targets.ts';

/** What is wrong with a row: in which column, what, and what to do about it. */
export type Fault = { readonly column: string; readonly what: string; readonly remedy: string };

/** A row in the terms of the tools that create and update; names are not looked up yet. */
export type Given = {
  readonly line: number;
  /** The record that it changes. */
  readonly id: Json | undefined;
  readonly args: JsonObject;
  /** Custom fields by code. */
  readonly custom: JsonObject;
  readonly contact: Readonly<Partial<Record<ContactPart, string>>>;
  /** What each column that is set was read as. */
  readonly values: ReadonlyMap<Target, Json>;
  readonly faults: readonly Fault[];
};

const LONGEST_WHAT = 300;

/** Reads the cells of a row; empty ones say nothing. */
export function givenIn(row: Row, matched: readonly Matched[]): Given {
  const args: JsonObject = {};
  const custom: JsonObject = {};
  const contact: Partial<Record<ContactPart, string>> = {};
  const values = new Map<Target, Json>();
  const faults: Fault[] =
    row.broken === undefined
      ? []
      : [{ column: '', what: row.broken, remedy: 'Put text with the separator in it in quotes.' }];
  let id: Json | undefined;
  for (const { title, index, target } of matched) {
    const cell = row.cells[index] ?? null;
    if (target.is === 'nothing' || isEmpty(cell)) continue;
    try {
      const value = target.read(typeof cell === 'string' ? cell.trim() : cell);
      values.set(target, value);
      if (target.is === 'id') id = value;
      else if (target.is === 'argument') args[target.key] = value;
      else if (target.is === 'custom') custom[target.key] = value;
      else contact[partOf(target)] = String(value);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      faults.push({ column: title, ...faultOf(error) });
    }
  }
  return { line: row.line, id, args, custom, contact, values, faults };
}

function partOf({ key }: Target): ContactPart {
  return key === 'person' || key === 'person_email' || key === 'person_phone' ? key : 'organization';
}

function isEmpty(cell: Json): boolean {
  return (
    cell === null || (typeof cell === 'string' && cell.trim() === '') || (Array.isArray(cell) && cell.length === 0)
  );
}

function faultOf({ message, why, next }: Problem): Omit<Fault, 'column'> {
  const [, missing] = /"(\w+)" is missing/.exec(message) ?? [];
  if (missing !== undefined) return { what: `"${missing}" is missing.`, remedy: `Fill in a column "${missing}".` };
  const hint = why.startsWith('Did you mean') ? `${why} ` : '';
  return {
    what: cut(message.replace(/^(create|update)_\w+: /, ''), LONGEST_WHAT),
    remedy: cut(
      hint +
        next.replace(
          /Nothing was sent to Pipedrive\. | ?Correct the arguments and call again\.|;? ?[Nn]othing was changed\.?/g,
          '',
        ),
      LONGEST_WHAT,
    ),
  };
}

/** The fault that a check of the whole row found, under the column that it speaks of. */
export function faultIn(error: Problem, matched: readonly Matched[]): Fault {
  const { message } = error;
  const speaks = ({ target: { key, is, title, column } }: Matched) =>
    is !== 'nothing' &&
    (message.startsWith(`${key}:`) ||
      message.includes(`"${key}"`) ||
      (is === 'custom' && (message.includes(`"${title}"`) || message.includes(`"${column?.field?.label ?? title}"`))));
  return { column: matched.find(speaks)?.title ?? '', ...faultOf(error) };
}

/** A row as if the column that a fault is in were empty. */
export function without(given: Given, { column }: Fault, matched: readonly Matched[]): Given {
  const target = matched.find(({ title }) => title === column)?.target;
  if (!target || !given.values.has(target)) return given;
  const but = <T>(from: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(from).filter(([key]) => key !== target.key));
  return {
    ...given,
    args: target.is === 'argument' ? but(given.args) : given.args,
    custom: target.is === 'custom' ? but(given.custom) : given.custom,
    contact: target.is === 'contact' ? but(given.contact) : given.contact,
    values: new Map([...given.values].filter(([one]) => one !== target)),
  };
}

/**
 * The arguments of the tool, the contacts aside. `record` is the one that is changed: a lead has its amount and its
 * currency in one.
 */
export function argumentsOf(
  kind: Imported,
  { args, custom }: Pick<Given, 'args' | 'custom'>,
  currency: string,
  record: JsonObject = {},
): JsonObject {
  const { value, currency: given, ...rest } = args;
  const own =
    kind === 'lead'
      ? leadValue(value, given, currency, record)
      : { ...(value === undefined ? {} : { value }), ...(given === undefined ? {} : { currency: given }) };
  return { ...rest, ...own, ...(Object.keys(custom).length > 0 ? { custom_fields: custom } : {}) };
}

function leadValue(
  amount: Json | undefined,
  given: Json | undefined,
  currency: string,
  { value }: JsonObject,
): JsonObject {
  if (amount === undefined && given === undefined) return {};
  const now = isObject(value) ? value : {};
  const number = amount ?? now['amount'] ?? null;
  // A currency says nothing without an amount.
  return number === null ? {} : { value: { amount: number, currency: given ?? now['currency'] ?? currency } };
}
