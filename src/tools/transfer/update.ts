import type { Operation } from '../../catalog/operation.ts';
import { holds } from '../../guard/compare.ts';
import { isObject, type Json, type JsonObject } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { nested, operationOf } from '../nested.ts';
import type { Run } from '../run.ts';
import { priceText } from './cells.ts';
import { linkArguments, type Present, type Reading } from './check.ts';
import type { Links } from './links.ts';
import { argumentsOf, type Given } from './row.ts';
import type { Target } from './targets.ts';
import { textOf } from './values.ts';

/**
 * What of a row differs from the record, checked and resolved as update would; undefined where nothing does. To lists is
 * only added: a file may know less than the record. Throws a Problem.
 */
export async function updating(
  { run, kind }: Reading,
  given: Given,
  links: Links,
  { record, texts }: Present,
): Promise<Run | undefined> {
  const operation = operationOf(`update_${kind}`);
  const asked = (is: 'argument' | 'custom') => {
    const own = [...given.values].filter(([target, value]) => target.is === is && differs(target, value, texts));
    return Object.fromEntries(own.map(([{ key }, value]) => [key, value]));
  };
  const own = argumentsOf(kind, { args: asked('argument'), custom: asked('custom') }, run.account.currency, record);
  const { participants, ...args } = { ...linkArguments(kind, links), ...own };
  const together = participants === undefined ? {} : await withParticipants(run, participants, links.person, record);
  const known = Object.entries({ ...args, ...together }).flatMap(([key, value]) =>
    argumentFor(operation, given, key, value),
  );
  const isNew = [links.person, links.organization].some((ref) => ref !== undefined && ref < 0);
  if (known.length === 0 && !isNew) return undefined;
  const inner = await nested(run, operation.name, { ...Object.fromEntries(known), id: record['id'] ?? null });
  const left = changed(operation, inner.args, record);
  if (Object.keys(left).length === 0 && !isNew) return undefined;
  return { ...inner, args: { ...left, id: inner.args['id'] ?? null } };
}

function differs({ column }: Target, value: Json, texts: Present['texts']): boolean {
  return column === undefined || !sameText(texts.get(column.key) ?? '', value);
}

/** The argument by which an update sets what a column says, that adds to a list where it is one. */
function argumentFor({ input, edits = [] }: Operation, given: Given, key: string, value: Json): [string, Json][] {
  const edit = edits.find(({ list }) => list === key);
  if (edit) return [[edit.add, value]];
  if (Object.hasOwn(input.shape, key)) return [[key, value]];
  // Of a record that was found it says when the other's was made.
  if (given.id === undefined) return [];
  throw new Problem(`"${key}" can only be set when a record is made.`, '', 'Leave it as it was, or empty.');
}

/** Those who take part already, and those that are new; the contact person is the primary one. */
async function withParticipants(
  run: Run,
  wanted: Json,
  contact: number | undefined,
  { id = null, participants, person_id = null }: JsonObject,
): Promise<JsonObject> {
  const present = idsIn(participants);
  const { args } = await nested(run, 'update_activity', { id, participants: wanted });
  const ids = [...new Set([...present, ...idsIn(args['participants']), ...(contact === undefined ? [] : [contact])])];
  const primary = contact ?? person_id ?? ids[0] ?? null;
  if (ids.length === present.length && primary === person_id) return {};
  return { participants: ids.map((one) => ({ person_id: one, primary: one === primary })) };
}

function idsIn(participants: Json | undefined): Json[] {
  return Array.isArray(participants) ? participants.filter(isObject).map((one) => one['person_id'] ?? null) : [];
}

/** The arguments that the record does not have yet. */
function changed(
  { edits = [] }: Operation,
  { id: _, custom_fields: custom, ...args }: JsonObject,
  record: JsonObject,
): JsonObject {
  const own = Object.entries(args).flatMap(([key, value]): [string, Json][] => {
    const edit = edits.find(({ add }) => add === key);
    if (!edit) return holds(value, record[key]) ? [] : [[key, value]];
    const added = addedTo(record[edit.list] ?? null, value, edit.by ?? 'value');
    return added.length > 0 ? [[key, added]] : [];
  });
  const now = isObject(record['custom_fields']) ? record['custom_fields'] : record;
  const codes = isObject(custom) ? Object.entries(custom).filter(([code, value]) => !holds(value, now[code])) : [];
  return { ...Object.fromEntries(own), ...(codes.length > 0 ? { custom_fields: Object.fromEntries(codes) } : {}) };
}

/** The entries that a list has not; what is primary stays so. */
function addedTo(list: Json, entries: Json, by: string): Json[] {
  const present = Array.isArray(list) ? list : [];
  const identity = (one: Json) => fold(isObject(one) ? (one[by] ?? null) : one);
  return (Array.isArray(entries) ? entries : []).flatMap((entry): Json[] => {
    const same = present.find((one) => identity(one) === identity(entry));
    if (!isObject(entry)) return same === undefined ? [entry] : [];
    const { primary, ...rest } = entry;
    if (same !== undefined && holds(rest, same)) return [];
    if (same !== undefined && by === 'value') return [];
    return [present.length > 0 || primary === undefined ? rest : entry];
  });
}

function fold(value: Json): string {
  return String(value).trim().toLowerCase();
}

/** Is it what an export says of the record, line ends and what stands around it aside? */
function sameText(now: string, value: Json): boolean {
  const even = (text: string) => text.replaceAll('\r\n', '\n').trim();
  if (typeof value === 'object' && value !== null) {
    if (!Array.isArray(value)) return false;
    const parts = value.map((one) =>
      isObject(one) ? String(one['value'] ?? one['person_id'] ?? priceText(one)) : String(one),
    );
    return even(now) === even(textOf(parts));
  }
  return even(now) === even(textOf(value));
}
