import { customFieldsOf } from './fields/active.ts';
import { rewriteCustomFields } from './fields/custom.ts';
import type { Json } from './json.ts';
import type { FilterCondition } from './models/filters.ts';
import { addParticipant } from './participants.ts';
import { obstacle, relationshipsOf } from './relationships.ts';
import { isRecurring, recalculate } from './resources/deal-products.ts';
import type { World } from './world.ts';

type Mergeable = 'deal' | 'person' | 'organization';
type Move = (world: World, from: number, to: number, update_time: string) => void;

/** What links to a record of each kind, and so goes over to the one that it is merged into. */
const moves: Readonly<Record<Mergeable, Move>> = {
  deal(world, from, deal_id, update_time) {
    const { db } = world;
    const moved = { deal_id, update_time };
    db.activities.patchWhere('deal_id', from, moved);
    db.notes.patchWhere('deal_id', from, moved);
    db.files.patchWhere('deal_id', from, moved);
    db.mailThreads.patchWhere('deal_id', from, moved);
    db.callLogs.patchWhere('deal_id', from, { deal_id });
    db.leads.patchWhere('source_deal_id', from, { source_deal_id: deal_id, update_time });
    for (const row of db.projects.all()) {
      const deal_ids = replaced(row.deal_ids, from, deal_id);
      if (deal_ids) db.projects.patch(row, { deal_ids, update_time });
    }
    moveParticipants(world, from, deal_id);
    moveProducts(world, from, deal_id, update_time);
  },
  person(world, from, person_id, update_time) {
    const { db } = world;
    const moved = { person_id, update_time };
    db.deals.patchWhere('person_id', from, moved);
    db.leads.patchWhere('person_id', from, moved);
    db.notes.patchWhere('person_id', from, moved);
    db.files.patchWhere('person_id', from, moved);
    db.callLogs.patchWhere('person_id', from, { person_id });
    db.mailParties.patchWhere('person_id', from, { person_id });
    for (const row of db.projects.all()) {
      const person_ids = replaced(row.person_ids, from, person_id);
      if (person_ids) db.projects.patch(row, { person_ids, update_time });
    }
    moveParticipations(world, from, person_id);
    moveAttendances(world, from, person_id, update_time);
    moveCustomLinks(world, 'people', from, person_id, update_time);
    moveConditions(world, 'people', from, person_id, update_time);
  },
  organization(world, from, org_id, update_time) {
    const { db } = world;
    const moved = { org_id, update_time };
    db.persons.patchWhere('org_id', from, moved);
    db.deals.patchWhere('org_id', from, moved);
    db.leads.patchWhere('organization_id', from, { organization_id: org_id, update_time });
    db.activities.patchWhere('org_id', from, moved);
    db.notes.patchWhere('org_id', from, moved);
    db.files.patchWhere('org_id', from, moved);
    db.callLogs.patchWhere('org_id', from, { org_id });
    for (const row of db.projects.all()) {
      const org_ids = replaced(row.org_ids, from, org_id);
      if (org_ids) db.projects.patch(row, { org_ids, update_time });
    }
    moveRelationships(world, from, org_id, update_time);
    moveCustomLinks(world, 'org', from, org_id, update_time);
    moveConditions(world, 'org', from, org_id, update_time);
  },
};

/** Lets everything that links to one record link to another of its kind. */
export function moveLinks(world: World, kind: Mergeable, from: number, to: number): void {
  moves[kind](world, from, to, world.clock.stamp());
  moveFollowers(world, kind, from, to);
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

/** A list of ids with one of them replaced, each once; undefined where it is not in it. */
function replaced(ids: readonly number[], from: number, to: number): number[] | undefined {
  return ids.includes(from) ? [...new Set(ids.map((id) => (id === from ? to : id)))] : undefined;
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
    const before = row.participants.map((one) => one.person_id);
    const ids = replaced(before, person, to) ?? before;
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
  db.installments.patchWhere('deal_id', from, { deal_id });
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
function moveFollowers({ db }: World, entity: Mergeable, from: number, record_id: number): void {
  const known = new Set(db.followers.matching({ record_id, entity }).map((row) => row.user_id));
  for (const row of db.followers.matching({ record_id: from, entity })) {
    if (known.has(row.user_id)) db.followers.remove(row);
    else db.followers.patch(row, { record_id });
  }
}

/** Custom fields that name a person or an organization. */
function moveCustomLinks(world: World, type: 'people' | 'org', from: number, to: number, update_time: string): void {
  for (const entity of ['deal', 'person', 'organization', 'product', 'project'] as const) {
    const fields = customFieldsOf(world, entity).filter((field) => field.field_type === type);
    if (fields.length === 0) continue;
    const moved = (stored: Readonly<Record<string, Json>>) => {
      const named = fields.filter(({ field_code }) => stored[field_code] === from);
      const links = Object.fromEntries(named.map(({ field_code }) => [field_code, to]));
      return named.length > 0 ? { ...stored, ...links } : undefined;
    };
    rewriteCustomFields(world, entity, moved, { update_time });
  }
}

/** Saved filters that look for a person or an organization. */
function moveConditions({ db }: World, type: 'people' | 'org', from: number, to: number, update_time: string): void {
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
}
