import { insertCustomField, type NewCustomField } from '../fields/builtin.ts';
import { kinds } from '../fields/types.ts';
import type { Json } from '../json.ts';
import type { Deal, Field } from '../model.ts';
import { DAY, date } from './calendar.ts';
import { address } from './contacts.ts';
import type { Contacts, Customer, Filling, LeadStory, Story } from './filling.ts';
import { stream } from './filling.ts';
import { native } from './names.ts';
import type { Random } from './random.ts';

/** What a value may hang on; a maker gives undefined where its field has nothing to say of that record. */
type Subject = {
  added: number;
  customer?: Customer | undefined;
  deal?: Deal | undefined;
};
type Make = (random: Random, subject: Subject) => Json | undefined;
type Definition = {
  entity: 'deal' | 'person' | 'organization' | 'product';
  name: string;
  type: NewCustomField['field_type'];
  options?: readonly string[];
  /** Left out for those with options, which choose from them. */
  make?: Make;
};
type Filled = { field: Field; make: Make };

/** Gives the account its custom fields, one of every type on deals, and fills them in on about half the records. */
export function insertCustomFields(
  filling: Filling,
  contacts: Contacts,
  stories: readonly Story[],
  leads: readonly LeadStory[],
): void {
  const { db } = filling.world;
  const random = stream(filling, 'custom fields');
  const own = stream(filling, 'product fields');
  const fields = [
    ...definitions(filling, contacts).map((definition) => insert(random, filling, definition)),
    // Of a stream of their own, so that they came without changing any other value.
    ...productDefinitions.map((definition) => insert(own, filling, definition)),
  ];
  const of = (entity: Definition['entity']) => fields.filter(({ field }) => field.entity === entity);

  const [deal, person, organization, product] = [of('deal'), of('person'), of('organization'), of('product')];
  for (const story of stories) {
    if (random.chance(0.52)) db.deals.patch(story.deal, values(random, deal, story, 0.55));
  }
  for (const { lead, customer } of leads) {
    const subject = { added: Date.parse(lead.add_time), customer };
    if (random.chance(0.5)) db.leads.patch(lead, values(random, deal, subject, 0.2));
  }
  for (const customer of contacts.customers) {
    const added = Date.parse(customer.organization.add_time);
    if (random.chance(0.55))
      db.organizations.patch(customer.organization, values(random, organization, { added, customer }, 0.6));
    for (const one of customer.persons) {
      if (random.chance(0.5)) db.persons.patch(one, values(random, person, { added, customer }, 0.7));
    }
  }
  for (const { person: one } of contacts.individuals) {
    if (random.chance(0.5)) db.persons.patch(one, values(random, person, { added: Date.parse(one.add_time) }, 0.7));
  }
  for (const one of db.products.all()) {
    db.products.patch(one, values(random, product, { added: Date.parse(one.add_time) }, 0.75));
  }
}

function values(
  random: Random,
  fields: readonly Filled[],
  subject: Subject,
  share: number,
): { custom_fields: Record<string, Json> } {
  const custom_fields: Record<string, Json> = {};
  for (const { field, make } of fields) {
    const value = random.chance(share) ? make(random, subject) : undefined;
    if (value !== undefined) custom_fields[field.field_code] = value;
  }
  return { custom_fields };
}

function insert(random: Random, { world }: Filling, definition: Definition): Filled {
  const { entity, name, type, options = [] } = definition;
  const field = insertCustomField(world, {
    entity,
    field_name: name,
    field_type: type,
    field_code: random.hex(40),
    ...(options.length > 0 ? { options: options.map((label) => ({ label })) } : {}),
  });
  const ids = (field.options ?? []).map(({ id }) => id);
  const several: Make = () => random.some(ids, random.int(1, 3));
  const choose: Make = type === 'set' ? several : () => random.pick(ids);
  const make = definition.make ?? choose;
  if (type !== 'time' && type !== 'timerange') return { field, make };
  // Times are kept with their zone's number, which only the field's own check knows.
  const choices = Array.from({ length: 12 }, () =>
    kinds[type].check(make(random, { added: 0 }) ?? null, { world, field }),
  );
  return { field, make: () => random.pick(choices) };
}

