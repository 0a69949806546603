import { z } from 'zod/v3';
import { invalid, notFound } from '../error.ts';
import type { EntityName, Follower } from '../model.ts';
import { cursorReply } from '../page.ts';
import { field, paging } from '../parameters.ts';
import { created, ok, type Route, route } from '../route.ts';
import type { World } from '../world.ts';
import { followed } from './linked.ts';
import { activeUser } from './users.ts';

export const routes: Route[] = followed.flatMap(({ entity, path, live }) => {
  return [
    route(`GET /v2/${path}/{id}/followers`, {
      cost: 10,
      query: z.object(paging),
      handle(world, call) {
        const { id } = live(world, call.int('id'));
        return cursorReply(followersOf(world, entity, id), call.query, ({ user_id, add_time }) => ({
          user_id,
          add_time,
        }));
      },
    }),
    route(`POST /v2/${path}/{id}/followers`, {
      cost: 5,
      body: z.object({ user_id: field.id }).strict(),
      handle(world, call) {
        const { id } = live(world, call.int('id'));
        const { user_id, add_time } = follow(world, entity, id, call.body.user_id);
        return created({ user_id, add_time });
      },
    }),
    route(`DELETE /v2/${path}/{id}/followers/{follower_id}`, {
      cost: 3,
      handle(world, call) {
        const { id } = live(world, call.int('id'));
        const user_id = call.int('follower_id');
        unfollow(
          world,
          followersOf(world, entity, id).find((row) => row.user_id === user_id),
        );
        return ok({ user_id });
      },
    }),
    route(`GET /v2/${path}/{id}/followers/changelog`, {
      cost: 10,
      query: z.object(paging),
      handle(world, call) {
        const { id } = live(world, call.int('id'));
        const changes = followerChanges(world, entity, id);
        return cursorReply(changes, { ...call.query, sort_by: 'time' }, ({ action, user_id, time }) => ({
          action,
          // The one token of the sandbox is its owner's.
          actor_user_id: world.me().id,
          follower_user_id: user_id,
          time,
        }));
      },
    }),
  ];
});

/** Who follows a record now. */
export function followersOf({ db }: World, entity: EntityName, id: number): Follower[] {
  return db.followers.where('record_id', id).filter((row) => row.entity === entity);
}

/** Lets a user follow a record; 400 for one who is unknown or follows it already. */
export function follow(world: World, entity: EntityName, id: number, user: number): Follower {
  const { id: user_id } = activeUser(world, user);
  if (followersOf(world, entity, id).some((row) => row.user_id === user_id)) {
    throw invalid(`User ${user_id} is already a follower of this ${entity}`);
  }
  const { followers } = world.db;
  return followers.insert({ id: followers.nextId(), entity, record_id: id, user_id, add_time: world.clock.stamp() });
}

/** Ends a following; 404 where there is none. */
export function unfollow({ db, clock }: World, follower: Follower | undefined): void {
  if (!follower) throw notFound('Follower');
  db.followers.remove(follower);
  db.formerFollowers.insert({ ...follower, remove_time: clock.stamp() });
}

/** Who began and who ceased to follow a record, each with an id of its own. */
export function followerChanges(world: World, entity: EntityName, id: number) {
  const former = world.db.formerFollowers.where('record_id', id).filter((row) => row.entity === entity);
  return [
    ...[...followersOf(world, entity, id), ...former].map((row) => ({
      id: row.id * 2,
      action: 'added',
      user_id: row.user_id,
      time: row.add_time,
    })),
    ...former.map((row) => ({ id: row.id * 2 + 1, action: 'removed', user_id: row.user_id, time: row.remove_time })),
  ];
}
