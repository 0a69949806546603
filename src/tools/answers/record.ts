import type { Entity } from '../../catalog/entity.ts';
import type { LinkKind } from '../../catalog/links.ts';
import { isObject, type Json, type JsonObject } from '../../pipedrive/json.ts';
import { type Lexicon, linkOf, nameBeside } from '../names/lexicon.ts';
import { TEXT_OFFSET } from '../request.ts';
import { dueToLocal, toLocal } from '../time.ts';
import { isMarked, isOutside } from './outside.ts';
import { customValue, isTime } from './table.ts';
import { partyText, toText } from './text.ts';

/** Long text is shown in parts of this many characters. */
const LONGEST_TEXT = 15_000;

/** A text, or the part of it that is asked for. */
type Part = (whole: string, isTheirs: boolean) => string;
type Shown = (key: string, value: Json) => Json | undefined;

/**
 * A record as answers show it: nothing empty, no technical keys, ids by name, custom fields under their labels, times in
 * the user's zone, HTML as text. Of a text too long for one answer, the part from `offset` on; `more` says how to go on.
 */
export function showRecord(
  record: JsonObject,
  entity: Entity,
  lexicon: Lexicon,
  offset: number,
  more: string,
): JsonObject {
  const { rich = [], hidden = [], quiet = [], parties = [] } = entity;
  const showText = (key: string, text: string): string => {
    if (isTime(key, entity)) return toLocal(text, lexicon.zone);
    const seen = rich.includes(key) ? toText(text) : text;
    return part(seen, isMarked(entity, key, seen));
  };
  const part: Part = (whole, isTheirs) => {
    const marked = (text: string) => (isTheirs && text !== '' ? lexicon.marks.text(text) : text);
    if (whole.length <= LONGEST_TEXT) return marked(whole);
    const end = offset + LONGEST_TEXT;
    const left = whole.length - end;
    return `${marked(whole.slice(offset, end))}${left > 0 ? `… [${left} more characters: ${more} ${TEXT_OFFSET} ${end}]` : ''}`;
  };
  const show: Shown = (key, value) => {
    if (value === null || value === '' || hidden.includes(key) || key === 'custom_fields' || isFieldCode(key))
      return undefined;
    if ((value === false || value === 0) && quiet.includes(key)) return undefined;
    // Mail and teams have 0 and 1 where others have true and false.
    if (key.endsWith('_flag') && (value === 0 || value === 1)) return value === 1;
    if (typeof value === 'string') return showText(key, value);
    if (Array.isArray(value)) {
      if (parties.includes(key) && value.length > 0) return value.filter(isObject).map(partyText);
      const items = value.map((item) => show(key, item)).filter((item) => item !== undefined);
      return items.length > 0 ? items : undefined;
    }
    if (!isObject(value)) return value;
    const parts = showEach(value, entity, lexicon, show);
    return Object.keys(parts).length > 0 ? parts : undefined;
  };
  // What has a UUID has no other id, and is asked for by it.
  const { uuid, ...rest } = record;
  const own = typeof uuid === 'string' && rest['id'] === undefined ? { id: uuid, ...rest } : record;
  return {
    ...showEach(localDue(own, lexicon.zone), entity, lexicon, show),
    ...customFields(record, entity, lexicon, part),
  };
}

/** The keys of a record, as it is shown, that hold what outsiders can write. */
export function outsideIn(record: JsonObject, shown: JsonObject, entity: Entity, { fields }: Lexicon): string[] {
  const keys = Object.keys(record).flatMap((key) =>
    isOutside(entity, key) ? [linkOf(entity, key)?.shown ?? key, key].filter((one) => isText(shown[one])) : [],
  );
  const labels = isObject(shown['custom_fields']) ? shown['custom_fields'] : {};
  const isTheirs = fields?.custom.some(
    (field) => Object.hasOwn(labels, fields.labelOf(field)) && isOutside(entity, field.code, field),
  );
  return [...new Set(isTheirs ? [...keys, 'custom_fields'] : keys)];
}

/** An id that no name is known for is nobody's text. */
function isText(value: Json | undefined): boolean {
  return value !== undefined && typeof value !== 'number';
}

function showEach(record: JsonObject, entity: Entity, lexicon: Lexicon, show: Shown): JsonObject {
  const shown: JsonObject = {};
  for (const [key, value] of Object.entries(record)) {
    const link = linkOf(entity, key);
    const ids = link ? (Array.isArray(value) ? value : [value]) : [];
    const names = link ? ids.map((id) => lexicon.name(link.kind, id, key)) : [];
    // A stage's name has its pipeline's in it already, a phase's its board's.
    if (key === 'pipeline_id' && isNamed(record, 'stage_id', 'stage', lexicon)) continue;
    if (key === 'board_id' && isNamed(record, 'phase_id', 'project_phase', lexicon)) continue;
    const beside = nameBeside(record, key);
    if (link && beside !== undefined) {
      shown[link.shown] = beside;
      continue;
    }
    if (link && ids.length > 0 && names.every((name) => name !== undefined)) {
      shown[link.shown] = Array.isArray(value) ? names.map((name) => name ?? '') : (names[0] ?? '');
      continue;
    }
    const now = reference(value) ?? show(key, value);
    if (now !== undefined && !entity.hidden?.includes(key)) shown[isObject(value) ? (link?.shown ?? key) : key] = now;
  }
  return shown;
}

/** `Kevin Lindgren (14)` for what v1 puts in the place of an id: a few fields of the record with its id as `value`. */
function reference(value: Json): string | undefined {
  if (!isObject(value) || typeof value['name'] !== 'string' || typeof value['value'] !== 'number') return undefined;
  return `${value['name']} (${value['value']})`;
}

function isNamed(record: JsonObject, key: string, kind: LinkKind, lexicon: Lexicon): boolean {
  const id = record[key];
  return typeof id === 'number' && lexicon.name(kind, id, key) !== undefined;
}

/** Under the argument's own name, so that what is read can be written. */
function customFields(record: JsonObject, entity: Entity, lexicon: Lexicon, part: Part): JsonObject {
  const { fields } = lexicon;
  if (!fields) return {};
  const set = fields.custom.flatMap((field) => {
    const value = customValue(record, field, lexicon);
    if (value === undefined) return [];
    const text = typeof value === 'string' ? part(value, isMarked(entity, field.code, value, field)) : value;
    return [[fields.labelOf(field), text] as const];
  });
  return set.length > 0 ? { custom_fields: Object.fromEntries(set) } : {};
}

function localDue(record: JsonObject, zone: string): JsonObject {
  const { due_date, due_time } = record;
  if (typeof due_date !== 'string' || typeof due_time !== 'string' || due_time === '') return record;
  return { ...record, ...dueToLocal({ due_date, due_time }, zone) };
}

/** v1 records, leads among them, carry custom fields at the top: 40 hexadecimal digits, and parts with a suffix. */
function isFieldCode(key: string): boolean {
  return /^[0-9a-f]{40}(_|$)/.test(key);
}
