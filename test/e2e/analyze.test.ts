import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Host, type Loose, NOW, rows, type SandboxProcess, startSandboxProcess } from './host.ts';
import { byGroup, dayIn, difference, everyRecord, money, monthOf, post, quarterOf, tally } from './totals.ts';

/** Totals of the sample company, checked against its records as the sandbox has them. */
const ZONE = 'Europe/Berlin';
/** What one unit is worth in EUR in the sandbox. */
const RATES: Record<string, number> = { EUR: 1, USD: 0.86, GBP: 1.14 };
const DAY = 86_400_000;

let sandbox: SandboxProcess;
let host: Host;
let deals: Loose[];
let stages: Loose[];
let pipelines: Loose[];
let users: Loose[];

beforeAll(async () => {
  sandbox = await startSandboxProcess(['--deals', '1200']);
  host = await Host.start(['--toolsets', 'all'], sandbox.env);
  deals = await everyRecord(sandbox, '/api/v2/deals');
  stages = await everyRecord(sandbox, '/api/v2/stages?sort_by=order_nr');
  pipelines = await everyRecord(sandbox, '/api/v2/pipelines');
  users = (await sandbox.get('/api/v1/users')).data;
  expect(deals.length).toBeGreaterThan(1_000);
}, 60_000);
afterAll(async () => {
  await host.close();
  await sandbox.stop();
});

const percent = (deal: Loose): number => {
  if (deal['probability'] !== null) return deal['probability'];
  const isOn = pipelines.find(({ id }) => id === deal['pipeline_id'])?.['is_deal_probability_enabled'];
  return isOn ? stages.find(({ id }) => id === deal['stage_id'])?.['deal_probability'] : 100;
};
const userName = (id: number) => String(users.find((user) => user['id'] === id)?.['name']);
const stageName = (id: number) => {
  const stage = stages.find((one) => one['id'] === id);
  return `${pipelines.find((one) => one['id'] === stage?.['pipeline_id'])?.['name']} / ${stage?.['name']}`;
};

/** Every group of an answer, and its total, is what was counted apart. */
async function agrees(
  args: Loose,
  chosen: readonly Loose[],
  keys: readonly ((deal: Loose) => readonly string[])[],
): Promise<Loose> {
  const answer = await host.ok('analyze_deals', args);
  expect(answer).toMatchObject({ counted: chosen.length, complete: true });
  const told = byGroup(answer, keys.length);
  const expected = new Map<string, Loose[]>();
  for (const deal of chosen) {
    const places = keys.reduce<string[]>(
      (all, key) => all.flatMap((place) => key(deal).map((one) => (place === '' ? one : `${place} | ${one}`))),
      [''],
    );
    for (const place of places) expected.set(place, [...(expected.get(place) ?? []), deal]);
  }
  expect([...told.keys()].toSorted()).toEqual([...expected.keys()].toSorted());
  for (const [group, some] of expected) {
    expect(difference(told.get(group) ?? {}, tally(some, percent), RATES), group).toEqual([]);
  }
  if (keys.length > 0) expect(difference(answer['total'], tally(chosen, percent), RATES), 'total').toEqual([]);
  return answer;
}

