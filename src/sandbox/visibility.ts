import { forbidden, invalid } from './error.ts';
import type { Deal, Role, User } from './model.ts';
import type { World } from './world.ts';

/** Who sees what: roles hide pipelines, and with them their deals, and say how visible a new record is. */
export function roleOf({ db }: World, user: User): Role {
  const role = db.roles.get(user.role_id);
  if (!role) throw new Error(`user ${user.id} has no role`);
  return role;
}

/** Ids of the pipelines that the caller sees; the others and their deals are as if there were none. */
export function visiblePipelines(world: World): ReadonlySet<number> {
  const { hidden_pipeline_ids: hidden } = roleOf(world, world.me());
  const shown = world.db.pipelines.where('is_deleted', false).filter(({ id }) => !hidden.includes(id));
  return new Set(shown.map(({ id }) => id));
}

/** Whether a user, the caller unless told, may see the deals of a pipeline: it is not hidden from the user's role. */
export function seesPipeline(world: World, pipelineId: number, user: User = world.me()): boolean {
  return !roleOf(world, user).hidden_pipeline_ids.includes(pipelineId);
}

/** The deals among these that the caller sees. */
export function visibleDeals(world: World, deals: readonly Deal[]): Deal[] {
  const { hidden_pipeline_ids: hidden } = roleOf(world, world.me());
  return deals.filter(({ pipeline_id }) => !hidden.includes(pipeline_id));
}

/** 403 for a deal of a pipeline that is hidden from the caller. */
export function checkSeen(world: World, { pipeline_id }: Deal): void {
  if (!seesPipeline(world, pipeline_id)) throw forbidden('You do not have permissions to do this.');
}

/** How visible a record that the caller makes is unless it says so. */
export function defaultVisibility(world: World, kind: 'deal' | 'lead' | 'org' | 'person' | 'product'): number {
  return roleOf(world, world.me()).settings[`${kind}_default_visibility`];
}

/** 400 for a visibility that the account's plan lacks: it has 1 and 3, or with visibility groups 1, 3, 5 and 7. */
export function checkVisibility({ company }: World, value: number): number {
  const allowed = company.has_visibility_groups ? [1, 3, 5, 7] : [1, 3];
  if (!allowed.includes(value)) throw invalid(`visible_to must be one of ${allowed.join(', ')}`);
  return value;
}
