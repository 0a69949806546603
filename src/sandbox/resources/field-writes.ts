import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod/v3';
import { invalid } from '../error.ts';
import { insertCustomField, numbered } from '../fields/builtin.ts';
import { rewriteCustomFields } from '../fields/custom.ts';
import { type FieldType, fieldType } from '../fields/types.ts';
import { type Json, json } from '../json.ts';
import type { EntityName, Field, FieldOption } from '../model.ts';
import { field as shared } from '../parameters.ts';
import { type JsonReply, ok, type Route, route, whole } from '../route.ts';
import type { World } from '../world.ts';
import { type Extra, extras, fieldByCode, v2View } from './fields.ts';

/** The entities whose fields can be made, changed and deleted, and what of a field can be set beside its name. */
const entities: readonly { entity: EntityName; settings: readonly Extra[] }[] = [
  { entity: 'deal', settings: extras },
  { entity: 'person', settings: extras },
  { entity: 'organization', settings: extras },
  { entity: 'product', settings: ['ui_visibility'] },
  { entity: 'project', settings: extras },
];

/** Of one field. */
const MOST_OPTIONS = 10_000;
/** Built-in fields whose options belong to the account; the others' are Pipedrive's own. */
const OWN_OPTIONS = ['label_ids', 'lost_reason', 'channel', 'category', 'health_status'];

const flag = z.boolean().optional();
const ids = z.array(shared.id).optional();
const dialog = z.object({ show: flag, order: z.number().int().nullish() }).optional();
const settings = {
  ui_visibility: z
    .object({
      add_visible_flag: flag,
      details_visible_flag: flag,
      projects_detail_visible_flag: flag,
      show_in_pipelines: z.object({ show_in_all: flag, pipeline_ids: ids }).optional(),
      show_in_add_deal_dialog: dialog,
      show_in_add_person_dialog: dialog,
    })
    .catchall(json)
    .pipe(z.record(json)),
  important_fields: z.object({ enabled: flag, stage_ids: ids }).catchall(json).pipe(z.record(json)),
  required_fields: z
    .object({ enabled: flag, stage_ids: ids, statuses: z.record(z.array(z.enum(['won', 'lost']))).optional() })
    .catchall(json)
    .pipe(z.record(json)),
};
export const label = shared.filled;

const body = z
  .object({
    field_name: label,
    field_type: fieldType,
    options: z.array(z.object({ label }).strict()).optional(),
    ui_visibility: settings.ui_visibility.optional(),
    important_fields: settings.important_fields.optional(),
    required_fields: settings.required_fields.optional(),
    description: z.string().nullable().optional(),
  })
  .strict();
const changes = body.omit({ field_type: true, options: true }).partial();