describe('numbers', () => {
  test('all deals: every figure, over several pages', async () => {
    const all = await host.ok('analyze_deals');
    expect(all).toMatchObject({ counted: deals.length, complete: true });
    const [row = {}] = rows(all);
    expect(difference(row, tally(deals, percent), RATES)).toEqual([]);
    const closed = (deal: Loose) => Date.parse(deal['close_time'] ?? NOW);
    const age = deals.reduce((sum, deal) => sum + closed(deal) - Date.parse(deal['add_time']), 0) / deals.length / DAY;
    const open = deals.filter(({ status }) => status === 'open');
    const stay = open.reduce(
      (sum, one) => sum + Date.parse(NOW) - Date.parse(one['stage_change_time'] ?? one['add_time']),
      0,
    );
    expect(Math.abs(Number(row['average_age_days']) - age)).toBeLessThan(0.06);
    expect(Math.abs(Number(row['average_days_in_stage']) - stay / open.length / DAY)).toBeLessThan(0.06);
    expect(all['as_of']).toMatch(/^2026-11-20 11:0\d:\d\d/);
    expect(all['times_in']).toBe(ZONE);
    expect(all['notes'].join(' ')).toContain("Converted at Pipedrive's rates of now");
  });

  test('what it cost is what the sandbox saw, names that it had to look up and all', async () => {
    const fresh = await Host.start(['--toolsets', 'all'], sandbox.env);
    await fresh.ok('get_current_user');
    const before = (await sandbox.log()).length;
    const answer = await fresh.ok('analyze_deals', { owner_id: 'Mikael Sand', group_by: ['Lead source', 'owner'] });
    const log = (await sandbox.log()).slice(before);
    expect(answer['cost']).toEqual({
      requests: log.length,
      api_tokens: log.reduce((sum, { tokens }) => sum + tokens, 0),
    });
    await fresh.close();
  });

  test('agrees with the API own summary, converted totals too', async () => {
    for (const query of ['status=open', 'status=open&pipeline_id=2', 'status=open&user_id=2']) {
      const { data } = await sandbox.get(`/api/v1/deals/summary?${query}`);
      const args = Object.fromEntries(new URLSearchParams(query.replace('user_id', 'owner_id')));
      const [row = {}] = rows(await host.ok('analyze_deals', args));
      expect(row['count']).toBe(data.total_count);
      const told = money(row['value']);
      for (const [currency, sums] of Object.entries<Loose>(data.values_total)) {
        expect(told[currency] ?? 0, `${query} ${currency}`).toBeCloseTo(sums['value'], 2);
        expect(money(row['weighted_open_value'])[currency] ?? 0).toBeCloseTo(
          data.weighted_values_total[currency].value,
          1,
        );
      }
      if (row['value_converted'] === undefined) continue;
      expect(Math.abs((money(row['value_converted'])['EUR'] ?? 0) - data.total_currency_converted_value)).toBeLessThan(
        0.03,
      );
      const weighted = money(row['weighted_open_value_converted'])['EUR'] ?? 0;
      expect(Math.abs(weighted - data.total_weighted_currency_converted_value)).toBeLessThan(0.03);
    }
  });
});

