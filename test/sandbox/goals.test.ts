import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { type Api, apiOf } from './api.ts';

let sandbox: Sandbox;
let api: Api;
let company: number;
beforeAll(async () => {
  sandbox = await startSandbox({ now: new Date('2026-11-20T10:00:00Z'), empty: true });
  api = apiOf(sandbox);
  company = (await api.ok('GET', '/v1/users/me')).data.company_id;
});
afterAll(() => sandbox.close());

type Row = Record<string, unknown>;
const EUR = 1;
const USD = 2;

const whole = (changes: Row = {}): Row => ({
  title: 'Goal',
  assignee: { id: 1, type: 'person' },
  type: { name: 'deals_won', params: { pipeline_id: null } },
  expected_outcome: { target: 5, tracking_metric: 'quantity' },
  duration: { start: '2026-01-01', end: '2026-12-31' },
  interval: 'monthly',
  ...changes,
});
const create = async (changes: Row = {}) => (await api.ok('POST', '/v1/goals', whole(changes))).data.goal;
const find = async (query: string): Promise<string[]> =>
  (await api.ok('GET', `/v1/goals/find?${query}`)).data.goals.map((goal: Row) => goal['id']);
const remove = (id: string) => api.ok('DELETE', `/v1/goals/${id}`);
const period = (start: string, end: string) => `period.start=${start}&period.end=${end}`;
const november = period('2026-11-01', '2026-11-30');
/** What a goal of this kind has reached. */
async function progress(changes: Row, days = november): Promise<number> {
  const { id } = await create(changes);
  const { data } = await api.ok('GET', `/v1/goals/${id}/results?${days}`);
  expect(data.goal.id).toBe(id);
  await remove(id);
  return data.progress;
}
const type = (name: string, params: Row = {}) => ({ type: { name, params: { pipeline_id: null, ...params } } });
const sum = (currency_id: number) => ({ expected_outcome: { target: 1, tracking_metric: 'sum', currency_id } });

describe('a goal', () => {
  test('is made, found, changed and deleted, in the envelope of its service', async () => {
    const made = await api.ok('POST', '/v1/goals', whole({ assignee: { id: '1', type: 'person' } }));
    expect(made).toMatchObject({ statusCode: 20000, statusText: 'OK', service: 'statistics-goals-api' });
    const { id, ...goal } = made.data.goal;
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(goal).toMatchObject({ ...whole(), owner_id: 1, is_active: true, report_ids: [expect.any(String)] });
    const changed = await api.ok('PUT', `/v1/goals/${id}`, {
      title: 'Other',
      duration: { start: '2026-02-01', end: null },
    });
    expect(changed.data.goal).toMatchObject({
      ...whole({ title: 'Other', duration: { start: '2026-02-01', end: null } }),
      id,
    });
    expect(await find('title=Other')).toEqual([id]);
    const gone = await remove(id);
    expect(gone).toEqual({ success: true, statusCode: 20000, statusText: 'OK', service: 'statistics-goals-api' });
    expect(await find('title=Other')).toEqual([]);
    await api.fails('DELETE', `/v1/goals/${id}`, undefined, 404, 'Goal not found');
    await api.fails('PUT', `/v1/goals/${id}`, { title: 'x' }, 404, 'Goal not found');
    await api.fails('GET', `/v1/goals/${id}/results?${november}`, undefined, 404, 'Goal not found');
  });

  test('that could not be counted is refused', async () => {
    const bad: [Row, string][] = [
      [{ interval: 'daily' }, 'interval'],
      [{ assignee: { id: 99, type: 'person' } }, 'Assignee person 99 not found'],
      [{ assignee: { id: 99, type: 'company' } }, 'Assignee company 99 not found'],
      [{ assignee: { id: 99, type: 'team' } }, 'Assignee team 99 not found'],
      [{ assignee: { id: 1 } }, 'assignee.type'],
      [type('deals_lost'), 'type.name'],
      [type('deals_won', { pipeline_id: [99] }), 'Pipeline 99 not found'],
      [type('deals_won', { pipeline_id: 1 }), 'type.params.pipeline_id'],
      [type('deals_won', { stage_id: 1 }), 'deals_progressed only'],
      [type('deals_progressed', { stage_id: 99 }), 'Stage 99 not found'],
      [type('deals_won', { activity_type_id: [1] }), 'activities_completed'],
      [type('activities_added', { activity_type_id: [99] }), 'Activity type 99 not found'],
      [{ expected_outcome: { target: 5, tracking_metric: 'sum' } }, 'currency_id'],
      [{ expected_outcome: { target: 5, tracking_metric: 'quantity', currency_id: 1 } }, 'sum only'],
      [{ expected_outcome: { target: -1, tracking_metric: 'quantity' } }, 'negative'],
      [{ ...sum(99) }, 'Currency 99 not found'],
      [{ ...sum(EUR), ...type('activities_added') }, 'quantity only'],
      [{ duration: { start: '2026-02-01', end: '2026-01-01' } }, 'before'],
      [{ duration: { start: '2026-02-30' } }, 'duration.start'],
      [{ duration: undefined }, 'duration: Field is required'],
    ];
    for (const [changes, text] of bad) await api.fails('POST', '/v1/goals', whole(changes), 400, text);
    const { id } = await create();
    await api.fails('PUT', `/v1/goals/${id}`, { expected_outcome: { target: 3 } }, 400, 'tracking_metric');
    await api.fails('PUT', `/v1/goals/${id}`, { duration: { start: '2027-01-01', end: '2026-01-01' } }, 400, 'before');
    await remove(id);
  });
});

