import { z } from 'zod/v3';
import { v1Time } from '../clock.ts';
import { ApiError, notFound } from '../error.ts';
import { activeFields, optionsOf } from '../fields/active.ts';
import { v1FieldKey } from '../fields/builtin.ts';
import { partKey, subfieldParts } from '../fields/types.ts';
import type { JsonObject } from '../json.ts';
import type { EntityName, Field } from '../model.ts';
import { cursorReply, startReply } from '../page.ts';
import { csvOf, paging, startLimit } from '../parameters.ts';
import { ok, type Route, route } from '../route.ts';
import type { World } from '../world.ts';

/** Parts of a field's description that v2 gives only when `include_fields` asks for them. */
export const extras = ['ui_visibility', 'important_fields', 'required_fields'] as const;
export type Extra = (typeof extras)[number];

/**
 * The entities with fields, and what `include_fields` of their v2 operations takes; leads' and notes' are v1 only.
 * `get`: v1 gives single ones too.
 */
const entities: readonly { entity: EntityName; v2?: readonly Extra[]; get?: true }[] = [
  { entity: 'deal', v2: extras, get: true },
  { entity: 'person', v2: extras, get: true },
  { entity: 'organization', v2: extras, get: true },
  { entity: 'product', v2: ['ui_visibility'], get: true },
  { entity: 'activity', v2: ['ui_visibility'] },
  { entity: 'lead' },
];

export const routes: Route[] = [
  ...entities.flatMap(({ entity, v2, get }) => [
    v1List(entity),
    ...(get ? [v1Get(entity)] : []),
    ...(v2 ? v2Reads(entity, v2) : []),
  ]),
  // Projects' fields are v2 only and always come with everything.
  ...v2Reads('project', [], extras),
  route('GET /v1/noteFields', {
    cost: 20,
    handle: (world) =>
      startReply(activeFields(world, 'note'), { start: 0, limit: 100 }, (field) => noteFieldView(world, field)),
  }),
];

function v1List(entity: EntityName): Route {
  return route(`GET /v1/${entity}Fields`, {
    cost: 20,
    query: z.object(startLimit),
    handle: (world, { query }) => startReply(activeFields(world, entity), query, (field) => v1View(world, field)),
  });
}

function v1Get(entity: EntityName): Route {
  return route(`GET /v1/${entity}Fields/{id}`, {
    cost: 2,
    handle(world, call) {
      return ok(v1View(world, fieldById(world, entity, call.int('id'))));
    },
  });
}

/** By v1's id. Throws 404, for products' fields 410. */
export function fieldById(world: World, entity: EntityName, id: number): Field {
  const field = activeFields(world, entity).find((one) => one.id === id);
  if (field) return field;
  throw entity === 'product' ? new ApiError(410, 'The field is not found') : notFound('Field');
}

function v2Reads(entity: EntityName, allowed: readonly Extra[], always: readonly Extra[] = []): Route[] {
  const asked = csvOf(allowed);
  // What an operation does not take is ignored.
  const include = { include_fields: allowed.length > 0 ? asked : asked.catch(undefined) };
  return [
    route(`GET /v2/${entity}Fields`, {
      cost: 10,
      query: z.object({ ...paging, ...include }),
      handle: (world, { query: { include_fields = [], ...page } }) =>
        cursorReply(activeFields(world, entity), page, (field) => v2View(world, field, [...always, ...include_fields])),
    }),
    route(`GET /v2/${entity}Fields/{field_code}`, {
      cost: 1,
      query: z.object(include),
      handle(world, { query: { include_fields = [] }, text }) {
        const field = fieldByCode(world, entity, text('field_code'));
        return ok(v2View(world, field, [...always, ...include_fields]));
      },
    }),
  ];
}

/** Throws 404. */
export function fieldByCode(world: World, entity: EntityName, code: string): Field {
  const field = activeFields(world, entity).find(({ field_code }) => field_code === code);
  if (!field) throw notFound('Field');
  return field;
}

