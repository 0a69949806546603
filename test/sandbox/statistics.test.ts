import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Deal } from '../../src/sandbox/model.ts';
import { insertDeal } from '../../src/sandbox/resources/deals.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import type { World } from '../../src/sandbox/world.ts';
import { type Api, apiOf } from './api.ts';
import { craftedFile, insertUser, removeFile } from './crafted.ts';

let sandbox: Sandbox;
let api: Api;
let file: string;
let stages: number[] = [];
let colleague = 0;

/** Deals whose story is known to the day; the stages of the default pipeline are 0 to 4. */
function fill(world: World): void {
  const { db } = world;
  stages = db.stages.all().map(({ id }) => id);
  colleague = insertUser(world, 'Cleo', 'cleo@varsa.example').id;
  const told = (input: Partial<Deal> & { title: string }, moves: [day: string, from: number, to: number][] = []) => {
    const deal = insertDeal(world, input);
    db.deals.patch(deal, { stage_id: stages[moves.at(-1)?.[2] ?? 0] });
    for (const [day, from, to] of moves) {
      db.changes.insert({
        id: db.changes.nextId(),
        entity: 'deal',
        record_id: deal.id,
        user_id: world.me().id,
        time: `${day}T12:00:00Z`,
        field_key: 'stage_id',
        old_value: stages[from] ?? null,
        new_value: stages[to] ?? null,
        change_source: 'app',
      });
    }
    return deal;
  };
  const at = (day: string) => `${day}T12:00:00Z`;
  // Goes through stages 0, 1 and 2 and is won.
  told(
    {
      title: 'Won',
      value: 1000,
      currency: 'EUR',
      status: 'won',
      add_time: at('2026-10-01'),
      won_time: at('2026-10-31'),
      close_time: at('2026-10-31'),
      expected_close_date: '2026-10-31',
    },
    [
      ['2026-10-11', 0, 1],
      ['2026-10-21', 1, 2],
    ],
  );
  // Skips stage 1.
  told({ title: 'Skips', value: 500, currency: 'USD', add_time: at('2026-10-05'), expected_close_date: '2026-12-31' }, [
    ['2026-10-15', 0, 2],
  ]);
  told({
    title: 'Lost',
    value: 300,
    currency: 'EUR',
    status: 'lost',
    add_time: at('2026-10-10'),
    lost_time: at('2026-10-20'),
  });
  told({ title: 'Waits', value: 0.1, currency: 'EUR', probability: 50, add_time: at('2026-10-30') });
  told({ title: 'Older', value: 0.2, currency: 'EUR', add_time: at('2026-08-31') });
  told({ title: "Cleo's", value: 70, currency: 'EUR', owner_id: colleague, add_time: at('2026-10-12') });
  told({ title: 'Deleted', value: 9, currency: 'EUR', add_time: at('2026-10-12'), is_deleted: true });
  told({ title: 'Archived', value: 40, currency: 'EUR', add_time: at('2026-10-13'), is_archived: true });
}

beforeAll(async () => {
  file = craftedFile('2026-11-20T10:00:00Z', fill);
  sandbox = await startSandbox({ file, now: new Date('2026-11-20T10:00:00Z') });
  api = apiOf(sandbox);
});
afterAll(async () => {
  await sandbox.close();
  removeFile(file);
});

/** By the time of adding, unless the query says otherwise. */
const address = (query: string, kind = '') =>
  `/v1/deals/timeline${kind}?${new URLSearchParams({ field_key: 'add_time', ...Object.fromEntries(new URLSearchParams(query)) })}`;
const timeline = async (query: string, kind = '') => (await api.ok('GET', address(query, kind))).data;
const october = 'start_date=2026-10-01&interval=month&amount=1';