describe('goals are found', () => {
  let [mine, companys, ended, into]: string[] = [];
  beforeAll(async () => {
    mine = (await create({ title: 'Mine', ...type('activities_completed', { activity_type_id: [1, 2] }) })).id;
    companys = (await create({ assignee: { id: company, type: 'company' }, ...sum(USD), title: 'Ours' })).id;
    ended = (await create({ title: 'Ended', duration: { start: '2025-01-01', end: '2025-12-31' } })).id;
    into = (await create({ ...type('deals_progressed', { pipeline_id: [1], stage_id: 2 }), title: 'Into' })).id;
  });

  test('only one’s own and active ones unless the query says otherwise', async () => {
    expect(await find('')).toEqual([mine, into]);
    expect(await find('is_active=false')).toEqual([ended]);
    expect(await find('assignee.type=company')).toEqual([companys]);
    expect(await find(`assignee.id=${company}`)).toEqual([companys]);
    expect(await find('type.name=deals_won')).toEqual([companys]);
  });

  test('by each of their facts', async () => {
    expect(await find('title=Mine')).toEqual([mine]);
    expect(await find('expected_outcome.target=5')).toEqual([mine, into]);
    expect(await find('expected_outcome.tracking_metric=sum')).toEqual([companys]);
    expect(await find(`expected_outcome.currency_id=${USD}`)).toEqual([companys]);
    expect(await find('type.params.pipeline_id=1')).toEqual([into]);
    expect(await find('type.params.stage_id=2')).toEqual([into]);
    expect(await find('type.params.activity_type_id=1,2')).toEqual([mine]);
    expect(await find('type.params.activity_type_id=3')).toEqual([]);
    expect(await find(period('2026-12-31', '2027-03-01'))).toEqual([mine, into]);
    expect(await find(period('2027-01-01', '2027-03-01'))).toEqual([]);
    await api.fails('GET', '/v1/goals/find?period.start=2026-01-01', undefined, 400, 'go together');
    await api.fails('GET', '/v1/goals/find?type.name=x', undefined, 400, 'type.name');
  });
});

