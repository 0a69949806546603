import type { Column, Entity, Format } from '../catalog/entity.ts';
import type { Operation } from '../catalog/operation.ts';
import { isObject, type Json, type JsonObject } from '../pipedrive/json.ts';
import type { Account } from '../vocabulary/account.ts';
import { type Arguments, plain, TEXT_OFFSET } from './request.ts';
import { cut, toText } from './text.ts';
import { dueToLocal, toLocal } from './time.ts';

/** A default list stays under the first, anything but binary content under the second. In characters. */
const DEFAULT_ANSWER = 10_000;
const LONGEST_ANSWER = 40_000;
/** What a list says beside its rows fits into this and three times its arguments, which `showing` and the cursor repeat. */
const AROUND_ROWS = 1_500;
/** Long text in a record, and in a cell of a list. */
const LONGEST_TEXT = 15_000;
const LONGEST_CELL = 200;

type FullColumn = Exclude<Column, string>;
export type Table = { readonly columns: readonly string[]; readonly rows: readonly (string | number | boolean)[][] };

/** Records as a table of the entity's columns; columns that are wholly empty are left out. */
export function table(entity: Entity, records: readonly JsonObject[], zone: string): Table {
  const columns = entity.columns.map((column) => (typeof column === 'string' ? { name: column } : column));
  const rows = records.map((record) => {
    const local = localDue(record, zone);
    return columns.map((column) => cell(local, column, entity, zone));
  });
  const kept = columns.map((_, index) => rows.some((cells) => cells[index] !== ''));
  return {
    columns: columns.filter((_, index) => kept[index]).map((column) => column.name),
    rows: rows.map((cells) => cells.filter((_, index) => kept[index])),
  };
}

/** How many rows fit into one answer; at least one, so that a list always goes on. */
export function fitting({ rows }: Table, args: Arguments): number {
  const around = AROUND_ROWS + 3 * JSON.stringify(args).length;
  const room = (Number(args['limit'] ?? 25) > 25 ? LONGEST_ANSWER : DEFAULT_ANSWER) - around;
  let size = 0;
  const first = rows.findIndex((row) => {
    size += JSON.stringify(row).length + 1;
    return size > room;
  });
  return first === -1 ? rows.length : Math.max(1, first);
}

/** A list: a table, what it holds and leaves out, and how to go on. */
export function listAnswer(
  operation: Operation,
  shown: Table,
  args: Arguments,
  account: Account,
  next: string | undefined,
  notFound: readonly Json[] = [],
): JsonObject {
  const isEmpty = shown.rows.length === 0;
  return {
    showing: scope(operation, args, shown.rows.length, next !== undefined),
    ...(isEmpty ? { hint: emptyHint(operation, args, next !== undefined) } : {}),
    ...(notFound.length > 0
      ? { not_found: [...notFound], why: 'Unknown, deleted, archived or not visible: try the get_ tool.' }
      : {}),
    columns: [...shown.columns],
    rows: shown.rows.map((row) => [...row]),
    ...(next === undefined ? {} : { next_cursor: next }),
    ...(isEmpty ? {} : about(operation, account, [...shown.rows])),
  };
}

/** One whole record: nothing empty, no technical keys, times in the user's zone, HTML as text. */
export function recordAnswer(operation: Operation, record: JsonObject, args: Arguments, account: Account): JsonObject {
  const { entity } = operation;
  const shown = tidy(record, entity, account.zone, Number(args[TEXT_OFFSET] ?? 0), 'call again with');
  const custom = record['custom_fields'];
  const nested = isObject(custom) ? Object.values(custom).filter((value) => value !== null).length : 0;
  const filled = nested + Object.keys(record).filter((key) => /^[0-9a-f]{40}$/.test(key)).length;
  return {
    [entity.name]: shown,
    ...(filled > 0 ? { left_out: `custom fields (${filled} set)` } : {}),
    ...(entity.note ? { note: entity.note } : {}),
    ...about(operation, account, shown, record['id']),
  };
}

