import { z } from 'zod/v3';
import { localDate } from './clock.ts';
import { invalid, notFound } from './error.ts';
import { filterTypes, kindOf, operators } from './filter-helpers.ts';
import { type Test, testOf } from './filter-tests.ts';
import { changesOf } from './history.ts';
import { type Json, json } from './json.ts';
import type { Activity, Deal, Field } from './model.ts';
import type { Filter, FilterCondition, FilterConditions, FilterObject, FilterType } from './models/filters.ts';
import { nextActivity } from './resources/activities.ts';
import { included as dealFields } from './resources/deals.ts';
import { includes as organizationFields } from './resources/organizations.ts';
import { includes as personFields } from './resources/persons.ts';
import type { Key } from './table.ts';
import type { World } from './world.ts';

const MOST_CONDITIONS = 16;

type Row = { readonly id: Key };

/** A saved filter that the token's user may see; 404 for any other id. */
export function visibleFilter(world: World, id: number): Filter {
  const filter = world.db.filters.get(id);
  if (!filter?.active_flag || !isVisible(world, filter)) throw notFound('Filter');
  return filter;
}

/** A private filter is its owner's alone. */
export function isVisible(world: World, { user_id, visible_to }: Filter): boolean {
  return visible_to !== '1' || user_id === world.me().id;
}

/** Whether a filter has a condition on the status `deleted`: other filters leave out what is deleted. */
export function asksForDeleted(world: World, filterId: number): boolean {
  const groups = visibleFilter(world, filterId).conditions.conditions;
  return groups.some(({ conditions }) => conditions.some(({ value }) => value === 'deleted'));
}

/**
 * The rows that meet a saved filter's conditions. 404 for a filter that there is not, 400 for one that was saved for
 * another kind of record.
 */
export function filterRows<R extends Row>(world: World, type: FilterType, filterId: number, rows: readonly R[]): R[] {
  const filter = visibleFilter(world, filterId);
  if (filter.type !== type) throw invalid(`Filter ${filterId} is of type ${filter.type}, not ${type}`);
  const [all = [], any = []] = filter.conditions.conditions.map((group) =>
    group.conditions.map((condition) => compiled(world, type, condition)),
  );
  const object = filterTypes[type];
  const others = [...new Set([...all, ...any].map((one) => one.object))].filter((one) => one !== object);
  const holds = (joined: Joined) =>
    all.every((one) => one.holds(joined.get(one.object))) &&
    (any.length === 0 || any.some((one) => one.holds(joined.get(one.object))));
  const own = all.filter((one) => one.object === object);
  return rows.filter(
    (row) =>
      own.every((one) => one.holds(row)) &&
      someJoin(new Map([[object, row]]), others, (other) => linked(world, object, row, other), holds),
  );
}

type Joined = Map<FilterObject, Row | undefined>;

/** Whether there is a choice of one linked record for each object, or of none where none is linked, that holds. */
function someJoin(
  joined: Joined,
  others: readonly FilterObject[],
  recordsOf: (object: FilterObject) => readonly Row[],
  holds: (joined: Joined) => boolean,
): boolean {
  const [other, ...rest] = others;
  if (other === undefined) return holds(joined);
  const records = recordsOf(other);
  const candidates = records.length > 0 ? records : [undefined];
  return candidates.some((record) => someJoin(joined.set(other, record), rest, recordsOf, holds));
}

type Compiled = {
  readonly object: FilterObject;
  holds(row: Row | undefined): boolean;
};

/** A condition on a field that has been deleted since, or with a value that no longer means anything, holds for nothing. */
function compiled(world: World, type: FilterType, condition: FilterCondition): Compiled {
  const { object, value, operator } = condition;
  if (condition.field_id === ENTERED_STAGE) {
    const test = testOf(world, 'entered_stage', condition, false);
    const holds = (row: Row | undefined) => test(row ? enteredStage(world, row.id, condition.extra_value) : null);
    return { object, holds };
  }
  const field = fieldsOf(world, object).find((one) => String(one.id) === condition.field_id);
  if (!field || !isReachable(type, object)) return { object, holds: () => false };
  const test = operator === 'has_been' ? undefined : testFor(world, field, condition);
  const read = reader(world, object, field);
  const rotting = rottingDays(world);
  const holds = (row: Row | undefined) => {
    if (!test) return row !== undefined && hasBeenIn(world, row.id, value);
    return test(row ? read(row) : null, () => (row ? rotting(row.id) : null));
  };
  return { object, holds };
}

function testFor(world: World, field: Field, condition: FilterCondition): Test {
  return testOf(world, kindOf(field), condition, field.field_type === 'address');
}

/** The field of the deals' history that is none of their fields: when a deal came into the stage `extra_value`. */
const ENTERED_STAGE = 'entered_stage';

