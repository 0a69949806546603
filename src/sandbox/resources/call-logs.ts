import { randomBytes } from 'node:crypto';
import { z } from 'zod/v3';
import { inTime, v1IsoTime } from '../clock.ts';
import { ApiError, forbidden, invalid, notFound } from '../error.ts';
import type { JsonObject } from '../json.ts';
import { checkLinks } from '../links.ts';
import type { Activity, CallLog } from '../model.ts';
import { startReply } from '../page.ts';
import { field, limit, loose, startLimit } from '../parameters.ts';
import { ok, type Route, route } from '../route.ts';
import { deletion, type World } from '../world.ts';
import { blankActivity } from './activities.ts';
import { isAdmin } from './permission-sets.ts';
import { activeUser } from './users.ts';

const line = field.line.nullish().transform((value) => value ?? null);

const body = z.object({
  user_id: loose.id.optional(),
  activity_id: loose.id.optional(),
  subject: line,
  duration: z
    .preprocess((value) => (typeof value === 'number' ? String(value) : value), z.string().regex(/^\d{1,9}$/))
    .optional(),
  outcome: z.enum(['connected', 'no_answer', 'left_message', 'left_voicemail', 'wrong_number', 'busy']),
  from_phone_number: line,
  to_phone_number: field.filled,
  start_time: field.dateTime,
  end_time: field.dateTime,
  person_id: loose.id.nullish(),
  org_id: loose.id.nullish(),
  deal_id: loose.id.nullish(),
  lead_id: z.string().nullish(),
  note: z.string().max(100_000, 'The value must be at most 100000 characters long').nullish(),
});
type Body = z.output<typeof body>;

export const routes: Route[] = [
  route('GET /v1/callLogs', {
    cost: 20,
    query: z.object({ start: startLimit.start, limit: limit(50).default('50') }),
    handle(world, { query }) {
      const logs = world.db.callLogs.where('user_id', world.me().id).filter((log) => !log.is_deleted);
      logs.sort((a, b) => inTime(b.start_time, a.start_time));
      return startReply(logs, query, (log) => callLogV1(world, log));
    },
  }),
  route('GET /v1/callLogs/{id}', {
    cost: 2,
    handle: (world, { text }) => ok(callLogV1(world, liveLog(world, text('id')))),
  }),
  route('POST /v1/callLogs', {
    cost: 10,
    body,
    handle(world, { body }) {
      const me = world.me();
      const user_id = body.user_id ?? me.id;
      if (user_id !== me.id && !isAdmin(me)) throw forbidden('You cannot create call logs for other users');
      activeUser(world, user_id);
      const seconds = (Date.parse(body.end_time) - Date.parse(body.start_time)) / 1000;
      if (seconds < 0) throw invalid('end_time must not be before start_time');
      const call = { ...body, user_id, duration: body.duration ?? String(seconds) };
      const activity = body.activity_id === undefined ? newActivity(world, call) : converted(world, call);
      const { deal_id, lead_id, person_id, org_id } = activity;
      const log = world.db.callLogs.insert({
        id: `CA${randomBytes(13).toString('hex')}`,
        user_id,
        activity_id: activity.id,
        deal_id,
        lead_id,
        person_id,
        org_id,
        subject: activity.subject,
        duration: call.duration,
        outcome: body.outcome,
        from_phone_number: body.from_phone_number,
        to_phone_number: body.to_phone_number,
        start_time: body.start_time,
        end_time: body.end_time,
        note: activity.note,
        blob_id: null,
        is_deleted: false,
        delete_time: null,
      });
      return ok(callLogV1(world, log));
    },
  }),
  route('DELETE /v1/callLogs/{id}', {
    cost: 6,
    handle(world, { text }) {
      const { callLogs } = world.db;
      const log = liveLog(world, text('id'));
      world.discard(log.blob_id);
      const { is_deleted, delete_time } = deletion(world);
      callLogs.patch(log, { is_deleted, delete_time, blob_id: null });
      return { status: 200, body: { success: true } };
    },
  }),
  route('POST /v1/callLogs/{id}/recordings', {
    cost: 10,
    body: z.object({ file: field.file }),
    handle(world, { text, body: { file } }) {
      const log = liveLog(world, text('id'));
      if (log.blob_id !== null) throw new ApiError(409, 'Recording for this call already exists.');
      if (file.bytes.length === 0) throw invalid('The file is empty');
      world.db.callLogs.patch(log, { blob_id: world.store(file) });
      return { status: 200, body: { success: true } };
    },
  }),
];

function liveLog({ db }: World, id: string): CallLog {
  const log = db.callLogs.get(id);
  if (!log) throw notFound('Call log');
  if (log.is_deleted) throw new ApiError(410, 'The callLog you are trying to access is no longer available.');
  return log;
}

type NewCall = Body & { user_id: number; duration: string };

/** The call as the activity that stands for it: done, at the time of the call. */
function asActivity({ clock }: World, { start_time, duration, subject, note }: NewCall) {
  const minutes = Math.ceil(Number(duration) / 60);
  const two = (value: number) => String(value).padStart(2, '0');
  const now = clock.stamp();
  return {
    subject: subject ?? 'Call',
    due_date: start_time.slice(0, 10),
    due_time: start_time.slice(11, 19),
    duration: `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:00`,
    done: true,
    marked_as_done_time: now,
    note: note ?? null,
    update_time: now,
  };
}

function newActivity(world: World, call: NewCall): Activity {
  const { activities } = world.db;
  const { deal_id = null, lead_id = null, person_id = null, org_id = null, user_id } = call;
  if (deal_id !== null && lead_id !== null) throw invalid('A call log is associated with a deal or a lead, not both');
  checkLinks(world, { deal_id, lead_id, person_id, org_id });
  return activities.insert({
    id: activities.nextId(),
    ...blankActivity,
    ...asActivity(world, call),
    type: 'call',
    owner_id: user_id,
    creator_user_id: world.me().id,
    deal_id,
    lead_id,
    person_id,
    org_id,
    participants: person_id === null ? [] : [{ person_id, primary: true }],
    add_time: world.clock.stamp(),
  });
}

/** The activity that is named becomes the call; what it belongs to counts, not what the body says. */
function converted(world: World, call: NewCall): Activity {
  const { activities } = world.db;
  const activity = activities.get(call.activity_id ?? 0);
  if (!activity || activity.is_deleted) throw notFound('Activity');
  if (activity.type !== 'call') throw invalid(`Activity ${activity.id} is not of type call`);
  const { subject, note, ...changes } = asActivity(world, call);
  return activities.patch(activity, {
    ...changes,
    subject: call.subject === null ? undefined : subject,
    note: note ?? undefined,
  });
}

/** A call log as v1 shows it. */
export function callLogV1({ company }: World, log: CallLog): JsonObject {
  const { blob_id, is_deleted: _, delete_time: __, ...row } = log;
  return {
    // What is not set is not there.
    ...Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)),
    start_time: v1IsoTime(log.start_time),
    end_time: v1IsoTime(log.end_time),
    has_recording: blob_id !== null,
    company_id: company.id,
  };
}
