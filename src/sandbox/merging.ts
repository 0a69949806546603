import type { EntityName } from './model.ts';
import type { FilterCondition } from './models/filters.ts';
import { addParticipant } from './participants.ts';
import { obstacle, relationshipsOf } from './relationships.ts';
import { isRecurring, recalculate } from './resources/deal-products.ts';
import type { World } from './world.ts';

export type Mergeable = 'deal' | 'person' | 'organization';
type Move = (world: World, from: number, to: number, update_time: string) => void;

/** What links to a record of each kind, and so goes over to the one that it is merged into: one line each. */
const moves: Readonly<Record<Mergeable, readonly Move[]>> = {
  deal: [
    ({ db }, deal, deal_id, update_time) =>
      each(db.activities.where('deal_id', deal), (row) => db.activities.patch(row, { deal_id, update_time })),
    ({ db }, deal, deal_id, update_time) =>
      each(db.notes.where('deal_id', deal), (row) => db.notes.patch(row, { deal_id, update_time })),
    ({ db }, deal, source_deal_id, update_time) =>
      each(db.leads.where('source_deal_id', deal), (row) => db.leads.patch(row, { source_deal_id, update_time })),
    ({ db }, deal, to, update_time) =>
      each(listing(db.projects.all(), 'deal_ids', deal), (row) =>
        db.projects.patch(row, { deal_ids: replaced(row.deal_ids, deal, to), update_time }),
      ),
    ({ db }, deal, deal_id, update_time) =>
      each(db.files.where('deal_id', deal), (row) => db.files.patch(row, { deal_id, update_time })),
    ({ db }, deal, deal_id) => each(db.callLogs.where('deal_id', deal), (row) => db.callLogs.patch(row, { deal_id })),
    ({ db }, deal, deal_id, update_time) =>
      each(db.mailThreads.where('deal_id', deal), (row) => db.mailThreads.patch(row, { deal_id, update_time })),
    ({ db }, deal, deal_id, update_time) =>
      each(db.files.where('deal_id', deal), (row) => db.files.patch(row, { deal_id, update_time })),
    ({ db }, deal, deal_id, update_time) =>
      each(db.mailThreads.where('deal_id', deal), (row) => db.mailThreads.patch(row, { deal_id, update_time })),
    ({ db }, deal, deal_id) => each(db.callLogs.where('deal_id', deal), (row) => db.callLogs.patch(row, { deal_id })),
    moveParticipants,
    moveProducts,
    follow('deal'),
  ],
  person: [
    ({ db }, person, person_id, update_time) =>
      each(db.deals.where('person_id', person), (row) => db.deals.patch(row, { person_id, update_time })),
    ({ db }, person, person_id, update_time) =>
      each(db.leads.where('person_id', person), (row) => db.leads.patch(row, { person_id, update_time })),
    ({ db }, person, person_id, update_time) =>
      each(db.notes.where('person_id', person), (row) => db.notes.patch(row, { person_id, update_time })),
    ({ db }, person, to, update_time) =>
      each(listing(db.projects.all(), 'person_ids', person), (row) =>
        db.projects.patch(row, { person_ids: replaced(row.person_ids, person, to), update_time }),
      ),
    ({ db }, person, person_id, update_time) =>
      each(db.files.where('person_id', person), (row) => db.files.patch(row, { person_id, update_time })),
    ({ db }, person, person_id) =>
      each(db.callLogs.where('person_id', person), (row) => db.callLogs.patch(row, { person_id })),
    ({ db }, person, person_id) =>
      each(db.mailParties.where('person_id', person), (row) => db.mailParties.patch(row, { person_id })),
    ({ db }, person, person_id, update_time) =>
      each(db.files.where('person_id', person), (row) => db.files.patch(row, { person_id, update_time })),
    ({ db }, person, person_id) =>
      each(db.mailParties.where('person_id', person), (row) => db.mailParties.patch(row, { person_id })),
    ({ db }, person, person_id) =>
      each(db.callLogs.where('person_id', person), (row) => db.callLogs.patch(row, { person_id })),
    moveParticipations,
    moveAttendances,
    moveCustomLinks('people'),
    moveConditions('people'),
    follow('person'),
  ],
  organization: [
    ({ db }, org, org_id, update_time) =>
      each(db.persons.where('org_id', org), (row) => db.persons.patch(row, { org_id, update_time })),
    ({ db }, org, org_id, update_time) =>
      each(db.deals.where('org_id', org), (row) => db.deals.patch(row, { org_id, update_time })),
    ({ db }, org, organization_id, update_time) =>
      each(db.leads.where('organization_id', org), (row) => db.leads.patch(row, { organization_id, update_time })),
    ({ db }, org, org_id, update_time) =>
      each(db.activities.where('org_id', org), (row) => db.activities.patch(row, { org_id, update_time })),
    ({ db }, org, org_id, update_time) =>
      each(db.notes.where('org_id', org), (row) => db.notes.patch(row, { org_id, update_time })),
    ({ db }, org, to, update_time) =>
      each(listing(db.projects.all(), 'org_ids', org), (row) =>
        db.projects.patch(row, { org_ids: replaced(row.org_ids, org, to), update_time }),
      ),
    ({ db }, org, org_id, update_time) =>
      each(db.files.where('org_id', org), (row) => db.files.patch(row, { org_id, update_time })),
    ({ db }, org, org_id) => each(db.callLogs.where('org_id', org), (row) => db.callLogs.patch(row, { org_id })),
    ({ db }, org, org_id, update_time) =>
      each(db.files.where('org_id', org), (row) => db.files.patch(row, { org_id, update_time })),
    ({ db }, org, org_id) => each(db.callLogs.where('org_id', org), (row) => db.callLogs.patch(row, { org_id })),
    moveRelationships,
    moveCustomLinks('org'),
    moveConditions('org'),
    follow('organization'),
  ],
};

