import { z } from 'zod/v3';
import { forbidden, invalid } from '../error.ts';
import type { User } from '../model.ts';
import { startReply } from '../page.ts';
import { loose, startLimit } from '../parameters.ts';
import { ok, type Route, route } from '../route.ts';
import { roleOf } from '../visibility.ts';
import type { World } from '../world.ts';
import { apps, defaultSet, isAdmin, permissionSet, permissionsOf } from './permission-sets.ts';
import { assignmentView, defaultRole } from './roles.ts';
import { userOf, userView } from './users.ts';

const access = z.object({
  app: z.enum(apps),
  admin: loose.flag.optional(),
  permission_set_id: z.string().optional(),
});
type Access = z.output<typeof access>;

export const routes: Route[] = [
  route('POST /v1/users', {
    cost: 10,
    body: z.object({
      email: z.string().email("The value is not a valid 'email'"),
      access: z.array(access).default([{ app: 'sales' }]),
      active_flag: loose.flag.default(true),
    }),
    handle(world, { body: { email, access, active_flag } }) {
      const me = administrator(world);
      const { db, clock } = world;
      const wanted = email.toLowerCase();
      if (db.users.all().some((user) => user.email.toLowerCase() === wanted)) {
        throw invalid(`A user with the email ${email} exists already`);
      }
      const now = clock.stamp();
      // Who was invited has no name until they log in for the first time.
      const user = db.users.insert({
        id: db.users.nextId(),
        name: email,
        email,
        phone: null,
        default_currency: me.default_currency,
        locale: me.locale,
        lang: me.lang,
        timezone_name: me.timezone_name,
        role_id: defaultRole(world).id,
        active_flag,
        access: access.map(granted),
        icon_url: null,
        last_login: null,
        created: now,
        modified: now,
      });
      return ok(userView(world, user));
    },
  }),
  route('PUT /v1/users/{id}', {
    cost: 10,
    body: z.object({ active_flag: loose.flag }),
    handle(world, { int, body: { active_flag } }) {
      const me = administrator(world);
      const user = userOf(world, int('id'));
      if (user.id === me.id && !active_flag) throw forbidden('You cannot deactivate yourself.');
      return ok(userView(world, world.db.users.patch(user, { active_flag, modified: world.clock.stamp() })));
    },
  }),
  route('GET /v1/users/{id}/permissions', {
    cost: 10,
    handle: (world, { int }) => ok(permissionsOf(userOf(world, int('id')))),
  }),
  route('GET /v1/users/{id}/roleAssignments', {
    cost: 10,
    query: z.object(startLimit),
    handle(world, { int, query }) {
      const user = userOf(world, int('id'));
      return startReply([roleOf(world, user)], query, (role) => assignmentView(user, role));
    },
  }),
  route('GET /v1/users/{id}/roleSettings', {
    cost: 10,
    handle: (world, { int }) => ok(roleOf(world, userOf(world, int('id'))).settings),
  }),
];

/** The caller, 403 where that is no administrator. */
function administrator(world: World): User {
  const me = world.me();
  if (!isAdmin(me)) throw forbidden('You do not have permissions to do this.');
  return me;
}

/** Access to an app by a named set, as its administrator, or by its default set. */
function granted({ app, admin = false, permission_set_id }: Access): User['access'][number] {
  const set = permission_set_id === undefined ? defaultSet(app, admin) : permissionSet(permission_set_id);
  if (set?.app !== app) throw invalid(`Permission set ${permission_set_id ?? ''} of app ${app} not found`);
  return { app, permission_set_id: set.id };
}
