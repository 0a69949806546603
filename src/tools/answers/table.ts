import type { Column, Entity, Format } from '../../catalog/entity.ts';
import type { LinkKind } from '../../catalog/links.ts';
import { isObject, type Json, type JsonObject } from '../../pipedrive/json.ts';
import type { Field } from '../../vocabulary/fields.ts';
import { showV1, showV2 } from '../../vocabulary/values.ts';
import { dueText, type Lexicon, lexiconFor, linkOf, nameBeside } from '../names/lexicon.ts';
import type { Arguments } from '../request.ts';
import type { Run } from '../run.ts';
import { toLocal } from '../time.ts';
import { LONGEST_ANSWER } from './fit.ts';
import { isMarked, isOutside } from './outside.ts';
import { cut, cutName, partyText, toText } from './text.ts';

/** A default list stays under this. In characters. */
const DEFAULT_ANSWER = 10_000;
/** What a list says beside its rows fits into this and three times its arguments, which `showing` and the cursor repeat. */
const AROUND_ROWS = 1_500;
const LONGEST_CELL = 200;

/** A column as it is asked for: of the entity's own, or a custom field. */
export type FullColumn = Exclude<Column, string> & { readonly field?: Field; readonly isOnRequest?: boolean };
export type Table = {
  /** Left out where rows are whole records. */
  readonly columns?: readonly string[];
  readonly rows: readonly Json[];
  /** The columns, or keys of whole records, that outsiders can write. */
  readonly outside: readonly string[];
  readonly leftOut: string | undefined;
};

/** Records as a table, ids shown by name; columns that are wholly empty are left out. */
export async function tableOf(
  run: Run,
  records: readonly JsonObject[],
  columns = defaultColumns(run.operation.entity),
): Promise<Table> {
  const { entity } = run.operation;
  const lexicon = await lexiconFor(run, records, {
    keys: columns
      .filter(({ kind, as }) => kind === undefined && as !== 'named')
      .map(({ name, from = name }) => lastKey(from)),
    also: columns.flatMap(({ name, from = name, kind }) =>
      kind ? records.map((record): [LinkKind, Json] => [kind, at(record, from) ?? null]) : [],
    ),
    mode: 'load',
    fields: columns.some(({ field }) => field !== undefined),
  });
  const rows = records.map((record) =>
    columns.map((column) => {
      const shown = cell(record, column, entity, lexicon);
      const key = keyOf(entity, column);
      return typeof shown === 'string' && isMarked(entity, key, shown, column.field)
        ? lexicon.marks.cell(shown)
        : shown;
    }),
  );
  const kept = columns.map((_, index) => rows.some((cells) => cells[index] !== ''));
  return {
    columns: columns.filter((_, index) => kept[index]).map(({ name }) => name),
    rows: rows.map((cells) => cells.filter((_, index) => kept[index])),
    outside: columns.filter((column, index) => kept[index] && isTheirs(entity, column)).map(({ name }) => name),
    leftOut: lexicon.leftOut,
  };
}

export function defaultColumns(entity: Entity): readonly FullColumn[] {
  return entity.columns.map((column) =>
    typeof column === 'string' ? { name: linkOf(entity, column)?.shown ?? column, from: column } : column,
  );
}

/** How many rows fit into one answer; at least one, so that a list always goes on. */
export function fitting({ rows }: Pick<Table, 'rows'>, args: Arguments): number {
  const around = AROUND_ROWS + 3 * JSON.stringify(args).length;
  const room = (Number(args['limit'] ?? 25) > 25 ? LONGEST_ANSWER : DEFAULT_ANSWER) - around;
  let size = 0;
  const first = rows.findIndex((row) => {
    size += JSON.stringify(row).length + 1;
    return size > room;
  });
  return first === -1 ? rows.length : Math.max(1, first);
}

export function isTime(key: string, { times = [] }: Entity): boolean {
  return times.includes(key) || (key.endsWith('_time') && key !== 'due_time');
}

function lastKey(path: string): string {
  return path.split('.').at(-1) ?? path;
}

/** What a column is declared by: its name, or the key that it is from. */
function keyOf({ prose = [], outside = [] }: Entity, { name, from = name }: FullColumn): string {
  return prose.includes(name) || outside.includes(name) ? name : lastKey(from);
}

function isTheirs(entity: Entity, column: FullColumn): boolean {
  const key = keyOf(entity, column);
  // Of a next activity a list says when it is, and not what it is called.
  const isDate = key !== 'activity_id' && linkOf(entity, key)?.kind === 'activity';
  return !isDate && isOutside(entity, key, column.field);
}

