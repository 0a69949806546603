import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Host, type Loose, rows, type SandboxProcess, startSandboxProcess } from './host.ts';
import { byGroup, dayIn, difference, everyRecord, monthOf, post, quarterOf, tally } from './totals.ts';

/** Totals of random deals in random groups, against a count made here. */
const ZONE = 'Europe/Berlin';
const RATES: Record<string, number> = { EUR: 1, USD: 0.86 };
const STAGES = ['Qualified', 'Contact Made', 'Demo Scheduled', 'Proposal Made', 'Negotiations Started'];
const LABELS = ['', 'Hot', 'Warm', 'Cold'];
const REGIONS = ['North', 'South', 'East'];
const CHANCES = [10, 25, 50, 75, 100];

let sandbox: SandboxProcess;
let host: Host;
let region: { code: string; ids: number[] };

/** Moments around midnight of Berlin and of UTC, where months, quarters and years change, summer and winter. */
const moment = fc.oneof(
  fc.constantFrom(
    '2025-12-31T22:59:59Z',
    '2025-12-31T23:00:00Z',
    '2026-01-01T00:00:00Z',
    '2026-03-31T21:59:59Z',
    '2026-03-31T22:00:00Z',
    '2026-06-30T22:30:00Z',
    '2026-10-31T22:59:59Z',
    '2026-10-31T23:00:00Z',
  ),
  fc
    .date({ min: new Date('2025-10-01'), max: new Date('2026-11-19'), noInvalidDate: true })
    .map((date) => `${date.toISOString().slice(0, 19)}Z`),
);
const day = fc
  .date({ min: new Date('2026-01-01'), max: new Date('2027-03-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });

const deal = fc
  .record({
    cents: fc.oneof(fc.constantFrom(0, 1, 10_000, 1_000_000), fc.integer({ min: 0, max: 90_000_000 })),
    currency: fc.constantFrom('EUR', 'USD'),
    stage_id: fc.integer({ min: 1, max: 5 }),
    owner_id: fc.constantFrom(1, 2),
    label_ids: fc.uniqueArray(fc.constantFrom(1, 2, 3), { maxLength: 3 }),
    probability: maybe(fc.integer({ min: 0, max: 100 })),
    expected_close_date: maybe(day),
    outcome: fc.oneof(
      fc.constant({}),
      moment.map((won_time) => ({ status: 'won', won_time })),
      fc
        .record({ lost_time: moment, lost_reason: maybe(fc.constantFrom('Price', 'Timing', 'No answer')) })
        .map((lost) => ({ status: 'lost', ...lost })),
    ),
    region: maybe(fc.constantFrom(0, 1, 2)),
  })
  .map(({ cents, outcome, region: at, ...rest }) => ({
    title: 'Random',
    value: cents / 100,
    ...rest,
    ...outcome,
    ...(at === undefined ? {} : { custom_fields: { [region.code]: region.ids[at] } }),
  }));

const regionOf = (one: Loose) => {
  const id = one['custom_fields'][region.code];
  return id === null ? undefined : REGIONS[region.ids.indexOf(id)];
};
const won = (one: Loose) => (one['won_time'] ? dayIn(ZONE, one['won_time']) : undefined);
const lost = (one: Loose) => (one['lost_time'] ? dayIn(ZONE, one['lost_time']) : undefined);
const close = (one: Loose): string | undefined => one['expected_close_date'] ?? undefined;

/** What can be asked for, and what of a deal it is. */
const groupings: Record<string, (one: Loose) => (string | undefined)[]> = {
  stage: (one) => [`Pipeline / ${STAGES[one['stage_id'] - 1]}`],
  pipeline: () => ['Pipeline'],
  owner: (one) => [one['owner_id'] === 1 ? owners[0] : owners[1]],
  status: (one) => [one['status']],
  currency: (one) => [one['currency']],
  labels: (one) => (one['label_ids'].length > 0 ? one['label_ids'].map((id: number) => LABELS[id]) : [undefined]),
  'lost reason': (one) => [one['lost_reason'] ?? undefined],
  Region: (one) => [regionOf(one)],
  'month of won time': (one) => [won(one)?.slice(0, 7)],
  'day of won time': (one) => [won(one)],
  'quarter of lost time': (one) => [lost(one) && quarterOf(lost(one) ?? '')],
  'year of close time': (one) => [(won(one) ?? lost(one))?.slice(0, 4)],
  'month of expected close': (one) => [close(one) && monthOf(close(one) ?? '')],
};

/** Conditions, and what of a deal they want. */
const conditions: Record<string, (one: Loose) => boolean> = {
  'value > 1000': (one) => one['value'] > 1000,
  'value <= 5000 EUR': (one) => one['currency'] === 'EUR' && one['value'] <= 5000,
  'status in (won, lost)': (one) => one['status'] !== 'open',
  'stage in (Qualified, Demo Scheduled)': (one) => [1, 3].includes(one['stage_id']),
  'owner = me': (one) => one['owner_id'] === 1,
  'labels contains Hot': (one) => one['label_ids'].includes(1),
  'Region is empty': (one) => regionOf(one) === undefined,
  'Region != South': (one) => regionOf(one) !== 'South',
  'won time = 2026-Q1': (one) => won(one) !== undefined && quarterOf(won(one) ?? '') === '2026-Q1',
  'expected close < 2026-07-01': (one) => close(one) !== undefined && (close(one) ?? '') < '2026-07-01',
};
/** Arguments of the list. */
const filters: [Loose, (one: Loose) => boolean][] = [
  [{}, () => true],
  [{ status: ['open'] }, (one) => one['status'] === 'open'],
  [{ status: ['won', 'lost'] }, (one) => one['status'] !== 'open'],
  [{ owner_id: 2 }, (one) => one['owner_id'] === 2],
];

const percent = (one: Loose): number => one['probability'] ?? CHANCES[one['stage_id'] - 1];
let owners: string[];

beforeAll(async () => {
  sandbox = await startSandboxProcess(['--empty']);
  await post(sandbox, 'POST', '/api/v1/users', { email: 'second@example.com', access: [{ app: 'sales' }] });
  owners = (await sandbox.get('/api/v1/users')).data.map(({ name }: Loose) => name);
  await post(sandbox, 'PATCH', '/api/v2/pipelines/1', { is_deal_probability_enabled: true });
  for (const [at, deal_probability] of CHANCES.entries()) {
    await post(sandbox, 'PATCH', `/api/v2/stages/${at + 1}`, { deal_probability });
  }
  const options = REGIONS.map((label) => ({ label }));
  const field = await post(sandbox, 'POST', '/api/v2/dealFields', {
    field_name: 'Region',
    field_type: 'enum',
    options,
  });
  region = { code: field['field_code'], ids: field['options'].map(({ id }: Loose) => id) };
  // More than one page of the API, and not a whole number of them.
  for (const one of fc.sample(deal, { numRuns: 620, seed: 7 })) await post(sandbox, 'POST', '/api/v2/deals', one);
  host = await Host.start(['--toolsets', 'all'], sandbox.env);
}, 60_000);
afterAll(async () => {
  await host.close();
  await sandbox.stop();
});

test('any groups, conditions and filters', async () => {
  const asked = fc.record({
    group_by: fc.uniqueArray(fc.constantFrom(...Object.keys(groupings)), { maxLength: 2 }),
    where: fc.uniqueArray(fc.constantFrom(...Object.keys(conditions)), { maxLength: 2 }),
    filter: fc.constantFrom(...filters),
    fresh: fc.array(deal, { maxLength: 2 }),
  });
  await fc.assert(
    fc.asyncProperty(asked, async ({ group_by, where, filter: [args, keeps], fresh }) => {
      for (const one of fresh) await post(sandbox, 'POST', '/api/v2/deals', one);
      const chosen = (await everyRecord(sandbox, '/api/v2/deals')).filter(
        (one) => keeps(one) && where.every((condition) => conditions[condition]?.(one)),
      );
      const answer = await host.ok('analyze_deals', { ...args, group_by, where });
      expect(answer).toMatchObject({ counted: chosen.length, complete: true });
      if (group_by.length === 0) {
        expect(difference(rows(answer)[0] ?? {}, tally(chosen, percent), RATES)).toEqual([]);
        return;
      }
      expect(difference(answer['total'], tally(chosen, percent), RATES)).toEqual([]);
      const expected = new Map<string, Loose[]>();
      for (const one of chosen) {
        const [first = [], second = ['']] = group_by.map((group) => groupings[group]?.(one) ?? []);
        for (const a of first) {
          for (const b of second) {
            const name = (part: string | undefined) => part ?? '(none)';
            const place = group_by.length === 1 ? name(a) : `${name(a)} | ${name(b)}`;
            expected.set(place, [...(expected.get(place) ?? []), one]);
          }
        }
      }
      const told = byGroup(answer, group_by.length);
      const others = [...told.keys()].filter((name) => /^\(\d+ others\)/.test(name));
      expect(told.size - others.length).toBe(Math.min(100, expected.size));
      for (const [place, row] of told) {
        if (others.includes(place)) continue;
        expect(difference(row, tally(expected.get(place) ?? [], percent), RATES), place).toEqual([]);
      }
    }),
    { numRuns: 60 },
  );
}, 60_000);

/** Others change, move and delete every third record, and add new ones, while the server walks through the list. */
async function disturbed(kind: 'deals' | 'leads'): Promise<void> {
  const busy = await startSandboxProcess(['--empty']);
  const [path, method] = kind === 'deals' ? ['/api/v2/deals', 'PATCH'] : ['/api/v1/leads', 'PATCH'];
  const person_id = (await post(busy, 'POST', '/api/v2/persons', { name: 'Ann' }))['id'];
  const ids: (string | number)[] = [];
  for (let at = 0; at < 1_150; at += 1) {
    const title = at % 3 === 0 ? `Touched ${at}` : `Kept ${at}`;
    const value = kind === 'deals' ? { value: at, currency: 'EUR' } : { value: { amount: at, currency: 'EUR' } };
    ids.push((await post(busy, 'POST', path, { title, person_id, ...value }))['id']);
  }
  const kept = ids.map((_, at) => at).filter((at) => at % 3 !== 0);
  const touched = ids.filter((_, at) => at % 3 === 0);
  const server = await Host.start(['--toolsets', 'all'], busy.env);
  await server.ok('get_current_user');
  // Each page waits long enough for others to take away records of the pages before it.
  const delay = [{ method: 'GET', path, count: 10, delay_ms: 150 }];
  await fetch(`${busy.url}/_sandbox/faults`, { method: 'POST', body: JSON.stringify(delay) });
  let isOver = false;
  let written = 0;
  const writing = (async () => {
    for (const [at, id] of touched.entries()) {
      if (isOver) return;
      if (at % 5 === 4) await post(busy, 'POST', path, { title: 'New', person_id });
      if (at % 5 < 3) await post(busy, 'DELETE', `${path}/${id}`);
      else await post(busy, method, `${path}/${id}`, { title: 'Changed' });
      written += 1;
    }
  })();
  const args = { where: ['title starts with Kept'], figures: ['count', 'value'] };
  const answer = await server.ok(`analyze_${kind}`, args);
  isOver = true;
  await writing;
  expect(written).toBeGreaterThan(50);
  expect(answer).toMatchObject({ counted: kept.length, complete: true });
  expect(rows(answer)[0]?.['value']).toBe(`${kept.reduce((sum, at) => sum + at, 0)} EUR`);
  // It says from when to when it looked.
  expect(answer['as_of']).toMatch(/^2026-11-20 11:\d\d:\d\d/);
  await server.close();
  await busy.stop();
}

test('deals that others leave alone are counted once while they write', () => disturbed('deals'), 60_000);
test('leads too, though leads that go move all that follow up', () => disturbed('leads'), 60_000);
