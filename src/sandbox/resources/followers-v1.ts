import { z } from 'zod/v3';
import { v1Time } from '../clock.ts';
import type { JsonObject } from '../json.ts';
import { linkKey } from '../links.ts';
import type { Follower } from '../model.ts';
import { cursorReply, startReply } from '../page.ts';
import { loose, paging, startLimit } from '../parameters.ts';
import { ok, type Route, route } from '../route.ts';
import { follow, followersOf, unfollow } from './followers.ts';
import { followed } from './linked.ts';
import { userOf } from './users.ts';

/** Products alone answer 201. */
const addedStatus: Readonly<Record<string, number>> = { product: 201 };

/** v1's followers, known by the id of their following; and the followers of users in both versions. */
export const routes: Route[] = [
  ...followed.flatMap(({ entity, path, live }) => {
    const view = ({ id, user_id, record_id, add_time }: Follower): JsonObject => ({
      user_id,
      id,
      [linkKey[entity]]: record_id,
      add_time: v1Time(add_time),
    });
    return [
      route(`GET /v1/${path}/{id}/followers`, {
        cost: 20,
        query: z.object(startLimit),
        handle(world, call) {
          const { id } = live(world, call.int('id'));
          return startReply(followersOf(world, entity, id), call.query, view);
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
      ok(followersOf(world, 'user', userOf(world, int('id')).id).map(({ user_id }) => user_id)),
  }),
  route('GET /v2/users/{id}/followers', {
    cost: 10,
    query: z.object(paging),
    handle: (world, { query, int }) =>
      cursorReply(followersOf(world, 'user', userOf(world, int('id')).id), query, ({ user_id, add_time }) => ({
        user_id,
        add_time,
      })),
  }),
];
