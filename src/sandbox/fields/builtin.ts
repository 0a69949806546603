import { createHash } from 'node:crypto';
import type { JsonObject } from '../json.ts';
import type { EntityName, Field } from '../model.ts';
import type { World } from '../world.ts';
import { builtins, type Option } from './builtin-list.ts';
import { type FieldType, fieldType, searchable } from './types.ts';

/** Gives a new account the fields that every account has; its users must be there already. */
export function insertBuiltinFields(world: World): void {
  const entities = ['deal', 'person', 'organization', 'product', 'activity', 'lead', 'note', 'project'] as const;
  for (const entity of entities) {
    for (const [field_code, field_name, field_type, traits = {}, description = ''] of builtins[entity] ?? []) {
      const given = typeof traits.options === 'function' ? traits.options(world) : traits.options;
      insert(world, {
        entity,
        field_code,
        field_name,
        field_type,
        description,
        options: given ? numbered(world, given) : null,
        is_custom_field: false,
        is_optional_response_field: traits.optional ?? false,
        is_writable: !traits.readonly,
        is_required: traits.required ?? false,
        is_searchable: traits.searchable ?? false,
      });
    }
  }
}

export type NewCustomField = {
  entity: EntityName;
  field_name: string;
  field_type: FieldType;
  /** For enum and set, which need them. */
  options?: readonly { label: string; color?: string }[];
  /** 40 hexadecimal characters; made from entity and name unless given. */
  field_code?: string;
  /** The sandbox's time unless given. */
  add_time?: string;
} & Settings;

/** What can be set of a field beside its name; what is left out is as it is by default. */
export type Settings = {
  description?: string | null | undefined;
  ui_visibility?: JsonObject | undefined;
  important_fields?: JsonObject | undefined;
  required_fields?: JsonObject | undefined;
};

/** Adds a custom field; options get ids that no other option of the account has. */
export function insertCustomField(world: World, { entity, field_name, field_type, ...more }: NewCustomField): Field {
  const hash = createHash('sha1').update(`${entity} ${field_name} ${world.db.fields.size}`).digest('hex');
  const now = more.add_time ?? world.clock.stamp();
  return insert(
    world,
    {
      entity,
      field_code: more.field_code ?? hash,
      field_name,
      field_type: fieldType.parse(field_type),
      description: more.description ?? '',
      ui_visibility: more.ui_visibility,
      important_fields: more.important_fields,
      required_fields: more.required_fields,
      options: more.options
        ? numbered(world, more.options).map((one) => ({ color: null, ...one, add_time: now, update_time: now }))
        : null,
      is_custom_field: true,
      is_optional_response_field: false,
      is_writable: true,
      is_required: more.required_fields?.['enabled'] === true,
      is_searchable: searchable.has(field_type),
    },
    now,
  );
}

const v1Keys = new Map(
  Object.entries(builtins).flatMap(([entity, fields]) =>
    fields.flatMap(([code, , , traits]) => (traits?.v1 ? [[`${entity}.${code}`, traits.v1] as const] : [])),
  ),
);

/** v1's key of a field: its field_code, but for some built-in ones that v2 renamed. */
export function v1Key(entity: EntityName, code: string): string {
  return v1Keys.get(`${entity}.${code}`) ?? code;
}

export function v1FieldKey({ entity, field_code }: Field): string {
  return v1Key(entity, field_code);
}

type Given = Omit<
  Field,
  | 'id'
  | 'order_nr'
  | 'ui_visibility'
  | 'important_fields'
  | 'required_fields'
  | 'active_flag'
  | 'add_time'
  | 'update_time'
> &
  Settings;

function insert({ db, clock }: World, given: Given, now = clock.stamp()): Field {
  const { ui_visibility, important_fields, required_fields, ...facts } = given;
  return db.fields.insert({
    id: db.fields.nextId(),
    ...facts,
    order_nr: db.fields.where('entity', given.entity).length + 1,
    ui_visibility: { ...uiVisibility(given.entity), ...ui_visibility },
    important_fields: { enabled: false, stage_ids: [], ...important_fields },
    required_fields: {
      enabled: given.is_required,
      ...(given.entity === 'deal' ? { stage_ids: [], statuses: {} } : {}),
      ...required_fields,
    },
    active_flag: true,
    add_time: now,
    update_time: now,
  });
}

function uiVisibility(entity: EntityName): JsonObject {
  const shown = { add_visible_flag: true, details_visible_flag: true };
  const dialog = { show: false, order: null };
  if (entity === 'deal') {
    return {
      ...shown,
      projects_detail_visible_flag: false,
      show_in_pipelines: { show_in_all: true, pipeline_ids: [] },
    };
  }
  if (entity === 'person') return { ...shown, show_in_add_deal_dialog: dialog };
  if (entity !== 'organization') return shown;
  return {
    ...shown,
    org_detail_visible_flag: true,
    person_detail_visible_flag: false,
    deal_detail_visible_flag: false,
    show_in_add_deal_dialog: dialog,
    show_in_add_person_dialog: dialog,
  };
}

/** Options with ids; the account's options count up from 1 over all fields, deleted ones too: no id is given twice. */
export function numbered({ db }: World, options: readonly Option[]): NonNullable<Field['options']> {
  let last = 0;
  for (const field of db.fields.all()) {
    for (const { id } of [...(field.options ?? []), ...(field.options_deleted ?? [])]) {
      if (typeof id === 'number' && id > last) last = id;
    }
  }
  return options.map(({ id: given, ...option }) => {
    if (given === undefined) last += 1;
    return { id: given ?? last, ...option };
  });
}
