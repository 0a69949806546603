import { z } from 'zod/v3';
import { ApiError, invalid, notFound } from '../error.ts';
import type { JsonObject } from '../json.ts';
import type { Role, User } from '../model.ts';
import { roleSettings } from '../models/account.ts';
import { startReply } from '../page.ts';
import { field, loose, param, startLimit } from '../parameters.ts';
import { ok, type Route, route } from '../route.ts';
import { checkVisibility } from '../visibility.ts';
import type { World } from '../world.ts';
import { activeUser } from './users.ts';

const nameAndParent = {
  name: field.filled,
  parent_role_id: loose.id.nullish(),
};
const ofUser = z.object({ user_id: loose.id });

/** A list of ids, or one written as text: the official description shows `{"add": "[1]"}`. */
const idList = z
  .preprocess((value) => {
    if (typeof value !== 'string' || !/^\s*\[[\d,\s]*\]\s*$/.test(value)) return value;
    return value.match(/\d+/g)?.map(Number) ?? [];
  }, z.array(loose.id))
  .default([]);

export const routes: Route[] = [
  route('GET /v1/roles', {
    cost: 20,
    query: z.object(startLimit),
    handle: (world, { query }) =>
      startReply(roles(world), query, (role) => ({ ...roleView(world, role), level: levelOf(world, role) })),
  }),
  route('POST /v1/roles', {
    cost: 10,
    body: z.object(nameAndParent),
    handle(world, { body: { name, parent_role_id } }) {
      const parent = parent_role_id == null ? defaultRole(world) : parentRole(world, parent_role_id);
      return ok({ id: insertRole(world, name, parent.id).id });
    },
  }),
  route('GET /v1/roles/{id}', {
    cost: 2,
    handle(world, { int }) {
      const role = liveRole(world, int('id'));
      return ok(roleView(world, role), { settings: role.settings });
    },
  }),
  route('PUT /v1/roles/{id}', {
    cost: 10,
    body: z.object(nameAndParent).partial(),
    handle(world, { int, body: { name, parent_role_id } }) {
      const role = liveRole(world, int('id'));
      if (parent_role_id != null && isWithin(world, parentRole(world, parent_role_id), role)) {
        throw invalid(`Role ${parent_role_id} is below role ${role.id}, so it cannot be its parent`);
      }
      const isDefault = role.parent_role_id === null;
      if (isDefault && parent_role_id != null) throw invalid('The default role has no parent');
      // null puts a role right below the default one, as leaving it out does when it is made.
      const parent = parent_role_id === null && !isDefault ? defaultRole(world).id : parent_role_id;
      world.db.roles.patch(role, { name, parent_role_id: parent });
      return ok({ id: role.id });
    },
  }),
  route('DELETE /v1/roles/{id}', {
    cost: 6,
    handle(world, { int }) {
      const role = liveRole(world, int('id'));
      if (role.parent_role_id === null) throw invalid('The default role cannot be deleted');
      for (const user of assigned(world, role)) move(world, user, defaultRole(world));
      for (const sub of subRoles(world, role)) world.db.roles.patch(sub, { parent_role_id: role.parent_role_id });
      world.db.roles.patch(role, { active_flag: false });
      return ok({ id: role.id });
    },
  }),
  route('GET /v1/roles/{id}/assignments', {
    cost: 10,
    query: z.object(startLimit),
    handle(world, { int, query }) {
      const role = liveRole(world, int('id'));
      return startReply(assigned(world, role), query, (user) => assignmentView(user, role));
    },
  }),
  route('POST /v1/roles/{id}/assignments', {
    cost: 10,
    body: ofUser,
    handle(world, { int, body: { user_id } }) {
      const role = liveRole(world, int('id'));
      move(world, activeUser(world, user_id), role);
      return ok({ user_id, role_id: role.id });
    },
  }),
  route('DELETE /v1/roles/{id}/assignments', {
    cost: 6,
    body: ofUser,
    handle(world, { int, body: { user_id } }) {
      const role = liveRole(world, int('id'));
      const user = world.db.users.get(user_id);
      if (user?.role_id !== role.id) throw notFound('Assignment');
      if (role.parent_role_id === null) throw invalid('A user cannot be taken from the default role');
      move(world, user, defaultRole(world));
      return ok({ id: role.id });
    },
  }),
  route('GET /v1/roles/{id}/settings', {
    cost: 20,
    handle: (world, { int }) => ok(liveRole(world, int('id')).settings),
  }),
  route('POST /v1/roles/{id}/settings', {
    cost: 10,
    body: z.object({ setting_key: roleSettings.keyof(), value: loose.int }),
    handle(world, { int, body: { setting_key, value } }) {
      const role = liveRole(world, int('id'));
      checkVisibility(world, value);
      world.db.roles.patch(role, { settings: { ...role.settings, [setting_key]: value } });
      return ok({ id: role.id, [setting_key]: value });
    },
  }),
  route('GET /v1/roles/{id}/pipelines', {
    cost: 20,
    query: z.object({ visible: param.bool }),
    handle: (world, { int, query }) => ok(pipelinesView(world, liveRole(world, int('id')), query.visible ?? true)),
  }),
  route('PUT /v1/roles/{id}/pipelines', {
    cost: 10,
    body: z.object({ visible_pipeline_ids: z.object({ add: idList, remove: idList }) }),
    handle(world, { int, body }) {
      const role = liveRole(world, int('id'));
      const { add, remove } = body.visible_pipeline_ids;
      for (const id of [...add, ...remove]) {
        if (world.db.pipelines.get(id)?.is_deleted !== false) throw invalid(`Pipeline ${id} not found`);
      }
      const hidden = new Set(role.hidden_pipeline_ids);
      for (const id of add) hidden.delete(id);
      for (const id of remove) hidden.add(id);
      const visible = world.db.pipelines.where('is_deleted', false).filter(({ id }) => !hidden.has(id));
      if (visible.length === 0) throw invalid('At least one pipeline must stay visible');
      world.db.roles.patch(role, { hidden_pipeline_ids: [...hidden] });
      return ok(pipelinesView(world, role, true));
    },
  }),
];