const verbs: Readonly<Record<string, string>> = {
  create: 'Created',
  add: 'Added',
  update: 'Updated',
  delete: 'Deleted',
  remove: 'Removed',
};

/** What a write did, as read back from Pipedrive: the keys that were written and those that tell the record apart. */
export function changeAnswer(operation: Operation, record: JsonObject, args: Arguments, account: Account): JsonObject {
  const { entity } = operation;
  const id = record['id'] ?? record['uuid'] ?? args['id'];
  const isGone = operation.kind === 'delete';
  const brief = Object.fromEntries(Object.entries(record).filter(([key]) => tellingKeys(operation, args).has(key)));
  const shown = tidy(brief, entity, account.zone, 0, `get_${entity.name} shows the rest with`);
  const custom = args['custom_fields'];
  const emptied = Object.keys(args).filter((key) => key in record && !(key in shown) && key !== 'custom_fields');
  return {
    done: `${verb(operation)} ${words(entity.name)}${isText(id) ? ` ${id}` : ''}${parents(operation, args)}`,
    as: signature(account),
    ...(isGone ? {} : { [entity.name]: shown }),
    ...(emptied.length > 0 && !isGone ? { now_empty: emptied } : {}),
    ...(isObject(custom) ? { left_out: `custom fields (${Object.keys(custom).length} written, not shown)` } : {}),
    ...(isGone ? {} : about(operation, account, shown, id)),
  };
}

/** What a write to several records at once did. */
export function changesAnswer(
  operation: Operation,
  ids: readonly Json[],
  args: Arguments,
  account: Account,
): JsonObject {
  const { name, plural } = operation.entity;
  return {
    done: `${verb(operation)} ${ids.length} ${words(ids.length === 1 ? name : plural)}${parents(operation, args)}`,
    as: signature(account),
    ids: [...ids],
  };
}

function verb({ name }: Operation): string {
  const [first = ''] = name.split('_');
  return verbs[first] ?? 'Done:';
}

/** " (deal 5, user 3)": what else than its own id tells which record was written. */
function parents(operation: Operation, args: Arguments): string {
  const named = Object.values(operation.path ?? {}).filter((argument) => argument !== 'id');
  const said = named.map((argument) => `${words(argument.replace(/_id$/, ''))} ${String(args[argument])}`);
  return said.length > 0 ? ` (${said.join(', ')})` : '';
}

function tellingKeys(operation: Operation, args: Arguments): Set<string> {
  const keys = new Set(['id', 'uuid', 'title', 'name', 'subject', ...Object.keys(args)]);
  for (const { list, add, remove } of operation.edits ?? []) if (keys.has(add) || keys.has(remove)) keys.add(list);
  for (const column of operation.kind === 'create' ? operation.entity.columns : []) {
    keys.add(typeof column === 'string' ? column : (column.from?.split('.')[0] ?? column.name));
  }
  if (['value', 'item_price', 'sum', 'amount'].some((key) => keys.has(key))) keys.add('currency');
  if (keys.has('stage_id')) keys.add('pipeline_id');
  if (keys.has('pipeline_id')) keys.add('stage_id');
  if (keys.has('status')) for (const key of ['won_time', 'lost_time', 'lost_reason']) keys.add(key);
  if (keys.has('due_date') || keys.has('due_time')) for (const key of ['due_date', 'due_time']) keys.add(key);
  return keys;
}

/** "Ann Lee <ann@acme.com> at Acme (acme.pipedrive.com)" */
export function signature(account: Account): string {
  return `${account.user} <${account.email}> at ${account.company} (${account.domain}.pipedrive.com)`;
}

/** Where the record is in the web app, and the zone of the times that the answer shows, if it shows any. */
function about(operation: Operation, account: Account, shown: Json, id?: Json): JsonObject {
  const hasTimes = /"(\d{4}-\d{2}-\d{2} )?\d{2}:\d{2}"/.test(JSON.stringify(shown));
  const { link } = operation.entity;
  const page = link && `https://${account.domain}.pipedrive.com/${link}`;
  return {
    ...(page ? { link: isText(id) ? page.replace('{id}', String(id)) : page } : {}),
    ...(hasTimes ? { times_in: account.zone } : {}),
  };
}

