import { isObject, type Json, type JsonObject } from '../../pipedrive/json.ts';
import { customValue, isTime } from '../answers/table.ts';
import { toText } from '../answers/text.ts';
import { type Lexicon, linkOf, nameBeside } from '../names/lexicon.ts';
import type { Run } from '../run.ts';
import { dueToLocal, toLocal } from '../time.ts';
import { valuesOf } from '../writing/alike.ts';
import { numberText, priceText } from './cells.ts';
import type { FileColumn } from './columns.ts';

/** One cell: nothing is null, several values are a list. */
export type Cell = string | number | boolean | null | readonly string[];

/** What a record has in each column: whole, ids by name, times in the user's zone. */
export function cellsOf(
  run: Pick<Run, 'operation'>,
  record: JsonObject,
  columns: readonly FileColumn[],
  lexicon: Lexicon,
): Cell[] {
  const shown = withDue(record, lexicon.zone);
  return columns.map((column) =>
    column.field ? plain(customValue(record, column.field, lexicon) ?? null) : builtIn(run, shown, column.key, lexicon),
  );
}

function builtIn(
  { operation: { entity } }: Pick<Run, 'operation'>,
  record: JsonObject,
  key: string,
  lexicon: Lexicon,
): Cell {
  const value = record[key] ?? null;
  // A lead has its amount and its currency in one.
  if (entity.name === 'lead' && (key === 'value' || key === 'currency')) {
    const money = isObject(record['value']) ? record['value'] : {};
    return plain(money[key === 'value' ? 'amount' : 'currency'] ?? null);
  }
  if (value === null || value === '') return null;
  const kind = linkOf(entity, key)?.kind;
  if (kind) {
    const beside = nameBeside(record, key);
    if (beside !== undefined) return beside;
    const named = (id: Json) => lexicon.name(kind, id, key) ?? (isObject(id) ? mainPart(id) : String(id));
    return Array.isArray(value) ? value.map(named) : named(value);
  }
  if (key === 'emails' || key === 'phones' || key === 'im') return valuesOf(value);
  if (key === 'participants')
    return each(value, ({ person_id }) => lexicon.name('person', person_id ?? null, 'person_id') ?? String(person_id));
  if (key === 'attendees') return each(value, ({ email_address, email }) => String(email_address ?? email ?? ''));
  if (key === 'prices') return each(value, priceText);
  if (key === 'duration' && typeof value === 'string') return value.replace(/^(\d+:\d{2}):00$/, '$1');
  if (key.endsWith('_flag') && (value === 0 || value === 1)) return value === 1;
  if (typeof value !== 'string') return plain(value);
  if (entity.rich?.includes(key)) return toText(value);
  return isTime(key, entity) ? toLocal(value, lexicon.zone) : value;
}

function each(value: Json, say: (item: JsonObject) => string): string[] {
  return Array.isArray(value) ? value.filter(isObject).map(say) : [];
}

/** Of an object, what stands for the whole: an address has it as its `value`. */
function mainPart(value: JsonObject): string {
  return String(value['name'] ?? value['value'] ?? value['id'] ?? JSON.stringify(value));
}

function plain(value: Json): Cell {
  if (Array.isArray(value)) return value.map((one) => (isObject(one) ? mainPart(one) : String(one)));
  return isObject(value) ? mainPart(value) : value;
}

/** An activity is due by the user's clock; an all-day one has no time. */
function withDue(record: JsonObject, zone: string): JsonObject {
  const { due_date, due_time } = record;
  if (typeof due_date !== 'string' || typeof due_time !== 'string' || due_time === '') return record;
  return { ...record, ...dueToLocal({ due_date, due_time }, zone) };
}

/** A cell as one text that leads back to it: several values with commas between them, as JSON where one has a comma. */
export function textOf(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return numberText(cell);
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no';
  if (typeof cell === 'string') return cell;
  return cell.some((one) => /[,;\n]|^\[/.test(one)) ? JSON.stringify(cell) : cell.join(', ');
}
