import { DateTime } from 'luxon';
import { describe, expect, test } from 'vitest';
import { Clock } from '../../src/sandbox/clock.ts';
import { checkLabels, writeCustomFieldsV2 } from '../../src/sandbox/fields/custom.ts';
import { fieldType } from '../../src/sandbox/fields/types.ts';
import { isAdmin } from '../../src/sandbox/resources/permission-sets.ts';
import { fillEmpty, fillSample, sampleCompany } from '../../src/sandbox/sample/index.ts';
import { createWorld, type World } from '../../src/sandbox/world.ts';

const friday = new Date('2026-11-20T10:00:00Z');

function sample(seed = 1, deals?: number, now = friday): World {
  const world = createWorld(new Clock(now), sampleCompany);
  fillSample(world, seed, deals);
  return world;
}

/** The days from `time` to `now`, negative in the future. */
function daysAgo(time: string, now = friday): number {
  return (now.getTime() - Date.parse(time)) / 86_400_000;
}

describe('an empty account', () => {
  const world = createWorld(new Clock(friday), sampleCompany);
  fillEmpty(world, 1);

  test("has its owner and Pipedrive's defaults", () => {
    const { db } = world;
    expect(db.users.all().map((user) => ({ id: user.id, admin: isAdmin(user), active: user.active_flag }))).toEqual([
      { id: 1, admin: true, active: true },
    ]);
    expect(db.pipelines.all().map(({ name }) => name)).toEqual(['Pipeline']);
    expect(db.stages.all().map(({ name }) => name)).toEqual([
      'Qualified',
      'Contact Made',
      'Demo Scheduled',
      'Proposal Made',
      'Negotiations Started',
    ]);
    expect(db.activityTypes.all().map(({ key_string }) => key_string)).toEqual([
      'call',
      'meeting',
      'task',
      'deadline',
      'email',
      'lunch',
    ]);
    expect(db.leadLabels.all().map(({ name, color }) => `${name} ${color}`)).toEqual([
      'Hot red',
      'Warm yellow',
      'Cold blue',
    ]);
  });

  test('has built-in fields only, and no records', () => {
    const { db } = world;
    expect(db.fields.size).toBeGreaterThan(100);
    expect(db.fields.where('is_custom_field', true)).toEqual([]);
    for (const table of [db.deals, db.persons, db.organizations, db.activities, db.leads, db.notes, db.products]) {
      expect(table.size).toBe(0);
    }
  });
});

describe('the sample company', () => {
  test('is the same for one seed and time, another for another seed', () => {
    const first = JSON.stringify(sample(5).db);
    expect(JSON.stringify(sample(5).db)).toBe(first);
    expect(JSON.stringify(sample(6).db)).not.toBe(first);
  });

  test('outlives being written to a file', () => {
    const { db } = sample();
    const copy = createWorld(new Clock(friday), sampleCompany);
    copy.db.deals.load(JSON.parse(JSON.stringify(db.deals)));
    copy.db.activities.load(JSON.parse(JSON.stringify(db.activities)));
    expect(copy.db.deals.toJSON()).toEqual(db.deals.toJSON());
    expect(copy.db.activities.toJSON()).toEqual(db.activities.toJSON());
  });

  test('scales with its deals', () => {
    const { db } = sample(1, 10_000);
    expect(db.deals.size).toBe(10_000);
    expect(db.persons.size).toBeGreaterThan(4500);
    expect(db.persons.size).toBeLessThan(5500);
    expect(db.organizations.size).toBeGreaterThan(1500);
    expect(db.activities.size).toBeGreaterThan(13_000);
    expect(db.activities.size).toBeLessThan(18_000);
  });

  test.each([0, 1, 7, 40])('can be as small as %i deals', (deals) => {
    expect(sample(1, deals).db.deals.size).toBe(deals);
  });
});

const cases = [
  { seed: 1, now: friday },
  { seed: 2, now: friday },
  { seed: 77, now: new Date('2026-03-29T23:59:00Z') },
  { seed: 123_456, now: new Date('2027-01-01T00:00:00Z') },
];

