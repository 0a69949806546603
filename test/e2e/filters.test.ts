import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

const raw = async (path: string): Promise<Loose[]> => (await sandbox.get(path)).data ?? [];
const ids = (found: Loose[]) => found.map(({ id }) => id).sort((a, b) => a - b);

/** The ids of a whole list. */
async function listed(tool: string, args: Loose): Promise<unknown[]> {
  const found: unknown[] = [];
  let cursor: unknown;
  do {
    const page: Loose = await host.ok(tool, cursor === undefined ? { ...args, limit: 200 } : { cursor });
    found.push(...rows(page).map((row) => row['id']));
    cursor = page['next_cursor'];
  } while (cursor !== undefined);
  return found.sort((a, b) => Number(a) - Number(b));
}

/** The lines of a filter as Pipedrive keeps them: operator and value of each. */
async function kept(id: unknown): Promise<string[][]> {
  const { conditions } = (await sandbox.get(`/v1/filters/${id}`)).data;
  return conditions.conditions.map((group: Loose) =>
    group['conditions'].map(({ object, operator, value }: Loose) => `${object} ${operator} ${value}`),
  );
}

test('a filter made in words lists by its name what the raw API counts', async () => {
  const words = {
    all_of: ['status = open', 'value > 2k', 'expected close is not empty', 'organization.Segment is not empty'],
    any_of: ['owner = me', 'stage = New business / Negotiation', 'Lead source = Referral'],
  };
  const made = await host.ok('create_filter', { type: 'deals', name: 'Mine or hot', ...words });
  expect(made).toMatchObject({ done: expect.stringMatching(/^Created filter \d+$/), filter: { shared: false } });
  const { id } = made['filter'];

  const [deals, organizations, fields, stages] = await Promise.all(
    ['deals?status=open&', 'organizations?', 'dealFields?', 'stages?'].map((one) => raw(`/api/v2/${one}limit=500`)),
  );
  const segment = (await raw('/api/v2/organizationFields?limit=500')).find((one) => one['field_name'] === 'Segment');
  const source = fields?.find((one) => one['field_name'] === 'Lead source');
  const referral = source?.['options'].find(({ label }: Loose) => label === 'Referral').id;
  const negotiation = stages?.find((one) => one['name'] === 'Negotiation' && one['pipeline_id'] === 1)?.['id'];
  const segments = new Map(
    organizations?.map((one) => [one['id'], one['custom_fields'][segment?.['field_code']]] as const),
  );
  const expected = (deals ?? []).filter(
    (deal) =>
      deal['value'] > 2000 &&
      deal['expected_close_date'] !== null &&
      (segments.get(deal['org_id']) ?? null) !== null &&
      (deal['owner_id'] === 1 ||
        deal['stage_id'] === negotiation ||
        deal['custom_fields'][source?.['field_code']] === referral),
  );
  expect(expected.length).toBeGreaterThan(3);
  expect(await listed('list_deals', { filter_id: 'mine or hot' })).toEqual(ids(expected));

  const showing = await host.ok('list_deals', { filter_id: 'Mine or hot', owner_id: 'Marcus Hale', status: ['won'] });
  expect(showing['showing']).toContain(`saved filter "Mine or hot" (${id}), which overrides owner_id, status`);
  expect((await host.ok('list_deals', { filter_id: id }))['showing']).toContain('overrides other filters');

  // It says the same words, but for "me".
  const { filter } = await host.ok('get_filter', { id });
  expect(filter).toMatchObject({
    id,
    name: 'Mine or hot',
    type: 'deals',
    owner: 'Katrin Vogel',
    all_of: ['status = Open', 'value > 2000', 'expected close is not empty', 'organization.Segment is not empty'],
    any_of: ['owner = Katrin Vogel', 'stage = New business / Negotiation', 'Lead source = Referral'],
  });
  expect(JSON.stringify(filter)).not.toMatch(/[0-9a-f]{40}|field_id|null/);

  const changed = await host.ok('update_filter', { id, name: 'Big ones', all_of: ['value >= 30000'] });
  expect(changed['filter']).toMatchObject({ name: 'Big ones', all_of: ['value >= 30000'], any_of: filter['any_of'] });
  const alone = await host.ok('update_filter', { id, any_of: [] });
  expect(alone['filter']).not.toHaveProperty('any_of');
  const big = (await raw('/api/v2/deals?limit=500')).filter(({ value }) => value >= 30_000);
  expect(await listed('list_deals', { filter_id: 'Big ones' })).toEqual(ids(big));
  expect((await host.ok('get_deals_summary', { filter_id: 'Big ones' }))['summary'].total_count).toBe(big.length);

  expect(await host.ok('delete_filter', { id })).toMatchObject({ done: `Deleted filter ${id}` });
  expect(await host.fails('list_deals', { filter_id: 'Big ones' })).toContain('there is no saved filter');
  expect(await host.fails('list_deals', { filter_id: id })).toContain('list_filters');
});

