import type { EntityName, Field, FieldOption } from '../model.ts';
import type { World } from '../world.ts';

type Kept = { readonly all: readonly Field[]; readonly custom: readonly Field[] };

/** The fields of an entity that are not deleted, in their order; leads have the custom fields of deals. */
export function activeFields(world: World, entity: EntityName): readonly Field[] {
  return kept(world, entity).all;
}

/** Those of them that are custom fields. */
export function customFieldsOf(world: World, entity: EntityName): readonly Field[] {
  return kept(world, entity).custom;
}

/** The options of a built-in field of that code: none where it has none. */
export function optionsOf(world: World, entity: EntityName, code: string): readonly FieldOption[] {
  return activeFields(world, entity).find(({ field_code }) => field_code === code)?.options ?? [];
}

/** Every record of a list asks for them, so they are kept until a field changes. */
const known = new WeakMap<World, { version: number; byEntity: Map<EntityName, Kept> }>();

function kept(world: World, entity: EntityName): Kept {
  const { fields } = world.db;
  let now = known.get(world);
  if (now?.version !== fields.version) {
    now = { version: fields.version, byEntity: new Map() };
    known.set(world, now);
  }
  let found = now.byEntity.get(entity);
  if (!found) {
    const inherited = entity === 'lead' ? customFieldsOf(world, 'deal') : [];
    const all = [...fields.where('entity', entity), ...inherited].filter((field) => field.active_flag);
    found = { all, custom: all.filter((field) => field.is_custom_field) };
    now.byEntity.set(entity, found);
  }
  return found;
}
