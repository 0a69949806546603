import type { Relationship } from './model.ts';
import type { World } from './world.ts';

type Ends = Pick<Relationship, 'type' | 'rel_owner_org_id' | 'rel_linked_org_id'>;

/** Why two organizations cannot be related so; undefined where they can. `but` is a relationship that is left out of it. */
export function obstacle(world: World, ends: Ends, but?: Relationship): string | undefined {
  const { type, rel_owner_org_id: owner, rel_linked_org_id: linked } = ends;
  if (owner === linked) return 'An organization cannot be related to itself';
  const others = relationshipsOf(world, owner).filter((row) => row !== but && row.type === type);
  const same = (row: Relationship) => row.rel_owner_org_id === owner && row.rel_linked_org_id === linked;
  const turned = (row: Relationship) => row.rel_owner_org_id === linked && row.rel_linked_org_id === owner;
  if (others.some((row) => same(row) || (type === 'related' && turned(row)))) {
    return 'These organizations are related so already';
  }
  if (type === 'parent' && isBelow(world, owner, linked, but)) {
    return 'An organization cannot be the parent of one that it is below';
  }
  return undefined;
}

/** The relationships in which an organization stands on either side, in order of their making. */
export function relationshipsOf({ db }: World, id: number): Relationship[] {
  const { organizationRelationships: table } = db;
  return [...table.where('rel_owner_org_id', id), ...table.where('rel_linked_org_id', id)].sort((a, b) => a.id - b.id);
}

/** Whether `id` is a daughter of `ancestor`, or a daughter's daughter, and so on. */
function isBelow({ db }: World, id: number, ancestor: number, but: Relationship | undefined): boolean {
  const seen = new Set<number>();
  const left = [id];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (next === ancestor) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    for (const row of db.organizationRelationships.where('rel_linked_org_id', next)) {
      if (row.type === 'parent' && row !== but) left.push(row.rel_owner_org_id);
    }
  }
  return false;
}
