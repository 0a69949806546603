import type { LinkKind } from '../../catalog/links.ts';
import type { Operation } from '../../catalog/operation.ts';
import { isObject, type Json, type JsonObject } from '../../pipedrive/json.ts';
import type { Account } from '../../vocabulary/account.ts';
import { described } from '../../vocabulary/fields.ts';
import { isListed } from '../../vocabulary/records.ts';
import { nameKinds } from '../../vocabulary/vocabulary.ts';
import { besideKey, type Lexicon, lexiconFor, linkOf } from '../names/lexicon.ts';
import { type Arguments, plain, TEXT_OFFSET } from '../request.ts';
import type { Run } from '../run.ts';
import { hintOn } from './hints.ts';
import { outsideIn, showRecord } from './record.ts';
import type { Table } from './table.ts';
import { cut } from './text.ts';

/** A word of the scope that says a filter. */
const LONGEST_FILTER = 200;

/** A list: a table, what it holds and leaves out, and how to go on. `extra` is what its own kind of list has to say. */
export function listAnswer(run: Run, shown: Table, next: string | undefined, extra: JsonObject = {}): JsonObject {
  const { operation, args, account } = run;
  const isEmpty = shown.rows.length === 0;
  return {
    showing: scope(run, shown.rows.length, next !== undefined),
    ...(isEmpty ? { hint: emptyHint(operation, args, next !== undefined) } : {}),
    ...extra,
    ...(shown.columns ? { columns: [...shown.columns] } : {}),
    rows: [...shown.rows],
    ...outsidersWrote(isEmpty ? [] : shown.outside),
    ...(next === undefined ? {} : { next_cursor: next }),
    ...(shown.leftOut === undefined ? {} : { left_out: shown.leftOut }),
    ...(isEmpty ? {} : about(operation, account, [...shown.rows])),
  };
}

/** The ids that a list was asked for and has not, since Pipedrive drops them silently. */
export function notFound(args: Arguments, found: ReadonlySet<Json>): JsonObject {
  const missing = Array.isArray(args['ids']) ? args['ids'].filter((id) => !found.has(id)) : [];
  if (missing.length === 0) return {};
  return { not_found: missing, why: 'Unknown, deleted, archived or not visible: try the get_ tool.' };
}

/** One whole record. */
export async function recordAnswer(run: Run, record: JsonObject): Promise<JsonObject> {
  const { operation, args, account } = run;
  const { entity } = operation;
  const lexicon = await lexiconFor(run, [record], { mode: 'load', fields: true });
  const shown = showRecord(record, entity, lexicon, Number(args[TEXT_OFFSET] ?? 0), 'call again with');
  return {
    [entity.name]: shown,
    ...outsidersWrote(outsideIn(record, shown, entity, lexicon)),
    ...(lexicon.leftOut === undefined ? {} : { left_out: lexicon.leftOut }),
    ...(entity.note ? { note: entity.note } : {}),
    ...about(operation, account, shown, record['id']),
  };
}

const verbs: Readonly<Record<string, string>> = {
  create: 'Created',
  add: 'Added',
  upload: 'Uploaded',
  update: 'Updated',
  delete: 'Deleted',
  remove: 'Removed',
  archive: 'Archived',
};

/**
 * What a write did, as read back from Pipedrive: the keys that were written and those that tell the record apart. `sent`
 * are the arguments in the API's own terms. Names are those already known: a write costs no more for its answer.
 */
export async function changeAnswer(run: Run, record: JsonObject, sent: Arguments): Promise<JsonObject> {
  const { operation, account } = run;
  const { entity } = operation;
  const id = record['id'] ?? record['uuid'] ?? sent['id'];
  const isGone = operation.kind === 'delete';
  const brief = writtenPart(operation, record, sent);
  const also = parentsOf(operation).flatMap(({ argument, kind }): [LinkKind, Json][] =>
    kind ? [[kind, sent[argument] ?? null]] : [],
  );
  const lexicon = await lexiconFor(run, [brief], { mode: 'known', fields: true, also });
  const shown = showRecord(brief, entity, lexicon, 0, `get_${entity.name} shows the rest with`);
  // v1 ignores a custom field that has been deleted: what is read back counts.
  const nested = isObject(record['custom_fields']) ? record['custom_fields'] : record;
  const label = (code: string) => lexicon.fields?.byCode(code)?.label ?? 'a custom field';
  const codes = customCodes(sent);
  const cleared = Object.entries(codes).filter(([code, value]) => isEmpty(value) && isEmpty(nested[code] ?? null));
  const ignored = Object.entries(codes).filter(([code, value]) => isEmpty(value) !== isEmpty(nested[code] ?? null));
  const hint = isGone ? undefined : hintOn(run, record, sent, lexicon);
  const emptied = [
    ...Object.keys(sent).filter((key) => isEmpty(record[key]) && !(key in codes) && key !== 'custom_fields'),
    ...cleared.map(([code]) => label(code)),
  ];
  return {
    done:
      intoAnother(operation, sent, id) ??
      `${verb(operation)} ${words(entity.name)}${isText(id) ? ` ${id}` : ''}${parents(operation, sent, lexicon)}`,
    as: signature(account),
    ...(isGone || Object.keys(shown).length === 0 ? {} : { [entity.name]: shown }),
    ...outsidersWrote(isGone ? [] : outsideIn(brief, shown, entity, lexicon)),
    ...(emptied.length > 0 && !isGone ? { now_empty: emptied } : {}),
    ...(ignored.length > 0 ? { not_written: ignored.map(([code]) => label(code)) } : {}),
    ...(hint === undefined ? {} : { hint }),
    ...(isGone ? {} : about(operation, account, shown, id)),
  };
}