export function v2View(world: World, field: Field, wanted: readonly Extra[]): JsonObject {
  const parts = partsOf(field);
  return {
    field_name: field.field_name,
    field_code: field.field_code,
    description: field.description,
    field_type: field.field_type,
    options: shownOptions(world, field),
    subfields: parts?.map(({ code, name, type }) => subfield(field, code, name, type)) ?? null,
    is_custom_field: field.is_custom_field,
    is_optional_response_field: field.is_optional_response_field,
    is_writable: field.is_writable,
    ...Object.fromEntries(wanted.map((extra) => [extra, field[extra]])),
  };
}

function subfield(field: Field, field_code: string, name: string, field_type: string): JsonObject {
  return { field_code, field_name: `${name} ${field.field_name}`, field_type };
}

/** Products' fields have a form of their own: an old `picklist_data`, and no `options` where there are none. */
export function v1View(world: World, field: Field): JsonObject {
  const me = world.me().id;
  const parts = field.is_custom_field ? partsOf(field)?.filter(({ code }) => code !== 'value') : undefined;
  const key = v1FieldKey(field);
  const options = shownOptions(world, field);
  return {
    id: field.id,
    key,
    name: field.field_name,
    order_nr: field.order_nr,
    ...(field.entity === 'product' ? { picklist_data: null } : {}),
    field_type: field.field_type,
    add_time: v1Time(field.add_time),
    update_time: v1Time(field.update_time),
    last_updated_by_user_id: me,
    created_by_user_id: me,
    active_flag: field.active_flag,
    edit_flag: field.is_custom_field,
    index_visible_flag: true,
    details_visible_flag: field.ui_visibility['details_visible_flag'] ?? false,
    add_visible_flag: field.ui_visibility['add_visible_flag'] ?? false,
    important_flag: field.important_fields['enabled'] ?? false,
    bulk_edit_allowed: field.is_writable,
    searchable_flag: field.is_searchable,
    filtering_allowed: true,
    sortable_flag: true,
    ...(options || field.entity !== 'product' ? { options } : {}),
    ...(field.options_deleted ? { options_deleted: plain(field.options_deleted) } : {}),
    mandatory_flag: field.is_required,
    ...(parts && parts.length > 0
      ? {
          subfields: parts.map((part) => ({
            id: null,
            key: partKey(key, part),
            name: `${part.name} ${field.field_name}`,
            field_type: part.type,
            is_subfield: true,
          })),
        }
      : {}),
  };
}

function noteFieldView(world: World, field: Field): JsonObject {
  const options = shownOptions(world, field);
  return {
    id: field.id,
    key: field.field_code,
    name: field.field_name,
    field_type: field.field_type,
    active_flag: field.active_flag,
    edit_flag: field.options !== null,
    bulk_edit_allowed: field.is_writable,
    ...(options ? { options } : {}),
    mandatory_flag: field.is_required,
  };
}

/** Types such as `time` stand for an object in custom fields only; a built-in due time is plain text. */
function partsOf(field: Field): ReturnType<typeof subfieldParts> {
  const composite = field.is_custom_field || ['address', 'monetary'].includes(field.field_type);
  return composite ? subfieldParts(field.field_type) : null;
}

/** Options; those that are records of their own come from where they are kept. */
function shownOptions(world: World, field: Field): JsonObject[] | null {
  const { db } = world;
  switch (`${field.entity}.${field.field_code}`) {
    case 'activity.type':
      return db.activityTypes
        .where('active_flag', true)
        .map(({ key_string, name }) => ({ id: key_string, label: name }));
    case 'lead.label_ids':
      return db.leadLabels.all().map(({ id, name, color }) => ({ id, label: name, color }));
    case 'lead.channel':
      return plain(optionsOf(world, 'deal', 'channel'));
    default:
      return field.options && plain(field.options);
  }
}

function plain(options: readonly { id: string | number; label: string }[]): JsonObject[] {
  return options.map((one) => ({ ...one }));
}
