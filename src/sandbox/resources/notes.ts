import { z } from 'zod/v3';
import { v1Time } from '../clock.ts';
import { forbidden, invalid, notFound } from '../error.ts';
import type { JsonObject } from '../json.ts';
import { checkLinks } from '../links.ts';
import type { Note } from '../model.ts';
import { startReply, v1Sort } from '../page.ts';
import { field, loose, param, startLimit } from '../parameters.ts';
import { ok, type Reply, type Route, route } from '../route.ts';
import { sanitize } from '../sanitize.ts';
import type { Changes } from '../table.ts';
import { purgedBefore, type World } from '../world.ts';
import { touchDeal } from './deals.ts';
import { isAdmin } from './permission-sets.ts';
import { activeUser } from './users.ts';

/** The content of notes and comments. */
export const content = z
  .string()
  .min(1, 'The value must not be empty')
  .max(100_000, 'The value must be at most 100000 characters long')
  .transform(sanitize);

/** The pins, each with the link that it needs. */
const pins = [
  ['pinned_to_lead_flag', 'lead_id'],
  ['pinned_to_deal_flag', 'deal_id'],
  ['pinned_to_organization_flag', 'org_id'],
  ['pinned_to_person_flag', 'person_id'],
  ['pinned_to_project_flag', 'project_id'],
  ['pinned_to_task_flag', 'task_id'],
] as const;

const noteBody = z.object({
  content,
  lead_id: z.string().nullish(),
  deal_id: loose.id.nullish(),
  person_id: loose.id.nullish(),
  org_id: loose.id.nullish(),
  project_id: loose.id.nullish(),
  task_id: loose.id.nullish(),
  user_id: loose.id.optional(),
  add_time: field.dateTime.optional(),
  pinned_to_lead_flag: loose.flag.optional(),
  pinned_to_deal_flag: loose.flag.optional(),
  pinned_to_organization_flag: loose.flag.optional(),
  pinned_to_person_flag: loose.flag.optional(),
  pinned_to_project_flag: loose.flag.optional(),
  pinned_to_task_flag: loose.flag.optional(),
});
const changedBody = noteBody.partial({ content: true });

const day = field.date.optional();
const listQuery = z.object({
  ...startLimit,
  user_id: param.int,
  lead_id: param.text,
  deal_id: param.int,
  person_id: param.int,
  org_id: param.int,
  project_id: param.int,
  task_id: param.int,
  sort: param.text,
  start_date: day,
  end_date: day,
  updated_since: field.dateTime.optional(),
  pinned_to_lead_flag: param.flag,
  pinned_to_deal_flag: param.flag,
  pinned_to_organization_flag: param.flag,
  pinned_to_person_flag: param.flag,
  pinned_to_project_flag: param.flag,
  pinned_to_task_flag: param.flag,
});

/** A note on nothing, pinned to nothing. */
export const blankNote = {
  last_update_user_id: null,
  deal_id: null,
  person_id: null,
  org_id: null,
  lead_id: null,
  project_id: null,
  task_id: null,
  pinned_to_deal_flag: false,
  pinned_to_person_flag: false,
  pinned_to_organization_flag: false,
  pinned_to_lead_flag: false,
  pinned_to_project_flag: false,
  pinned_to_task_flag: false,
  active_flag: true,
};