/** Lets everything that links to one record link to another of its kind. */
export function moveLinks(world: World, kind: Mergeable, from: number, to: number): void {
  for (const move of moves[kind]) move(world, from, to, world.clock.stamp());
}

/** Of these fields those that are empty in the survivor and not in the other; custom fields one by one. */
export function mergeEmptyFields<R extends object, K extends keyof R>(
  survivor: R,
  other: R,
  keys: readonly K[],
): { [P in K]?: R[P] } {
  const filled: { [P in K]?: R[P] } = {};
  for (const key of keys) {
    const [own, more] = [survivor[key], other[key]];
    if (isEmpty(own)) filled[key] = structuredClone(more);
    else if (isPlain(own) && isPlain(more)) filled[key] = { ...structuredClone(more), ...own };
  }
  return filled;
}

function isEmpty(value: unknown): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function each<R>(rows: readonly R[], change: (row: R) => unknown): void {
  for (const row of rows) change(row);
}

function listing<K extends string, R extends Record<K, readonly number[]>>(
  rows: readonly R[],
  key: K,
  id: number,
): R[] {
  return rows.filter((row) => row[key].includes(id));
}

function replaced(ids: readonly number[], from: number, to: number): number[] {
  return [...new Set(ids.map((id) => (id === from ? to : id)))];
}

/** Who took part in the deal takes part in the other now. */
function moveParticipants(world: World, deal: number, to: number): void {
  for (const row of world.db.participants.where('deal_id', deal)) {
    world.db.participants.remove(row);
    addParticipant(world, to, row.person_id);
  }
}

/** In every deal the other person takes part, once. */
function moveParticipations({ db }: World, person: number, person_id: number): void {
  for (const row of db.participants.where('person_id', person)) {
    const isThere = db.participants.where('deal_id', row.deal_id).some((one) => one.person_id === person_id);
    if (isThere) db.participants.remove(row);
    else db.participants.patch(row, { person_id });
  }
}

function moveAttendances({ db }: World, person: number, to: number, update_time: string): void {
  for (const row of db.activities.all()) {
    const isIn = row.person_id === person || row.participants.some((one) => one.person_id === person);
    if (!isIn && !row.attendees.some((one) => one['person_id'] === person)) continue;
    const ids = replaced([...row.participants.map((one) => one.person_id)], person, to);
    const person_id = row.person_id === person ? to : row.person_id;
    db.activities.patch(row, {
      person_id,
      participants: ids.map((id) => ({ person_id: id, primary: id === person_id })),
      attendees: row.attendees.map((one) => (one['person_id'] === person ? { ...one, person_id: to } : one)),
      update_time,
    });
  }
}

