import { z } from 'zod/v3';
import { type Derived, derived } from '../derived.ts';
import { checkLabels, customFieldsV2, labelObjects, writeCustomFieldsV2 } from '../fields/custom.ts';
import type { Json, JsonObject } from '../json.ts';
import { csvOf, field, listing, param } from '../parameters.ts';
import { checkVisibility, defaultVisibility } from '../visibility.ts';
import type { World } from '../world.ts';
import { activeUser } from './users.ts';

/** What deals, persons and organizations have in common in v2: parameters, writable fields, what an answer shows. */
type Kind = 'deal' | 'person' | 'organization';

/** The parameters that say how much of a record an answer shows; `from` are the optional fields there are. */
export function viewQuery<R>(from: Derived<R>) {
  return z.object({
    include_fields: csvOf(Object.keys(from)),
    custom_fields: param.keys,
    include_option_labels: param.bool,
    include_labels: param.bool,
  });
}
type ViewOptions = z.output<ReturnType<typeof viewQuery>>;

export function listQuery<R>(from: Derived<R>) {
  return viewQuery(from).extend({
    ...listing(['id', 'update_time', 'add_time']),
    filter_id: param.int,
    ids: param.ids,
    owner_id: param.int,
    updated_since: param.time,
    updated_until: param.time,
  });
}

/** The part of a POST or PATCH body that all have. */
export const recordBody = {
  owner_id: field.id.optional(),
  visible_to: z.number().int().optional(),
  label_ids: z.array(field.id).optional(),
  custom_fields: z.unknown(),
};
type RecordBody = z.output<z.ZodObject<typeof recordBody>>;

/** Checks the shared part of a body, 400 for a user, label, visibility or custom field that there is not. */
export function recordChanges(
  world: World,
  kind: Kind,
  current: Record<string, Json>,
  { owner_id, visible_to, label_ids, custom_fields }: RecordBody,
) {
  if (owner_id !== undefined) activeUser(world, owner_id);
  if (visible_to !== undefined) checkVisibility(world, visible_to);
  if (label_ids !== undefined) checkLabels(world, kind, label_ids);
  return {
    owner_id,
    visible_to,
    label_ids,
    custom_fields: custom_fields === undefined ? undefined : writeCustomFieldsV2(world, kind, current, custom_fields),
    update_time: world.clock.stamp(),
  };
}

/** What a new record has where its body says nothing. */
export function newRecord(world: World, kind: Kind, addTime?: string) {
  const now = world.clock.stamp();
  return {
    owner_id: world.me().id,
    visible_to: defaultVisibility(world, kind === 'organization' ? 'org' : kind),
    label_ids: [],
    custom_fields: {},
    is_deleted: false,
    delete_time: null,
    add_time: addTime ?? now,
    update_time: now,
  };
}

export function recordCustomFields(
  world: World,
  kind: Kind,
  { custom_fields }: { custom_fields: Record<string, Json> },
  { custom_fields: keys, include_option_labels: optionLabels }: ViewOptions,
): JsonObject {
  return customFieldsV2(world, kind, custom_fields, { keys, optionLabels });
}

/** What an answer shows of a record only when it is asked for. */
export function recordExtras<R extends { label_ids: number[] }>(
  world: World,
  kind: Kind,
  row: R,
  from: Derived<R>,
  { include_fields, include_labels }: ViewOptions,
): JsonObject {
  return {
    ...(include_labels ? { labels: labelObjects(world, kind, row.label_ids) } : {}),
    ...derived(from, world, row, include_fields),
  };
}