export const routes: Route[] = [
  route('GET /v1/notes', { cost: 20, query: listQuery, handle: (world, { query }) => list(world, query) }),
  route('GET /v1/notes/{id}', {
    cost: 2,
    handle: (world, { int }) => ok(noteV1(world, keptNote(world, int('id')))),
  }),
  route('POST /v1/notes', {
    cost: 10,
    body: noteBody,
    handle(world, { body }) {
      const { db, clock } = world;
      const now = clock.stamp();
      const changes = changesOf(world, body);
      const note = db.notes.insert({
        id: db.notes.nextId(),
        ...blankNote,
        content: body.content,
        user_id: world.me().id,
        last_update_user_id: world.me().id,
        add_time: now,
        update_time: now,
      });
      touchDeal(world, db.notes.patch(note, changes).deal_id);
      return ok(noteV1(world, note));
    },
  }),
  route('PUT /v1/notes/{id}', {
    cost: 10,
    body: changedBody,
    handle(world, { body, int }) {
      const note = liveNote(world, int('id'));
      const changes = { ...changesOf(world, body, note), last_update_user_id: world.me().id };
      world.db.notes.patch(note, { ...changes, update_time: world.clock.stamp() });
      touchDeal(world, note.deal_id);
      return ok(noteV1(world, note));
    },
  }),
  route('DELETE /v1/notes/{id}', {
    cost: 6,
    handle(world, { int }) {
      const note = liveNote(world, int('id'));
      world.db.notes.patch(note, { active_flag: false, update_time: world.clock.stamp() });
      return ok(true);
    },
  }),
];

/** The note of that id; 404 where it is unknown or deleted. */
export function liveNote(world: World, id: number): Note {
  const note = keptNote(world, id);
  if (!note.active_flag) throw notFound('Note');
  return note;
}

/** As liveNote, but a deleted note can be read until it is purged, 30 days later. */
export function keptNote(world: World, id: number): Note {
  const note = world.db.notes.get(id);
  if (!note || (!note.active_flag && note.update_time < purgedBefore(world))) throw notFound('Note');
  return note;
}

const sortable = ['id', 'user_id', 'deal_id', 'person_id', 'org_id', 'content', 'add_time', 'update_time'] as const;

function list(world: World, query: z.output<typeof listQuery>): Reply {
  const { start_date, end_date, updated_since, sort, start, limit, ...wanted } = query;
  const rows = world.db.notes
    .matching({ ...wanted, active_flag: true })
    .filter(
      (note) =>
        (!start_date || note.add_time.slice(0, 10) >= start_date) &&
        (!end_date || note.add_time.slice(0, 10) <= end_date) &&
        (!updated_since || note.update_time >= updated_since),
    );
  return startReply(v1Sort(rows, sort, sortable), { start, limit }, (note) => noteV1(world, note));
}

/** What a body changes, of a new note or of `note`; 400 where it breaks a rule. */
function changesOf(world: World, body: z.output<typeof changedBody>, note?: Note): Changes<Note> {
  checkLinks(world, body);
  const me = world.me();
  if (body.user_id !== undefined) {
    if (body.user_id !== me.id && !isAdmin(me)) throw forbidden('Only an admin can change the author of a note');
    activeUser(world, body.user_id);
  }
  const changes: Changes<Note> = { ...body };
  let linked = false;
  for (const [pin, link] of pins) {
    const id = body[link] === undefined ? (note?.[link] ?? null) : body[link];
    if (id !== null) linked = true;
    else if (body[pin]) throw invalid(`${pin} needs ${link}`);
    else changes[pin] = false;
  }
  if (!linked) throw invalid(`One of ${pins.map(([, link]) => link).join(', ')} is required`);
  return changes;
}

/** A note as v1 shows it. */
export function noteV1(world: World, note: Note): JsonObject {
  const { db } = world;
  const { add_time, update_time, ...row } = note;
  const user = db.users.get(note.user_id);
  const titled = (one: { title: string } | undefined) => (one ? { title: one.title } : null);
  const named = (one: { name: string } | undefined) => (one ? { name: one.name } : null);
  return {
    ...row,
    add_time: v1Time(add_time),
    update_time: v1Time(update_time),
    deal: titled(db.deals.get(note.deal_id ?? 0)),
    person: named(db.persons.get(note.person_id ?? 0)),
    organization: named(db.organizations.get(note.org_id ?? 0)),
    project: titled(db.projects.get(note.project_id ?? 0)),
    task: titled(db.tasks.get(note.task_id ?? 0)),
    user: user
      ? { email: user.email, icon_url: user.icon_url, is_you: user.id === world.me().id, name: user.name }
      : null,
  };
}
