import type { Column, Format } from '../catalog/entity.ts';
import type { Operation } from '../catalog/operation.ts';
import { isObject, type Json, type JsonObject } from '../pipedrive/json.ts';
import type { Account } from '../vocabulary/account.ts';
import { type Arguments, TEXT_OFFSET } from './request.ts';
import { cut, toText } from './text.ts';
import { dueToLocal, toLocal } from './time.ts';

/** A default list stays under the first, anything but binary content under the second. In characters. */
const DEFAULT_ANSWER = 10_000;
const LONGEST_ANSWER = 40_000;
/** Long text in a record, and in a cell of a list. */
const LONGEST_TEXT = 15_000;
const LONGEST_CELL = 200;

export type Page = {
  rows: readonly JsonObject[];
  /** The API's own cursor of the next page. */
  next: string | undefined;
  /** How many rows of this page an earlier answer already showed. */
  skipped: number;
};

/** A list: a table of the entity's columns, what it holds, and how to go on. */
export function listAnswer(operation: Operation, page: Page, args: Arguments, account: Account): JsonObject {
  const { entity } = operation;
  const columns = entity.columns.map((column) => (typeof column === 'string' ? { name: column } : column));
  const table = page.rows.map((row) => {
    const local = localDue(row, account.zone);
    return columns.map((column) => cell(local, column, account.zone));
  });
  const kept = columns.map((_, index) => table.some((cells) => cells[index] !== ''));
  const trim = <T>(cells: readonly T[]): T[] => cells.filter((_, index) => kept[index]);
  const rows = table.map(trim);

  const room =
    (args['limit'] === undefined ? LONGEST_ANSWER : Number(args['limit']) > 25 ? LONGEST_ANSWER : DEFAULT_ANSWER) -
    1_500;
  let size = 0;
  let fitting = rows.findIndex((row) => {
    size += JSON.stringify(row).length + 1;
    return size > room;
  });
  if (fitting === -1) fitting = rows.length;
  fitting = Math.max(fitting, Math.min(1, rows.length));

  const next = fitting < rows.length ? cutCursor(operation, page, args, fitting) : page.next;
  const cells = trim(columns);
  return {
    showing: scope(operation, args, fitting, next !== undefined),
    ...(rows.length === 0 ? { hint: emptyHint(operation, args) } : {}),
    columns: cells.map((column) => column.name),
    rows: rows.slice(0, fitting),
    ...(next === undefined ? {} : { next_cursor: next }),
    ...(fitting < rows.length
      ? { cut: `${fitting} of ${rows.length} rows fit; next_cursor goes on after the last` }
      : {}),
    ...(rows.length > 0 ? about(operation, account, rows) : {}),
  };
}

/** One whole record: nothing empty, no technical keys, times in the user's zone, HTML as text. */
export function recordAnswer(operation: Operation, record: JsonObject, args: Arguments, account: Account): JsonObject {
  const { entity } = operation;
  const offset = Number(args[TEXT_OFFSET] ?? 0);
  const shown = tidy(record, operation, account, offset);
  const custom = record['custom_fields'];
  const nested = isObject(custom) ? Object.values(custom).filter((value) => value !== null).length : 0;
  const filled = nested + Object.keys(record).filter((key) => /^[0-9a-f]{40}$/.test(key)).length;
  return {
    [entity.name]: shown,
    ...(filled > 0 ? { left_out: `custom fields (${filled} set)` } : {}),
    ...about(operation, account, shown, record['id']),
  };
}

