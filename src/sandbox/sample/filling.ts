import type { Deal, EntityName, Lead, Organization, Person, Product, User } from '../model.ts';
import type { World } from '../world.ts';
import type { Country, Sector } from './countries.ts';
import { Random } from './random.ts';

/** What every part of the filling goes by. Times are milliseconds since 1970. */
export type Filling = {
  readonly world: World;
  readonly seed: number;
  readonly now: number;
  /** When the account was opened. */
  readonly since: number;
  readonly deals: number;
};

/** A customer or prospect with its people, and what records don't say of it. */
export type Customer = {
  readonly organization: Organization;
  readonly country: Country;
  readonly sector: Sector;
  /** Has bought before: renewals and won deals are theirs. */
  readonly bought: boolean;
  /** Their domain. */
  readonly site: string;
  readonly persons: Person[];
};

/** A person of no organization. */
export type Individual = { readonly person: Person; readonly country: Country };

export type Contacts = { readonly customers: readonly Customer[]; readonly individuals: readonly Individual[] };

export type Catalogue = readonly Product[];

/** What an open deal is waiting for: nothing, or a step that is planned, missed, or not yet planned. */
export type Temper = 'active' | 'overdue' | 'idle' | 'unplanned';

/** A deal and what its activities and notes go by. All that happened to it lies from `added` to `until`. */
export type Story = {
  readonly deal: Deal;
  readonly customer: Customer | undefined;
  readonly person: Person | undefined;
  readonly temper: Temper | undefined;
  readonly added: number;
  readonly until: number;
  /** The time zone in which its owner works. */
  readonly zone: string;
};

export type LeadStory = {
  readonly lead: Lead;
  readonly customer: Customer | undefined;
  readonly person: Person | undefined;
};

/** The name to call somebody by; people who have none are the buyer. */
export function callName(person: Person | undefined): string {
  return person?.first_name ?? 'the buyer';
}

export function stream(filling: Filling, name: string): Random {
  return new Random(filling.seed, name);
}

/** Those who look after a customer of that country: they work in its half of the world. */
export function salespeople({ world }: Filling, country: Country): User[] {
  return world.db.users
    .all()
    .filter((user) => user.active_flag && user.timezone_name.startsWith('America/') === country.american);
}

/** The options of a built-in field that the records can choose from. */
export function options({ world }: Filling, entity: EntityName, code: string): { id: number; label: string }[] {
  const field = world.db.fields.where('entity', entity).find(({ field_code }) => field_code === code);
  return (field?.options ?? []).flatMap(({ id, label }) => (typeof id === 'number' ? [{ id, label }] : []));
}