describe('the timeline', () => {
  it('adds up by period, currency and status', async () => {
    const [period, ...rest] = await timeline(october);
    expect(rest).toEqual([]);
    expect(period).toMatchObject({ period_start: '2026-10-01 00:00:00', period_end: '2026-10-31 23:59:59' });
    expect(period.deals.map((deal: { title: string }) => deal.title)).toEqual(['Won', 'Skips', 'Waits', "Cleo's"]);
    expect(period.totals).toEqual({
      count: 4,
      values: { EUR: 1070.1, USD: 500 },
      weighted_values: { EUR: 1070.05, USD: 500 },
      open_count: 3,
      open_values: { USD: 500, EUR: 70.1 },
      weighted_open_values: { USD: 500, EUR: 70.05 },
      won_count: 1,
      won_values: { EUR: 1000 },
    });
  });

  it('converts totals to one currency', async () => {
    const [period] = await timeline(`${october}&totals_convert_currency=default_currency&exclude_deals=1`);
    expect(period).not.toHaveProperty('deals');
    expect(period.totals_converted).toMatchObject({
      currency: 'EUR',
      value: 1500.1,
      open_value: 500.1,
      won_value: 1000,
    });
    await api.fails('GET', address(`${october}&totals_convert_currency=XXX`), undefined, 400, 'XXX');
  });

  it('counts months by the calendar, and weeks and days from the start', async () => {
    const bounds = async (query: string) =>
      (await timeline(query)).map((one: Record<string, string>) => [
        one['period_start']?.slice(5, 10),
        one['period_end']?.slice(5, 10),
      ]);
    expect(await bounds('start_date=2026-08-31&interval=month&amount=3')).toEqual([
      ['08-31', '09-29'],
      ['09-30', '10-30'],
      ['10-31', '11-29'],
    ]);
    expect(await bounds('start_date=2026-10-01&interval=week&amount=2')).toEqual([
      ['10-01', '10-07'],
      ['10-08', '10-14'],
    ]);
    expect(await bounds('start_date=2026-10-01&interval=quarter&amount=1')).toEqual([['10-01', '12-31']]);
  });

  it('is narrowed by user and pipeline, and goes by any date of a deal', async () => {
    const count = async (query: string) => (await timeline(`${october}&${query}`))[0].totals.count;
    expect(await count(`user_id=${colleague}`)).toBe(1);
    expect(await count('pipeline_id=1')).toBe(4);
    expect(await count('pipeline_id=77')).toBe(0);
    expect(await count('field_key=won_time')).toBe(1);
    expect(await count('field_key=expected_close_date')).toBe(1);
    const { data: field } = await api.ok('POST', '/api/v2/dealFields', { field_name: 'Start', field_type: 'date' });
    await api.ok('POST', '/api/v2/deals', { title: 'Dated', custom_fields: { [field.field_code]: '2026-10-09' } });
    expect(await count(`field_key=${field.field_code}`)).toBe(1);
  });

  it('has the archived ones apart', async () => {
    const [period] = await timeline(october, '/archived');
    expect(period.totals).toMatchObject({ count: 1, values: { EUR: 40 } });
    const { data } = await api.ok('GET', '/v1/deals/summary/archived');
    expect(data).toMatchObject({ total_count: 1, values_total: { EUR: { value: 40 } } });
    const { data: list, related_objects } = await api.ok('GET', '/v1/deals/archived');
    expect(list).toMatchObject([{ title: 'Archived', user_id: { value: 1 }, is_archived: true }]);
    expect(related_objects.pipeline['1']).toMatchObject({ id: 1 });
    expect((await api.ok('GET', '/v1/deals/archived?status=won')).data).toBeNull();
  });

  it.each([
    ['interval=year&start_date=2026-10-01&amount=1', 'interval'],
    ['interval=day&start_date=2026-02-30&amount=1', 'start_date'],
    ['interval=day&start_date=2026-10-01&amount=0', 'amount'],
    ['interval=day&start_date=2026-10-01', 'amount'],
    ['interval=day&start_date=2026-10-01&amount=1&field_key=title', 'field_key'],
  ])('refuses %s', async (query, named) => {
    await api.fails('GET', address(query), undefined, 400, named);
  });
});

