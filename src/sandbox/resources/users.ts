import { DateTime } from 'luxon';
import { z } from 'zod/v3';
import { v1Time } from '../clock.ts';
import { ApiError, invalid } from '../error.ts';
import type { JsonObject } from '../json.ts';
import type { User } from '../model.ts';
import { listReply } from '../page.ts';
import { param } from '../parameters.ts';
import { ok, type Route, route } from '../route.ts';
import type { World } from '../world.ts';
import { permissionSet } from './permission-sets.ts';

export const routes: Route[] = [
  route('GET /v1/users', { cost: 20, handle: (world) => list(world, world.db.users.all()) }),
  route('GET /v1/users/find', {
    cost: 40,
    query: z.object({ term: z.string().trim().min(1, 'The value must not be empty'), search_by_email: param.flag }),
    handle(world, { query: { term, search_by_email } }) {
      const wanted = term.toLowerCase();
      const found = world.db.users
        .all()
        .filter(({ name, email }) => (search_by_email ? email : `${name}\n${email}`).toLowerCase().includes(wanted));
      return list(world, found);
    },
  }),
  route('GET /v1/users/me', {
    cost: 2,
    handle(world) {
      const { id, name, domain, country, industry } = world.company;
      return ok({
        ...userView(world, world.me()),
        company_id: id,
        company_name: name,
        company_domain: domain,
        company_country: country,
        company_industry: industry,
        language: { language_code: 'en', country_code: 'US' },
      });
    },
  }),
  route('GET /v1/users/{id}', {
    cost: 2,
    handle(world, call) {
      return ok(userView(world, userOf(world, call.int('id'))));
    },
  }),
];

/** The user of that id, deactivated or not; 404 where there is none. */
export function userOf({ db }: World, id: number): User {
  const user = db.users.get(id);
  if (!user) throw new ApiError(404, 'User not found or not accessible.');
  return user;
}

/** The users who can see and own records, in order of id. */
export function activeUsers({ db }: World): User[] {
  return db.users.where('active_flag', true);
}

/** The user of an id in a body or parameter; 400 where it is unknown or was deactivated. */
export function activeUser({ db }: World, id: number): User {
  const user = db.users.get(id);
  if (!user?.active_flag) throw invalid(`User with id '${id}' not found`);
  return user;
}

/** A user as v1 shows one. */
export function userView(world: World, user: User): JsonObject {
  const mine = user.id === world.me().id;
  return {
    id: user.id,
    name: user.name,
    default_currency: user.default_currency,
    locale: user.locale,
    lang: user.lang,
    email: user.email,
    phone: user.phone,
    activated: user.last_login !== null,
    last_login: user.last_login && v1Time(user.last_login),
    created: v1Time(user.created),
    modified: v1Time(user.modified),
    has_created_company: mine,
    access: user.access.map(({ app, permission_set_id }) => ({
      app,
      admin: permissionSet(permission_set_id)?.type === 'admin',
      permission_set_id,
    })),
    active_flag: user.active_flag,
    timezone_name: user.timezone_name,
    timezone_offset: DateTime.fromJSDate(world.clock.now(), { zone: user.timezone_name }).toFormat('ZZ'),
    role_id: user.role_id,
    icon_url: user.icon_url,
    is_you: mine,
    is_deleted: !user.active_flag,
  };
}

function list(world: World, users: readonly User[]) {
  return listReply(users.map((user) => userView(world, user)));
}
