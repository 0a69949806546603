import { schemaError } from '../error.ts';
import { type Json, type JsonObject, json } from '../json.ts';
import type { EntityName, Field } from '../model.ts';
import type { World } from '../world.ts';
import { customFieldsOf, optionsOf } from './active.ts';
import { type FieldType, type FieldValue, fieldType, isObject, kinds, partKey } from './types.ts';

/** Leads have no custom fields of their own: they are entity 'deal' here. */
type Stored = Readonly<Record<string, Json>>;

/**
 * v2's `custom_fields` of a record: every active custom field, null where unset.
 * `keys` restricts it to some; `optionLabels` gives chosen options as {id, label}.
 */
export function customFieldsV2(
  world: World,
  entity: EntityName,
  stored: Stored,
  options: { keys?: readonly string[] | undefined; optionLabels?: boolean | undefined } = {},
): JsonObject {
  const { keys, optionLabels = false } = options;
  const shown: JsonObject = {};
  for (const field of customFieldsOf(world, entity)) {
    if (keys && !keys.includes(field.field_code)) continue;
    const value = stored[field.field_code] ?? null;
    shown[field.field_code] = optionLabels ? withLabels(field, value) : value;
  }
  return shown;
}

/**
 * The custom fields after a v2 body's `custom_fields` went over `current`: what is not named stays, null clears.
 * Throws 400 for an unknown key or a value that the field's type does not take.
 */
export function writeCustomFieldsV2(
  world: World,
  entity: EntityName,
  current: Stored,
  input: unknown,
): Record<string, Json> {
  if (input === undefined) return { ...current };
  const given = json.safeParse(input);
  if (!given.success || !isObject(given.data)) throw schemaError('custom_fields', "The value is not a valid 'object'");
  const fields = new Map(customFieldsOf(world, entity).map((field) => [field.field_code, field]));
  const changes: JsonObject = {};
  for (const [code, value] of Object.entries(given.data)) {
    const field = fields.get(code);
    if (!field) throw schemaError('custom_fields', `Unknown key '${code}'`);
    changes[code] = value === null ? null : kinds[typeOf(field)].check(value, { world, field });
  }
  return merged(current, changes);
}

/** v1's form of a record's custom fields: flat hash keys, parts of a value under `{hash}_{part}`, unset ones left out. */
export function customFieldsV1(world: World, entity: EntityName, stored: Stored): JsonObject {
  const flat: JsonObject = {};
  for (const { field_code: code, ...field } of customFieldsOf(world, entity)) {
    const value = stored[code];
    if (value === undefined || value === null) continue;
    const { parts, toV1 } = kinds[typeOf(field)];
    if (!parts || !isObject(value)) {
      flat[code] = toV1(value);
      continue;
    }
    for (const part of parts) {
      const shown = value[part.code];
      if (!part.hidden && shown !== undefined && shown !== null) flat[partKey(code, part)] = shown;
    }
  }
  return flat;
}

/** As writeCustomFieldsV2, from the hash keys of a flat v1 body. Other keys, those of deleted fields too, are ignored. */
export function writeCustomFieldsV1(
  world: World,
  entity: EntityName,
  current: Stored,
  body: JsonObject,
): Record<string, Json> {
  const changes: JsonObject = {};
  for (const field of customFieldsOf(world, entity)) {
    const value = fromV1(field, current, body);
    if (value === undefined) continue;
    changes[field.field_code] = value === null ? null : kinds[typeOf(field)].check(value, { world, field });
  }
  return merged(current, changes);
}

/** Rewrites the custom fields of all records of an entity, where `rewrite` has others for them; leads have those of deals. */
export function rewriteCustomFields(
  { db }: World,
  entity: EntityName,
  rewrite: (stored: Stored) => Record<string, Json> | undefined,
  more: { update_time?: string } = {},
): void {
  type Changed = { custom_fields: Record<string, Json>; update_time?: string };
  const each = <R extends { custom_fields: Stored }>(rows: readonly R[], patch: (row: R, changed: Changed) => void) => {
    for (const row of rows) {
      const custom_fields = rewrite(row.custom_fields);
      if (custom_fields) patch(row, { custom_fields, ...more });
    }
  };
  if (entity === 'deal') {
    each(db.deals.all(), (row, changed) => db.deals.patch(row, changed));
    each(db.leads.all(), (row, changed) => db.leads.patch(row, changed));
  }
  if (entity === 'person') each(db.persons.all(), (row, changed) => db.persons.patch(row, changed));
  if (entity === 'organization') each(db.organizations.all(), (row, changed) => db.organizations.patch(row, changed));
  if (entity === 'product') each(db.products.all(), (row, changed) => db.products.patch(row, changed));
  if (entity === 'project') each(db.projects.all(), (row, changed) => db.projects.patch(row, changed));
}

/** Throws 400 for an id that is no label of deals, persons or organizations. */
export function checkLabels(world: World, entity: EntityName, ids: readonly number[]): void {
  const known = new Set(optionsOf(world, entity, 'label_ids').map(({ id }) => id));
  const unknown = ids.find((id) => !known.has(id));
  if (unknown !== undefined) throw schemaError('label_ids', `Label with id '${unknown}' does not exist`);
}

/** A record's labels as `include_labels` shows them; a label that is gone is left out. */
export function labelObjects(
  world: World,
  entity: EntityName,
  ids: readonly number[],
): { id: FieldValue; label: string }[] {
  return optionsOf(world, entity, 'label_ids').flatMap(({ id, label }) =>
    ids.some((one) => one === id) ? [{ id, label }] : [],
  );
}

function typeOf(field: Pick<Field, 'field_type'>): FieldType {
  return fieldType.parse(field.field_type);
}

function withLabels(field: Field, value: Json): Json {
  const labelled = (id: Json): Json => {
    const option = field.options?.find((one) => one.id === id);
    return option ? { id: option.id, label: option.label } : null;
  };
  if (value === null) return null;
  if (field.field_type === 'enum') return labelled(value);
  return field.field_type === 'set' && Array.isArray(value) ? value.map(labelled) : value;
}

/** What a flat v1 body says of a field, in v2's form: undefined where it says nothing, null where it clears it. */
function fromV1(field: Field, current: Stored, body: JsonObject): Json | undefined {
  const code = field.field_code;
  const { parts, fromV1: read } = kinds[typeOf(field)];
  const whole = body[code];
  if (whole === null || whole === '') return null;
  if (!parts) return whole === undefined ? undefined : read(whole);
  const given = parts.filter((part) => !part.hidden && body[partKey(code, part)] !== undefined);
  if (given.length === 0) return undefined;
  const before = current[code];
  // A new main value leaves nothing of the old one; a part alone changes that part.
  const value: JsonObject = whole === undefined && isObject(before) ? { ...before } : {};
  for (const part of given) value[part.code] = part.fromV1(body[partKey(code, part)] ?? null);
  if (value['timezone_id'] !== undefined) delete value['timezone_name'];
  return value;
}

function merged(current: Stored, changes: JsonObject): Record<string, Json> {
  return Object.fromEntries(Object.entries({ ...current, ...changes }).filter(([, value]) => value !== null));
}