describe('pipeline statistics', () => {
  const statistics = async (kind: string, query: string) =>
    (await api.ok('GET', `/v1/pipelines/1/${kind}_statistics?${query}`)).data;
  const span = 'start_date=2026-10-01&end_date=2026-10-31';

  it("tell how many of the caller's deals went on from each stage", async () => {
    const { stage_conversions, won_conversion, lost_conversion } = await statistics('conversion', span);
    // Came to stage 0 in October: Won, Skips, Lost, Waits, Archived; on to 1: Won, Skips; on to 2: both.
    expect(stage_conversions.map((one: Record<string, number>) => one['conversion_rate'])).toEqual([40, 100, 0, 0]);
    expect(stage_conversions[0]).toMatchObject({ from_stage_id: stages[0], to_stage_id: stages[1] });
    expect([won_conversion, lost_conversion]).toEqual([50, 50]);
  });

  it('tell what moved', async () => {
    const moved = await statistics('movement', span);
    expect(moved.movements_between_stages).toEqual({ count: 3 });
    expect(moved.new_deals).toMatchObject({ count: 5, values: { EUR: 1340.1, USD: 500 } });
    expect(moved.won_deals).toMatchObject({ count: 1, values: { EUR: 1000 } });
    expect(moved.lost_deals).toMatchObject({ count: 1, values: { EUR: 300 } });
    expect(moved.deals_left_open).toMatchObject({ count: 4, values: { USD: 500, EUR: 40.3 } });
    // 10 days each of Won, Skips and Lost in stage 0; Won was 10 days in stage 1 and 10 in stage 2.
    expect(moved.average_age_in_days.by_stages.slice(0, 3)).toEqual(
      [0, 1, 2].map((index) => ({ stage_id: stages[index], value: 10 })),
    );
    // Won 30 days, Skips and Lost 10 each.
    expect(moved.average_age_in_days.across_all_stages).toBe(17);
  });

  it('hear of what is done through the API', async () => {
    const { data: deal } = await api.ok('POST', '/api/v2/deals', { title: 'New', stage_id: stages[0] });
    await api.ok('PATCH', `/api/v2/deals/${deal.id}`, { stage_id: stages[1] });
    const moved = await statistics('movement', 'start_date=2026-11-20&end_date=2026-11-20');
    expect(moved.movements_between_stages.count).toBe(1);
    expect(moved.new_deals.deals_ids).toContain(deal.id);
  });

  it("are another user's where one is named, and of pipelines that there are", async () => {
    expect((await statistics('movement', `${span}&user_id=${colleague}`)).new_deals.count).toBe(1);
    const path = '/v1/pipelines/1/movement_statistics';
    await api.fails('GET', `/v1/pipelines/9/movement_statistics?${span}`, undefined, 404, 'not found');
    await api.fails('GET', `${path}?${span}&user_id=99`, undefined, 400, 'User');
    await api.fails('GET', `${path}?start_date=2026-10-02&end_date=2026-10-01`, undefined, 400, 'end_date');
    await api.fails('GET', `${path}?start_date=2026-10-02`, undefined, 400, 'end_date');
  });
});

describe("v1's lists of deals in a pipeline and a stage", () => {
  const titles = async (path: string) =>
    ((await api.ok('GET', path)).data ?? []).map((deal: { title: string }) => deal.title);

  it("hold the caller's open deals, a user's or everyone's", async () => {
    expect(await titles('/v1/pipelines/1/deals')).toEqual(expect.arrayContaining(['Skips', 'Waits', 'Older']));
    expect(await titles('/v1/pipelines/1/deals')).not.toEqual(expect.arrayContaining(["Cleo's"]));
    expect(await titles(`/v1/pipelines/1/deals?user_id=${colleague}`)).toEqual(["Cleo's"]);
    expect(await titles(`/v1/stages/${stages[2]}/deals?everyone=1`)).toEqual(['Skips']);
    await api.fails('GET', '/v1/stages/99/deals', undefined, 404, 'not found');
  });

  it('sum the pipeline up by stage when asked', async () => {
    const path = '/v1/pipelines/1/deals?everyone=1&limit=1&get_summary=1&totals_convert_currency=EUR';
    const { data, additional_data } = await api.ok('GET', path);
    expect(data).toHaveLength(1);
    const stage = String(stages[2]);
    expect(additional_data.deals_summary.per_stages[stage]).toMatchObject({ USD: { count: 1, value: 500 } });
    expect(additional_data.deals_summary.per_stages_converted[stage]).toMatchObject({ count: 1, value: 430 });
    expect(additional_data.pagination.more_items_in_collection).toBe(true);
  });
});
