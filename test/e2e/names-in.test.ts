import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Host, type Loose, rows, type SandboxProcess, startSandboxProcess } from './host.ts';

let sandbox: SandboxProcess;
let host: Host;

beforeAll(async () => {
  sandbox = await startSandboxProcess();
  host = await Host.start(['--toolsets', 'all'], sandbox.env);
});
afterAll(async () => {
  await host.close();
  await sandbox.stop();
});

const v2 = async (path: string) => (await sandbox.get(`/api/v2${path}`)).data;
const v1 = async (path: string) => (await sandbox.get(`/api/v1${path}`)).data;

async function send(method: string, path: string, body: Loose): Promise<Loose> {
  const response = await fetch(sandbox.url + path, {
    method,
    headers: { 'x-api-token': sandbox.token, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as Loose;
  expect(answer).toMatchObject({ success: true });
  return answer['data'];
}

/** The paths that a piece of work asks for, in order, without their queries. */
async function requests(work: () => Promise<unknown>): Promise<string[]> {
  const before = (await sandbox.log()).length;
  await work();
  return (await sandbox.log()).slice(before).map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`);
}

const made = async (tool: string, args: Loose): Promise<Loose> => {
  const answer = await host.ok(tool, args);
  return answer[tool.slice(tool.indexOf('_') + 1)];
};

/** The code of each custom field of deals by its label. */
async function codes(): Promise<Record<string, string>> {
  const fields: Loose[] = (await v2('/dealFields?limit=500')).filter((field: Loose) => field['is_custom_field']);
  return Object.fromEntries(fields.map((field) => [field['field_name'], field['field_code']]));
}

test('a deal by names: pipeline, stage, owner, labels, currency', async () => {
  const { id } = await made('create_deal', {
    title: 'Names',
    value: 5,
    pipeline_id: 'RENEWALS',
    stage_id: 'negotiation',
    owner_id: 'camille.rousseau@varsa.example',
    label_ids: ['hot', 'Warm'],
    currency: 'swiss franc',
  });
  expect(await v2(`/deals/${id}`)).toMatchObject({
    pipeline_id: 2,
    stage_id: 10,
    owner_id: 4,
    label_ids: [1, 2],
    currency: 'CHF',
  });
  await host.ok('update_deal', {
    id,
    stage_id: 'New business / Negotiation',
    owner_id: 'me',
    remove_label_ids: ['Hot'],
  });
  expect(await v2(`/deals/${id}`)).toMatchObject({ pipeline_id: 1, stage_id: 5, owner_id: 1, label_ids: [2] });
  await host.ok('add_deal_follower', { deal_id: id, user_id: 'Priya Raman' });
  expect(await v2(`/deals/${id}/followers`)).toEqual([expect.objectContaining({ user_id: 6 })]);
  await host.ok('remove_deal_follower', { deal_id: id, user_id: 'priya raman' });
  expect(await v2(`/deals/${id}/followers`)).toEqual([]);
});

test('persons, organizations, activities, leads and notes by names', async () => {
  const person = await made('create_person', { name: 'N', owner_id: 'mikael sand', label_ids: ['Hot lead'] });
  expect(await v2(`/persons/${person['id']}`)).toMatchObject({ owner_id: 2, label_ids: [15] });
  const organization = await made('create_organization', { name: 'N', owner_id: 'me', label_ids: 'customer' });
  expect(await v2(`/organizations/${organization['id']}`)).toMatchObject({ owner_id: 1, label_ids: [18] });
  const activity = await made('create_activity', {
    subject: 'N',
    type: 'MEETING',
    owner_id: 'Marcus Hale',
    participants: ['Kevin Lindgren (14)'],
  });
  expect(await v2(`/activities/${activity['id']}`)).toMatchObject({ type: 'meeting', owner_id: 5, person_id: 14 });
  const lead = await made('create_lead', {
    title: 'N',
    person_id: 'Kevin Lindgren (14)',
    label_ids: ['hot', 'Cold'],
    value: { amount: 5, currency: 'us dollar' },
  });
  const labels: Loose[] = await v1('/leadLabels');
  const ids = ['Hot', 'Cold'].map((name) => labels.find((label) => label['name'] === name)?.['id']);
  expect(await v1(`/leads/${lead['id']}`)).toMatchObject({
    person_id: 14,
    label_ids: ids,
    value: { amount: 5, currency: 'USD' },
  });
  const deals = rows(await host.ok('list_deals', { owner_id: 'Priya Raman', limit: 100 }));
  const hers: Loose[] = await v2('/deals?owner_id=6&limit=100&sort_by=update_time&sort_direction=desc');
  expect(deals.map(({ id }) => id)).toEqual(hers.map(({ id }) => id));
  await host.ok('list_notes', { user_id: 'me' });
});

test('a cursor goes on with the names it was given for, and with no others', async () => {
  const first = await host.ok('list_deals', { owner_id: 'Priya Raman', limit: 5 });
  const cursor = first['next_cursor'];
  const ids = rows(first).map(({ id }) => id);
  for (const again of [{}, { owner_id: 'PRIYA RAMAN' }, { owner_id: 6 }]) {
    const next = rows(await host.ok('list_deals', { cursor, ...again }));
    expect(next.length).toBeGreaterThan(0);
    expect(next.some(({ id }) => ids.includes(id))).toBe(false);
  }
  expect(await host.fails('list_deals', { cursor, owner_id: 'Marcus Hale' })).toContain('owner_id is not what it was');
});

test('what fits two, or none, is refused with what there is, and nothing is written', async () => {
  const before = (await v2('/deals?limit=500')).length;
  const both = await host.fails('create_deal', { title: 'x', stage_id: 'Negotiation' });
  expect(both).toContain('New business / Negotiation (id 5), Renewals / Negotiation (id 10)');
  expect(
    await host.fails('create_deal', { title: 'x', pipeline_id: 'Partnerships', stage_id: 'Negotiation' }),
  ).toContain('Partnerships / First call');
  expect(await host.fails('create_deal', { title: 'x', owner_id: 'Pria Raman' })).toContain(
    'Did you mean \\"Priya Raman\\"',
  );
  expect(await host.fails('create_deal', { title: 'x', label_ids: ['Hott'] })).toContain('Hot, Warm, Cold');
  expect(await host.fails('create_deal', { title: 'x', currency: 'kr' })).toContain('Swedish Krona (id SEK)');
  expect(await host.fails('create_activity', { subject: 'x', type: 'Dance' })).toContain('Lunch');
  expect(await host.fails('list_deals', { filter_id: 'All open deals' })).toContain('My open deals');
  expect(await host.fails('create_deal', { title: 'x', custom_fields: { Stage: 'Qualified' } })).toContain('stage_id');
  expect(await host.fails('create_deal', { title: 'x', org_id: 'Acme (1)' })).toContain(
    'Whitfield Process Instruments',
  );
  expect(await v2('/deals?limit=500')).toHaveLength(before);
});

test('a stage that is called "42", and one that was renamed a minute ago by someone else', async () => {
  const stage = await made('create_stage', { name: '42', pipeline_id: 'Partnerships' });
  const { id } = await made('create_deal', { title: 'x', stage_id: '42' });
  expect(await v2(`/deals/${id}`)).toMatchObject({ stage_id: stage['id'] });
  const five = await made('create_stage', { name: '5', pipeline_id: 'Partnerships' });
  expect(await host.fails('update_deal', { id, stage_id: '5' })).toContain(`Partnerships / 5 (id ${five['id']})`);
  await host.ok('update_deal', { id, stage_id: 5 });
  expect(await v2(`/deals/${id}`)).toMatchObject({ stage_id: 5 });
  await send('PATCH', '/api/v2/stages/13', { name: 'Zweites Gespräch' });
  await host.ok('update_deal', { id, stage_id: 'zweites gesprach' });
  expect(await v2(`/deals/${id}`)).toMatchObject({ stage_id: 13 });
  await host.ok('update_stage', { id: 13, name: 'First call' });
  await host.ok('update_deal', { id, stage_id: 'First call', status: 'lost', lost_reason: 'Any text' });
  expect(await v2(`/deals/${id}`)).toMatchObject({ stage_id: 13, lost_reason: 'Any text' });
  expect(await host.fails('update_deal', { id, stage_id: 'Zweites Gespräch' })).toContain('no stage');
});

describe('custom fields of every type by label', () => {
  const said = {
    'lead source': 'referral',
    'Products of interest': ['Probes', 'cloud'],
    Budget: 1500,
    'Contract end': '2026-12-31',
    'Sales engineer': 'Priya Raman',
    Champion: 'Kevin Lindgren (14)',
    Reseller: 'molkerei pohl gmbh',
    'Best time to call': '2:30 pm',
    'Maintenance window': '20:00 to 21:30',
    'Pilot period': '2026-12-01 to 2027-01-12',
    'Installation site': 'Torstrasse 5, 10119 Berlin',
    'Site phone': '+49 30 123',
    'Decision process': 'The lab agrees.',
    'PO number': 4711,
    'Measuring points': '12.5',
    Competitor: 'Aquaprobe',
  };

  test('on a deal, and each cleared by null', async () => {
    const { id } = await made('create_deal', { title: 'x', currency: 'USD', custom_fields: said });
    const code = await codes();
    const kept = async () => {
      const { custom_fields } = await v2(`/deals/${id}`);
      return Object.fromEntries(Object.entries(code).map(([label, key]) => [label, custom_fields[key]]));
    };
    expect(await kept()).toMatchObject({
      'Lead source': 49,
      'Products of interest': [54, 56],
      Budget: { value: 1500, currency: 'USD' },
      'Contract end': '2026-12-31',
      'Sales engineer': 6,
      Champion: 14,
      Reseller: 3,
      'Best time to call': { value: '14:30:00', timezone_name: 'Europe/Berlin' },
      'Maintenance window': { value: '20:00:00', until: '21:30:00', timezone_name: 'Europe/Berlin' },
      'Pilot period': { value: '2026-12-01', until: '2027-01-12' },
      'Installation site': { value: 'Torstrasse 5, 10119 Berlin' },
      'Site phone': '+49 30 123',
      'Decision process': 'The lab agrees.',
      'PO number': '4711',
      'Measuring points': 12.5,
      Competitor: 'Aquaprobe',
    });
    await host.ok('update_deal', { id, custom_fields: { Budget: 2000, [code['Competitor'] ?? '']: 'Limnotek' } });
    expect(await kept()).toMatchObject({ Budget: { value: 2000, currency: 'USD' }, Competitor: 'Limnotek' });
    const nothing = Object.fromEntries(Object.keys(said).map((label) => [label, null]));
    await host.ok('update_deal', { id, custom_fields: nothing });
    expect(Object.values(await kept())).toEqual(Array(16).fill(null));
  });

  test('on a lead, whose API has them flat', async () => {
    const { id } = await made('create_lead', {
      title: 'x',
      person_id: 14,
      value: { amount: 1, currency: 'CHF' },
      custom_fields: said,
    });
    const code = await codes();
    const kept: Loose = await v1(`/leads/${id}`);
    const flat = (label: string, part = '') => kept[`${code[label]}${part}`];
    expect(String(flat('Lead source'))).toBe('49');
    expect(flat('Products of interest')).toBe('54,56');
    expect([flat('Budget'), flat('Budget', '_currency')]).toEqual([1500, 'CHF']);
    expect(flat('Contract end')).toBe('2026-12-31');
    expect([flat('Champion'), flat('Reseller')].map((link) => link.value ?? link)).toEqual([14, 3]);
    expect(flat('Sales engineer').id ?? flat('Sales engineer')).toBe(6);
    expect(flat('Best time to call')).toBe('14:30:00');
    expect([flat('Maintenance window'), flat('Maintenance window', '_until')]).toEqual(['20:00:00', '21:30:00']);
    expect([flat('Pilot period'), flat('Pilot period', '_until')]).toEqual(['2026-12-01', '2027-01-12']);
    expect(flat('Installation site')).toBe('Torstrasse 5, 10119 Berlin');
    expect(flat('PO number')).toBe('4711');
    expect(flat('Measuring points')).toBe(12.5);
    await host.ok('update_lead', { id, custom_fields: { Budget: '7', 'Lead source': null, Competitor: null } });
    const after: Loose = await v1(`/leads/${id}`);
    expect([after[`${code['Budget']}`], after[`${code['Budget']}_currency`]]).toEqual([7, 'CHF']);
    expect(after).not.toHaveProperty(code['Lead source'] ?? '');
    expect(after).not.toHaveProperty(code['Competitor'] ?? '');
    expect(after[`${code['Site phone']}`]).toBe('+49 30 123');
  });

  test('on persons and organizations', async () => {
    const person = await made('create_person', { name: 'x', custom_fields: { Languages: 'German, French' } });
    const { custom_fields: kept } = await v2(`/persons/${person['id']}`);
    expect(Object.values(kept).filter((value) => value !== null)).toEqual([[expect.any(Number), expect.any(Number)]]);
    const organization = await made('create_organization', {
      name: 'x',
      custom_fields: { Segment: 'key account', 'Credit limit': 5, 'Service engineer': 'me', 'Parent company': 1 },
    });
    const { custom_fields: of } = await v2(`/organizations/${organization['id']}`);
    expect(Object.values(of)).toEqual(
      expect.arrayContaining([expect.any(Number), expect.objectContaining({ value: 5, currency: 'EUR' }), 1]),
    );
  });
});

describe('requests', () => {
  let fresh: Host;
  beforeEach(async () => {
    await fresh?.close();
    fresh = await Host.start(['--toolsets', 'all'], sandbox.env);
  });
  afterAll(() => fresh?.close());

  const deal = {
    title: 'By names',
    stage_id: 'Renewals / Negotiation',
    owner_id: 'Marcus Hale',
    custom_fields: { 'Lead source': 'Event', Budget: '500 EUR', 'Contract end': '2026-12-31' },
  };
  const cold = [
    'GET /api/v1/users',
    'GET /api/v1/users/me',
    'GET /api/v2/dealFields',
    'GET /api/v2/pipelines',
    'GET /api/v2/stages',
  ];

  test('a deal with a stage, an owner and three custom fields takes one of each kind of name, then only its own', async () => {
    expect((await requests(() => fresh.ok('create_deal', deal))).toSorted()).toEqual([...cold, 'POST /api/v2/deals']);
    expect(await requests(() => fresh.ok('create_deal', deal))).toEqual(['POST /api/v2/deals']);
  });

  test('a hundred calls at once on a cold server load each kind once', async () => {
    const lists = { stage_id: deal.stage_id, owner_id: deal.owner_id, limit: 1, fields: ['id'] };
    const asked = await requests(() =>
      Promise.all(Array.from({ length: 100 }, (_, at) => fresh.ok('list_deals', { ...lists, org_id: at + 1 }))),
    );
    const names = asked.filter((one) => one !== 'GET /api/v2/deals');
    expect(names.toSorted()).toEqual(cold.filter((one) => one !== 'GET /api/v2/dealFields'));
  });
});
