import { localDate } from '../clock.ts';
import { type Derived, nextActivity, ofDeal, ofOrganization, ofPerson } from '../derived.ts';
import { invalid, notFound } from '../error.ts';
import { activeFields } from '../fields/active.ts';
import { changesOf } from '../history.ts';
import { asJson, type Json } from '../json.ts';
import { linkKey } from '../links.ts';
import type { Deal, Field, Filter } from '../model.ts';
import type { FilterCondition, FilterObject, FilterType } from '../models/filters.ts';
import type { Changes, Key, Table } from '../table.ts';
import { visibleDeals } from '../visibility.ts';
import type { World } from '../world.ts';
import { type Test, testOf } from './comparisons.ts';
import { filterTypes, kindOf } from './helpers.ts';

type Row = { id: Key };

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

type Query = {
  filter_id?: number | undefined;
  ids?: readonly number[] | undefined;
  updated_since?: string | undefined;
  updated_until?: string | undefined;
};

/**
 * What a list asks for: of the rows that have all of `always`, those that have all that is `wanted` too, or those of a
 * saved filter, which takes the place of what else is asked for, but for times.
 */
export function listed<R extends Row & { update_time: string }>(
  world: World,
  type: FilterType,
  table: Table<R>,
  { filter_id, ids, updated_since, updated_until }: Query,
  always: Changes<R>,
  wanted: Changes<R> = {},
): R[] {
  const among = filter_id === undefined && ids ? new Set<Key>(ids) : undefined;
  const rows = table
    .matching(filter_id === undefined ? { ...wanted, ...always } : always)
    .filter(
      (row) =>
        (!among || among.has(row.id)) &&
        (updated_since === undefined || row.update_time >= updated_since) &&
        (updated_until === undefined || row.update_time < updated_until),
    );
  return filter_id === undefined ? rows : filterRows(world, type, filter_id, rows);
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
  const field = activeFields(world, object).find((one) => String(one.id) === condition.field_id);
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
export const ENTERED_STAGE = 'entered_stage';

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
  const kept = (row: object, key: string) => asJson(Reflect.get(row, key) ?? null);
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
  if (object === 'deal') return workedOut((id) => deals.get(id), ofDeal);
  if (object === 'person') return workedOut((id) => persons.get(id), ofPerson);
  if (object === 'organization') return workedOut((id) => organizations.get(id), ofOrganization);
  if (object === 'lead' && field_code === 'next_activity_id')
    return ({ id }) => nextActivity(world, { lead_id: String(id) })?.id ?? null;
  return (row) => kept(row, field_code);

  function workedOut<R>(get: (id: Key) => R | undefined, from: Derived<R>) {
    const work = from[field_code];
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
export const reachable: Readonly<Record<FilterType, readonly FilterObject[]>> = {
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

/** The live records of a kind that belong to a record; deals that the caller does not see belong to none. */
function linked(world: World, object: FilterObject, row: Row, other: FilterObject): readonly Row[] {
  const { db } = world;
  const live = <R extends { is_deleted: boolean }>(rows: readonly (R | undefined)[]) =>
    rows.filter((one) => one !== undefined).filter((one) => !one.is_deleted);
  const of = (...keys: string[]) => {
    const links: unknown[] = keys.flatMap((key) => Reflect.get(row, key) ?? []);
    return links.filter((link) => typeof link === 'number' || typeof link === 'string');
  };
  const id = Number(row.id);
  switch (other) {
    case 'activity':
      if (object === 'activity' || object === 'product') return [];
      return live(db.activities.where(linkKey[object], object === 'lead' ? String(row.id) : id));
    case 'person':
      if (object === 'organization') return live(db.persons.where('org_id', id));
      return live(of('person_id', 'person_ids').map((link) => db.persons.get(link)));
    case 'organization':
      return live(of('org_id', 'organization_id', 'org_ids').map((link) => db.organizations.get(link)));
    case 'product':
      return live(db.dealProducts.where('deal_id', id).map((line) => db.products.get(line.product_id)));
    case 'deal':
      return live(visibleDeals(world, dealsOf()));
    case 'lead':
      return live(of('lead_id').map((link) => db.leads.get(link)));
    case 'project':
      return live(of('project_id').map((link) => db.projects.get(link)));
  }

  function dealsOf(): Deal[] {
    if (object === 'person' || object === 'organization') return db.deals.where(linkKey[object], id);
    const lines = object === 'product' ? db.dealProducts.where('product_id', id) : [];
    return [...lines.map((line) => line.deal_id), ...of('deal_id', 'deal_ids')].flatMap(
      (link) => db.deals.get(link) ?? [],
    );
  }
}

/** The field that a condition is about; null where it has been deleted. */
export function fieldOf(world: World, { object, field_id }: FilterCondition): Field | null {
  return activeFields(world, object).find((field) => String(field.id) === field_id) ?? null;
}