function isText(value: Json | undefined): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

function words(name: string): string {
  return name.replaceAll('_', ' ');
}

const UNFILTERED = new Set(['limit', 'cursor', 'sort', 'sort_by', 'sort_direction', TEXT_OFFSET]);

/** Says what a list holds, so that nobody takes a part for the whole. */
function scope(operation: Operation, args: Arguments, count: number, more: boolean): string {
  const { name, plural } = operation.entity;
  const filters = Object.entries(args)
    .filter(([key, value]) => !UNFILTERED.has(key) && value !== 'any')
    .map(([key, value]) => `${key}=${cut(Array.isArray(value) ? value.join(',') : String(value), LONGEST_CELL)}`);
  const order = args['sort_by']
    ? `by ${String(args['sort_by'])} ${String(args['sort_direction'] ?? '')}`
    : args['sort'] && `by ${String(args['sort'])}`;
  return [
    `${count} ${words(count === 1 ? name : plural)}`,
    operation.scope,
    filters.length > 0 ? `only ${filters.join(' and ')}` : undefined,
    isText(order) ? String(order).trim() : undefined,
    `more: ${more ? 'yes' : 'no'}`,
  ]
    .filter((part) => part !== undefined)
    .join('; ');
}

/** What to try where nothing was found: only what the caller can leave out, and `any` where that is wider. */
function emptyHint(operation: Operation, args: Arguments, more: boolean): string {
  const what = words(operation.entity.plural);
  if (more) return `No ${what} in this part, but there are more: go on with next_cursor.`;
  const wider = Object.keys(args).flatMap((name) => {
    const schema = operation.input.shape[name];
    if (UNFILTERED.has(name) || !schema?.isOptional()) return [];
    const inner = plain(schema);
    const options: unknown = inner && 'options' in inner ? inner.options : undefined;
    if (Array.isArray(options) && options.includes('any')) return args[name] === 'any' ? [] : [`with ${name}=any`];
    return [`without ${name}`];
  });
  const least = operation.scope ? ` (${operation.scope})` : '';
  const spelling = operation.search ? ' Try a shorter or differently spelt term.' : '';
  return `No ${what} match${least}.${spelling}${wider.length > 0 ? ` Try ${wider.join(' or ')}.` : ''}`;
}

function cell(record: JsonObject, column: FullColumn, entity: Entity, zone: string): string | number | boolean {
  const value = at(record, column.from ?? column.name);
  if (value === undefined || value === null) return '';
  return formatted(value, column.as ?? (isTime(column.name, entity) ? 'time' : undefined), record, zone);
}

function isTime(key: string, { times = [] }: Entity): boolean {
  return times.includes(key) || (key.endsWith('_time') && key !== 'due_time');
}

