import { z } from 'zod/v3';
import { GUARDING } from '../../catalog/arguments.ts';
import { links } from '../../catalog/links.ts';
import type { Operation } from '../../catalog/operation.ts';
import { fold } from '../../vocabulary/fold.ts';
import { didYouMean, Problem } from '../../vocabulary/problem.ts';
import { operationOf } from '../nested.ts';
import { plain } from '../request.ts';
import * as read from './cells.ts';
import { type FileColumn, namesIn, type Transferred } from './columns.ts';

export type Imported = Exclude<Transferred, 'project'>;

/** What names a contact that a record is linked to. */
export const contactParts = ['person', 'person_email', 'person_phone', 'organization'] as const;
export type ContactPart = (typeof contactParts)[number];

/**
 * What a column of a file sets: an argument of the tools that create and update, a custom field, a contact that is found
 * or made, the record itself, or nothing.
 */
export type Target = {
  readonly is: 'id' | 'argument' | 'custom' | 'contact' | 'nothing';
  /** The argument; the code of a custom field. */
  readonly key: string;
  readonly title: string;
  readonly names: readonly string[];
  readonly read: read.Reader;
  /** The column that an export has it in. */
  readonly column?: FileColumn;
};

/** A column of a file and what it sets. */
export type Matched = { readonly title: string; readonly index: number; readonly target: Target };

/** How people and other programs call things, by the key. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  person: ['person', 'contact', 'contact person', 'contact name', 'person name'],
  person_email: ['person email', 'person e-mail', 'contact email', 'email', 'e-mail'],
  person_phone: ['person phone', 'contact phone', 'phone', 'telephone'],
  organization: ['organization', 'organisation', 'company', 'organization name', 'company name', 'org'],
  emails: ['email', 'e-mail', 'email address', 'e-mails'],
  phones: ['phone', 'telephone', 'phone number'],
  value: ['amount', 'deal value', 'lead value'],
  owner_id: ['owner', 'assigned to', 'responsible'],
  user_id: ['author'],
  label_ids: ['labels', 'label'],
  title: ['deal', 'deal title', 'deal name', 'lead title', 'name'],
  subject: ['title', 'activity'],
  content: ['note', 'text'],
  code: ['sku', 'product code'],
  prices: ['price', 'prices', 'unit price'],
  due_date: ['due', 'date'],
  due_time: ['time'],
  type: ['activity type'],
  expected_close_date: ['close date', 'expected close'],
};

/** The argument that an update and a create take for each linked contact. */
const LINKS: Readonly<Record<Imported, { readonly person?: string; readonly organization?: string }>> = {
  deal: { person: 'person_id', organization: 'org_id' },
  lead: { person: 'person_id', organization: 'organization_id' },
  person: { organization: 'org_id' },
  organization: {},
  activity: { person: 'participants', organization: 'org_id' },
  note: { person: 'person_id', organization: 'org_id' },
  product: {},
};

/** The argument for a contact that a record of this kind is linked to. */
export function linkArgument(kind: Imported, of: 'person' | 'organization'): string | undefined {
  return LINKS[kind][of];
}

/** Are contacts that are not found made? */
export function makesContacts(kind: Imported): boolean {
  return kind === 'deal' || kind === 'lead' || kind === 'person';
}

/** Everything that a column can set, and what an export has besides, which sets nothing. */
export function targetsOf(kind: Imported, columns: readonly FileColumn[], currency: string): readonly Target[] {
  const create = operationOf(`create_${kind}`);
  const update = operationOf(`update_${kind}`);
  const byKey = new Map(columns.map((column) => [column.key, column]));
  const named = (key: string, recordKey = key) => {
    const column = byKey.get(recordKey);
    const own = column ? namesIn(create.entity, column) : [];
    const title = column?.title ?? key.replaceAll('_', ' ');
    return {
      title,
      names: [...new Set([...own, ...[key, title, ...(ALIASES[key] ?? [])].map(fold)])],
      ...(column ? { column } : {}),
    };
  };
  const links = LINKS[kind];
  const linked = [links.person, links.organization];
  const targets: Target[] = [{ is: 'id', key: 'id', ...named('id'), read: read.link }];
  if (links.person) {
    targets.push({ is: 'contact', key: 'person', ...named('person', 'person_id'), read: read.text });
    if (kind !== 'note') {
      for (const key of ['person_email', 'person_phone'])
        targets.push({ is: 'contact', key, ...named(key), read: read.text });
    }
  }
  const organization = kind === 'lead' ? 'organization_id' : 'org_id';
  if (links.organization)
    targets.push({ is: 'contact', key: 'organization', ...named('organization', organization), read: read.text });
  for (const [key, schema] of Object.entries({ ...update.input.shape, ...create.input.shape })) {
    if (isAside(update, key) || (linked.includes(key) && key !== 'participants')) continue;
    targets.push({ is: 'argument', key, ...named(key), read: readerOf(kind, key, schema, currency) });
  }
  if (kind === 'lead') targets.push({ is: 'argument', key: 'currency', ...named('currency'), read: read.text });
  for (const column of columns) {
    const { key, field } = column;
    if (field?.isWritable) targets.push({ is: 'custom', key, ...named(key), read: read.customReader(field.type) });
    else if (!targets.some((target) => target.column === column)) {
      targets.push({ is: 'nothing', key, ...named(key), read: read.text });
    }
  }
  return targets;
}

/** Arguments that say how a write is done, that change lists by parts, or by which Pipedrive mails to others. */
function isAside({ edits = [] }: Operation, key: string): boolean {
  if (key === 'id' || key === 'custom_fields' || key === 'attendees' || GUARDING.includes(key)) return true;
  return edits.some(({ add, remove }) => key === add || key === remove);
}