describe('groups', () => {
  const day = (key: string) => (deal: Loose) => (deal[key] ? dayIn(ZONE, deal[key]) : undefined);

  test('stages in the order of their pipelines', async () => {
    const answer = await agrees({ group_by: ['stage'] }, deals, [(deal) => [stageName(deal['stage_id'])]]);
    const inOrder = pipelines
      .toSorted((a, b) => a['order_nr'] - b['order_nr'])
      .flatMap(({ id }) =>
        stages.filter((stage) => stage['pipeline_id'] === id).map((stage) => stageName(stage['id'])),
      );
    const told = rows(answer).map(({ stage }) => String(stage));
    expect(told).toEqual(inOrder.filter((name) => told.includes(name)));
  });

  test('owner and status, the owner who has most first', async () => {
    const answer = await agrees({ group_by: ['owner', 'status'] }, deals, [
      (deal) => [userName(deal['owner_id'])],
      (deal) => [deal['status']],
    ]);
    const worth = new Map<string, number>();
    for (const deal of deals) {
      const name = userName(deal['owner_id']);
      worth.set(name, (worth.get(name) ?? 0) + deal['value'] * (RATES[deal['currency']] ?? 0));
    }
    const order = [...new Set(rows(answer).map((row) => String(row['owner'])))];
    expect(order).toEqual([...worth].toSorted(([, a], [, b]) => b - a).map(([name]) => name));
  });

  test.each([
    ['month of won time', 'won_time', monthOf],
    ['Quarter of lost_time', 'lost_time', quarterOf],
    ['added by year', 'add_time', (one: string) => one.slice(0, 4)],
  ])('%s, in the zone of the user', async (group, key, part) => {
    const of = (deal: Loose) => day(key)(deal);
    const answer = await agrees({ group_by: [group] }, deals, [(deal) => [of(deal) ? part(of(deal) ?? '') : '(none)']]);
    const told = rows(answer).map((row) => String(row[answer['columns'][0]]));
    const periods = told.filter((one) => one !== '(none)');
    expect(periods).toEqual(periods.toSorted());
  });

  test('calendar dates stay what they are; days beyond a hundred are summed', async () => {
    await agrees(
      { group_by: ['month of expected close'], status: ['open'] },
      deals.filter(({ status }) => status === 'open'),
      [(deal) => [deal['expected_close_date'] ? monthOf(deal['expected_close_date']) : '(none)']],
    );
    const answer = await host.ok('analyze_deals', { group_by: ['day of added'], figures: ['count'] });
    const listed = rows(answer);
    expect(listed).toHaveLength(101);
    expect(String(listed.at(-1)?.['day of added'])).toMatch(/^\(\d+ others\)$/);
    expect(listed.reduce((sum, row) => sum + Number(row['count']), 0)).toBe(deals.length);
    const days = deals.map((deal) => dayIn(ZONE, deal['add_time']));
    const last = [...new Set(days)].toSorted().slice(-100);
    expect(listed.slice(0, -1).map((row) => row['day of added'])).toEqual(last);
  });

  test('a custom option field, by its label', async () => {
    const fields = await everyRecord(sandbox, '/api/v2/dealFields');
    const field = fields.find(({ field_name }) => field_name === 'Lead source') ?? {};
    const label = (id: number) => field['options'].find((one: Loose) => one['id'] === id)?.['label'];
    const of = (deal: Loose) => {
      const id = deal['custom_fields'][field['field_code']];
      return [id === null ? '(none)' : label(id)];
    };
    await agrees(
      { group_by: ['lead source'], where: ['value > 10000'] },
      deals.filter(({ value }) => value > 10_000),
      [of],
    );
  });

  test('other words for owner and close time', async () => {
    const closed = deals.filter(({ status }) => status !== 'open');
    await agrees({ group_by: ['salesperson'] }, deals, [(deal) => [userName(deal['owner_id'])]]);
    await agrees({ group_by: ['user'] }, deals, [(deal) => [userName(deal['owner_id'])]]);
    await agrees({ group_by: ['month of close'], status: ['won', 'lost'] }, closed, [
      (deal) => [monthOf(day('close_time')(deal) ?? '')],
    ]);
  });

  test('labels and options of several: in each group, once in the total', async () => {
    const some = deals.filter(({ status }) => status === 'open').slice(0, 3);
    for (const { id } of some) await post(sandbox, 'PATCH', `/api/v2/deals/${id}`, { label_ids: [1, 3] });
    deals = await everyRecord(sandbox, '/api/v2/deals');
    const names = ['', 'Hot', 'Warm', 'Cold'];
    const of = (deal: Loose) =>
      deal['label_ids'].length > 0 ? deal['label_ids'].map((id: number) => names[id]) : ['(none)'];
    const answer = await agrees({ group_by: ['label'] }, deals, [of]);
    expect(answer['notes'].join(' ')).toContain('the total counts it once');
    expect(rows(answer).reduce((sum, row) => sum + Number(row['count']), 0)).toBeGreaterThan(deals.length);
  });

  test('names that outsiders wrote are said to be theirs', async () => {
    const answer = await host.ok('analyze_deals', { group_by: ['organization', 'lost reason'] });
    expect(answer['outsiders_wrote']).toEqual(['organization', 'lost reason']);
    expect((await host.ok('analyze_deals', { group_by: ['owner'] }))['outsiders_wrote']).toBeUndefined();
  });
});

