import { v1Key } from '../fields/builtin.ts';
import { customFieldsV1 } from '../fields/custom.ts';
import type { Json } from '../json.ts';
import type { EntityName, Stage, User } from '../model.ts';
import { DAY, date, officeTimeWithin, stamp, workday } from './calendar.ts';
import { type Contacts, type Filling, type Story, salespeople, stream } from './filling.ts';
import type { Random } from './random.ts';

type Event = {
  readonly entity: EntityName;
  readonly record_id: number;
  readonly user_id: number;
  readonly time: string;
  readonly field_key: string;
  readonly old_value: Json;
  readonly new_value: Json;
};

/** Tells how the sample's records came to be what they are: every deal's way through its stages above all. */
export function insertHistory(filling: Filling, stories: readonly Story[], contacts: Contacts): void {
  const { changes, pipelines, stages } = filling.world.db;
  const random = stream(filling, 'history');
  const ways = new Map(
    pipelines
      .all()
      .map(({ id }) => [id, stages.where('pipeline_id', id).sort((a, b) => a.order_nr - b.order_nr)] as const),
  );
  const events = [
    ...stories.flatMap((story) => dealEvents(random, filling, story, ways.get(story.deal.pipeline_id) ?? [])),
    ...contactEvents(random, filling, contacts),
  ];
  events.sort((a, b) => (a.time < b.time ? -1 : Number(a.time > b.time)));
  for (const event of events) changes.insert({ id: changes.nextId(), ...event, change_source: 'app' });
  followUsers(random, filling);
}

function dealEvents(random: Random, filling: Filling, story: Story, way: readonly Stage[]): Event[] {
  const { deal, added, until, zone, customer } = story;
  const events: Event[] = [];
  const sometime = (from = added) => stamp(officeTimeWithin(random, from, until, zone));
  const tell = (key: string, time: string, old_value: Json, new_value: Json, user_id = deal.owner_id) =>
    events.push({
      entity: 'deal',
      record_id: deal.id,
      user_id,
      time,
      field_key: v1Key('deal', key),
      old_value,
      new_value,
    });

  const passed = passedStages(random, way, deal.stage_id);
  const last = deal.stage_change_time;
  if (last !== null) {
    const times = passed
      .slice(2)
      .map(() => stamp(officeTimeWithin(random, added, Date.parse(last), zone)))
      .sort();
    for (const [index, { id }] of passed.slice(1).entries()) {
      tell('stage_id', times[index] ?? last, passed[index]?.id ?? null, id);
    }
  }
  if (deal.value > 0 && random.chance(0.4)) {
    const share = random.pick([60, 75, 80, 90, 110, 125]);
    tell('value', sometime(), Math.round((deal.value * share) / 100), deal.value);
  }
  if (deal.expected_close_date !== null && random.chance(0.3)) {
    const earlier = date(workday(Date.parse(deal.expected_close_date) - random.int(7, 60) * DAY, 'before'));
    tell('expected_close_date', sometime(), earlier, deal.expected_close_date);
  }
  const before = random.chance(0.12) ? predecessor(random, filling, story) : undefined;
  if (before) tell('owner_id', stamp(officeTimeWithin(random, added, midway(story), zone)), before.id, deal.owner_id);
  if (deal.org_id !== null && customer && random.chance(0.05)) tell('org_id', sometime(), null, deal.org_id);
  if (Object.keys(deal.custom_fields).length > 0 && random.chance(0.3)) {
    const values = Object.entries(customFieldsV1(filling.world, 'deal', deal.custom_fields));
    // The parts of a value, its currency or its street, stand beside it.
    const [code, value] = random.pick(values.filter(([key]) => key.length === 40));
    tell(code, sometime(), null, value);
  }
  if (deal.close_time !== null) {
    tell('status', deal.close_time, 'open', deal.status);
    if (deal.lost_reason !== null) tell('lost_reason', deal.close_time, null, deal.lost_reason);
  }
  if (deal.archive_time !== null) tell('is_archived', deal.archive_time, false, true);
  if (deal.delete_time !== null) tell('is_deleted', deal.delete_time, false, true);
  return events;
}

/** The stages that a deal was in, its present one last: from the first or second on, now and then one left out. */
function passedStages(random: Random, way: readonly Stage[], present: number): readonly Stage[] {
  const step = way.findIndex(({ id }) => id === present);
  const first = step > 1 && random.chance(0.15) ? 1 : 0;
  return way.slice(first, step + 1).filter((_, index) => {
    const between = index > 0 && first + index < step;
    return !(between && random.chance(0.12));
  });
}

/** A colleague who may have had the deal before its owner. */
function predecessor(random: Random, filling: Filling, { deal, customer }: Story): User | undefined {
  const team = customer ? salespeople(filling, customer.country) : [];
  const others = team.filter(({ id, created }) => id !== deal.owner_id && created <= deal.add_time);
  return others.length > 0 ? random.pick(others) : undefined;
}

function midway({ added, until }: Story): number {
  return added + (until - added) / 2;
}

/** Owners, phones and addresses change now and then. */
function contactEvents(random: Random, filling: Filling, { customers, individuals }: Contacts): Event[] {
  const events: Event[] = [];
  const zone = filling.world.me().timezone_name;
  type Dated = { id: number; owner_id: number; add_time: string; update_time: string };
  const tell = (entity: EntityName, { id, owner_id, ...record }: Dated, code: string, was: Json, is: Json) => {
    const time = officeTimeWithin(random, Date.parse(record.add_time), Date.parse(record.update_time), zone);
    events.push({
      entity,
      record_id: id,
      user_id: owner_id,
      time: stamp(time),
      field_key: v1Key(entity, code),
      old_value: was,
      new_value: is,
    });
  };
  for (const { organization, country } of customers) {
    const others = salespeople(filling, country).filter(({ id }) => id !== organization.owner_id);
    const joined = others.filter(({ created }) => created <= organization.add_time);
    if (joined.length > 0 && random.chance(0.1)) {
      tell('organization', organization, 'owner_id', random.pick(joined).id, organization.owner_id);
    }
    const street = organization.address?.['value'];
    if (street !== undefined && random.chance(0.15)) tell('organization', organization, 'address', null, street);
    if (organization.website !== null && random.chance(0.1)) {
      tell('organization', organization, 'website', null, organization.website);
    }
  }
  for (const person of [...customers.flatMap(({ persons }) => persons), ...individuals.map((one) => one.person)]) {
    const [phone] = person.phones;
    if (phone && random.chance(0.15)) tell('person', person, 'phones', null, phone.value);
    const [email] = person.emails;
    if (email && random.chance(0.06)) tell('person', person, 'emails', null, email.value);
  }
  return events;
}

/** Some users follow what a colleague does. */
function followUsers(random: Random, { world, now }: Filling): void {
  const { users, followers } = world.db;
  const active = users.where('active_flag', true);
  for (const { id, created, timezone_name } of active) {
    if (!random.chance(0.6)) continue;
    const { id: user_id } = random.pick(active.filter((one) => one.id !== id));
    const add_time = stamp(officeTimeWithin(random, Date.parse(created), now, timezone_name));
    followers.insert({ id: followers.nextId(), entity: 'user', record_id: id, user_id, add_time });
  }
}