export const routes: Route[] = entities.flatMap(({ entity, settings }) => {
  /** Only deals' fields take a description; what the entity has not is an unknown key. */
  const unknown = [...extras.filter((one) => !settings.includes(one)), ...(entity === 'deal' ? [] : ['description'])];
  const refuseUnknown = (given: object, context: z.RefinementCtx) => {
    const keys = unknown.filter((key) => key in given);
    if (keys.length > 0) context.addIssue({ code: 'unrecognized_keys', keys });
  };
  const reply = (world: World, field: Field) => ok(v2View(world, field, settings));
  const path = `/v2/${entity}Fields` as const;
  return [
    route(`POST ${path}`, {
      cost: 5,
      body: body.superRefine(refuseUnknown),
      handle(world, call) {
        const { options, ...given } = call.body;
        // Into dialogs a field comes only when that is asked for.
        const ui_visibility = { add_visible_flag: false, ...given.ui_visibility };
        const labels = options?.map((one) => one.label);
        return reply(world, createField(world, { entity, ...given, ui_visibility }, labels));
      },
    }),
    route(`PATCH ${path}/{field_code}`, {
      cost: 5,
      body: changes
        .superRefine(refuseUnknown)
        .refine((given) => Object.keys(given).length > 0, 'At least one field must be provided'),
      handle(world, call) {
        const field = fieldByCode(world, entity, call.text('field_code'));
        return reply(world, changeField(world, field, call.body));
      },
    }),
    route(`DELETE ${path}/{field_code}`, {
      cost: 3,
      handle(world, call) {
        const field = fieldByCode(world, entity, call.text('field_code'));
        deleteField(world, field);
        return ok(v2View(world, field, []));
      },
    }),
    route(`POST ${path}/{field_code}/options`, {
      cost: 5,
      body: z.array(z.object({ label }).strict()).min(1),
      handle(world, call) {
        const field = withOptions(fieldByCode(world, entity, call.text('field_code')));
        const added = newOptions(world, call.body);
        replaceOptions(world, field, [...(field.options ?? []), ...added]);
        return affected(added);
      },
    }),
    route(`PATCH ${path}/{field_code}/options`, {
      cost: 5,
      body: z.array(z.object({ id: z.number().int(), label }).strict()).min(1),
      handle(world, call) {
        const field = withOptions(fieldByCode(world, entity, call.text('field_code')));
        const labels = new Map(call.body.map((one) => [one.id, one.label]));
        const found = known(field, [...labels.keys()]);
        const update_time = world.clock.stamp();
        const renamed = found.map((one) => ({ ...one, label: labels.get(Number(one.id)) ?? one.label, update_time }));
        const byId = new Map(renamed.map((one) => [one.id, one]));
        replaceOptions(
          world,
          field,
          (field.options ?? []).map((one) => byId.get(one.id) ?? one),
        );
        return affected(renamed);
      },
    }),
    route(`DELETE ${path}/{field_code}/options`, {
      cost: 3,
      body: z.array(z.object({ id: z.number().int() }).strict()).min(1),
      handle(world, call) {
        const field = withOptions(fieldByCode(world, entity, call.text('field_code')));
        const gone = known(
          field,
          call.body.map((one) => one.id),
        );
        replaceOptions(
          world,
          field,
          (field.options ?? []).filter((one) => !gone.includes(one)),
        );
        return affected(gone);
      },
    }),
  ];
});

function affected(options: readonly FieldOption[]): JsonReply {
  return whole(options.map(({ id, label }) => ({ id, label })));
}

type NewField = Parameters<typeof insertCustomField>[1] & { field_type: FieldType };

/** A custom field; those of types enum and set need options, and only they have them. Throws 400. */
export function createField(world: World, field: NewField, labels: readonly string[] | undefined): Field {
  const takesOptions = field.field_type === 'enum' || field.field_type === 'set';
  if (takesOptions && !labels?.length) throw invalid(`Options are required for fields of type ${field.field_type}`);
  if (!takesOptions && labels?.length) throw invalid(`Fields of type ${field.field_type} have no options`);
  checkOptions(labels ?? []);
  return insertCustomField(world, { ...field, ...(labels ? { options: labels.map((label) => ({ label })) } : {}) });
}

/** What is given of an object goes over what it had. Throws 400 for another name of a built-in field. */
export function changeField(world: World, field: Field, given: z.output<typeof changes>): Field {
  const { field_name, description, ...rest } = given;
  if (!field.is_custom_field && (field_name !== undefined || description !== undefined)) {
    throw invalid(`Field '${field.field_code}' is built-in: its name and description cannot be changed`);
  }
  const merged = Object.fromEntries(
    extras.flatMap((key) => (rest[key] ? [[key, { ...field[key], ...rest[key] }] as const] : [])),
  );
  const enabled = rest.required_fields?.['enabled'];
  return world.db.fields.patch(field, {
    field_name,
    description: description === null ? '' : description,
    ...merged,
    is_required: typeof enabled === 'boolean' ? enabled : undefined,
    update_time: world.clock.stamp(),
  });
}

/** Its values disappear from all records. Throws 400 for a built-in field. */
export function deleteField({ db, clock }: World, field: Field): void {
  if (!field.is_custom_field) throw invalid(`Field '${field.field_code}' is built-in and cannot be deleted`);
  db.fields.patch(field, { active_flag: false, update_time: clock.stamp() });
}

