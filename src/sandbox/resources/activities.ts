import { z } from 'zod/v3';
import { address } from '../address.ts';
import { listed } from '../filters/filter.ts';
import type { JsonObject } from '../json.ts';
import { checkLinks } from '../links.ts';
import type { Activity } from '../model.ts';
import { cursorReply } from '../page.ts';
import { csvOf, field, listing, param, withSeconds } from '../parameters.ts';
import { ok, type Route, route } from '../route.ts';
import type { Changes } from '../table.ts';
import { deletion, live, type World } from '../world.ts';
import { firstType, typeOfKey } from './activity-types.ts';
import { touchDeal } from './deals.ts';
import { activeUser } from './users.ts';

const line = field.line.nullish().transform((value) => value ?? null);
const link = field.id.nullish().transform((value) => value ?? null);

const attendee = z
  .object({
    email: line,
    name: line,
    status: line,
    is_organizer: z.boolean().default(false),
    person_id: link,
    user_id: link,
  })
  .strict();

const body = z
  .object({
    subject: field.line,
    type: z.string(),
    owner_id: field.id,
    deal_id: field.id.nullable(),
    lead_id: z.string().nullable(),
    project_id: field.id.nullable(),
    person_id: field.id.nullable(),
    org_id: field.id.nullable(),
    due_date: field.date.nullable(),
    due_time: field.time.nullable(),
    duration: z
      .string()
      .regex(/^\d{2,3}:[0-5]\d(:[0-5]\d)?$/, 'The value is not a valid duration (HH:MM or HH:MM:SS)')
      .transform(withSeconds)
      .nullable(),
    busy: z.boolean(),
    done: z.boolean(),
    location: address.nullable(),
    participants: z.array(z.object({ person_id: field.id, primary: z.boolean().default(false) }).strict()),
    attendees: z.array(attendee),
    public_description: z.string().max(65_000, 'The value must be at most 65000 characters long').nullable(),
    priority: z.number().int().nullable(),
    outcome: z.number().int().nullable(),
    note: z.string().max(100_000, 'The value must be at most 100000 characters long').nullable(),
  })
  .strict()
  .partial();

type Body = z.output<typeof body>;

const viewQuery = z.object({ include_fields: csvOf(['attendees']) });

const listQuery = viewQuery.extend({
  ...listing(['id', 'update_time', 'add_time', 'due_date']),
  filter_id: param.int,
  ids: param.ids,
  owner_id: param.int,
  deal_id: param.int,
  lead_id: param.text,
  person_id: param.int,
  org_id: param.int,
  done: param.bool,
  updated_since: param.time,
  updated_until: param.time,
});

export const routes: Route[] = [
  route('GET /v2/activities', {
    cost: 10,
    query: listQuery,
    handle(world, { query }) {
      const { done, owner_id, deal_id, lead_id, person_id, org_id } = query;
      const wanted = { owner_id, deal_id, lead_id, person_id, org_id };
      const found = listed(world, 'activity', world.db.activities, query, { is_deleted: false, done }, wanted);
      // Activities with no due date come before all others, as empty values do in Pipedrive's lists.
      return cursorReply(found, query, (row) => activityV2(row, query.include_fields));
    },
  }),
  route('GET /v2/activities/{id}', {
    cost: 1,
    query: viewQuery,
    handle: (world, { query, int }) => ok(activityV2(liveActivity(world, int('id')), query.include_fields)),
  }),
  route('POST /v2/activities', {
    cost: 5,
    body,
    handle(world, { body }) {
      const { db, clock } = world;
      const changes = changesOf(world, body);
      const type = body.type === undefined ? firstType(world) : typeOfKey(world, body.type);
      const me = world.me();
      const now = clock.stamp();
      const blank: Activity = {
        id: db.activities.nextId(),
        ...blankActivity,
        subject: body.subject || type.name,
        type: type.key_string,
        owner_id: me.id,
        creator_user_id: me.id,
        add_time: now,
        update_time: now,
      };
      const { subject: _, ...rest } = changes;
      return ok(saved(world, db.activities.patch(db.activities.insert(blank), rest), changes));
    },
  }),
  route('PATCH /v2/activities/{id}', {
    cost: 5,
    body,
    handle(world, { body, int }) {
      const activity = liveActivity(world, int('id'));
      const changes = changesOf(world, body, activity);
      world.db.activities.patch(activity, { ...changes, update_time: world.clock.stamp() });
      return ok(saved(world, activity, changes));
    },
  }),
  route('DELETE /v2/activities/{id}', {
    cost: 3,
    handle(world, { int }) {
      const activity = liveActivity(world, int('id'));
      world.db.activities.patch(activity, deletion(world));
      return ok({ id: activity.id });
    },
  }),
];

