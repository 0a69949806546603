import { z } from 'zod/v3';
import { v1Time } from '../clock.ts';
import { ApiError } from '../error.ts';
import type { JsonObject } from '../json.ts';
import type { Team } from '../model.ts';
import { listReply } from '../page.ts';
import { field, loose, param } from '../parameters.ts';
import { ok, type Route, route } from '../route.ts';
import type { World } from '../world.ts';
import { activeUser } from './users.ts';

const users = z.array(loose.id);
const body = z.object({
  name: field.filled,
  description: field.line,
  manager_id: loose.id,
  users,
});
const view = z.object({ skip_users: param.flag });
const list = view.extend({ order_by: z.enum(['id', 'name', 'manager_id', 'active_flag']).default('id') });

export const routes: Route[] = [
  route('GET /v1/legacyTeams', {
    cost: 20,
    query: list,
    handle: (world, { query }) => teamList(teams(world), query),
  }),
  route('GET /v1/legacyTeams/user/{id}', {
    cost: 20,
    query: list,
    handle(world, { query, int }) {
      const user = int('id');
      return teamList(
        teams(world).filter((team) => team.users.includes(user)),
        query,
      );
    },
  }),
  route('POST /v1/legacyTeams', {
    cost: 10,
    body: body.partial({ description: true, users: true }),
    handle(world, { body: { name, description = '', manager_id, users = [] } }) {
      checkUsers(world, [manager_id, ...users]);
      const { db, clock } = world;
      const team = db.teams.insert({
        id: db.teams.nextId(),
        name,
        description,
        manager_id,
        users: [...new Set(users)],
        active_flag: true,
        deleted_flag: false,
        add_time: clock.stamp(),
        created_by_user_id: world.me().id,
      });
      return ok(teamView(team));
    },
  }),
  route('GET /v1/legacyTeams/{id}', {
    cost: 2,
    query: view,
    handle: (world, { int, query }) => ok(teamView(liveTeam(world, int('id')), query.skip_users)),
  }),
  route('PUT /v1/legacyTeams/{id}', {
    cost: 10,
    body: body.extend({ active_flag: loose.flag, deleted_flag: loose.flag }).partial(),
    handle(world, { int, body }) {
      // A deleted team is found too, for that is how it is restored.
      const team = world.db.teams.get(int('id'));
      if (!team) throw unknownTeam(int('id'));
      checkUsers(world, [...(body.manager_id === undefined ? [] : [body.manager_id]), ...(body.users ?? [])]);
      return ok(teamView(world.db.teams.patch(team, { ...body, users: body.users && [...new Set(body.users)] })));
    },
  }),
  route('GET /v1/legacyTeams/{id}/users', {
    cost: 20,
    handle: (world, { int }) => ok(liveTeam(world, int('id')).users),
  }),
  route('POST /v1/legacyTeams/{id}/users', {
    cost: 10,
    body: z.object({ users }),
    handle(world, { int, body }) {
      const team = liveTeam(world, int('id'));
      checkUsers(world, body.users);
      return ok(world.db.teams.patch(team, { users: [...new Set([...team.users, ...body.users])] }).users);
    },
  }),
  route('DELETE /v1/legacyTeams/{id}/users', {
    cost: 10,
    body: z.object({ users }),
    handle(world, { int, body }) {
      const team = liveTeam(world, int('id'));
      return ok(world.db.teams.patch(team, { users: team.users.filter((id) => !body.users.includes(id)) }).users);
    },
  }),
];

function teams({ db }: World): Team[] {
  return db.teams.where('deleted_flag', false);
}

/** The team of that id; 404 where it is unknown or deleted. */
function liveTeam({ db }: World, id: number): Team {
  const team = db.teams.get(id);
  if (!team || team.deleted_flag) throw unknownTeam(id);
  return team;
}

function unknownTeam(id: number): ApiError {
  return new ApiError(404, `Team ${id} does not exist`);
}

function checkUsers(world: World, ids: readonly number[]): void {
  for (const id of ids) activeUser(world, id);
}

function teamList(found: readonly Team[], { order_by, skip_users }: z.output<typeof list>) {
  const sorted = found.toSorted((a, b) => {
    const [left, right] = [a[order_by], b[order_by]];
    return left === right ? a.id - b.id : left < right ? -1 : 1;
  });
  return listReply(sorted.map((team) => teamView(team, skip_users)));
}

function teamView({ users, active_flag, deleted_flag, add_time, ...team }: Team, skipUsers = false): JsonObject {
  return {
    ...team,
    ...(skipUsers ? {} : { users }),
    active_flag: Number(active_flag),
    deleted_flag: Number(deleted_flag),
    add_time: v1Time(add_time),
  };
}