function stageChanges(world: World, dealId: Key): { from: string; to: string; time: string }[] {
  if (typeof dealId !== 'number') return [];
  return changesOf(world, 'deal', dealId)
    .filter((change) => change.field_key === 'stage_id')
    .map(({ old_value, new_value, time }) => ({ from: String(old_value), to: String(new_value), time }));
}

function hasBeenIn(world: World, dealId: Key, stage: string | null): boolean {
  const deal = world.db.deals.get(dealId);
  if (!deal || stage === null) return false;
  return (
    String(deal.stage_id) === stage ||
    stageChanges(world, dealId).some(({ from, to }) => from === stage || to === stage)
  );
}

/** When the deal came into the stage last; null where it never did. */
function enteredStage(world: World, dealId: Key, stage: string | null): string | null {
  const deal = world.db.deals.get(dealId);
  if (!deal) return null;
  const changes = stageChanges(world, dealId);
  const last = changes.findLast(({ to }) => to === stage);
  if (last) return last.time;
  const first = changes[0]?.from ?? String(deal.stage_id);
  return first === stage ? deal.add_time : null;
}

/** After how many days without a change a deal rots in its stage; null where deals don't. */
function rottingDays({ db }: World): (dealId: Key) => number | null {
  return (dealId) => {
    const stage = db.stages.get(db.deals.get(dealId)?.stage_id ?? 0);
    return stage?.is_deal_rot_enabled ? stage.days_to_rotten : null;
  };
}

/** How to get the value of a field out of a record, those among them that are worked out and not kept. */
function reader(world: World, object: FilterObject, { field_code, is_custom_field }: Field): (row: Row) => Json {
  const kept = (row: object, key: string) => json.parse(Reflect.get(row, key) ?? null);
  if (is_custom_field) {
    return (row) => {
      const values: unknown = Reflect.get(row, 'custom_fields');
      return typeof values === 'object' && values !== null ? kept(values, field_code) : null;
    };
  }
  const time = localDates[field_code];
  if (time !== undefined) {
    const zone = world.me().timezone_name;
    return (row) => {
      const stamp = kept(row, time);
      return typeof stamp === 'string' ? localDate(stamp, zone) : null;
    };
  }
  if (field_code === 'status') return (row) => (kept(row, 'is_deleted') === true ? 'deleted' : kept(row, 'status'));
  const { deals, persons, organizations } = world.db;
  if (object === 'deal') return workedOut((id) => deals.get(id), dealFields[field_code]);
  if (object === 'person') return workedOut((id) => persons.get(id), personFields[field_code]);
  if (object === 'organization') return workedOut((id) => organizations.get(id), organizationFields[field_code]);
  if (object === 'lead' && field_code === 'next_activity_id')
    return ({ id }) => nextActivity(world, { lead_id: String(id) })?.id ?? null;
  return (row) => kept(row, field_code);

  function workedOut<R>(get: (id: Key) => R | undefined, work: ((world: World, row: R) => Json) | undefined) {
    if (!work) return (row: Row) => kept(row, field_code);
    return ({ id }: Row) => {
      const record = get(id);
      return record === undefined ? null : work(world, record);
    };
  }
}

/** Days of the user's calendar, and the instants that they are the days of. */
const localDates: Readonly<Record<string, string>> = {
  local_won_date: 'won_time',
  local_lost_date: 'lost_time',
  local_close_date: 'close_time',
};

/** The objects whose fields the conditions of a filter of each type may ask about. */
const reachable: Readonly<Record<FilterType, readonly FilterObject[]>> = {
  deals: ['deal', 'person', 'organization', 'product', 'activity'],
  leads: ['lead', 'person', 'organization', 'activity'],
  org: ['organization', 'person', 'deal', 'activity'],
  people: ['person', 'organization', 'deal', 'activity'],
  products: ['product', 'deal'],
  activity: ['activity', 'deal', 'lead', 'person', 'organization', 'project'],
  projects: ['project', 'deal', 'person', 'organization', 'activity'],
};

function isReachable(type: FilterType, object: FilterObject): boolean {
  return reachable[type].includes(object);
}