function definitions({ world, now }: Filling, { customers }: Contacts): Definition[] {
  const users = world.db.users.all().filter((user) => user.active_flag);
  const resellers = customers.slice(0, 6);
  const zones = ['Europe/Berlin', 'America/New_York'];
  const user: Make = (random) => random.pick(users).id;
  const from =
    (...texts: string[]): Make =>
    (random) =>
      random.pick(texts);
  const other: Make = (random, { customer }) => {
    const rest = resellers.filter((one) => one !== customer);
    return rest.length > 0 ? random.pick(rest).organization.id : undefined;
  };
  const time: Make = (random) => ({
    value: random.pick(['08:30', '10:00', '13:30', '16:00']),
    timezone_name: random.pick(zones),
  });
  const money =
    (least: number, most: number): Make =>
    (random, { customer }) => ({
      value: random.int(least, most) * 500,
      currency: customer?.country.currency ?? 'EUR',
    });
  const range =
    (first: number, days: number): Make =>
    (random, { added }) => {
      const start = added + random.int(first, first + 90) * DAY;
      return { value: date(start), until: date(start + days * DAY) };
    };
  const place: Make = (random, { customer }) => {
    if (!customer) return undefined;
    const [town, region, postcode] = random.pick(customer.country.towns);
    const found = address(random, customer.country, native(town), region, postcode);
    return { ...found, formatted_address: found['value'] ?? null };
  };
  return [
    {
      entity: 'deal',
      name: 'Lead source',
      type: 'enum',
      options: ['Referral', 'Inbound', 'Event', 'Outbound', 'Partner'],
    },
    {
      entity: 'deal',
      name: 'Products of interest',
      type: 'set',
      options: ['Probes', 'Gateways', 'Cloud', 'Calibration', 'Training'],
    },
    { entity: 'deal', name: 'Budget', type: 'monetary', make: money(6, 200) },
    {
      entity: 'deal',
      name: 'Contract end',
      type: 'date',
      make: (random, { deal, added }) =>
        deal?.status === 'lost' ? undefined : date(added + random.int(360, 1100) * DAY),
    },
    { entity: 'deal', name: 'Sales engineer', type: 'user', make: user },
    {
      entity: 'deal',
      name: 'Champion',
      type: 'people',
      make: (random, { customer }) =>
        customer && customer.persons.length > 0 ? random.pick(customer.persons).id : undefined,
    },
    { entity: 'deal', name: 'Reseller', type: 'org', make: other },
    { entity: 'deal', name: 'Best time to call', type: 'time', make: time },
    {
      entity: 'deal',
      name: 'Maintenance window',
      type: 'timerange',
      make: (random) => ({
        value: random.pick(['05:00', '20:00']),
        until: random.pick(['21:30', '23:00']),
        timezone_name: random.pick(zones),
      }),
    },
    { entity: 'deal', name: 'Pilot period', type: 'daterange', make: range(20, 42) },
    { entity: 'deal', name: 'Installation site', type: 'address', make: place },
    {
      entity: 'deal',
      name: 'Site phone',
      type: 'phone',
      make: (random, { customer }) => customer?.country.phone.replace(/#/g, () => String(random.int(0, 9))),
    },
    {
      entity: 'deal',
      name: 'Decision process',
      type: 'text',
      make: from(
        'Operations recommends, the managing director signs. Purchasing only checks the terms.',
        'Public tender above 50,000. Below that three quotes are enough.',
        'Board meets on the first Tuesday of the month, papers two weeks ahead.',
        'The plant manager decides alone, if the lab agrees.',
      ),
    },
    {
      entity: 'deal',
      name: 'PO number',
      type: 'varchar',
      make: (random, { deal }) => (deal?.status === 'won' ? `PO-${random.int(20_000, 99_999)}` : undefined),
    },
    { entity: 'deal', name: 'Measuring points', type: 'double', make: (random) => random.int(1, 40) },
    {
      entity: 'deal',
      name: 'Competitor',
      type: 'varchar_auto',
      make: from('Aquaprobe', 'Hydrosense', 'In-house sampling', 'Limnotek', 'None known'),
    },
    {
      entity: 'person',
      name: 'Position',
      type: 'varchar',
      make: from(
        'Plant manager',
        'Head of laboratory',
        'Process engineer',
        'Purchasing manager',
        'Managing director',
        'Maintenance lead',
        'Environmental officer',
      ),
    },
    {
      entity: 'person',
      name: 'Role in decision',
      type: 'enum',
      options: ['Decision maker', 'Influencer', 'User', 'Gatekeeper'],
    },
    {
      entity: 'person',
      name: 'Languages',
      type: 'set',
      options: ['English', 'German', 'French', 'Spanish', 'Japanese'],
    },
    { entity: 'person', name: 'Best time to call', type: 'time', make: time },
    { entity: 'person', name: 'Last training', type: 'date', make: (random) => date(now - random.int(20, 700) * DAY) },
    { entity: 'organization', name: 'Segment', type: 'enum', options: ['Key account', 'Mid-market', 'Small'] },
    {
      entity: 'organization',
      name: 'Water sources',
      type: 'set',
      options: ['River', 'Lake', 'Groundwater', 'Sea', 'Mains'],
    },
    { entity: 'organization', name: 'Number of sites', type: 'double', make: (random) => random.int(1, 14) },
    {
      entity: 'organization',
      name: 'Supplier number',
      type: 'varchar',
      make: (random) => `S${random.int(100_000, 999_999)}`,
    },
    { entity: 'organization', name: 'Credit limit', type: 'monetary', make: money(20, 300) },
    { entity: 'organization', name: 'Billing address', type: 'address', make: place },
    { entity: 'organization', name: 'Framework agreement', type: 'daterange', make: range(30, 730) },
    { entity: 'organization', name: 'Service engineer', type: 'user', make: user },
    {
      entity: 'organization',
      name: 'Parent company',
      type: 'org',
      make: (random, subject) => (random.chance(0.15) ? other(random, subject) : undefined),
    },
    { entity: 'product', name: 'Product line', type: 'enum', options: ['Probes', 'Gateways', 'Services', 'Software'] },
    { entity: 'product', name: 'Warranty months', type: 'double', make: (random) => random.pick([12, 24, 36]) },
    {
      entity: 'product',
      name: 'End of sale',
      type: 'date',
      make: (random) => (random.chance(0.3) ? date(now + random.int(90, 900) * DAY) : undefined),
    },
  ];
}

const productDefinitions: readonly Definition[] = [
  {
    entity: 'product',
    name: 'Supplier part number',
    type: 'varchar',
    make: (random) => `${random.pick(['HX', 'LM', 'QT'])}-${random.int(1000, 9999)}`,
  },
  {
    entity: 'product',
    name: 'Lowest price',
    type: 'monetary',
    make: (random) => ({ value: random.int(15, 120) * 10, currency: 'EUR' }),
  },
];