test('the filters of the account, as their words give them back', async () => {
  const all = rows(await host.ok('list_filters'));
  expect(all).toContainEqual(
    expect.objectContaining({ name: 'My open deals', type: 'deals', owner: 'Katrin Vogel', shared: false }),
  );
  expect(rows(await host.ok('list_filters', { type: 'people' })).map(({ name }) => name)).toEqual(['No open deals']);
  const copies: unknown[] = [];
  for (const { id, type, name } of all) {
    const { filter } = await host.ok('get_filter', { id });
    const { all_of, any_of } = filter;
    const copy = await host.ok('create_filter', { type, name: `Copy of ${name}`, all_of, any_of: any_of ?? [] });
    expect(await kept(copy['filter'].id), String(name)).toEqual(await kept(id));
    expect(copy['filter'].all_of).toEqual(all_of);
    copies.push(copy['filter'].id);
  }
  expect((await host.ok('delete_filters', { ids: copies }))['ids']).toEqual(copies);
});

test('one name of two types is that of the list’s own type', async () => {
  const [deals, organizations] = await Promise.all([
    raw('/api/v2/deals?filter_id=5'),
    raw('/api/v2/organizations?filter_id=4'),
  ]);
  expect(await listed('list_deals', { filter_id: 'Key accounts' })).toEqual(ids(deals));
  expect(await listed('list_organizations', { filter_id: 'key accounts' })).toEqual(ids(organizations));
  expect(await host.fails('list_persons', { filter_id: 'Key accounts' })).toContain('is a filter of type org');
  // By its id too: the names are known by now, and else Pipedrive says so.
  expect(await host.fails('list_persons', { filter_id: 5 })).toContain('is a filter of type deals');
  expect(await host.fails('list_deals', { filter_id: 'Big opn deals' })).toContain('Did you mean \\"Big open deals\\"');
  for (const [tool, filter_id] of [
    ['list_activities', 'Overdue'],
    ['list_leads', 'Hot leads'],
    ['list_products', 'Hardware'],
    ['list_persons', 'No open deals'],
  ] as const) {
    expect((await host.ok(tool, { filter_id, limit: 3 }))['rows'], tool).not.toHaveLength(0);
  }
});

