import type { JsonObject } from '../json.ts';
import type { Organization, Person } from '../model.ts';
import { DAY, HOUR, MINUTE, officeTimeWithin, stamp } from './calendar.ts';
import { type Country, countries, type Sector } from './countries.ts';
import {
  type Contacts,
  type Customer,
  type Filling,
  type Individual,
  options,
  salespeople,
  stream,
} from './filling.ts';
import { domain, latin, native, slug } from './names.ts';
import type { Random } from './random.ts';

/** How many persons an organization has, in shares. */
const headcounts = [
  [0, 1],
  [1, 3],
  [2, 5],
  [3, 6],
  [4, 5],
] as const;

const industryOf: Record<Sector, string> = {
  utility: 'Energy',
  brewery: 'Consumer goods',
  dairy: 'Consumer goods',
  fish: 'Consumer goods',
  chemistry: 'Manufacturing',
  paper: 'Manufacturing',
  science: 'Education',
  pool: 'Travel and hospitality',
  partner: 'Professional services',
};

/** Organizations and their persons: 50 and some 135 for 150 deals. */
export function insertContacts(filling: Filling): Contacts {
  const { deals } = filling;
  const persons = Math.max(Math.min(135, 20 + deals), Math.round(deals / 2));
  const customers = insertOrganizations(filling, Math.round(persons * 0.37));
  return { customers, ...insertPersons(filling, customers, Math.round(persons * 0.07)) };
}

function insertOrganizations(filling: Filling, count: number): Customer[] {
  const { world, since, now } = filling;
  const { db } = world;
  const random = stream(filling, 'organizations');
  const countryOf = random.deck(count, countries);
  const marks = options(filling, 'organization', 'label_ids');
  const industries = options(filling, 'organization', 'industry');
  const taken = new Set<string>();
  const sites = new Set<string>();
  return addTimes(random, count, since, now).map((added, index) => {
    const country = countryOf[index] ?? random.pick(countries)[0];
    const [town, region, postcode] = random.pick(country.towns);
    const { name, sector } = newName(random, country, town, taken);
    const bought = index % 5 < 2 && sector !== 'partner';
    const site = domain(name.latin === name.native ? name.latin : `${name.latin} ${sector}`, sites);
    const organization: Organization = db.organizations.insert({
      id: db.organizations.nextId(),
      name: name.native,
      owner_id: random.pick(salespeople(filling, country)).id,
      address: random.chance(0.92) ? address(random, country, native(town), region, postcode) : null,
      visible_to: 7,
      label_ids: marks
        .filter(({ label }) => (label === 'Customer' ? bought : !bought && random.chance(0.12)))
        .map(({ id }) => id)
        .slice(0, 1),
      website: random.chance(0.85) ? `https://www.${site}` : null,
      linkedin: random.chance(0.4) ? `https://www.linkedin.com/company/${site.replace('.example', '')}` : null,
      industry: random.chance(0.7) ? (industries.find(({ label }) => label === industryOf[sector])?.id ?? null) : null,
      annual_revenue: random.chance(0.4) ? random.int(2, 180) * 500_000 : null,
      employee_count: random.chance(0.6) ? random.int(2, 120) * 10 : null,
      custom_fields: {},
      is_deleted: false,
      delete_time: null,
      add_time: stamp(added),
      update_time: stamp(officeTimeWithin(random, added, now, 'Europe/Berlin')),
    });
    return { organization, country, sector, bought, site, persons: [] };
  });
}

/** The first 45 % came with the import at the start, the rest one by one. In order. */
function addTimes(random: Random, count: number, since: number, now: number): number[] {
  const imported = Math.ceil(count * 0.45);
  const times = Array.from({ length: count }, (_, index) =>
    index < imported
      ? since + DAY + index * 1000
      : officeTimeWithin(random, since + 4 * DAY, now - 2 * DAY, 'Europe/Berlin'),
  );
  return times.sort((a, b) => a - b);
}

type Name = { native: string; latin: string };

/** A company's name: another one where it is taken, with its town where all are. */
function newName(random: Random, country: Country, town: string, taken: Set<string>): { name: Name; sector: Sector } {
  for (let tries = 1; ; tries += 1) {
    const [pattern, sector] = random.pick(country.companies);
    const last = random.pick(country.last);
    const fill = (spell: (text: string) => string) => {
      const name = pattern.replace('{l}', spell(last)).replace('{t}', spell(town));
      return tries > 4 && !pattern.includes('{t}') ? `${name}, ${spell(town)}` : name;
    };
    const name = { native: fill(native), latin: fill(latin) };
    if (tries <= 8 && taken.has(name.native)) continue;
    taken.add(name.native);
    return { name, sector };
  }
}

type PersonDraft = { first: string; last: string; added: number; country: Country; customer: Customer | undefined };

