import type { Entity } from '../../catalog/entity.ts';
import type { Field, Fields } from '../../vocabulary/fields.ts';
import { fold } from '../../vocabulary/fold.ts';
import { didYouMean, Problem } from '../../vocabulary/problem.ts';
import { defaultColumns } from '../answers/table.ts';
import { linkOf } from '../names/lexicon.ts';
import type { Run } from '../run.ts';

/** What is written to files and read from them, a row a record. */
export const transferred = [
  'deal',
  'person',
  'organization',
  'lead',
  'activity',
  'product',
  'note',
  'project',
] as const;
export type Transferred = (typeof transferred)[number];

/** What a column holds: what a file of typed columns declares it as. */
export type CellType = 'number' | 'flag' | 'text';

/** A column of a file: a key of the record, or a custom field. */
export type FileColumn = {
  /** The record's key; a custom field's code. */
  readonly key: string;
  /** What stands above it, and leads back to it. */
  readonly title: string;
  readonly type: CellType;
  readonly field?: Field;
  /** Lists give it only when `include_fields` names it. */
  readonly isOnRequest?: boolean;
};

/** Of no use in a file: always the same, or a technicality. */
const LEFT_OUT = new Set(['is_deleted', 'picture_id', 'conference_meeting_id', 'cc_email']);
const NUMBERS = new Set(['int', 'double', 'monetary']);
/** Keys that lists give although no field describes them. */
const UNDESCRIBED: Readonly<Partial<Record<Transferred, readonly string[]>>> = { lead: ['currency'] };

/** Every column that records of this kind can have, the id first and custom fields last. */
export function columnsOf(entity: Entity, kind: Transferred, fields: Fields): readonly FileColumn[] {
  const known = new Map<string, FileColumn>();
  const add = (key: string, column: Omit<FileColumn, 'key' | 'title'>, title: string) => {
    if (!LEFT_OUT.has(key) && entity.hidden?.includes(key) !== true && !known.has(key)) {
      const isTaken = [...known.values()].some((other) => fold(other.title) === fold(title));
      known.set(key, { key, title: isTaken ? key : title, ...column });
    }
  };
  add('id', { type: kind === 'lead' ? 'text' : 'number' }, 'ID');
  for (const field of fields.all) {
    const { code, type, isCustom, isOnRequest } = field;
    if (isCustom) continue;
    // Two that are called the same are told apart by their keys.
    const title = fields.find(field.label).length > 1 ? code : field.label;
    const on = isOnRequest ? { isOnRequest } : {};
    add(code, { type: cellType(entity, code, type), ...on }, title);
    if (code === 'value') for (const key of UNDESCRIBED[kind] ?? []) add(key, { type: 'text' }, worded(key));
  }
  for (const column of defaultColumns(entity)) {
    const { name, from = name } = column;
    if (!from.includes('.') && !from.includes('|')) add(from, { type: cellType(entity, from, '') }, worded(from));
  }
  for (const field of fields.custom) {
    add(field.code, { type: field.type === 'double' ? 'number' : 'text', field }, fields.labelOf(field));
  }
  return [...known.values()];
}

function cellType(entity: Entity, key: string, type: string): CellType {
  if (linkOf(entity, key)) return 'text';
  if (type === 'boolean' || key.endsWith('_flag') || key.startsWith('is_') || key.startsWith('was_')) return 'flag';
  return NUMBERS.has(type) || key.endsWith('_count') ? 'number' : 'text';
}

/** `Expected close date` for `expected_close_date`. */
function worded(key: string): string {
  const words = key.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The columns of an export: chosen ones after the id, else all that lists give by themselves. */
export function chosenColumns(run: Run, kind: Transferred, fields: Fields, names: readonly string[] | undefined) {
  const { entity } = run.operation;
  const all = columnsOf(entity, kind, fields);
  const always = new Set(run.operation.always?.['include_fields']?.split(',') ?? []);
  if (!names) return all.filter(({ key, isOnRequest }) => isOnRequest !== true || always.has(key));
  const chosen = all.filter(({ key }) => key === 'id');
  for (const name of names) {
    const found = all.filter((column) => namesIn(entity, column).includes(fold(name)));
    const [column, other] =
      found.filter(({ key }) => key === name).length > 0 ? found.filter(({ key }) => key === name) : found;
    if (!column || other) throw notOne(name, found, all);
    if (!chosen.includes(column)) chosen.push(column);
  }
  return chosen;
}

/** How a column may be called, folded: by its title, by its key, and as lists title it. */
export function namesIn(entity: Entity, { key, title, field }: FileColumn): readonly string[] {
  const listed = defaultColumns(entity).find(({ name, from = name }) => from === key)?.name;
  const linked = field ? undefined : linkOf(entity, key)?.shown;
  const names = [title, key, field?.label, listed, linked].filter((name) => name !== undefined);
  return [...new Set(names.flatMap((name) => [fold(name), fold(name.replaceAll('_', ' '))]))];
}

function notOne(name: string, found: readonly FileColumn[], all: readonly FileColumn[]): Problem {
  const given = name.slice(0, 100);
  if (found.length > 1) {
    const which = found.map(({ title, key, field }) => (field ? title : key));
    return new Problem(
      `fields: "${given}" may be ${found.length} columns.`,
      `They are ${which.join(' and ')}.`,
      'Give one of these.',
    );
  }
  const titles = all.map(({ title }) => title);
  const near = didYouMean(name, titles);
  return new Problem(
    `fields: there is no column "${given}".`,
    near ? `Did you mean "${near}"?` : 'No label or key is called so, case and accents aside.',
    `Give some of: ${titles.slice(0, 60).join(', ')}${titles.length > 60 ? `, and ${titles.length - 60} more` : ''}.`,
  );
}
