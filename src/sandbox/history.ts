import { v1Time } from './clock.ts';
import { v1Key } from './fields/builtin.ts';
import { customFieldsV1 } from './fields/custom.ts';
import { isObject } from './fields/types.ts';
import { asJson, type Json } from './json.ts';
import type { ChangedField, EntityName } from './model.ts';
import type { World } from './world.ts';

/** The tables whose records have a changelog. */
const recorded: ReadonlyMap<string, EntityName> = new Map([
  ['deals', 'deal'],
  ['persons', 'person'],
  ['organizations', 'organization'],
  ['products', 'product'],
  ['projects', 'project'],
]);

/** What changes along with other keys, and says nothing by itself. */
const technical = new Set([
  'update_time',
  'delete_time',
  'stage_change_time',
  'status_change_time',
  'archive_time',
  'first_won_time',
]);

/**
 * Writes a row of `changes` for every field that is changed from now on, by the token's user. What is set while a record
 * is made is no change of it.
 */
export function recordHistory(world: World): void {
  const fresh = new Set<string>();
  world.listen((table, { action, row, previous }) => {
    const entity = recorded.get(table);
    const { id } = row;
    if (entity === undefined || typeof id !== 'number') return;
    const record = `${entity} ${id}`;
    if (action === 'create') {
      if (fresh.size === 0) queueMicrotask(() => fresh.clear());
      fresh.add(record);
    }
    if (action !== 'change' || fresh.has(record)) return;
    const now = new Map<string, unknown>(Object.entries(row));
    for (const [key, old] of previous) {
      if (technical.has(key)) continue;
      const before = asJson(old);
      const after = asJson(now.get(key));
      if (key === 'custom_fields') recordCustomFields(world, entity, id, before, after);
      else recordChange(world, entity, id, v1Key(entity, key), shown(key, before), shown(key, after));
    }
  });
}

type Made = Pick<ChangedField, 'user_id' | 'time' | 'change_source'>;

/** Adds one row to the changelog of a record; by the token's user and now unless told. */
export function recordChange(
  world: World,
  entity: EntityName,
  record_id: number,
  field_key: string,
  old_value: Json,
  new_value: Json,
  made: Made = { user_id: world.me().id, time: world.clock.stamp(), change_source: 'api' },
): ChangedField {
  const { changes } = world.db;
  return changes.insert({ id: changes.nextId(), entity, record_id, ...made, field_key, old_value, new_value });
}

/** The changes of one record, the oldest first. */
export function changesOf({ db }: World, entity: EntityName, id: number): ChangedField[] {
  return db.changes.where('record_id', id).filter((change) => change.entity === entity);
}

function recordCustomFields(world: World, entity: EntityName, id: number, before: Json, after: Json): void {
  const old = customFieldsV1(world, entity, isObject(before) ? before : {});
  const now = customFieldsV1(world, entity, isObject(after) ? after : {});
  for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
    const [was = null, is = null] = [old[key], now[key]];
    if (was !== is) recordChange(world, entity, id, key, was, is);
  }
}

/** v1's form of a value, and one out of a list or an object: labels as their ids, e-mails and addresses as their text. */
function shown(key: string, value: Json): Json {
  if (Array.isArray(value)) return value.map((one) => shown(key, one)).join(',') || null;
  if (isObject(value)) return value['value'] ?? null;
  return typeof value === 'string' && key.endsWith('_time') ? v1Time(value) : value;
}