function cell(record: JsonObject, column: FullColumn, entity: Entity, lexicon: Lexicon): string | number | boolean {
  const { name, from = name, field } = column;
  if (field) return flat(customValue(record, field, lexicon) ?? '');
  const value = at(record, from);
  if (value === undefined || value === null) return '';
  const key = lastKey(from);
  const kind = column.kind ?? (column.as === 'named' ? undefined : linkOf(entity, key)?.kind);
  const beside = kind && from === key ? nameBeside(record, key) : undefined;
  if (beside !== undefined) return cutName(beside, LONGEST_CELL);
  if (kind) {
    const ids = Array.isArray(value) ? value : [value];
    return flat(
      ids.map((id) => nameIn(lexicon, kind, id, key)),
      ids.length === 1,
    );
  }
  return formatted(value, column.as ?? (isTime(key, entity) ? 'time' : undefined), record, lexicon.zone);
}

/** Of an activity a list says when it is due and whether that is past; the record says what it is about. */
function nameIn(lexicon: Lexicon, kind: LinkKind, id: Json, key: string): Json {
  const name = lexicon.name(kind, id, key) ?? id;
  if (kind !== 'activity' || key === 'activity_id' || typeof name !== 'string') return name;
  return name.replace(/^(\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2})?) .*?(, overdue)?$/s, '$1$2');
}

/** A custom field's value as people say it, from v2's nested form or v1's flat one. */
export function customValue(record: JsonObject, field: Field, lexicon: Lexicon): Json | undefined {
  // A value's own form puts the id behind the name, as the lexicon does.
  const nameOf = (kind: 'user' | 'person' | 'organization', id: number) => {
    const name = lexicon.name(kind, id, field.code);
    const suffix = ` (${id})`;
    return kind !== 'user' && name?.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
  };
  const context = { zone: lexicon.zone, nameOf };
  const nested = record['custom_fields'];
  return isObject(nested) ? showV2(field, nested[field.code], context) : showV1(field, record, context);
}

function flat(value: Json, single = false): string | number | boolean {
  const [only] = Array.isArray(value) ? value : [value];
  if (single && (typeof only === 'number' || typeof only === 'string'))
    return typeof only === 'string' ? cutName(only, LONGEST_CELL) : only;
  if (Array.isArray(value))
    return cut(value.map((part) => (isObject(part) ? brief(part) : String(part))).join(', '), LONGEST_CELL);
  if (isObject(value)) return cut(brief(value), LONGEST_CELL);
  return typeof value === 'string' ? cutName(value, LONGEST_CELL) : (value ?? '');
}

function formatted(value: Json, as: Format | undefined, record: JsonObject, zone: string): string | number | boolean {
  if (as === 'time') return toLocal(String(value), zone);
  if (as === 'day') return toLocal(String(value), zone).slice(0, 10);
  if (as === 'due') return dueText(record, zone);
  if (as === 'text') return cut(toText(String(value)).replaceAll(/\s+/g, ' '), LONGEST_CELL);
  if (as === 'whole') return String(value);
  if (as === 'named' && isObject(value))
    return `${String(value['name'] ?? value['title'])} (${String(value['id'] ?? value['value'])})`;
  if (as === 'flag') return Boolean(value);
  if (as === 'parties' && Array.isArray(value)) return flat(value.filter(isObject).map(partyText));
  if (as === 'prices' && Array.isArray(value))
    return flat(value.filter(isObject).map(({ price, currency }) => `${String(price)} ${String(currency)}`));
  if (as === 'money') {
    if (isObject(value))
      return `${String(value['amount'] ?? value['value'])} ${String(value['currency'] ?? '')}`.trim();
    return `${String(value)} ${String(record['currency'] ?? '')}`.trim();
  }
  if (as === 'contacts' && Array.isArray(value)) {
    const parts = value.filter(isObject).sort((a, b) => Number(b['primary'] ?? false) - Number(a['primary'] ?? false));
    return cut(parts.map((part) => String(part['value'])).join(', '), LONGEST_CELL);
  }
  if (as === 'address' && isObject(value)) return cut(String(value['value'] ?? ''), LONGEST_CELL);
  return flat(value);
}

function brief(value: JsonObject): string {
  return Object.values(value)
    .filter((part) => part !== null && typeof part !== 'object')
    .join(' ');
}

function at(record: JsonObject, paths: string): Json | undefined {
  return paths
    .split('|')
    .map((path) => follow(record, path))
    .find((value) => value !== undefined && value !== null);
}

function follow(record: JsonObject, path: string): Json | undefined {
  let value: Json | undefined = record;
  for (const key of path.split('.')) value = isObject(value) ? value[key] : undefined;
  return value;
}