describe('what is chosen', () => {
  test('filters and conditions of the list', async () => {
    const inside = deals.filter((deal) => deal['owner_id'] === 2 && deal['pipeline_id'] === 1 && deal['value'] > 5_000);
    const answer = await agrees(
      { owner_id: userName(2), where: ['pipeline = New business', 'value > 5k'], group_by: ['status'] },
      inside,
      [(deal) => [deal['status']]],
    );
    expect(answer['showing']).toContain(`owner_id=${userName(2)}`);
    expect(answer['showing']).toContain('archived left out');
  });

  test('one outcome alone has no win rate; figures that are not wanted cost nothing', async () => {
    const before = (await sandbox.log()).length;
    const won = await host.ok('analyze_deals', { status: ['won'], figures: ['count'] });
    expect(won['columns']).toEqual(['count']);
    const log = (await sandbox.log()).slice(before);
    expect(new Set(log.map(({ path }) => path.split('?')[0]))).toEqual(new Set(['/api/v2/deals']));
    const plain = await host.ok('analyze_deals', { status: ['won'] });
    expect(plain['columns']).not.toContain('win_rate_percent');
    expect(String(plain['notes'])).not.toContain('win rate');
    for (const args of [{ where: ['won time >= 2000'] }, { where: ['status = lost'] }, { status: ['won'] }]) {
      const one = await host.ok('analyze_deals', { ...args, group_by: ['owner'], figures: ['win_rate'] });
      expect(one['columns'], JSON.stringify(args)).toEqual(['owner', 'count']);
      expect(String(one['notes'])).toMatch(/All are (won|lost): for a win rate choose by close time/);
    }
    const both = await host.ok('analyze_deals', { where: ['closed >= 2000'], figures: ['win_rate'] });
    expect(both['columns']).toContain('win_rate_percent');
    expect(both).not.toHaveProperty('notes');
  });

  test('what was closed before it was added has no age; the rest has', async () => {
    const make = (title: string, won_time: string) =>
      post(sandbox, 'POST', '/api/v2/deals', { title, value: 7_654_322, status: 'won', won_time });
    await make('imported', '2020-01-01T00:00:00Z');
    const alone = await host.ok('analyze_deals', { where: ['value = 7654322'], figures: ['age'] });
    expect(alone['columns']).toEqual(['count']);
    const { data: of } = await sandbox.get('/api/v2/deals?status=won&limit=1&sort_by=id');
    const days = (Date.parse(of[0].close_time) - Date.parse(of[0].add_time)) / DAY;
    expect(days).toBeGreaterThan(0);
    await post(sandbox, 'PATCH', `/api/v2/deals/${of[0].id}`, { value: 7_654_322 });
    const two = await host.ok('analyze_deals', { where: ['value = 7654322'], figures: ['age'] });
    expect(two['counted']).toBe(2);
    expect(Math.abs(Number(rows(two)[0]?.['average_age_days']) - days)).toBeLessThan(0.06);
    expect(String(two['notes'])).toContain('1 ended before they were added');
    deals = await everyRecord(sandbox, '/api/v2/deals');
  });

  test('a name that is too long keeps its id', async () => {
    const name = `${'Very long company name '.repeat(9)}Ltd`;
    const { id } = await post(sandbox, 'POST', '/api/v2/organizations', { name });
    await post(sandbox, 'POST', '/api/v2/deals', { title: 'long', org_id: id });
    const answer = await host.ok('analyze_deals', { where: [`organization = ${id}`], group_by: ['organization'] });
    expect(String(rows(answer)[0]?.['organization'])).toMatch(new RegExp(`^.{60,80}… \\(${id}\\)$`));
    const deal = rows(await host.ok('list_deals', { org_id: id }))[0];
    expect(String(deal?.['organization'])).toMatch(new RegExp(`… \\(${id}\\)⟧?$`));
    const context = await host.ok('get_context', { deal_id: Number(deal?.['id']) });
    expect(context['deal'].organization).toMatch(new RegExp(`… \\(${id}\\)⟧?$`));
  });

  test('deleted and archived deals are never counted', async () => {
    const victim = await post(sandbox, 'POST', '/api/v2/deals', { title: 'gone', value: 7_654_321 });
    await post(sandbox, 'DELETE', `/api/v2/deals/${victim['id']}`);
    const hidden = await post(sandbox, 'POST', '/api/v2/deals', {
      title: 'put away',
      value: 7_654_321,
      is_archived: true,
    });
    expect(hidden['is_archived']).toBe(true);
    expect(await host.ok('analyze_deals', { where: ['value = 7654321'] })).toMatchObject({
      counted: 0,
      complete: true,
    });
    for (const where of ['status = deleted', 'status in (won, Deleted)']) {
      expect(await host.fails('analyze_deals', { where: [where] })).toContain('list_deals with status deleted');
    }
    expect(await host.ok('list_deals', { status: ['deleted'], where: ['value = 7654321'] })).toMatchObject({
      matched: 1,
    });
  });
});