function insertPersons(filling: Filling, customers: readonly Customer[], alone: number): { individuals: Individual[] } {
  const { world, since, now } = filling;
  const { db } = world;
  const random = stream(filling, 'persons');
  const heads = random.deck(customers.length, headcounts);
  const drafts: PersonDraft[] = [];
  const draft = (country: Country, customer: Customer | undefined, added: number) => {
    // Now and then somebody else has the very same name.
    const namesake =
      drafts.length % 40 === 39
        ? drafts.findLast((one) => one.country === country && one.customer !== customer)
        : undefined;
    const first = namesake?.first ?? random.pick(country.first);
    const last = namesake?.last ?? random.pick(country.last);
    drafts.push({ first, last, added, country, customer });
  };
  for (const [index, customer] of customers.entries()) {
    const created = Date.parse(customer.organization.add_time);
    for (let head = 0; head < (heads[index] ?? 0); head += 1) {
      const later = head > 1 && random.chance(0.6);
      const soon = Math.min(now - HOUR, created + head * 3 * MINUTE);
      const zone = 'Europe/Berlin';
      draft(customer.country, customer, later ? officeTimeWithin(random, created, now - DAY, zone) : soon);
    }
  }
  for (let index = 0; index < alone; index += 1) {
    const early = index * 2 < alone;
    const added = officeTimeWithin(random, since + DAY, early ? since + 8 * DAY : now - DAY, 'Europe/Berlin');
    draft(random.pick(countries)[0], undefined, added);
  }
  drafts.sort((a, b) => a.added - b.added);

  const individuals: Individual[] = [];
  const marks = options(filling, 'person', 'label_ids');
  for (const { first, last, added, country, customer } of drafts) {
    const names = [native(first), native(last)];
    const bought = customer?.bought ?? false;
    const person: Person = db.persons.insert({
      id: db.persons.nextId(),
      name: (country.familyNameFirst ? names.reverse() : names).join(' '),
      first_name: native(first),
      last_name: native(last),
      owner_id: customer?.organization.owner_id ?? random.pick(salespeople(filling, country)).id,
      org_id: customer?.organization.id ?? null,
      emails: emails(random, first, last, customer),
      phones: phones(random, country),
      visible_to: random.chance(0.97) ? 7 : 3,
      label_ids: marks
        .filter(({ label }) => (label === 'Customer' ? bought && random.chance(0.7) : !bought && random.chance(0.1)))
        .map(({ id }) => id)
        .slice(0, 1),
      picture_id: null,
      marketing_status: random.chance(0.2) ? random.pick(['subscribed', 'subscribed', 'unsubscribed']) : 'no_consent',
      custom_fields: {},
      is_deleted: false,
      delete_time: null,
      add_time: stamp(added),
      update_time: stamp(officeTimeWithin(random, added, now, 'Europe/Berlin')),
    });
    if (customer) customer.persons.push(person);
    else individuals.push({ person, country });
  }
  return { individuals };
}

function emails(random: Random, first: string, last: string, customer: Customer | undefined): Person['emails'] {
  const user = `${slug(latin(first))}.${slug(latin(last))}`;
  const home = `${user}${random.int(61, 99)}@mail.example`;
  if (!customer) return [{ value: home, primary: true, label: 'home' }];
  const { site } = customer;
  const found = [{ value: `${user}@${site}`, primary: true, label: 'work' }];
  if (random.chance(0.15)) found.push({ value: home, primary: false, label: 'home' });
  if (random.chance(0.06)) found.push({ value: `purchasing@${site}`, primary: false, label: 'other' });
  return found;
}

function phones(random: Random, country: Country): Person['phones'] {
  const dial = (pattern: string) => pattern.replace(/#/g, () => String(random.int(0, 9)));
  const found = [{ value: dial(country.phone), primary: true, label: 'work' }];
  if (random.chance(0.4)) found.push({ value: dial(country.mobile), primary: false, label: 'mobile' });
  if (random.chance(0.05)) found.push({ value: dial(country.phone), primary: false, label: 'home' });
  return found;
}

/** An address with all the parts that Pipedrive keeps; those unknown are null. */
export function address(random: Random, country: Country, town: string, region: string, postcode: string): JsonObject {
  const street = random.pick(country.streets);
  const number = String(random.int(1, 148));
  const parts: Record<string, string> = { n: number, s: street, t: town, p: postcode, r: region };
  return {
    value: country.address.replace(/\{(\w)\}/g, (_, key: string) => parts[key] ?? ''),
    street_number: number,
    route: street,
    subpremise: null,
    sublocality: null,
    locality: town,
    admin_area_level_1: region,
    admin_area_level_2: null,
    country: country.name,
    postal_code: postcode,
  };
}
