import { DateTime } from 'luxon';
import { z } from 'zod/v3';
import { v1Time } from '../clock.ts';
import { ApiError, invalid } from '../error.ts';
import type { JsonObject } from '../json.ts';
import type { User } from '../model.ts';
import { param } from '../parameters.ts';
import { ok, type Route, route } from '../route.ts';
import type { World } from '../world.ts';

/** The permission set of an app: that of its administrators, that of everybody else. */
const permissionSets = [
  { app: 'sales', admin: '62cc4d7f-4038-4352-abf3-a8c1c822b631', regular: 'f07d229d-088a-4144-a40f-1fe64295d180' },
  { app: 'global', admin: '233b7976-39bd-43a9-b305-ef3a2b0998e5', regular: 'c4b3f3a8-51ce-4d0b-8b0c-6a2f5a1c7f7e' },
  { app: 'account_settings', admin: '982c5ce5-b8ba-4b47-b102-9da024f4b990', regular: null },
] as const;

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
      const user = world.db.users.get(call.int('id'));
      if (!user) throw new ApiError(404, 'User not found or not accessible.');
      return ok(userView(world, user));
    },
  }),
];

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
function userView(world: World, user: User): JsonObject {
  const mine = user.id === world.me().id;
  return {
    id: user.id,
    name: user.name,
    default_currency: user.default_currency,
    locale: user.locale,
    lang: user.lang,
    email: user.email,
    phone: user.phone,
    activated: true,
    last_login: v1Time(user.last_login),
    created: v1Time(user.created),
    modified: v1Time(user.modified),
    has_created_company: mine,
    access: permissionSets.flatMap(({ app, admin, regular }) => {
      const permission_set_id = user.is_admin ? admin : regular;
      return permission_set_id === null ? [] : [{ app, admin: user.is_admin, permission_set_id }];
    }),
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
  const data = users.length > 0 ? users.map((user) => userView(world, user)) : null;
  return { status: 200, body: { success: true, data } };
}