/** What a write did, as read back from Pipedrive: the keys that were written and those that tell the record apart. */
export function changeAnswer(operation: Operation, record: JsonObject, args: Arguments, account: Account): JsonObject {
  const { entity } = operation;
  const id = record['id'] ?? record['uuid'] ?? args['id'];
  const done = { create: 'Created', update: 'Updated', delete: 'Deleted', convert: 'Converted', read: 'Read' }[
    operation.kind
  ];
  const touched = new Set(Object.keys(args));
  for (const { list, add, remove } of operation.edits ?? [])
    if (touched.has(add) || touched.has(remove)) touched.add(list);
  const telling = entity.columns.map(
    (column) => (typeof column === 'string' ? column : (column.from ?? column.name)).split('.')[0] ?? '',
  );
  const wanted = new Set([
    'id',
    'uuid',
    'title',
    'name',
    'subject',
    ...touched,
    ...(operation.kind === 'create' ? telling : []),
  ]);
  if (wanted.has('value')) wanted.add('currency');
  if (wanted.has('stage_id')) wanted.add('pipeline_id');
  if (wanted.has('status')) for (const key of ['won_time', 'lost_time', 'lost_reason']) wanted.add(key);
  if (wanted.has('due_date') || wanted.has('due_time')) for (const key of ['due_date', 'due_time']) wanted.add(key);
  const brief = Object.fromEntries(Object.entries(record).filter(([key]) => wanted.has(key)));
  const gone = operation.kind === 'delete';
  const shown = tidy(brief, operation, account, 0);
  const sentCustom = args['custom_fields'];
  return {
    done: `${done} ${entity.name.replaceAll('_', ' ')}${id === undefined || id === null ? '' : ` ${String(id)}`}`,
    as: signature(account),
    ...(gone ? {} : { [entity.name]: shown }),
    ...(isObject(sentCustom)
      ? { left_out: `custom fields (${Object.keys(sentCustom).length} written, not shown)` }
      : {}),
    ...(gone ? {} : about(operation, account, shown, id)),
  };
}

/** "Acme (acme.pipedrive.com), as Ann Lee <ann@acme.com>" */
export function signature(account: Account): string {
  return `${account.user} <${account.email}> at ${account.company} (${account.domain}.pipedrive.com)`;
}

/** Where the record is in the web app, and the zone of the times that the answer shows, if it shows any. */
function about(operation: Operation, account: Account, shown: Json, id?: Json): JsonObject {
  const hasTimes = /"(\d{4}-\d{2}-\d{2} )?\d{2}:\d{2}"/.test(JSON.stringify(shown));
  const { link } = operation.entity;
  const page = link && `https://${account.domain}.pipedrive.com/${link}`;
  return {
    ...(page ? { link: id === undefined || id === null ? page : page.replace('{id}', String(id)) } : {}),
    ...(hasTimes ? { times_in: account.zone } : {}),
  };
}

const UNFILTERED = new Set(['limit', 'cursor', 'sort', 'sort_by', 'sort_direction', TEXT_OFFSET]);

/** Says what a list holds, so that nobody takes a part for the whole. */
function scope(operation: Operation, args: Arguments, count: number, more: boolean): string {
  const filters = Object.entries(args)
    .filter(([name, value]) => !UNFILTERED.has(name) && value !== undefined && value !== 'any')
    .map(([name, value]) => `${name}=${Array.isArray(value) ? value.join(',') : String(value)}`);
  const order = args['sort_by']
    ? `by ${String(args['sort_by'])} ${String(args['sort_direction'] ?? '')}`.trim()
    : args['sort'];
  return [
    `${count} ${(count === 1 ? operation.entity.name : operation.entity.plural).replaceAll('_', ' ')}`,
    operation.scope,
    filters.length > 0 ? `only ${filters.join(' and ')}` : undefined,
    order ? String(order) : undefined,
    `more: ${more ? 'yes' : 'no'}`,
  ]
    .filter((part) => part !== undefined)
    .join('; ');
}

function emptyHint(operation: Operation, args: Arguments): string {
  const { shape } = operation.input;
  const filters = Object.keys(args).filter((name) => !UNFILTERED.has(name) && shape[name]?.isOptional() === true);
  const what = operation.entity.plural.replaceAll('_', ' ');
  if (args['cursor'] !== undefined) return `No more ${what} after this cursor.`;
  if (operation.search)
    return `No ${what} match. Try a shorter or differently spelt term${filters.length > 0 ? `, or without ${filters.join(', ')}` : ''}.`;
  if (filters.length > 0) return `No ${what} match. Leave out ${filters.join(' or ')} to see more.`;
  return `There are no ${what}${operation.scope ? ` (${operation.scope})` : ''}.`;
}

/** A cursor into the midst of a page: the page's own cursor, how many of its rows were shown, the id of the last one. */
function cutCursor(operation: Operation, page: Page, args: Arguments, fitting: number): string {
  const shown = page.skipped + fitting;
  if (operation.paging === 'start') return String(Number(args['cursor'] ?? 0) + fitting);
  const last = page.rows[fitting - 1]?.['id'];
  return `${splitCursor(args['cursor']).api ?? ''}~${shown}~${String(last ?? '')}`;
}