/** The live records of a kind that belong to a record. */
function linked({ db }: World, object: FilterObject, row: Row, other: FilterObject): readonly Row[] {
  const live = <R extends { is_deleted: boolean }>(rows: readonly (R | undefined)[]) =>
    rows.filter((one) => one !== undefined).filter((one) => !one.is_deleted);
  const of = (...keys: string[]) => {
    const links: unknown[] = keys.flatMap((key) => Reflect.get(row, key) ?? []);
    return links.filter((link) => typeof link === 'number' || typeof link === 'string');
  };
  const id = Number(row.id);
  switch (other) {
    case 'activity':
      return live<Activity>(
        object === 'deal'
          ? db.activities.where('deal_id', id)
          : object === 'person'
            ? db.activities.where('person_id', id)
            : object === 'organization'
              ? db.activities.where('org_id', id)
              : object === 'project'
                ? db.activities.where('project_id', id)
                : db.activities.where('lead_id', String(row.id)),
      );
    case 'person':
      if (object === 'organization') return live(db.persons.where('org_id', id));
      return live(of('person_id', 'person_ids').map((link) => db.persons.get(link)));
    case 'organization':
      return live(of('org_id', 'organization_id', 'org_ids').map((link) => db.organizations.get(link)));
    case 'product':
      return live(db.dealProducts.where('deal_id', id).map((line) => db.products.get(line.product_id)));
    case 'deal':
      return live<Deal>(
        object === 'person'
          ? db.deals.where('person_id', id)
          : object === 'organization'
            ? db.deals.where('org_id', id)
            : object === 'product'
              ? db.dealProducts.where('product_id', id).map((line) => db.deals.get(line.deal_id))
              : of('deal_id', 'deal_ids').map((link) => db.deals.get(link)),
      );
    case 'lead':
      return live(of('lead_id').map((link) => db.leads.get(link)));
    case 'project':
      return live(of('project_id').map((link) => db.projects.get(link)));
  }
}

/** The fields of an object that are not deleted; leads have the custom fields of deals. */
function fieldsOf({ db }: World, object: FilterObject): Field[] {
  const own = db.fields.where('entity', object);
  const inherited = object === 'lead' ? db.fields.where('entity', 'deal').filter((field) => field.is_custom_field) : [];
  return [...own, ...inherited].filter((field) => field.active_flag);
}

/** The field that a condition is about; null where it has been deleted. */
export function fieldOf(world: World, { object, field_id }: FilterCondition): Field | null {
  return fieldsOf(world, object).find((field) => String(field.id) === field_id) ?? null;
}

/** Values come as text, numbers or yes and no, and are kept as text. */
const scalar = z
  .union([z.string(), z.number(), z.boolean()])
  .nullish()
  .transform((value) =>
    value === null || value === undefined ? null : String(typeof value === 'boolean' ? Number(value) : value),
  );
const group = z.object({
  glue: z.enum(['and', 'or']),
  conditions: z.array(
    z.object({
      object: z.string(),
      field_id: z.union([z.string(), z.number()]).transform(String),
      operator: z.string(),
      value: scalar,
      extra_value: scalar,
    }),
  ),
});
export const conditionsBody = z.object({ glue: z.literal('and'), conditions: z.array(group) });

/**
 * The condition tree of a filter as it is kept: one group of which all must hold, one of which any must. 400 for another
 * shape, more than 16 conditions or none, and an object, field, operator or value that the type doesn't have.
 */
export function checkConditions(
  world: World,
  type: FilterType,
  given: z.output<typeof conditionsBody>,
): FilterConditions {
  const [first, second, ...more] = given.conditions;
  if (!first || !second || more.length > 0 || first.glue === second.glue) {
    throw invalid('Filter conditions must have two groups, one glued with and, the other with or');
  }
  const all = [...first.conditions, ...second.conditions];
  if (all.length === 0) throw invalid('Filter must have at least one condition');
  if (all.length > MOST_CONDITIONS) throw invalid(`Filter is allowed to have at most ${MOST_CONDITIONS} conditions`);
  const checked = (conditions: typeof all) => conditions.map((one) => checkCondition(world, type, one));
  const [and, or] = first.glue === 'and' ? [first, second] : [second, first];
  return {
    glue: 'and',
    conditions: [
      { glue: 'and', conditions: checked(and.conditions) },
      { glue: 'or', conditions: checked(or.conditions) },
    ],
  };
}

type GivenCondition = z.output<typeof group>['conditions'][number];

function checkCondition(world: World, type: FilterType, given: GivenCondition): FilterCondition {
  const object = reachable[type].find((one) => one === given.object);
  if (!object) throw invalid(`Filter condition has an invalid object '${given.object}'`);
  const condition = { ...given, object };
  const entered = given.field_id === ENTERED_STAGE && object === 'deal';
  const field = fieldOf(world, condition);
  if (!field && !entered) throw invalid(`Filter condition has an invalid field_id '${given.field_id}'`);
  const kind = field ? kindOf(field) : 'entered_stage';
  if (!Object.hasOwn(operators[kind], given.operator)) {
    throw invalid(`Filter condition has an invalid operator '${given.operator}' for a field of type ${kind}`);
  }
  if (given.operator !== 'has_been') testOf(world, kind, condition, field?.field_type === 'address');
  return condition;
}