function formatted(value: Json, as: Format | undefined, record: JsonObject, zone: string): string | number | boolean {
  if (as === 'time') return toLocal(String(value), zone);
  if (as === 'text') return cut(toText(String(value)).replaceAll(/\s+/g, ' '), LONGEST_CELL);
  if (as === 'whole') return String(value);
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
  if (Array.isArray(value))
    return cut(value.map((part) => (isObject(part) ? brief(part) : String(part))).join(', '), LONGEST_CELL);
  if (isObject(value)) return cut(brief(value), LONGEST_CELL);
  return typeof value === 'string' ? cut(value, LONGEST_CELL) : (value ?? '');
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

function localDue(record: JsonObject, zone: string): JsonObject {
  const { due_date, due_time } = record;
  if (typeof due_date !== 'string' || typeof due_time !== 'string' || due_time === '') return record;
  return { ...record, ...dueToLocal({ due_date, due_time }, zone) };
}

/** A record as answers show it. Of a text too long for one answer, the part from `offset` on; `more` says how to go on. */
function tidy(record: JsonObject, entity: Entity, zone: string, offset: number, more: string): JsonObject {
  const { rich = [], hidden = [], quiet = [] } = entity;
  const shownText = (key: string, text: string): string => {
    if (isTime(key, entity)) return toLocal(text, zone);
    const whole = rich.includes(key) ? toText(text) : text;
    if (whole.length <= LONGEST_TEXT) return whole;
    const end = offset + LONGEST_TEXT;
    const left = whole.length - end;
    return `${whole.slice(offset, end)}${left > 0 ? `… [${left} more characters: ${more} ${TEXT_OFFSET} ${end}]` : ''}`;
  };
  const shown = (key: string, value: Json): Json | undefined => {
    if (value === null || value === '' || hidden.includes(key) || key === 'custom_fields' || isFieldCode(key))
      return undefined;
    if (typeof value === 'string') return shownText(key, value);
    if (Array.isArray(value)) {
      const items = value.map((item) => shown(key, item)).filter((item) => item !== undefined);
      return items.length > 0 ? items : undefined;
    }
    if (value === false && quiet.includes(key)) return undefined;
    if (!isObject(value)) return value;
    const parts = tidyEach(value, shown);
    return Object.keys(parts).length > 0 ? parts : undefined;
  };
  return tidyEach(localDue(record, zone), shown);
}

function tidyEach(record: JsonObject, shown: (key: string, value: Json) => Json | undefined): JsonObject {
  const tidied: JsonObject = {};
  for (const [key, value] of Object.entries(record)) {
    const now = shown(key, value);
    if (now !== undefined) tidied[key] = now;
  }
  return tidied;
}

/** v1 records, leads among them, carry custom fields at the top: 40 hexadecimal digits, and parts with a suffix. */
function isFieldCode(key: string): boolean {
  return /^[0-9a-f]{40}(_|$)/.test(key);
}

/**
 * The last word on length: an answer that is longer than any host takes is cut at its longest list or text, and says so.
 * Lists and long texts have been cut before, where they can be gone on with.
 */
export function fit(answer: JsonObject): JsonObject {
  const cuts = new Set<string>();
  let fitted = answer;
  for (let size = JSON.stringify(answer).length; size > LONGEST_ANSWER - 300; ) {
    const smaller = shorten(fitted, (path) => cuts.add(path));
    const now = JSON.stringify(smaller).length;
    if (!isObject(smaller) || now >= size) return { cut: 'The answer is too long to show. Ask for less at once.' };
    fitted = smaller;
    size = now;
  }
  const where = cut([...cuts].join(', '), LONGEST_CELL);
  return cuts.size > 0 ? { ...fitted, cut: `Too long to show whole, cut in ${where}. Ask for less at once.` } : fitted;
}

/** Halves the longest list, text or group of keys: the one of whose parts none is most of it. */
function shorten(value: Json, note: (path: string) => void, path = 'the answer'): Json {
  if (typeof value === 'string') {
    note(path);
    return cut(value, Math.max(1, Math.floor(value.length / 2)));
  }
  if (!Array.isArray(value) && !isObject(value)) return value;
  const parts = Object.entries(value);
  const sizes = parts.map(([, part]) => JSON.stringify(part).length);
  const most = Math.max(0, ...sizes);
  const biggest = sizes.indexOf(most);
  if (most > sizes.reduce((sum, size) => sum + size, 0) / 4 || parts.length < 2) {
    const inner = parts.map(([key, part], index): [string, Json] => [
      key,
      index === biggest ? shorten(part, note, Array.isArray(value) ? path : key) : part,
    ]);
    return Array.isArray(value) ? inner.map(([, part]) => part) : Object.fromEntries(inner);
  }
  note(path);
  const half = parts.slice(0, Math.ceil(parts.length / 2));
  return Array.isArray(value) ? half.map(([, part]) => part) : Object.fromEntries(half);
}
