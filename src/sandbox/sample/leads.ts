import { DAY, date, HOUR, officeTimeWithin, stamp } from './calendar.ts';
import { countries } from './countries.ts';
import { type Contacts, type Filling, type LeadStory, salespeople, stream } from './filling.ts';
import { saleSubject } from './subjects.ts';

const sources = [
  ['Web forms', 35],
  ['Manually created', 30],
  ['Import', 20],
  ['API', 15],
] as const;
const origins = {
  'Web forms': 'WebForms',
  'Manually created': 'ManuallyCreated',
  Import: 'Import',
  API: 'API',
} as const;

/** Leads of the last months, the older ones archived now and then: 25 for 150 deals. */
export function insertLeads(filling: Filling, contacts: Contacts): LeadStory[] {
  const { world, now } = filling;
  const random = stream(filling, 'leads');
  const count = Math.round(filling.deals / 6);
  const sourceOf = random.deck(count, sources);
  const archived = random.deck(count, [
    [false, 84],
    [true, 16],
  ]);
  const times = archived.map((old) =>
    officeTimeWithin(random, now - (old ? 240 : 90) * DAY, now - (old ? 60 : 0) * DAY - HOUR, 'Europe/Berlin'),
  );
  const labels = world.db.leadLabels.all();
  const order = times.map((added, index) => ({ added, index })).sort((a, b) => a.added - b.added);
  return order.flatMap(({ added, index }): LeadStory[] => {
    const add_time = stamp(added);
    const known = <T extends { add_time: string }>(row: T) => row.add_time <= add_time;
    const alone = random.chance(0.2) ? contacts.individuals.filter(({ person }) => known(person)) : [];
    const individual = alone.length > 0 ? random.pick(alone) : undefined;
    const customer = individual ? undefined : random.pick(contacts.customers);
    if (customer && !known(customer.organization)) return [];
    const there = customer?.persons.filter(known) ?? [];
    const person = individual?.person ?? (there.length > 0 && random.chance(0.75) ? random.pick(there) : undefined);
    const country = customer?.country ?? individual?.country ?? countries[0]?.[0];
    if (!country) throw new Error('there are countries');
    const owner = random.pick(salespeople(filling, country));
    const source = sourceOf[index] ?? 'API';
    const is_archived = archived[index] ?? false;
    const archivedAt = is_archived ? stamp(officeTimeWithin(random, added, now - DAY, owner.timezone_name)) : null;
    const subject = saleSubject(random, customer?.sector ?? random.pick(['science', 'fish', 'pool']));
    const lead = world.db.leads.insert({
      id: random.uuid(),
      title: `${customer?.organization.name ?? person?.name ?? 'New lead'}: ${subject}`,
      owner_id: owner.id,
      creator_id: source === 'Manually created' ? owner.id : world.me().id,
      label_ids: random.chance(0.65) ? [random.pick(labels).id] : [],
      person_id: person?.id ?? null,
      organization_id: customer?.organization.id ?? null,
      source_name: source,
      origin: origins[source],
      origin_id: null,
      channel: null,
      channel_id: null,
      source_deal_id: null,
      is_archived,
      archive_time: archivedAt,
      was_seen: is_archived || random.chance(0.75),
      value: random.chance(0.65) ? { amount: random.int(6, 90) * 500, currency: country.currency } : null,
      expected_close_date: random.chance(0.35) ? date(now + random.int(10, 120) * DAY) : null,
      visible_to: 7,
      custom_fields: {},
      is_deleted: false,
      delete_time: null,
      add_time,
      update_time: archivedAt ?? stamp(officeTimeWithin(random, added, now, owner.timezone_name)),
    });
    return [{ lead, customer, person }];
  });
}