export function splitCursor(cursor: Json | undefined): { api: string | undefined; shown: number; last: string } {
  const [api = '', shown = '0', last = ''] = typeof cursor === 'string' ? cursor.split('~') : [];
  return { api: api === '' ? undefined : api, shown: Number(shown), last };
}

type FullColumn = Exclude<Column, string>;

function isTime({ name, as }: FullColumn): boolean {
  return as === 'time' || name.endsWith('_time');
}

function cell(record: JsonObject, column: FullColumn, zone: string): string | number | boolean {
  const value = at(record, column.from ?? column.name);
  if (value === undefined || value === null) return '';
  return formatted(value, column.as ?? (isTime(column) ? 'time' : undefined), record, zone);
}

function formatted(value: Json, as: Format | undefined, record: JsonObject, zone: string): string | number | boolean {
  if (as === 'time') return toLocal(String(value), zone);
  if (as === 'text') return cut(toText(String(value)).replaceAll(/\s+/g, ' '), LONGEST_CELL);
  if (as === 'money') {
    if (isObject(value))
      return `${String(value['amount'] ?? value['value'])} ${String(value['currency'] ?? '')}`.trim();
    return `${String(value)} ${String(record['currency'] ?? '')}`.trim();
  }
  if (as === 'contacts' && Array.isArray(value)) {
    const parts = value.filter(isObject).sort((a, b) => Number(b['primary'] ?? false) - Number(a['primary'] ?? false));
    return parts.map((part) => String(part['value'])).join(', ');
  }
  if (as === 'address' && isObject(value)) return String(value['value'] ?? '');
  if (Array.isArray(value)) return value.map((part) => (isObject(part) ? brief(part) : String(part))).join(', ');
  if (isObject(value)) return brief(value);
  return typeof value === 'string' ? cut(value, LONGEST_CELL) : (value ?? '');
}

function brief(value: JsonObject): string {
  return Object.values(value)
    .filter((part) => part !== null && typeof part !== 'object')
    .join(' ');
}

function at(record: JsonObject, path: string): Json | undefined {
  let value: Json | undefined = record;
  for (const key of path.split('.')) value = isObject(value) ? value[key] : undefined;
  return value;
}

function localDue(record: JsonObject, zone: string): JsonObject {
  const { due_date, due_time } = record;
  if (typeof due_date !== 'string' || typeof due_time !== 'string' || due_time === '') return record;
  return { ...record, ...dueToLocal({ due_date, due_time }, zone) };
}

function tidy(record: JsonObject, operation: Operation, { zone }: Account, offset: number): JsonObject {
  const { rich = [], times = [], hidden = [] } = operation.entity;
  const tidied: JsonObject = {};
  for (const [key, value] of Object.entries(localDue(record, zone))) {
    if (hidden.includes(key) || key === 'custom_fields' || isFieldCode(key)) continue;
    const shown = tidyValue(value, key, hidden, (text) => {
      if (rich.includes(key)) return part(toText(text), offset);
      if (times.includes(key) || (key.endsWith('_time') && key !== 'due_time')) return toLocal(text, zone);
      return part(text, 0);
    });
    if (shown !== undefined) tidied[key] = shown;
  }
  return tidied;
}

/** v1 records, leads among them, carry custom fields at the top: 40 hexadecimal digits, and parts with a suffix. */
function isFieldCode(key: string): boolean {
  return /^[0-9a-f]{40}(_|$)/.test(key);
}

function tidyValue(
  value: Json,
  key: string,
  hidden: readonly string[],
  text: (value: string) => string,
): Json | undefined {
  if (value === null || value === '') return undefined;
  if (typeof value === 'string') return text(value);
  if (Array.isArray(value)) {
    const items = value.map((item) => tidyValue(item, key, hidden, text)).filter((item) => item !== undefined);
    return items.length > 0 ? items : undefined;
  }
  if (isObject(value)) {
    const entries = Object.entries(value).flatMap(([name, item]) => {
      const shown = isFieldCode(name) || hidden.includes(name) ? undefined : tidyValue(item, name, hidden, text);
      return shown === undefined ? [] : [[name, shown]];
    });
    return entries.length > 0 ? Object.fromEntries(entries) : undefined;
  }
  return value;
}

function part(text: string, offset: number): string {
  const end = offset + LONGEST_TEXT;
  const shown = text.slice(offset, end);
  const left = text.length - end;
  return left > 0 ? `${shown}… [${left} more characters: call again with ${TEXT_OFFSET} ${end}]` : shown;
}