/** The field, where it has options and they are the account's to change. Throws 400. */
export function withOptions(field: Field): Field {
  const { field_code, field_type, is_custom_field } = field;
  const isOwn = is_custom_field ? ['enum', 'set'].includes(field_type) : OWN_OPTIONS.includes(field_code);
  if (!isOwn) throw invalid(`The options of field '${field_code}' of type ${field_type} cannot be changed`);
  return field;
}

export function newOptions(world: World, labels: readonly { label: string }[]): FieldOption[] {
  const now = world.clock.stamp();
  return numbered(world, labels).map((one) => ({ color: null, ...one, add_time: now, update_time: now }));
}

/** The options of these ids. Throws 400 where one does not exist, before anything is changed. */
export function known(field: Field, wanted: readonly number[]): FieldOption[] {
  return [...new Set(wanted)].map((id) => {
    const option = field.options?.find((one) => one.id === id);
    if (!option) throw invalid(`Option with id '${id}' does not exist`);
    return option;
  });
}

/** Gives a field this list of options; those that are no longer in it are cleared from all records. Throws 400. */
export function replaceOptions(world: World, field: Field, options: FieldOption[]): void {
  checkOptions(options.map((one) => one.label));
  const left = new Set(options.map(({ id }) => id));
  const gone = (field.options ?? []).filter(({ id }) => !left.has(id));
  world.db.fields.patch(field, {
    options,
    options_deleted: gone.length > 0 ? [...(field.options_deleted ?? []), ...gone] : undefined,
    update_time: world.clock.stamp(),
  });
  if (gone.length > 0) clearOptions(world, field, new Set(gone.map(({ id }) => id)));
}

function checkOptions(labels: readonly string[]): void {
  if (labels.length > MOST_OPTIONS) {
    throw invalid(
      `You reached the limit of ${MOST_OPTIONS} options per field. Remove some options to be able to save.`,
    );
  }
  const taken = new Set<string>();
  for (const one of labels) {
    const name = one.trim().toLowerCase();
    if (taken.has(name)) throw invalid(`Option '${one}' exists already: the options of a field differ in their labels`);
    taken.add(name);
  }
}

function clearOptions(world: World, field: Field, gone: ReadonlySet<Json>): void {
  const { db } = world;
  const { entity, field_code: code } = field;
  const kept = (value: Json | undefined): Json =>
    Array.isArray(value)
      ? value.filter((one) => !gone.has(one))
      : value === undefined || gone.has(value)
        ? null
        : value;
  if (field.is_custom_field) {
    rewriteCustomFields(world, entity, ({ [code]: value, ...others }) => {
      const left = kept(value);
      if (value === undefined || isDeepStrictEqual(left, value)) return undefined;
      return left === null || isDeepStrictEqual(left, []) ? others : { ...others, [code]: left };
    });
    return;
  }
  const unlabel = <R extends { label_ids: number[] }>(rows: readonly R[], patch: (row: R, ids: number[]) => void) => {
    for (const row of rows) {
      const left = row.label_ids.filter((id) => !gone.has(id));
      if (left.length < row.label_ids.length) patch(row, left);
    }
  };
  const ids = [...gone].map(Number);
  switch (`${entity}.${code}`) {
    case 'deal.label_ids':
      unlabel(db.deals.all(), (row, label_ids) => db.deals.patch(row, { label_ids }));
      break;
    case 'person.label_ids':
      unlabel(db.persons.all(), (row, label_ids) => db.persons.patch(row, { label_ids }));
      break;
    case 'organization.label_ids':
      unlabel(db.organizations.all(), (row, label_ids) => db.organizations.patch(row, { label_ids }));
      break;
    case 'project.label_ids':
      unlabel(db.projects.all(), (row, label_ids) => db.projects.patch(row, { label_ids }));
      break;
    case 'deal.channel':
      // Leads have the channels of deals.
      for (const id of ids) db.deals.patchWhere('channel', id, { channel: null });
      for (const id of ids) db.leads.patchWhere('channel', id, { channel: null });
      break;
    case 'product.category':
      for (const id of ids) db.products.patchWhere('category', id, { category: null });
      break;
    case 'project.health_status':
      for (const id of ids) db.projects.patchWhere('health_status', id, { health_status: null });
  }
}