function readerOf(kind: Imported, key: string, schema: z.ZodTypeAny, currency: string): read.Reader {
  if (kind === 'lead' && key === 'value') return read.number;
  if (key === 'emails' || key === 'phones') return read.contacts;
  if (key === 'participants') return read.participants;
  if (key === 'prices') return read.prices(currency);
  if (key === 'due_time' || key === 'duration') return read.clock;
  if (key.endsWith('_date')) return read.date;
  if (key.endsWith('_time')) return read.instant;
  const inner = plain(schema);
  if (inner instanceof z.ZodArray) return read.list;
  if (inner instanceof z.ZodBoolean) return read.flag;
  if (inner instanceof z.ZodNumber) return Object.hasOwn(links, key) ? read.link : read.number;
  return inner instanceof z.ZodUnion ? read.name : read.text;
}

/** Columns of a report, which say what was wrong with a row. */
export const ERROR = 'import error';
export const REMEDY = 'import remedy';

/**
 * Each column with what it sets: by `columns`, which the caller gave, else by its title. Throws a Problem that names every
 * column that fits nothing, or several things.
 */
export function match(
  titles: readonly string[],
  targets: readonly Target[],
  given: Readonly<Record<string, unknown>>,
  entity: string,
): readonly Matched[] {
  const told = new Map(Object.entries(given).map(([title, to]) => [fold(title), to]));
  const foreign = Object.keys(given).find((title) => !titles.some((one) => fold(one) === fold(title)));
  if (foreign !== undefined) throw noColumn(foreign, titles);
  const nothing = (title: string): Target => ({ is: 'nothing', key: '', title, names: [], read: read.text });
  const open: { column: string; why: string }[] = [];
  const matched: Matched[] = [];
  for (const [index, title] of titles.entries()) {
    const to = told.get(fold(title));
    if (to === null || title === '' || title === ERROR || title === REMEDY) {
      matched.push({ title, index, target: nothing(title) });
      continue;
    }
    const found = meantBy(to === undefined ? title : String(to), targets, entity);
    const [target, other] = found;
    if (target && !other) matched.push({ title, index, target });
    else open.push({ column: title.slice(0, 100), why: doubt(to === undefined ? title : String(to), found, targets) });
  }
  if (open.length > 0) throw unmatched(open, targets);
  refuseTwice(matched);
  return matched;
}

/** What a title may mean: what is called exactly so comes before what is also called so. */
function meantBy(title: string, targets: readonly Target[], entity: string): readonly Target[] {
  const wanted = ownName(fold(title), entity);
  const exact = targets.filter((target) => fold(target.title) === wanted || target.key === title);
  const setting = exact.filter(({ is }) => is !== 'nothing');
  if (exact.length > 0) return setting.length > 0 ? setting : exact.slice(0, 1);
  const alike = targets.filter(({ names }) => names.includes(wanted));
  const best = alike.filter(({ is }) => is !== 'nothing');
  return best.length > 0 ? best : alike.slice(0, 1);
}

/** Pipedrive's own exports say "Deal - Title" and "Person - Email". */
function ownName(title: string, entity: string): string {
  const [, of = '', what = ''] = /^(deal|person|organization|lead|activity|product|note) - (.+)$/.exec(title) ?? [];
  if (of === '') return title;
  if (of === entity) return what;
  return what === 'name' ? of : `${of} ${what}`;
}

function doubt(title: string, found: readonly Target[], targets: readonly Target[]): string {
  if (found.length > 1) return `It may be ${found.map((target) => target.key).join(' or ')}.`;
  const setting = targets.filter(({ is }) => is !== 'nothing');
  const name = didYouMean(
    title,
    setting.flatMap(({ names }) => names),
  );
  const near = setting.find(({ names }) => name !== undefined && names.includes(name));
  return near ? `Did you mean "${near.title}"?` : 'No field is called so.';
}

function unmatched(open: readonly { column: string; why: string }[], targets: readonly Target[]): Problem {
  const names = targets.filter(({ is }) => is !== 'nothing').map(({ title }) => title);
  const which = open.map(({ column }) => `"${column}"`).slice(0, 20);
  return new Problem(
    `import_records: ${open.length === 1 ? 'a column fits' : `${open.length} columns fit`} no field: ${which.join(', ')}.`,
    'Columns are matched to fields by label or key. Nothing was changed.',
    `Ask the person, then call again with columns: {"title in the file": "field"}, null for what is to be left out. Fields: ${names.slice(0, 60).join(', ')}${names.length > 60 ? `, and ${names.length - 60} more` : ''}.`,
    'no',
    { unmatched: open.slice(0, 50) },
  );
}

function noColumn(title: string, titles: readonly string[]): Problem {
  const near = didYouMean(title, titles);
  return new Problem(
    `columns: the file has no column "${title.slice(0, 100)}".`,
    near ? `Did you mean "${near}"?` : 'No title is called so, case and accents aside.',
    `Its columns are: ${titles.slice(0, 60).join(', ')}.`,
  );
}

function refuseTwice(matched: readonly Matched[]): void {
  const setting = matched.filter(({ target }) => target.is !== 'nothing');
  for (const { title, target } of setting) {
    const other = setting.find((one) => one.target === target && one.title !== title);
    if (!other) continue;
    throw new Problem(
      `import_records: "${title.slice(0, 100)}" and "${other.title.slice(0, 100)}" are the same field, ${target.title}.`,
      'One of the two values would be lost. Nothing was changed.',
      'Call again with columns, null for the one that is to be left out.',
    );
  }
}