/** What a write to several records at once did. */
export function changesAnswer({ operation, args, account }: Run, ids: readonly Json[]): JsonObject {
  const { name, plural } = operation.entity;
  return {
    done: `${verb(operation)} ${ids.length} ${words(ids.length === 1 ? name : plural)}${parents(operation, args)}`,
    as: signature(account),
    ids: [...ids],
  };
}

/** Names the columns and keys of an answer that people outside the company can write. */
export function outsidersWrote(keys: readonly string[]): JsonObject {
  return keys.length > 0 ? { outsiders_wrote: [...keys] } : {};
}

/** "Ann Lee <ann@acme.com> at Acme (acme.pipedrive.com)" */
export function signature(account: Account): string {
  return `${account.user} <${account.email}> at ${account.company} (${account.domain}.pipedrive.com)`;
}

/** The custom fields that were sent, by code: v2 takes them nested, v1 at the top. */
function customCodes(sent: Arguments): JsonObject {
  const nested = sent['custom_fields'];
  if (isObject(nested)) return Object.fromEntries(Object.entries(nested).filter(([key]) => /^[0-9a-f]{40}$/.test(key)));
  return Object.fromEntries(Object.entries(sent).filter(([key]) => /^[0-9a-f]{40}$/.test(key)));
}

function isEmpty(value: Json | undefined): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

function verb({ name }: Operation): string {
  const [first = ''] = name.split('_');
  return verbs[first] ?? 'Done:';
}

/** "Merged deal 5 into deal 7": the second is the one that is left. "Copied deal 5 to deal 8": the second is new. */
function intoAnother({ name, kind, entity }: Operation, args: Arguments, id: Json | undefined): string | undefined {
  const noun = words(entity.name);
  if (kind === 'merge') return `Merged ${noun} ${String(args['id'])} into ${noun} ${String(args['merge_with_id'])}`;
  return name.startsWith('duplicate_') ? `Copied ${noun} ${String(args['id'])} to ${noun} ${String(id)}` : undefined;
}

/** The arguments that tell, besides its own id, which record was written. */
function parentsOf({ path, entity }: Operation): { argument: string; kind: LinkKind | undefined }[] {
  return Object.values(path ?? {})
    .filter((argument) => argument !== 'id')
    .map((argument) => ({ argument, kind: linkOf(entity, argument)?.kind }));
}

/** " (deal 5, user Ann Lee)". */
function parents(operation: Operation, args: Arguments, lexicon?: Lexicon): string {
  const said = parentsOf(operation).map(({ argument, kind }) => {
    const id = args[argument] ?? null;
    const name = kind && !isListed(kind) ? lexicon?.name(kind, id, argument) : undefined;
    return `${words(argument.replace(/_id$/, ''))} ${name ?? String(id)}`;
  });
  return said.length > 0 ? ` (${said.join(', ')})` : '';
}

/** The keys that were written, those that say which record it is, and those that belong with them. */
function writtenPart(operation: Operation, record: JsonObject, sent: Arguments): JsonObject {
  const keys = new Set([
    'id',
    'uuid',
    'title',
    'name',
    'subject',
    ...Object.keys(sent),
    ...Object.keys(customCodes(sent)),
  ]);
  for (const key of [...keys]) {
    const name = besideKey(key);
    if (name !== undefined && operation.entity.hidden?.includes(name)) keys.add(name);
  }
  for (const { list, add, remove } of operation.edits ?? []) if (keys.has(add) || keys.has(remove)) keys.add(list);
  for (const column of operation.kind === 'create' || operation.kind === 'merge' ? operation.entity.columns : []) {
    keys.add(typeof column === 'string' ? column : (column.from?.split('.')[0] ?? column.name));
  }
  if (['value', 'item_price', 'sum', 'amount'].some((key) => keys.has(key))) keys.add('currency');
  if (keys.has('stage_id') || keys.has('pipeline_id')) for (const key of ['stage_id', 'pipeline_id']) keys.add(key);
  if (keys.has('phase_id') || keys.has('board_id')) for (const key of ['phase_id', 'board_id']) keys.add(key);
  // Tasks of projects take `done` and answer `is_done`.
  for (const flag of operation.flags ?? []) if (keys.has(flag)) keys.add(`is_${flag}`);
  if (operation.name.startsWith('archive_')) keys.add('archive_time');
  if (keys.has('status')) for (const key of ['won_time', 'lost_time', 'lost_reason']) keys.add(key);
  if (keys.has('due_date') || keys.has('due_time')) for (const key of ['due_date', 'due_time']) keys.add(key);
  const nested = record['custom_fields'];
  const custom = isObject(nested) && isObject(sent['custom_fields']) ? Object.keys(sent['custom_fields']) : [];
  const written = isObject(nested) ? Object.fromEntries(custom.map((code) => [code, nested[code] ?? null])) : {};
  const parts = Object.entries(record).filter(
    ([key]) => keys.has(key) || [...keys].some((code) => isPartOf(key, code)),
  );
  return { ...Object.fromEntries(parts), ...(custom.length > 0 ? { custom_fields: written } : {}) };
}