describe('the API own summary', () => {
  test('takes the place of many pages where it gives the same', async () => {
    const big = await startSandboxProcess(['--deals', '4000']);
    const other = await Host.start(['--toolsets', 'all'], big.env);
    const all = await everyRecord(big, '/api/v2/deals?status=open');
    await other.ok('get_current_user');
    const everything = await everyRecord(big, '/api/v2/deals');
    const pages = Math.ceil(everything.length / 500);
    expect(pages).toBeGreaterThan(6);
    const own = (await big.log()).length;
    const answer = await other.ok('analyze_deals', { figures: ['value'] });
    const log = (await big.log()).slice(own);
    expect(log.filter(({ path }) => path.startsWith('/api/v2/deals?'))).toHaveLength(4);
    expect(answer).toMatchObject({ counted: everything.length, complete: true, source: "Pipedrive's own summary" });
    const [row = {}] = rows(answer);
    const sums = tally(everything, () => 100);
    for (const [currency, amount] of Object.entries(sums.value))
      expect(money(row['value'])[currency]).toBeCloseTo(amount, 1);
    // With a figure, a condition or a group that it has not, the records are counted.
    const counted = await other.ok('analyze_deals', { figures: ['value'], where: ['status = open'] });
    expect(counted).not.toHaveProperty('source');
    expect(counted['counted']).toBe(all.length);
    await other.close();
    await big.stop();
  }, 40_000);
});

describe('an answer that could not be finished', () => {
  test('says how far it came and goes on; its parts make the whole', async () => {
    // A call of several requests ends five seconds before its deadline, so each of these has time for one page.
    const other = await Host.start(['--toolsets', 'all'], { ...sandbox.env, PIPEDRIVE_DEADLINE: '4' });
    const now = await everyRecord(sandbox, '/api/v2/deals');
    const args = { group_by: ['status'], figures: ['count', 'value'] };
    const parts: Loose[] = [];
    for (let more: Loose = {}; ; ) {
      const part = await other.ok('analyze_deals', { ...args, ...more });
      parts.push(part);
      if (part['complete']) break;
      expect(part['stopped']).toBe('the time for a call is up');
      more = { continue_at: part['continue_at'] };
    }
    expect(parts).toHaveLength(Math.ceil(now.length / 500));
    const sum = (status: string, currency: string) =>
      parts.reduce((all, part) => all + (money(byGroup(part, 1).get(status)?.['value'])[currency] ?? 0), 0);
    for (const status of ['open', 'won', 'lost']) {
      const expected = tally(
        now.filter((deal) => deal['status'] === status),
        percent,
      ).value;
      for (const [currency, amount] of Object.entries(expected)) expect(sum(status, currency)).toBeCloseTo(amount, 1);
    }
    const at = parts[0]?.['continue_at'];
    expect(await other.fails('analyze_deals', { group_by: ['stage'], continue_at: at })).toContain('other arguments');
    expect(await other.fails('analyze_deals', { ...args, continue_at: 'anything' })).toContain('continue_at');
    await other.close();
  });

  test('a fault between pages ends it there, with what was counted', async () => {
    const fault = {
      method: 'GET',
      path: '/api/v2/deals',
      skip: 1,
      count: 20,
      status: 403,
      body: { success: false, error: 'Forbidden' },
    };
    await fetch(`${sandbox.url}/_sandbox/faults`, { method: 'POST', body: JSON.stringify([fault]) });
    const answer = await host.call('analyze_deals', { figures: ['count'] });
    await fetch(`${sandbox.url}/_sandbox/faults`, { method: 'POST', body: JSON.stringify([]) });
    expect(answer.structure).toMatchObject({ counted: 500, complete: false });
    const rest = await host.ok('analyze_deals', { figures: ['count'], continue_at: answer.structure['continue_at'] });
    expect(500 + rest['counted']).toBe((await everyRecord(sandbox, '/api/v2/deals')).length);
  });
});