describe.each(cases)('with seed $seed at $now', ({ seed, now }) => {
  const world = sample(seed, undefined, now);
  const { db } = world;
  const stampNow = now.toISOString();
  const deals = db.deals.all();
  const live = deals.filter((deal) => !deal.is_deleted && !deal.is_archived);

  test('has the records of a working company', () => {
    expect(db.users.size).toBe(6);
    expect(new Set(db.users.all().map((user) => user.timezone_name))).toEqual(
      new Set(['Europe/Berlin', 'America/New_York']),
    );
    expect(db.users.where('active_flag', false)).toHaveLength(1);
    expect(deals).toHaveLength(150);
    const within = (size: number, least: number, most: number) => {
      expect(size).toBeGreaterThanOrEqual(least);
      expect(size).toBeLessThanOrEqual(most);
    };
    within(db.organizations.size, 40, 60);
    within(db.persons.size, 120, 150);
    within(db.leads.size, 18, 30);
    within(db.activities.size, 180, 300);
    within(db.notes.size, 80, 180);
    expect(db.products.size).toBe(13);
    for (const table of [db.comments, db.followers, db.dealProducts, db.discounts, db.installments]) {
      expect(table.size).toBeGreaterThan(0);
    }
  });

  test('has two stages of one name, and a pipeline whose deals rot', () => {
    const names = db.stages.all().map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual(['Negotiation']);
    expect(new Set(db.stages.where('is_deal_rot_enabled', true).map((stage) => stage.pipeline_id)).size).toBe(1);
    for (const pipeline of db.pipelines.all()) {
      expect(live.some((deal) => deal.pipeline_id === pipeline.id)).toBe(true);
    }
  });

  test('every record has the shape of its kind', () => {
    for (const table of Object.values(db)) for (const row of table.all()) expect(table.parse(row)).toEqual(row);
  });

  test('deals are of all states and ages', () => {
    const share = (status: string) => deals.filter((deal) => deal.status === status).length / deals.length;
    expect(share('open')).toBeCloseTo(0.6, 1);
    expect(share('won')).toBeCloseTo(0.25, 1);
    expect(share('lost')).toBeCloseTo(0.15, 1);
    expect(deals.filter((deal) => deal.is_archived)).toHaveLength(6);
    expect(deals.filter((deal) => deal.is_deleted)).toHaveLength(3);
    expect(new Set(deals.map((deal) => deal.currency))).toEqual(new Set(['EUR', 'USD', 'GBP']));
    const open = live.filter((deal) => deal.status === 'open');
    const today = stampNow.slice(0, 10);
    const steps = (id: number) => db.activities.where('deal_id', id).filter((activity) => !activity.done);
    expect(open.some((deal) => deal.expected_close_date && deal.expected_close_date < today)).toBe(true);
    expect(open.some((deal) => deal.expected_close_date && deal.expected_close_date > today)).toBe(true);
    expect(open.some((deal) => deal.person_id === null && deal.org_id === null)).toBe(true);
    expect(open.filter((deal) => steps(deal.id).length === 0).length).toBeGreaterThan(10);
    expect(open.filter((deal) => steps(deal.id).some((one) => (one.due_date ?? '') < today)).length).toBeGreaterThan(
      10,
    );
    expect(open.filter((deal) => daysAgo(deal.update_time, now) >= 14).length).toBeGreaterThan(10);
    expect(live.some((deal) => daysAgo(deal.won_time ?? '1970-01-01', now) < 30)).toBe(true);
  });

  test('deals agree with themselves and what they name', () => {
    for (const deal of deals) {
      expect(db.stages.get(deal.stage_id)?.pipeline_id).toBe(deal.pipeline_id);
      expect(db.users.get(deal.owner_id)).toBeDefined();
      expect((db.users.get(deal.creator_user_id)?.created ?? 'never') <= deal.add_time).toBe(true);
      const person = deal.person_id === null ? undefined : db.persons.get(deal.person_id);
      const organization = deal.org_id === null ? undefined : db.organizations.get(deal.org_id);
      expect(person?.id ?? null).toBe(deal.person_id);
      expect(organization?.id ?? null).toBe(deal.org_id);
      if (person) expect(person.org_id).toBe(deal.org_id);
      if (person) expect(person.add_time <= deal.add_time).toBe(true);
      if (organization) expect(organization.add_time <= deal.add_time).toBe(true);

      const times = [deal.add_time, deal.stage_change_time, deal.close_time, deal.archive_time, deal.delete_time];
      for (const time of times) {
        if (time !== null) expect(deal.add_time <= time && time <= deal.update_time).toBe(true);
      }
      expect(deal.update_time <= stampNow).toBe(true);
      expect(deal.won_time).toBe(deal.status === 'won' ? deal.close_time : null);
      expect(deal.lost_time).toBe(deal.status === 'lost' ? deal.close_time : null);
      expect(deal.close_time === null).toBe(deal.status === 'open');
      expect(deal.lost_reason !== null).toBe(deal.status === 'lost');
      expect(deal.archive_time !== null).toBe(deal.is_archived);
      expect(deal.delete_time !== null).toBe(deal.is_deleted);
      if (deal.delete_time) expect(daysAgo(deal.delete_time, now)).toBeLessThan(30);
      if (deal.status === 'open') expect(db.users.get(deal.owner_id)?.active_flag).toBe(true);
      checkLabels(world, 'deal', deal.label_ids);
    }
    expect(deals.map((deal) => deal.add_time)).toEqual(deals.map((deal) => deal.add_time).sort());
  });

  test('a deal with products is worth what they come to', () => {
    const cents = (amount: number) => Math.round(amount * 100);
    for (const deal of deals) {
      const lines = db.dealProducts.where('deal_id', deal.id);
      const discounts = db.discounts.where('deal_id', deal.id);
      const installments = db.installments.where('deal_id', deal.id);
      if (lines.length === 0) {
        expect([...discounts, ...installments]).toEqual([]);
        continue;
      }
      const sum = lines.reduce((total, one) => total + one.item_price * one.quantity * (1 - one.discount / 100), 0);
      const off = discounts.reduce((total, { amount }) => total + (sum * amount) / 100, 0);
      expect(Math.abs(cents(deal.value) - cents(sum - off))).toBeLessThanOrEqual(1);
      for (const line of lines) {
        expect(line.item_price).toBeGreaterThan(0);
        expect(db.products.get(line.product_id)?.prices.map(({ currency }) => currency)).toContain(deal.currency);
      }
      const recurring = lines.filter((line) => line.billing_frequency !== 'one-time');
      expect(deal.arr !== null).toBe(recurring.length > 0);
      if (installments.length === 0) continue;
      expect(recurring).toEqual([]);
      expect(cents(installments.reduce((total, { amount }) => total + amount, 0))).toBe(cents(deal.value));
    }
  });

  test('activities agree with their deals, persons and the hours of their owners', () => {
    const activities = db.activities.all();
    const types = db.activityTypes.all().map(({ key_string }) => key_string);
    for (const done of [true, false]) {
      expect(new Set(activities.filter((one) => one.done === done).map((one) => one.type))).toEqual(new Set(types));
    }
    expect(activities.some((one) => one.due_time === null)).toBe(true);
    for (const activity of activities) {
      const { deal_id, lead_id, person_id, org_id, add_time, due_date, due_time, marked_as_done_time } = activity;
      expect(deal_id !== null && lead_id !== null).toBe(false);
      const deal = deal_id === null ? undefined : db.deals.get(deal_id);
      const lead = lead_id === null ? undefined : db.leads.get(lead_id);
      if (deal_id !== null) expect(deal?.is_deleted).toBe(false);
      if (lead_id !== null) expect(lead?.is_deleted).toBe(false);
      if (deal) expect({ person_id, org_id }).toEqual({ person_id: deal.person_id, org_id: deal.org_id });
      if (lead) expect({ person_id, org_id }).toEqual({ person_id: lead.person_id, org_id: lead.organization_id });
      if (org_id !== null) expect(db.organizations.get(org_id)).toBeDefined();
      expect(activity.participants.find(({ primary }) => primary)?.person_id ?? null).toBe(person_id);
      for (const one of activity.participants) expect(db.persons.get(one.person_id)).toBeDefined();
      const since = (deal ?? lead)?.add_time ?? add_time;
      expect(since <= add_time && add_time <= activity.update_time && activity.update_time <= stampNow).toBe(true);
      expect(marked_as_done_time !== null).toBe(activity.done);
      if (deal && marked_as_done_time) expect(marked_as_done_time <= deal.update_time).toBe(true);
      if (!activity.done) expect(db.users.get(activity.owner_id)?.active_flag).toBe(true);
      expect(due_date).toMatch(/^\d{4}-\d\d-\d\d$/);
      if (due_time === null) continue;
      const zone = db.users.get(activity.owner_id)?.timezone_name ?? '';
      const local = DateTime.fromISO(`${due_date}T${due_time}Z`, { zone });
      expect(local.hour).toBeGreaterThanOrEqual(9);
      expect(local.hour).toBeLessThan(17);
      expect(local.weekday).toBeLessThan(6);
      if (activity.type === 'lunch') expect(local.hour).toBe(12);
    }
  });

  test('persons, organizations and leads are linked and reachable', () => {
    const names = db.persons.all().map(({ name }) => name);
    expect(new Set(names).size).toBeLessThan(names.length);
    expect(
      names.some((name) => /\p{Script=Han}/u.test(name)) || names.some((name) => /\p{Script=Cyrillic}/u.test(name)),
    ).toBe(true);
    expect(db.persons.where('org_id', null).length).toBeGreaterThan(3);
    for (const person of db.persons.all()) {
      if (person.org_id !== null) expect(db.organizations.get(person.org_id)).toBeDefined();
      for (const list of [person.emails, person.phones]) {
        expect(list.filter(({ primary }) => primary)).toHaveLength(1);
        expect(list.length).toBeLessThanOrEqual(3);
      }
      for (const { value } of person.emails) expect(value).toMatch(/^[a-z0-9.-]+@[a-z0-9-]+\.example$/);
      checkLabels(world, 'person', person.label_ids);
    }
    const countries = db.organizations.all().map(({ address }) => address?.['country']);
    expect(new Set(countries).size).toBeGreaterThan(5);
    for (const row of [...db.persons.all(), ...db.organizations.all(), ...db.leads.all()]) {
      expect(db.users.get(row.owner_id)?.active_flag).toBe(true);
      expect(row.add_time <= row.update_time && row.update_time <= stampNow).toBe(true);
    }
    for (const organization of db.organizations.all()) checkLabels(world, 'organization', organization.label_ids);

    const leads = db.leads.all();
    expect(new Set(leads.map((lead) => lead.source_name))).toEqual(
      new Set(['Web forms', 'Import', 'Manually created', 'API']),
    );
    expect(leads.some((lead) => lead.is_archived)).toBe(true);
    for (const lead of leads) {
      expect(lead.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(lead.person_id ?? lead.organization_id).not.toBeNull();
      if (lead.person_id !== null) expect(db.persons.get(lead.person_id)?.org_id).toBe(lead.organization_id);
      for (const label of lead.label_ids) expect(db.leadLabels.get(label)).toBeDefined();
    }
  });

  test('notes, comments and followers are of records that are there', () => {
    const kinds = { deal_id: db.deals, person_id: db.persons, org_id: db.organizations } as const;
    for (const note of db.notes.all()) {
      const links = [note.deal_id, note.person_id, note.org_id, note.lead_id].filter((link) => link !== null);
      expect(links).toHaveLength(1);
      for (const [key, table] of Object.entries(kinds)) {
        const id = key === 'deal_id' ? note.deal_id : key === 'person_id' ? note.person_id : note.org_id;
        if (id !== null) expect(table.get(id)?.is_deleted).toBe(false);
      }
      if (note.lead_id !== null) expect(db.leads.get(note.lead_id)).toBeDefined();
      const deal = note.deal_id === null ? undefined : db.deals.get(note.deal_id);
      if (deal) expect(deal.add_time <= note.add_time && note.add_time <= deal.update_time).toBe(true);
      expect(note.content).toMatch(/^<p>.+<\/(p|ul)>$/);
      expect(note.content).not.toMatch(/[{}]|undefined/);
      expect(note.add_time <= stampNow).toBe(true);
    }
    for (const comment of db.comments.all()) {
      expect((db.notes.get(comment.note_id)?.add_time ?? 'never') <= comment.add_time).toBe(true);
      expect(comment.add_time <= stampNow).toBe(true);
    }
    const followed = { deal: db.deals, person: db.persons, organization: db.organizations, product: db.products };
    for (const { entity, record_id, user_id } of db.followers.all()) {
      const table = Object.entries(followed).find(([name]) => name === entity)?.[1];
      if (entity === 'user') expect(db.users.get(record_id)?.active_flag).toBe(true);
      else expect(table?.get(record_id)?.is_deleted).toBe(false);
      expect(db.users.get(user_id)?.active_flag).toBe(true);
    }
  });

  test('deals have custom fields of every type, and all values are ones that the API would take', () => {
    const custom = db.fields.where('is_custom_field', true);
    const ofDeals = custom.filter((field) => field.entity === 'deal');
    expect(ofDeals.map((field) => field.field_type).sort()).toEqual([...fieldType.options].sort());
    for (const field of custom) expect(field.field_code).toMatch(/^[0-9a-f]{40}$/);
    const filled = {
      deal: db.deals,
      person: db.persons,
      organization: db.organizations,
      product: db.products,
    } as const;
    for (const [entity, table] of Object.entries(filled)) {
      const fields = custom.filter((field) => field.entity === entity);
      const rows: { custom_fields: Record<string, unknown> }[] = table.all();
      for (const field of fields) {
        const used = rows.filter((row) => row.custom_fields[field.field_code] !== undefined);
        if (entity !== 'product') expect(used.length, field.field_name).toBeGreaterThan(0);
      }
    }
    for (const row of [...deals, ...db.leads.all()]) {
      expect(writeCustomFieldsV2(world, 'deal', {}, row.custom_fields)).toEqual(row.custom_fields);
    }
    for (const row of db.persons.all()) {
      expect(writeCustomFieldsV2(world, 'person', {}, row.custom_fields)).toEqual(row.custom_fields);
    }
    for (const row of db.organizations.all()) {
      expect(writeCustomFieldsV2(world, 'organization', {}, row.custom_fields)).toEqual(row.custom_fields);
    }
    for (const row of db.products.all()) {
      expect(writeCustomFieldsV2(world, 'product', {}, row.custom_fields)).toEqual(row.custom_fields);
    }
    const share = deals.filter((deal) => Object.keys(deal.custom_fields).length > 0).length / deals.length;
    expect(share).toBeGreaterThan(0.4);
    expect(share).toBeLessThan(0.65);
  });
});