describe('what becomes of words', () => {
  const made = async (type: string, all_of: string[], any_of: string[] = []) =>
    host.ok('create_filter', { type, name: 'Words', all_of, any_of });

  test.each<[string, string[], string[]?]>([
    ['deals', ['updated < 30 days ago'], ['deal < 2026-10-21']],
    ['deals', ['updated >= 2 weeks ago'], ['deal >= 2_weeks_ago']],
    ['deals', ['expected close < today'], ['deal = before_today']],
    ['deals', ['expected close > today'], ['deal = later_or_tomorrow']],
    ['deals', ['expected close = this month'], ['deal = this_month']],
    ['deals', ['expected close = next quarter'], ['deal >= 2027-01-01', 'deal <= 2027-03-31']],
    ['deals', ['expected close = 2026-12'], ['deal >= 2026-12-01', 'deal <= 2026-12-31']],
    ['deals', ['expected close <= 2026-Q4'], ['deal <= 2026-12-31']],
    ['deals', ['value >= 5000 EUR'], ['deal >= 5000', 'deal = EUR']],
    ['deals', ['title starts with "Var"'], ["deal LIKE '$%' Var"]],
    ['deals', ['Pilot period end < 2026-12-01'], ['deal ends_before 2026-12-01']],
    ['deals', ['Best time to call >= 14:30'], ['deal >= 14:30:00']],
    ['activity', ['done = yes', 'type = Call'], ['activity = 1', 'activity = call']],
    ['people', ['email contains varsa'], ["person LIKE '%$%' varsa"]],
    ['products', ['linkable = yes'], ['product = 1']],
    ['projects', ['organization.name contains a'], ["organization LIKE '%$%' a"]],
  ])('of %s %j', async (type, all_of, expected = []) => {
    const { filter } = await made(type, all_of);
    expect((await kept(filter.id))[0]).toEqual(expected);
  });

  test('several values are the conditions of which any must hold', async () => {
    const { filter } = await made('deals', ['status = open', 'stage in (Proposal sent, Contract out)']);
    expect(filter.any_of).toEqual(['stage = New business / Proposal sent', 'stage = New business / Contract out']);
    const not = await made('deals', ['owner not in (me, Mikael Sand)']);
    expect(not['filter'].all_of).toEqual(['owner != Katrin Vogel', 'owner != Mikael Sand']);
  });

  test('days that do not move on are said', async () => {
    expect((await made('deals', ['added > 45 days ago']))['note']).toContain('added > 45 days ago: 2026-10-06');
    expect(await made('deals', ['added > 2026-10-01'])).not.toHaveProperty('note');
  });

  test.each<[string, Loose, ...string[]]>([
    ['17 conditions', { all_of: Array.from({ length: 17 }, (_, i) => `value > ${i}`) }, 'all_of: 17 conditions'],
    [
      '17 in both',
      { all_of: Array(9).fill('value > 1'), any_of: Array(8).fill('value > 2') },
      'would have 17 conditions',
    ],
    ['none', {}, 'at least one condition'],
    ['an unknown field', { all_of: ['valu > 3'] }, 'all_of: nothing here is called', 'Did you mean \\"value\\"'],
    ['an unknown operator', { any_of: ['value ~ 3'] }, 'any_of: no operator'],
    [
      'an operator that filters lack',
      { all_of: ['title does not contain x'] },
      'cannot ask for',
      'contains, starts with',
    ],
    ['an unknown name', { all_of: ['owner = Pria Raman'] }, 'Priya Raman'],
    ['a stage of two pipelines', { all_of: ['stage = Negotiation'] }, 'Renewals / Negotiation'],
    ['a time of day', { all_of: ['added > 2026-11-01 14:30'] }, 'whole days'],
    ['a period in any_of', { any_of: ['added = 2026-11', 'value > 5'] }, 'any_of: a period'],
    [
      'two of several values',
      { all_of: ['owner in (me, Mikael Sand)', 'status in (open, won)'] },
      'only one condition',
    ],
    ['a field of a record not linked', { all_of: ['lead.title = x'] }, 'nothing here is called'],
    ['a project’s own field', { type: 'projects', all_of: ['title = x'] }, 'does not tell the id'],
  ])('refuses %s before anything is sent', async (_, args, ...said) => {
    const before = (await sandbox.log()).filter(({ method }) => method !== 'GET').length;
    const error = await host.fails('create_filter', { type: 'deals', name: 'Bad', ...args });
    for (const one of said) expect(error).toContain(one);
    expect((await sandbox.log()).filter(({ method }) => method !== 'GET')).toHaveLength(before);
  });

  test('fields are loaded of the objects that are named, and no others', async () => {
    const start = (await sandbox.log()).length;
    await made('deals', ['value > 1']);
    const paths = (await sandbox.log()).slice(start).map(({ path }) => path.replace(/\?.*/, ''));
    expect(paths.filter((path) => path.endsWith('Fields'))).toEqual(['/api/v1/dealFields']);
  });
});

test('a filter finds what the same conditions find in a list', async () => {
  const conditions = [
    'value > 20k',
    'value <= 9000',
    'status = won',
    'status != open',
    'owner = me',
    'owner != Marcus Hale',
    'stage = Renewals / Negotiation',
    'pipeline = New business',
    'expected close < 2026-12-01',
    'expected close > today',
    'expected close = this quarter',
    'expected close is empty',
    'added >= 2026-06-01',
    'won = 2026-Q3',
    'labels contains Hot',
    'labels is empty',
    'Lead source = Referral',
    'Lead source != Inbound',
    'Lead source is not empty',
    'Budget > 50000',
    'Measuring points <= 20',
    'Contract end > 2027-06-01',
    'Products of interest contains Probes',
    'Competitor = Aquaprobe',
    'PO number is not empty',
    'title contains probe',
    'title not starts with W',
    'person is empty',
    'next activity is empty',
    'products > 0',
  ];
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.constantFrom(...conditions), { minLength: 1, maxLength: 3 }), async (all_of) => {
      const { filter } = await host.ok('create_filter', { type: 'deals', name: 'As in a list', all_of });
      const byFilter = await listed('list_deals', { filter_id: filter.id });
      expect(byFilter, all_of.join('; ')).toEqual(await listed('list_deals', { where: all_of }));
      await host.ok('delete_filter', { id: filter.id });
    }),
    { numRuns: 40, examples: conditions.map((one) => [[one]]) },
  );
}, 60_000);