/** Products, discounts and installments go behind those that are there; what may not stand together falls away. */
function moveProducts(world: World, from: number, deal_id: number, update_time: string): void {
  const { db } = world;
  const [first, ...rest] = db.dealProducts.where('deal_id', deal_id);
  let order_nr = Math.max(0, first?.order_nr ?? 0, ...rest.map((row) => row.order_nr));
  const moved = db.dealProducts.where('deal_id', from);
  for (const row of moved) {
    order_nr += 10;
    db.dealProducts.patch(row, { deal_id, order_nr, tax_method: first?.tax_method, update_time });
  }
  const discounts = db.discounts.where('deal_id', from);
  for (const row of discounts) db.discounts.patch(row, { deal_id });
  for (const row of db.installments.where('deal_id', from)) db.installments.patch(row, { deal_id });
  if (db.dealProducts.where('deal_id', deal_id).some(isRecurring)) {
    for (const row of db.installments.where('deal_id', deal_id)) db.installments.remove(row);
  }
  const deal = db.deals.get(deal_id);
  if (deal && moved.length + discounts.length > 0) recalculate(world, deal);
}

/** A relationship that would be of an organization with itself, a second of its kind or a circle falls away. */
function moveRelationships(world: World, from: number, to: number, update_time: string): void {
  const { organizationRelationships: table } = world.db;
  const moved = (id: number) => (id === from ? to : id);
  for (const row of relationshipsOf(world, from)) {
    const { type, rel_owner_org_id, rel_linked_org_id } = row;
    const ends = { type, rel_owner_org_id: moved(rel_owner_org_id), rel_linked_org_id: moved(rel_linked_org_id) };
    if (obstacle(world, ends, row) === undefined) table.patch(row, { ...ends, update_time });
    else table.remove(row);
  }
}

/** Whoever follows the one follows the other, once. */
function follow(entity: Mergeable): Move {
  return ({ db }, from, record_id) => {
    const of = (id: number) => db.followers.where('record_id', id).filter((row) => row.entity === entity);
    const known = new Set(of(record_id).map((row) => row.user_id));
    for (const row of of(from)) {
      if (known.has(row.user_id)) db.followers.remove(row);
      else db.followers.patch(row, { record_id });
    }
  };
}

/** Custom fields that name a person or an organization. Leads have those of deals. */
function moveCustomLinks(type: 'people' | 'org'): Move {
  return ({ db }, from, to, update_time) => {
    const codes = (entity: EntityName) =>
      db.fields.where('entity', entity).flatMap((one) => (one.field_type === type ? [one.field_code] : []));
    const named = <R extends { custom_fields: Record<string, unknown> }>(entity: EntityName, rows: readonly R[]) => {
      const wanted = codes(entity);
      return wanted.length === 0 ? [] : rows.filter((row) => wanted.some((code) => row.custom_fields[code] === from));
    };
    const moved = <V>(entity: EntityName, values: Readonly<Record<string, V>>) => {
      const wanted = codes(entity);
      const entries = Object.entries(values).map(
        ([code, value]) => [code, wanted.includes(code) && value === from ? to : value] as const,
      );
      return { custom_fields: Object.fromEntries(entries), update_time };
    };
    each(named('deal', db.deals.all()), (row) => db.deals.patch(row, moved('deal', row.custom_fields)));
    each(named('deal', db.leads.all()), (row) => db.leads.patch(row, moved('deal', row.custom_fields)));
    each(named('person', db.persons.all()), (row) => db.persons.patch(row, moved('person', row.custom_fields)));
    each(named('organization', db.organizations.all()), (row) =>
      db.organizations.patch(row, moved('organization', row.custom_fields)),
    );
    each(named('product', db.products.all()), (row) => db.products.patch(row, moved('product', row.custom_fields)));
    each(named('project', db.projects.all()), (row) => db.projects.patch(row, moved('project', row.custom_fields)));
  };
}

/** Saved filters that look for a person or an organization. */
function moveConditions(type: 'people' | 'org'): Move {
  return ({ db }, from, to, update_time) => {
    const fields = new Set(db.fields.where('field_type', type).map((one) => String(one.id)));
    const isAbout = (one: FilterCondition) => fields.has(one.field_id) && one.value === String(from);
    const moved = (all: readonly FilterCondition[]) =>
      all.map((one) => (isAbout(one) ? { ...one, value: String(to) } : one));
    for (const filter of db.filters.all()) {
      const [all, any] = filter.conditions.conditions;
      if (![...all.conditions, ...any.conditions].some(isAbout)) continue;
      db.filters.patch(filter, {
        conditions: {
          ...filter.conditions,
          conditions: [
            { ...all, conditions: moved(all.conditions) },
            { ...any, conditions: moved(any.conditions) },
          ],
        },
        update_time,
      });
    }
  };
}
