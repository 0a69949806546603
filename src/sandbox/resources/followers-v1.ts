import { z } from 'zod/v3';
import { v1Time } from '../clock.ts';
import { notFound } from '../error.ts';
import type { JsonObject } from '../json.ts';
import type { Model } from '../model.ts';
import { cursorReply, startReply } from '../page.ts';
import { limit, loose, startLimit } from '../parameters.ts';
import { ok, type Route, route } from '../route.ts';
import type { World } from '../world.ts';
import { follow, followed, followersOf, unfollow } from './followers.ts';

/** Products alone answer 201. */
const addedStatus: Readonly<Record<string, number>> = { product: 201 };

/** v1's followers, known by the id of their following; and the followers of users in both versions. */
export const routes: Route[] = [
  ...followed.flatMap(({ entity, path, live }) => {
    const link = entity === 'organization' ? 'org_id' : `${entity}_id`;
    const view = ({ id, user_id, record_id, add_time }: Model['followers']): JsonObject => ({
      user_id,
      id,
      [link]: record_id,
      add_time: v1Time(add_time),
    });
    return [
      route(`GET /v1/${path}/{id}/followers`, {
        cost: 20,
        query: z.object(startLimit),
        handle(world, call) {
          const { id } = live(world, call.int('id'));
          return startReply(followersOf(world, entity, id).map(view), call.query);
        },
      }),
      route(`POST /v1/${path}/{id}/followers`, {
        cost: 10,
        body: z.object({ user_id: loose.id }),
        handle(world, call) {
          const { id } = live(world, call.int('id'));
          return { ...ok(view(follow(world, entity, id, call.body.user_id))), status: addedStatus[entity] ?? 200 };
        },
      }),
      route(`DELETE /v1/${path}/{id}/followers/{follower_id}`, {
        cost: 6,
        handle(world, call) {
          const { id } = live(world, call.int('id'));
          const follower = call.int('follower_id');
          unfollow(
            world,
            followersOf(world, entity, id).find((row) => row.id === follower),
          );
          return ok({ id: follower });
        },
      }),
    ];
  }),
  route('GET /v1/users/{id}/followers', {
    cost: 20,
    handle: (world, { int }) =>
      ok(followersOf(world, 'user', knownUser(world, int('id')).id).map(({ user_id }) => user_id)),
  }),
  route('GET /v2/users/{id}/followers', {
    cost: 10,
    query: z.object({ limit: limit(500), cursor: z.string().optional() }),
    handle: (world, { query, int }) =>
      cursorReply(
        followersOf(world, 'user', knownUser(world, int('id')).id),
        query,
        (row) => row.id,
        ({ user_id, add_time }) => ({ user_id, add_time }),
      ),
  }),
];

function knownUser({ db }: World, id: number): Model['users'] {
  const user = db.users.get(id);
  if (!user) throw notFound('User');
  return user;
}
