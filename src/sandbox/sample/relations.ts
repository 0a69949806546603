import type { Deal } from '../model.ts';
import { DAY, officeTimeWithin, stamp } from './calendar.ts';
import { type Contacts, type Customer, type Filling, type Story, stream } from './filling.ts';

/** However big the company is: each of them is sought among all. */
const MOST_GROUPS = 20;

/** Who takes part in each deal: its person, and in some of a company's deals a colleague or two of that person. */
export function insertParticipants(filling: Filling, stories: readonly Story[]): void {
  const random = stream(filling, 'participants');
  const joined = stories.flatMap(({ deal, customer, person, added, until, zone }) => {
    if (!person) return [];
    const last = stamp(until);
    const others = customer?.persons.filter((one) => one !== person && one.add_time <= last) ?? [];
    const more = random.chance(0.3) ? random.some(others, random.int(1, 2)) : [];
    return [
      { deal, person, time: deal.add_time },
      ...more.map((one) => {
        const known = Math.max(added, Date.parse(one.add_time));
        return { deal, person: one, time: stamp(officeTimeWithin(random, known, until, zone)) };
      }),
    ];
  });
  joined.sort((a, b) => (a.time < b.time ? -1 : Number(a.time > b.time)));
  for (const { deal, person, time } of joined) insertParticipant(filling, deal, person.id, time);
}

function insertParticipant({ world }: Filling, deal: Deal, person_id: number, time: string): void {
  const { participants, participantChanges } = world.db;
  const { id: deal_id, creator_user_id: user } = deal;
  participants.insert({ id: participants.nextId(), deal_id, person_id, added_by_user_id: user, add_time: time });
  const change = { deal_id, person_id, actor_user_id: user, action: 'added', time } as const;
  participantChanges.insert({ id: participantChanges.nextId(), ...change });
}

/** A group of companies here and there, and companies that work together. */
export function insertRelationships(filling: Filling, { customers }: Contacts): void {
  const { organizationRelationships: table } = filling.world.db;
  const random = stream(filling, 'relationships');
  const taken = new Set<number>();
  const free = (except: Customer, wanted: (one: Customer) => boolean) =>
    customers.filter((one) => one !== except && !taken.has(one.organization.id) && wanted(one));
  const relate = (type: 'parent' | 'related', owner: Customer, linked: Customer) => {
    const [a, b] = [owner.organization, linked.organization];
    taken.add(b.id);
    const known = Date.parse(a.add_time > b.add_time ? a.add_time : b.add_time);
    const until = Math.min(filling.now, known + 40 * DAY);
    const time = stamp(officeTimeWithin(random, Math.min(known, until), until, 'Europe/Berlin'));
    table.insert({
      id: table.nextId(),
      type,
      rel_owner_org_id: a.id,
      rel_linked_org_id: b.id,
      add_time: time,
      update_time: time,
    });
  };
  for (const customer of random.some(customers, Math.min(MOST_GROUPS, Math.ceil(customers.length / 12)))) {
    if (taken.has(customer.organization.id)) continue;
    taken.add(customer.organization.id);
    const sisters = free(customer, ({ country }) => country === customer.country);
    for (const sister of random.some(sisters, random.int(1, 3))) relate('parent', customer, sister);
    const partners = free(customer, ({ sector }) => sector === 'partner');
    if (random.chance(0.5)) for (const partner of random.some(partners, 1)) relate('related', customer, partner);
  }
}
