import { z } from 'zod/v3';
import { notFound } from '../error.ts';
import type { JsonObject } from '../json.ts';
import type { User } from '../model.ts';
import { listReply, startReply } from '../page.ts';
import { startLimit } from '../parameters.ts';
import { ok, type Route, route } from '../route.ts';
import type { World } from '../world.ts';

export const apps = ['sales', 'projects', 'campaigns', 'global', 'account_settings', 'partnership', 'nova'] as const;

type PermissionSet = {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly app: (typeof apps)[number];
  readonly type: 'admin' | 'regular';
  readonly contents: readonly string[];
};

const regularSales = [
  'can_add_products',
  'can_add_prospects_as_leads',
  'can_convert_deals_to_leads',
  'can_edit_deals_closed_date',
  'can_edit_products',
  'can_see_deals_list_summary',
];
const regularGlobal = [
  'can_bulk_edit_items',
  'can_change_visibility_of_items',
  'can_delete_activities',
  'can_edit_shared_filters',
  'can_export_data_from_lists',
  'can_follow_other_users',
  'can_see_other_users',
  'can_share_filters',
  'can_use_api',
  'can_use_email_tracking',
];
const adminSales = [...regularSales, 'can_create_own_workflow', 'can_delete_deals', 'can_merge_deals'];
const adminGlobal = [
  ...regularGlobal,
  'can_add_custom_fields',
  'can_delete_custom_fields',
  'can_edit_custom_fields',
  'can_merge_organizations',
  'can_merge_people',
  'can_modify_labels',
  'can_see_company_wide_statistics',
  'can_see_hidden_items_names',
  'can_see_other_users_statistics',
  'can_share_insights',
  'can_use_import',
];
const accountSettings = ['can_see_security_dashboard'];

/** Those that every account has; the API makes and changes none. */
const permissionSets: readonly PermissionSet[] = [
  {
    id: '62cc4d7f-4038-4352-abf3-a8c1c822b631',
    name: 'Deals admin',
    description: 'All sales data and the sales setup of the company, such as pipelines and lost reasons',
    app: 'sales',
    type: 'admin',
    contents: adminSales,
  },
  {
    id: 'f07d229d-088a-4144-a40f-1fe64295d180',
    name: 'Deals regular user',
    description: 'Sales data within the limits of the set; what new users get',
    app: 'sales',
    type: 'regular',
    contents: regularSales,
  },
  {
    id: '233b7976-39bd-43a9-b305-ef3a2b0998e5',
    name: 'Global admin',
    description: 'All data that products share, such as contacts, activities and reports',
    app: 'global',
    type: 'admin',
    contents: adminGlobal,
  },
  {
    id: 'c4b3f3a8-51ce-4d0b-8b0c-6a2f5a1c7f7e',
    name: 'Global regular user',
    description: 'Data that products share within the limits of the set; what new users get',
    app: 'global',
    type: 'regular',
    contents: regularGlobal,
  },
  {
    id: '982c5ce5-b8ba-4b47-b102-9da024f4b990',
    name: 'Account settings',
    description: 'Billing, security, company settings and users',
    app: 'account_settings',
    type: 'admin',
    contents: accountSettings,
  },
];

const everyPermission = [...adminSales, ...adminGlobal, ...accountSettings];

export const routes: Route[] = [
  route('GET /v1/permissionSets', {
    cost: 20,
    query: z.object({ app: z.enum(apps).optional() }),
    handle(world, { query: { app } }) {
      const found = permissionSets.filter((set) => app === undefined || set.app === app);
      return listReply(found.map((set) => ({ ...head(world, set), type: set.type })));
    },
  }),
  route('GET /v1/permissionSets/{id}', {
    cost: 2,
    handle(world, { text }) {
      const set = known(text('id'));
      return ok([{ ...head(world, set), type: set.type, contents: [...set.contents] }]);
    },
  }),
  route('GET /v1/permissionSets/{id}/assignments', {
    cost: 20,
    query: z.object(startLimit),
    handle(world, { text, query }) {
      const { id, name } = known(text('id'));
      return startReply(assigned(world, id), query, (user) => ({ user_id: user.id, permission_set_id: id, name }));
    },
  }),
];

/** The permission set of that id, undefined where there is none. */
export function permissionSet(id: string): PermissionSet | undefined {
  return permissionSets.find((set) => set.id === id);
}

/** The set that a user gets with an app: that of its administrators, or the default one; undefined for an app without sets. */
export function defaultSet(app: string, admin: boolean): PermissionSet | undefined {
  const of = permissionSets.filter((set) => set.app === app);
  return of.find(({ type }) => type === (admin ? 'admin' : 'regular')) ?? of[0];
}

export function isAdmin(user: User): boolean {
  return user.access.some(
    ({ app, permission_set_id }) => app === 'global' && permissionSet(permission_set_id)?.type === 'admin',
  );
}

/** Every permission there is, and whether one of the user's sets has it. */
export function permissionsOf(user: User): JsonObject {
  const allowed = new Set(
    user.access.flatMap(({ permission_set_id }) => permissionSet(permission_set_id)?.contents ?? []),
  );
  return Object.fromEntries(everyPermission.toSorted().map((name) => [name, allowed.has(name)]));
}

/** The access of a user who is an administrator of everything, or of nothing. */
export function standardAccess(admin: boolean): User['access'] {
  const names = admin ? ['sales', 'global', 'account_settings'] : ['sales', 'global'];
  return names.flatMap((app) => {
    const set = defaultSet(app, admin);
    return set ? [{ app, permission_set_id: set.id }] : [];
  });
}

function known(id: string): PermissionSet {
  const set = permissionSet(id);
  if (!set) throw notFound('Permission set');
  return set;
}

function assigned({ db }: World, id: string): User[] {
  return db.users
    .where('active_flag', true)
    .filter(({ access }) => access.some(({ permission_set_id }) => permission_set_id === id));
}

function head(world: World, { id, name, description, app }: PermissionSet): JsonObject {
  return { id, name, description, app, assignment_count: assigned(world, id).length };
}