/** An activity that is about nothing, due at no time and not done. */
export const blankActivity = {
  deal_id: null,
  lead_id: null,
  project_id: null,
  person_id: null,
  org_id: null,
  due_date: null,
  due_time: null,
  duration: null,
  busy: false,
  done: false,
  marked_as_done_time: null,
  location: null,
  participants: [],
  attendees: [],
  conference_meeting_client: null,
  conference_meeting_url: null,
  conference_meeting_id: null,
  public_description: null,
  priority: null,
  outcome: null,
  note: null,
  is_deleted: false,
  delete_time: null,
};

function liveActivity({ db }: World, id: number): Activity {
  return live(db.activities, id, 'Activity');
}

/** What a body changes, of a new activity or of `activity`; 400 where it breaks a rule. */
function changesOf(world: World, body: Body, activity?: Activity): Changes<Activity> {
  const { person_id, participants, ...given } = body;
  const links = oneParent(given);
  checkLinks(world, { ...links, org_id: given.org_id });
  if (given.owner_id !== undefined) activeUser(world, given.owner_id);
  if (given.type !== undefined && given.type !== activity?.type) typeOfKey(world, given.type);
  return { ...given, ...links, ...people(world, body, activity), ...doneTime(world, given.done, activity) };
}

/** An activity belongs to one of deal, lead and project: of those that a body names the first stays, the rest go. */
function oneParent({ deal_id, lead_id, project_id }: Body): Pick<Body, 'deal_id' | 'lead_id' | 'project_id'> {
  if (typeof deal_id === 'number') return { deal_id, lead_id: null, project_id: null };
  if (typeof lead_id === 'string') return { deal_id: null, lead_id, project_id: null };
  if (typeof project_id === 'number') return { deal_id: null, lead_id: null, project_id };
  return { deal_id, lead_id, project_id };
}

/** Participants decide `person_id`; a person_id alone is the primary participant, beside those there are. */
function people(world: World, { person_id, participants }: Body, activity?: Activity): Changes<Activity> {
  if (person_id === undefined && participants === undefined) return {};
  const wanted = participants ?? activity?.participants ?? [];
  const primary =
    participants === undefined && person_id !== undefined
      ? person_id
      : ((participants?.find((one) => one.primary) ?? participants?.[0])?.person_id ?? null);
  if (primary === null) return { person_id: null, participants: [] };
  const ids = [...new Set([primary, ...wanted.map((one) => one.person_id)])];
  // Who took part already stays, deleted since or not.
  const before = activity?.participants.map((one) => one.person_id);
  for (const id of ids) if (!before?.includes(id)) checkLinks(world, { person_id: id });
  return { person_id: primary, participants: ids.map((id) => ({ person_id: id, primary: id === primary })) };
}

function doneTime({ clock }: World, done: boolean | undefined, activity?: Activity): Changes<Activity> {
  if (done === undefined || done === (activity?.done ?? false)) return {};
  return { marked_as_done_time: done ? clock.stamp() : null };
}

/** The answer to a change; a deal hears of it once the activity is done. */
function saved(world: World, activity: Activity, { marked_as_done_time }: Changes<Activity>): JsonObject {
  if (marked_as_done_time) touchDeal(world, activity.deal_id);
  return activityV2(activity, ['attendees']);
}

function activityV2(activity: Activity, include: readonly string[] = []): JsonObject {
  const { delete_time: _, attendees, ...row } = activity;
  return include.includes('attendees') ? { ...row, attendees } : row;
}