describe('results', () => {
  beforeAll(async () => {
    const deal = async (body: Row) => (await api.ok('POST', '/api/v2/deals', { title: 'D', ...body })).data.id;
    const won = { status: 'won', won_time: '2026-11-10T12:00:00Z' };
    await deal({ value: 100, currency: 'EUR', ...won });
    await deal({ value: 100, currency: 'USD', ...won });
    // In Berlin, where the owner is, this is the first of November already.
    await deal({ value: 7, currency: 'EUR', status: 'won', won_time: '2026-10-31T23:30:00Z' });
    await deal({ value: 9, currency: 'EUR', status: 'won', won_time: '2026-11-30T23:30:00Z' });
    const gone = await deal({ value: 1000, currency: 'EUR', ...won });
    await api.ok('DELETE', `/api/v2/deals/${gone}`);
    await deal({ value: 500, currency: 'EUR', expected_close_date: '2026-11-30', probability: 50 });
    const moved = await deal({ value: 20, currency: 'EUR', stage_id: 1 });
    await api.ok('PATCH', `/api/v2/deals/${moved}`, { stage_id: 2 });
    await api.ok('PATCH', `/api/v2/deals/${moved}`, { stage_id: 1 });
    await api.ok('PATCH', `/api/v2/deals/${moved}`, { stage_id: 2 });
    const activity = (body: Row) => api.ok('POST', '/api/v2/activities', { subject: 'A', ...body });
    await activity({ type: 'call', done: true });
    await activity({ type: 'meeting', done: true, deal_id: moved });
    await activity({ type: 'call' });
  });

  test('count deals won, in the days of the user’s time zone', async () => {
    expect(await progress(type('deals_won'))).toBe(3);
    expect(await progress(type('deals_won'), period('2026-10-01', '2026-10-31'))).toBe(0);
    expect(await progress(type('deals_won', { pipeline_id: [1] }))).toBe(3);
    expect(await progress({ ...type('deals_won'), assignee: { id: company, type: 'company' } })).toBe(3);
  });

  test('sum them in the currency of the goal', async () => {
    expect(await progress({ ...type('deals_won'), ...sum(EUR) })).toBe(193);
    expect(await progress({ ...type('deals_won'), ...sum(USD) })).toBe(224);
  });

  test('count deals started, and those that came into a stage once each', async () => {
    expect(await progress(type('deals_started'))).toBe(6);
    expect(await progress(type('deals_progressed', { stage_id: 2 }))).toBe(1);
    expect(await progress(type('deals_progressed', { stage_id: 3 }))).toBe(0);
    expect(await progress({ ...type('deals_progressed', { stage_id: 2 }), ...sum(EUR) })).toBe(20);
  });

  test('count activities added and done, of some types or all, in a pipeline or anywhere', async () => {
    expect(await progress(type('activities_added'))).toBe(3);
    expect(await progress(type('activities_completed'))).toBe(2);
    expect(await progress(type('activities_completed', { activity_type_id: [1] }))).toBe(1);
    expect(await progress(type('activities_completed', { pipeline_id: [1] }))).toBe(1);
  });

  test('forecast revenue: what was won, and open deals at what they are likely to bring', async () => {
    expect(await progress({ ...type('revenue_forecast'), ...sum(EUR) })).toBe(443);
    expect(await progress(type('revenue_forecast'))).toBe(4);
  });

  test('only within the duration of the goal', async () => {
    const { id } = await create();
    const path = `/v1/goals/${id}/results`;
    const outside = 'The period must be within';
    await api.fails('GET', `${path}?${period('2025-12-31', '2026-01-31')}`, undefined, 400, outside);
    await api.fails('GET', `${path}?${period('2026-12-01', '2027-01-01')}`, undefined, 400, outside);
    await api.fails('GET', `${path}?${period('2026-12-01', '2026-11-01')}`, undefined, 400, 'before');
    await api.fails('GET', `${path}?period.start=2026-12-01`, undefined, 400, 'period.end: Field is required');
    await remove(id);
  });
});

test('the sample company has set itself goals, and gets somewhere', async () => {
  const sample = await startSandbox({ now: new Date('2026-11-20T10:00:00Z') });
  const { ok } = apiOf(sample);
  const [revenue] = (await ok('GET', '/v1/goals/find?assignee.type=company')).data.goals;
  const persons = (await ok('GET', '/v1/goals/find?assignee.type=person')).data.goals;
  expect(persons).toHaveLength(2);
  const { progress: reached } = (
    await ok('GET', `/v1/goals/${revenue.id}/results?${period('2026-01-01', '2026-11-20')}`)
  ).data;
  expect(reached).toBeGreaterThan(revenue.expected_outcome.target / 2);
  await sample.close();
});