/** v1's custom fields have their currency, until and so on beside them. */
function isPartOf(key: string, code: string): boolean {
  return /^[0-9a-f]{40}$/.test(code) && key.startsWith(`${code}_`);
}

/** Where the record is in the web app, and the zone of the times that the answer shows, if it shows any. */
export function about(operation: Operation, account: Account, shown: Json, id?: Json): JsonObject {
  const hasTimes = /"(\d{4}-\d{2}-\d{2} )?\d{2}:\d{2}\b/.test(JSON.stringify(shown));
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

const UNFILTERED = new Set([
  'limit',
  'cursor',
  'sort',
  'sort_by',
  'sort_direction',
  'fields',
  'detail',
  'where',
  TEXT_OFFSET,
]);

/** What a saved filter takes the place of: all that says which records, but for times. */
const OVERRIDDEN = new Set([
  'ids',
  'owner_id',
  'person_id',
  'org_id',
  'organization_id',
  'deal_id',
  'lead_id',
  'pipeline_id',
  'stage_id',
  'status',
]);

/** The saved filter that a list goes by, and what of the arguments it makes void; lists of projects heed them all. */
function savedFilter({ operation, args, vocabulary }: Run): { said: string[]; isVoid: (key: string) => boolean } {
  const { filter_id: id } = args;
  if (!isText(id)) return { said: [], isVoid: () => false };
  const { name } = operation.entity;
  const heeded = name === 'project' || name === 'product';
  const isVoid = (key: string) => key === 'filter_id' || (OVERRIDDEN.has(key) && (!heeded || key === 'ids'));
  const given = Object.keys(args).filter((key) => key !== 'filter_id' && isVoid(key));
  const others = given.length > 0 || heeded ? given.join(', ') : 'other filters but those of time';
  const known = vocabulary.names('filter').known?.byId(id)?.name;
  const called = known === undefined ? id : `"${known}" (${id})`;
  return { said: [`saved filter ${called}${others === '' ? '' : `, which overrides ${others},`}`], isVoid };
}

/** Says what a list holds, so that nobody takes a part for the whole. */
function scope(run: Run, count: number, more: boolean): string {
  const { operation, args } = run;
  const { name, plural, fields } = operation.entity;
  const leavesCustomOut =
    fields !== undefined && fields !== 'note' && fields !== 'activity' && !args['fields'] && !args['detail'];
  const order = args['sort_by']
    ? `by ${String(args['sort_by'])} ${String(args['sort_direction'] ?? '')}`
    : args['sort'] && `by ${String(args['sort'])}`;
  return [
    `${count} ${words(count === 1 ? name : plural)}`,
    operation.scope,
    leavesCustomOut ? 'custom fields left out' : undefined,
    restrictions(run),
    isText(order) ? String(order).trim() : undefined,
    `more: ${more ? 'yes' : 'no'}`,
  ]
    .filter((part) => part !== undefined)
    .join('; ');
}

/** `only owner_id=Ann Lee and value > 50000`: what of a list its arguments choose; undefined where it is all. */
export function restrictions(run: Run): string | undefined {
  const { args } = run;
  const { said, isVoid } = savedFilter(run);
  const conditions = Array.isArray(args['where']) ? args['where'].map((one) => cut(String(one), LONGEST_FILTER)) : [];
  const filters = Object.entries(args)
    .filter(([key, value]) => !UNFILTERED.has(key) && !isVoid(key) && value !== 'any')
    .map(
      ([key, value]) =>
        `${key}=${cut(
          [value]
            .flat()
            .map((one) => named(run, key, one))
            .join(','),
          LONGEST_FILTER,
        )}`,
    )
    .concat(conditions);
  const only = [...said, ...filters];
  return only.length > 0 ? `only ${only.join(' and ').replace(/,$/, '')}` : undefined;
}

/** A filter's value in the account's words, where they are known: it was turned into an id or a code to be sent. */
function named({ operation, args, account, vocabulary }: Run, key: string, value: Json): string {
  const link = linkOf(operation.entity, key)?.kind;
  const kind = nameKinds.find((one) => one === link);
  const entity = described.find((one) => key === 'field' && one === args['entity_type']);
  if (!isText(value)) return String(value);
  if (kind === 'user' && value === account.userId) return account.user;
  if (entity) return vocabulary.fields(entity).known?.byCode(String(value))?.label ?? String(value);
  return (kind && vocabulary.names(kind).known?.label(value)) ?? String(value);
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