/** Adds a role with the settings of a new account. `parent` is null for the default role alone. */
export function insertRole({ db, company }: World, name: string, parent: number | null): Role {
  const everybody = company.has_visibility_groups ? 7 : 3;
  return db.roles.insert({
    id: db.roles.nextId(),
    parent_role_id: parent,
    name,
    active_flag: true,
    settings: {
      deal_default_visibility: everybody,
      lead_default_visibility: everybody,
      org_default_visibility: everybody,
      person_default_visibility: everybody,
      product_default_visibility: everybody,
    },
    hidden_pipeline_ids: [],
  });
}

/** The role where users are who have no other. */
export function defaultRole({ db }: World): Role {
  const [role] = db.roles.where('parent_role_id', null);
  if (!role) throw new Error('an account has a default role');
  return role;
}

export function assignmentView(user: User, role: Role): JsonObject {
  const { id: role_id, parent_role_id, name, active_flag } = role;
  return { user_id: user.id, role_id, parent_role_id, name, active_flag, type: '1' };
}

function roles({ db }: World): Role[] {
  return db.roles.where('active_flag', true);
}

/** The role of that id; 404 where it is unknown or deleted. */
function liveRole({ db }: World, id: number): Role {
  const role = db.roles.get(id);
  if (!role?.active_flag) throw new ApiError(404, 'Role not found');
  return role;
}

function parentRole({ db }: World, id: number): Role {
  const role = db.roles.get(id);
  if (!role?.active_flag) throw invalid(`Role ${id} not found`);
  return role;
}

function subRoles(world: World, { id }: Role): Role[] {
  return roles(world).filter(({ parent_role_id }) => parent_role_id === id);
}

function assigned({ db }: World, { id }: Role): User[] {
  return db.users.where('role_id', id);
}

function move({ db, clock }: World, user: User, { id }: Role): void {
  db.users.patch(user, { role_id: id, modified: clock.stamp() });
}

/** Whether `role` is `ancestor` or below it. */
function isWithin(world: World, role: Role, ancestor: Role): boolean {
  return ancestorsOf(world, role).includes(ancestor);
}

/** The role itself, its parent and so on up. */
function ancestorsOf({ db }: World, role: Role): Role[] {
  const found: Role[] = [];
  for (
    let at: Role | undefined = role;
    at;
    at = at.parent_role_id === null ? undefined : db.roles.get(at.parent_role_id)
  ) {
    found.push(at);
  }
  return found;
}

/** 1 of the default role and, as in the official example, of those right below it. */
function levelOf(world: World, role: Role): number {
  return Math.max(1, ancestorsOf(world, role).length - 1);
}

function roleView(world: World, role: Role): JsonObject {
  const { id, parent_role_id, name, active_flag } = role;
  const counts = {
    assignment_count: String(assigned(world, role).length),
    sub_role_count: String(subRoles(world, role).length),
  };
  return { id, parent_role_id, name, active_flag, ...counts };
}

function pipelinesView({ db }: World, role: Role, visible: boolean): JsonObject {
  const pipelines = db.pipelines
    .where('is_deleted', false)
    .filter(({ id }) => role.hidden_pipeline_ids.includes(id) !== visible);
  return { pipeline_ids: pipelines.map(({ id }) => id), visible };
}