test('where it is switched off, the list of the same records is named, if that is there', async () => {
  const core = await Host.start([], sandbox.env);
  expect(await core.fails('analyze_activities')).toContain('Call list_activities');
  expect(await core.fails('delete_deal', { id: 1 })).not.toContain('list_deals');
  await core.close();
  const without = await Host.start(['--exclude', 'list_activities'], sandbox.env);
  expect(await without.fails('analyze_activities')).not.toContain('list_activities');
  await without.close();
});

describe('errors tell what can be grouped by', () => {
  test.each([
    [{ group_by: ['stagee'] }, 'Did you mean \\"stage\\"'],
    [{ group_by: ['flavour of the day'] }, 'month of won time'],
    [{ group_by: ['won time'] }, 'quarter of won time'],
    [{ group_by: ['month of stage'] }, 'It is no date'],
    [{ group_by: ['value'] }, 'an amount'],
    [{ group_by: ['month'] }, 'month of won time'],
    [{ group_by: ['Monthly'] }, 'Say of what: month of'],
    [{ group_by: ['by quarter'] }, 'quarter of close time'],
    [{ group_by: ['daily'] }, 'day of added'],
    [{ group_by: ['stage', 'owner', 'status'] }, 'group_by'],
    [{ group_by: ['stage', 'Stage'] }, 'twice'],
    [{ where: ['colour = red'] }, 'nothing here is called'],
  ])('%j', async (args, said) => {
    expect(await host.fails('analyze_deals', args)).toContain(said);
  });
});

describe('activities and leads', () => {
  test('activities, done or not, by type', async () => {
    const all = await everyRecord(sandbox, '/api/v2/activities');
    const types: Loose[] = (await sandbox.get('/api/v1/activityTypes')).data;
    const answer = await host.ok('analyze_activities', { group_by: ['type'] });
    expect(answer['counted']).toBe(all.length);
    for (const { key_string: key, name } of types) {
      const some = all.filter(({ type }) => type === key);
      if (some.length === 0) continue;
      const open = some.filter(({ done }) => !done);
      const due = (one: Loose) => Date.parse(`${one['due_date']}T${one['due_time'] || '23:59:59'}Z`);
      const overdue = open.filter((one) =>
        one['due_time'] ? due(one) < Date.parse(NOW) : one['due_date'] !== null && one['due_date'] < '2026-11-20',
      );
      const minutes = some.reduce((sum, { duration }) => {
        const [hours = 0, rest = 0] = String(duration ?? '0:0')
          .split(':')
          .map(Number);
        return sum + hours * 60 + rest;
      }, 0);
      const row = byGroup(answer, 1).get(name) ?? {};
      expect(row, name).toMatchObject({ count: some.length, open: open.length, done: some.length - open.length });
      expect(row['overdue'] ?? 0, name).toBe(overdue.length);
      expect(Number(row['hours'] || 0), name).toBeCloseTo(Math.round(minutes / 6) / 10, 5);
    }
    const open = await host.ok('analyze_activities', { done: false });
    expect(open['counted']).toBe(all.filter(({ done }) => !done).length);
  });

  test('leads by label and by month, converted', async () => {
    const all = await everyRecord(sandbox, '/api/v1/leads');
    const labels: Loose[] = (await sandbox.get('/api/v1/leadLabels')).data;
    const answer = await host.ok('analyze_leads', { group_by: ['label'] });
    expect(answer).toMatchObject({ counted: all.length, complete: true });
    for (const { id, name } of labels) {
      const some = all.filter(({ label_ids }) => label_ids.includes(id));
      if (some.length === 0) continue;
      const row = byGroup(answer, 1).get(name) ?? {};
      expect(row['count'], name).toBe(some.length);
      const worth = some.reduce((sum, { value }) => sum + (value ? value.amount * (RATES[value.currency] ?? 0) : 0), 0);
      expect(Math.abs((money(row['value_converted'])['EUR'] ?? 0) - worth), name).toBeLessThan(0.05);
    }
    const months = byGroup(await host.ok('analyze_leads', { group_by: ['month of added'] }), 1);
    for (const month of new Set(all.map((lead) => monthOf(dayIn(ZONE, lead['add_time']))))) {
      const some = all.filter((lead) => monthOf(dayIn(ZONE, lead['add_time'])) === month);
      expect(months.get(month)?.['count'], month).toBe(some.length);
    }
  });
});
