import { randomUUID } from 'node:crypto';
import { z } from 'zod/v3';
import { v1IsoTime } from '../clock.ts';
import { notFound } from '../error.ts';
import type { JsonObject } from '../json.ts';
import type { Comment } from '../model.ts';
import { startReply } from '../page.ts';
import { startLimit } from '../parameters.ts';
import { type Call, ok, type Route, route } from '../route.ts';
import type { World } from '../world.ts';
import { content, keptNote, liveNote } from './notes.ts';

const body = z.object({ content });

export const routes: Route[] = [
  route('GET /v1/notes/{id}/comments', {
    cost: 20,
    query: z.object(startLimit),
    handle(world, { query, int }) {
      const note = keptNote(world, int('id'));
      const comments = world.db.comments.where('note_id', note.id).filter((comment) => comment.active_flag);
      return startReply(comments, query, (comment) => commentV1(world, comment));
    },
  }),
  route('GET /v1/notes/{id}/comments/{commentId}', {
    cost: 2,
    handle: (world, call) => ok(commentV1(world, commentOf(world, call))),
  }),
  route('POST /v1/notes/{id}/comments', {
    cost: 10,
    body,
    handle(world, { body, int }) {
      const { db, clock } = world;
      const note = liveNote(world, int('id'));
      const me = world.me().id;
      const now = clock.stamp();
      const comment = db.comments.insert({
        id: randomUUID(),
        note_id: note.id,
        content: body.content,
        user_id: me,
        updater_id: me,
        active_flag: true,
        add_time: now,
        update_time: now,
      });
      return ok(commentV1(world, comment));
    },
  }),
  route('PUT /v1/notes/{id}/comments/{commentId}', {
    cost: 10,
    body,
    handle(world, call) {
      const comment = commentOf(world, call);
      const { content } = call.body;
      const changes = { content, updater_id: world.me().id, update_time: world.clock.stamp() };
      return ok(commentV1(world, world.db.comments.patch(comment, changes)));
    },
  }),
  route('DELETE /v1/notes/{id}/comments/{commentId}', {
    cost: 6,
    handle(world, call) {
      const comment = commentOf(world, call);
      world.db.comments.patch(comment, { active_flag: false, update_time: world.clock.stamp() });
      return ok(true);
    },
  }),
];

/** The comment that a path names; 404 where the note has no such comment or it is deleted. */
function commentOf(world: World, { int, text }: Pick<Call<unknown, unknown>, 'int' | 'text'>): Comment {
  const note = keptNote(world, int('id'));
  const comment = world.db.comments.get(text('commentId'));
  if (!comment?.active_flag || comment.note_id !== note.id) throw notFound('Comment');
  return comment;
}

/** A comment as v1 shows it. */
export function commentV1({ company }: World, { id, note_id, add_time, update_time, ...row }: Comment): JsonObject {
  return {
    uuid: id,
    ...row,
    add_time: v1IsoTime(add_time),
    update_time: v1IsoTime(update_time),
    company_id: company.id,
    object_id: String(note_id),
    object_type: 'note',
  };
}
