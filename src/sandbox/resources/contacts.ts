import { z } from 'zod/v3';
import { checkLabels, customFieldsV2, labelObjects, writeCustomFieldsV2 } from '../custom-fields.ts';
import { filesCount } from '../files.ts';
import { filterRows } from '../filters.ts';
import type { Json, JsonObject } from '../json.ts';
import { organizationMessages, personMessages } from '../mail.ts';
import type { Deal, Organization, Person } from '../model.ts';
import { cursorReply } from '../page.ts';
import { checkVisibility, field, listing, param } from '../parameters.ts';
import type { Reply } from '../route.ts';
import type { World } from '../world.ts';
import { lastActivity, nextActivity } from './activities.ts';
import { defaultVisibility } from './roles.ts';
import { activeUser } from './users.ts';

/** What persons and organizations have in common: parameters, writable fields, optional fields of an answer. */
type Contact = Person | Organization;
type Kind = 'person' | 'organization';
/** The optional fields of `include_fields`, each worked out only when asked for. */
export type Includes<R> = Readonly<Record<string, (world: World, row: R) => Json>>;

export type ViewOptions = z.output<ReturnType<typeof viewQuery>>;
type ListQuery = z.output<ReturnType<typeof listQuery>>;

/** The parameters that say how much of a contact an answer shows; `includes` are the optional fields there are. */
export function viewQuery<R>(includes: Includes<R>) {
  return z.object({
    include_fields: param.csv.refine(
      (names) => names === undefined || names.every((name) => Object.hasOwn(includes, name)),
      `Must be some of: ${Object.keys(includes).join(', ')}`,
    ),
    custom_fields: param.keys,
    include_option_labels: param.bool,
    include_labels: param.bool,
  });
}

export function listQuery<R>(includes: Includes<R>) {
  return viewQuery(includes).extend({
    ...listing(['id', 'update_time', 'add_time']),
    filter_id: param.int,
    ids: param.ids,
    owner_id: param.int,
    updated_since: param.time,
    updated_until: param.time,
  });
}

/** The part of a POST or PATCH body that both have; a strict schema adds its own and `name`. */
export const contactBody = {
  owner_id: field.id.optional(),
  visible_to: z.number().int().optional(),
  label_ids: z.array(field.id).optional(),
  custom_fields: z.unknown(),
};
type ContactBody = z.output<z.ZodObject<typeof contactBody>>;

/** Checks the shared part of a body, 400 for a user, label, visibility or custom field that there is not. */
export function contactChanges(world: World, kind: Kind, current: Record<string, Json>, body: ContactBody) {
  if (body.owner_id !== undefined) activeUser(world, body.owner_id);
  if (body.visible_to !== undefined) checkVisibility(body.visible_to, world.company.has_visibility_groups);
  if (body.label_ids !== undefined) checkLabels(world, kind, body.label_ids);
  return {
    owner_id: body.owner_id,
    visible_to: body.visible_to,
    label_ids: body.label_ids,
    custom_fields:
      body.custom_fields === undefined ? undefined : writeCustomFieldsV2(world, kind, current, body.custom_fields),
    update_time: world.clock.stamp(),
  };
}

/** What a new contact has where its body says nothing. */
export function newContact(world: World, kind: Kind, addTime: string | undefined) {
  const now = world.clock.stamp();
  return {
    owner_id: world.me().id,
    visible_to: defaultVisibility(world, kind === 'organization' ? 'org' : 'person'),
    label_ids: [],
    custom_fields: {},
    is_deleted: false,
    delete_time: null,
    add_time: addTime ?? now,
    update_time: now,
  };
}

/** One page of a list, narrowed by the parameters that both have. */
export function contactList<R extends Contact>(
  world: World,
  type: 'people' | 'org',
  rows: readonly R[],
  query: ListQuery,
  view: (row: R) => Json,
): Reply {
  const { filter_id } = query;
  const ids = query.ids && new Set(query.ids);
  const { owner_id, updated_since, updated_until } = query;
  const found = rows.filter(
    (row) =>
      !row.is_deleted &&
      // A saved filter takes the place of what else is asked for, but for times.
      (filter_id !== undefined ||
        ((!ids || ids.has(row.id)) && (owner_id === undefined || row.owner_id === owner_id))) &&
      (updated_since === undefined || row.update_time >= updated_since) &&
      (updated_until === undefined || row.update_time < updated_until),
  );
  return cursorReply(
    filter_id === undefined ? found : filterRows(world, type, filter_id, found),
    query,
    (row, key) => (key === 'update_time' ? row.update_time : key === 'add_time' ? row.add_time : row.id),
    view,
  );
}

/** What an answer shows besides a contact's own fields, and its custom fields. */
export function contactExtras<R extends Contact>(
  world: World,
  kind: Kind,
  row: R,
  includes: Includes<R>,
  options: ViewOptions,
): JsonObject {
  const extras: JsonObject = {
    custom_fields: customFieldsV2(world, kind, row.custom_fields, {
      keys: options.custom_fields,
      optionLabels: options.include_option_labels,
    }),
  };
  if (options.include_labels) extras['labels'] = labelObjects(world, kind, row.label_ids);
  for (const name of options.include_fields ?? []) extras[name] = includes[name]?.(world, row) ?? null;
  return extras;
}

/** The optional fields that both have. `related` are the deals that belong to it through another record only. */
export function contactIncludes<R extends Contact>(kind: Kind, related: (world: World, row: R) => Deal[]): Includes<R> {
  const key = kind === 'person' ? 'person_id' : 'org_id';
  const link = (id: number) => (kind === 'person' ? { person_id: id } : { org_id: id });
  const activities = ({ db }: World, id: number) => db.activities.where(key, id).filter((row) => !row.is_deleted);
  return {
    next_activity_id: (world, { id }) => nextActivity(world, link(id))?.id ?? null,
    last_activity_id: (world, { id }) => lastActivity(world, link(id))?.id ?? null,
    ...dealCounts('', ({ db }, { id }) => db.deals.where(key, id)),
    ...dealCounts('related_', related),
    activities_count: (world, { id }) => activities(world, id).length,
    done_activities_count: (world, { id }) => activities(world, id).filter(({ done }) => done).length,
    undone_activities_count: (world, { id }) => activities(world, id).filter(({ done }) => !done).length,
    notes_count: ({ db }, { id }) => db.notes.where(key, id).filter((note) => note.active_flag).length,
    followers_count: ({ db }, { id }) =>
      db.followers.where('record_id', id).filter(({ entity }) => entity === kind).length,
    email_messages_count: (world, { id }) =>
      (kind === 'person' ? personMessages(world, id) : organizationMessages(world, id)).length,
    files_count: (world, { id }) => filesCount(world, key, id),
    smart_bcc_email: ({ company }) => `${company.domain}@pipedrivemail.com`,
  };
}

function dealCounts<R>(prefix: string, dealsOf: (world: World, row: R) => Deal[]): Includes<R> {
  const counts = {
    open: ({ status }: Deal) => status === 'open',
    closed: ({ status }: Deal) => status !== 'open',
    won: ({ status }: Deal) => status === 'won',
    lost: ({ status }: Deal) => status === 'lost',
  };
  const entries = Object.entries(counts).map(([name, counted]) => {
    const count = (world: World, row: R) =>
      dealsOf(world, row).filter((deal) => !deal.is_deleted && !deal.is_archived && counted(deal)).length;
    return [`${prefix}${name}_deals_count`, count] as const;
  });
  return Object.fromEntries(entries);
}
