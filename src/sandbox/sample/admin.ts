import type { User } from '../model.ts';
import { insertRole } from '../resources/roles.ts';
import type { World } from '../world.ts';
import { stamp } from './calendar.ts';

/** The role that every account has; the owner is in it. */
export function insertDefaultRole(world: World): void {
  insertRole(world, 'Global default', null);
}

/** Who may see what: roles below the default one, the teams of both sides of the Atlantic, and a webhook to the ERP. */
export function insertAdministration(world: World, since: number): void {
  const { db } = world;
  const add_time = stamp(since);
  const [top] = db.roles.all();
  const manager = insertRole(world, 'Sales manager', top?.id ?? null);
  const rep = insertRole(world, 'Sales rep', manager.id);
  const readOnly = insertRole(world, 'Read-only', top?.id ?? null);
  const [, renewals, partnerships] = db.pipelines.all().map(({ id }) => id);
  const hidden = (ids: (number | undefined)[]) => ids.filter((id) => id !== undefined);
  db.roles.patch(rep, {
    hidden_pipeline_ids: hidden([partnerships]),
    settings: { ...rep.settings, person_default_visibility: 5, lead_default_visibility: 5 },
  });
  db.roles.patch(readOnly, { hidden_pipeline_ids: hidden([renewals, partnerships]) });

  const [owner, mikael, oliver, camille, marcus, priya] = db.users.all();
  assign([mikael, marcus], manager.id);
  assign([camille, priya], rep.id);
  assign([oliver], readOnly.id);
  team('Europe', 'Direct sales and renewals in Europe', [mikael, camille]);
  team('North America', 'Direct sales in the United States and Canada', [marcus, priya]);
  if (!owner) return;
  db.webhooks.insert({
    id: db.webhooks.nextId(),
    name: 'Won deals to the ERP',
    owner_id: owner.id,
    user_id: owner.id,
    event_action: 'change',
    event_object: 'deal',
    subscription_url: 'https://erp.varsa.example/hooks/pipedrive',
    http_auth_user: 'pipedrive',
    http_auth_password: 'sandbox-erp-password',
    add_time,
    last_delivery_time: null,
    last_http_status: null,
    failures: 0,
    banned_until: null,
    failing_since: null,
  });

  function assign(users: readonly (User | undefined)[], role_id: number): void {
    for (const user of users) if (user) db.users.patch(user, { role_id });
  }

  function team(name: string, description: string, members: readonly (User | undefined)[]): void {
    const users = members.flatMap((user) => (user ? [user.id] : []));
    const [manager_id] = users;
    if (manager_id === undefined || !owner) return;
    db.teams.insert({
      id: db.teams.nextId(),
      name,
      description,
      manager_id,
      users,
      active_flag: true,
      deleted_flag: false,
      add_time,
      created_by_user_id: owner.id,
    });
  }
}
