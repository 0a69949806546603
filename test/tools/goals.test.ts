import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from '../../src/pipedrive/client.ts';
import { Throttle } from '../../src/pipedrive/throttle.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { Tools } from '../../src/tools/index.ts';
import { type Api, apiOf } from '../sandbox/api.ts';

let sandbox: Sandbox;
let api: Api;
let tools: Tools;
beforeAll(async () => {
  sandbox = await startSandbox({ now: new Date('2026-11-20T10:00:00Z') });
  api = apiOf(sandbox);
  const settings = { token: sandbox.token, baseUrl: sandbox.url, userAgent: 'test' };
  tools = new Tools(createClient(settings, new Throttle('ultimate', 20)), 20_000);
});
afterAll(() => sandbox.close());

// biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of an answer by looking into it
type Loose = Record<string, any>;
async function call(name: string, args: Loose): Promise<Loose> {
  const { structure } = await tools.call(name, args, new AbortController().signal);
  return structure;
}
const stored = async (id: string): Promise<Loose> => {
  const all = await Promise.all(
    ['person', 'company'].map((type) => api.ok('GET', `/v1/goals/find?assignee.type=${type}`)),
  );
  return all.flatMap(({ data }) => data.goals).find((goal: Loose) => goal['id'] === id);
};
const base = { target: 10, interval: 'monthly', start: '2026-01-01' };

test('a goal is set by names, and shown by them', async () => {
  const { goal } = await call('create_goal', {
    ...base,
    type: 'activities_completed',
    assignee_type: 'person',
    assignee_id: 'priya raman',
    activity_type_id: ['Call', 'lunch'],
    tracking_metric: 'quantity',
    end: '2026-12-31',
  });
  expect(goal).toMatchObject({ assignee: 'Priya Raman', activity_types: ['Call', 'Lunch'], target: 10 });
  expect(await stored(goal.id)).toMatchObject({
    assignee: { id: 6, type: 'person' },
    type: { name: 'activities_completed', params: { pipeline_id: null, activity_type_id: [1, 6] } },
    expected_outcome: { target: 10, tracking_metric: 'quantity' },
    duration: { start: '2026-01-01', end: '2026-12-31' },
  });
  const found = await call('list_goals', { assignee_id: 'Priya Raman', activity_type_id: 'Lunch' });
  expect(found['rows'][0]).toEqual(expect.arrayContaining([goal.id, 'Priya Raman', 'Call, Lunch']));
});

test('what is left out is the usual: all pipelines, the own user, company and currency, no end', async () => {
  const own = await call('create_goal', {
    ...base,
    type: 'deals_won',
    assignee_type: 'person',
    tracking_metric: 'sum',
  });
  expect(own['goal']).toMatchObject({ assignee: 'Katrin Vogel', currency: 'EUR' });
  expect(await stored(own['goal'].id)).toMatchObject({
    assignee: { id: 1 },
    type: { params: { pipeline_id: null } },
    expected_outcome: { currency_id: 1 },
    duration: { end: null },
  });
  const ours = { type: 'deals_progressed', assignee_type: 'company', tracking_metric: 'sum', currency: 'us dollar' };
  const stage = { pipeline_id: 'Renewals', stage_id: 'Offer sent' };
  const { goal } = await call('create_goal', { ...base, ...ours, ...stage });
  expect(goal).toMatchObject({ currency: 'USD', stage: 'Renewals / Offer sent' });
  expect(await stored(goal.id)).toMatchObject({
    assignee: { id: 8_127_340, type: 'company' },
    type: { params: { pipeline_id: [2], stage_id: 9 } },
  });
  expect((await call('create_goal', { ...base, ...ours, assignee_type: 'team' }))['error']).toContain('whose goal');
  expect((await call('create_goal', { ...base, ...ours, currency: 'Thaler' }))['error']).toContain('no currency');
});

test('half of what is replaced together is refused, the rest is left alone', async () => {
  const { goal } = await call('create_goal', {
    ...base,
    type: 'deals_won',
    assignee_type: 'company',
    tracking_metric: 'quantity',
    pipeline_id: [1],
  });
  const { id } = goal;
  const before = await stored(id);
  for (const [args, needed] of [
    [{ pipeline_id: [2] }, '"type"'],
    [{ target: 3 }, '"tracking_metric"'],
    [{ tracking_metric: 'sum' }, '"target"'],
    [{ tracking_metric: 'sum', target: 3 }, '"currency"'],
    [{ type: 'deals_won' }, '"pipeline_id"'],
    [{ type: 'activities_added', pipeline_id: null }, '"activity_type_id"'],
    [{ start: '2026-02-01' }, '"end"'],
    [{ assignee_type: 'person' }, '"assignee_id"'],
    [{ end: '2026-12-31' }, '"start"'],
    [{ assignee_id: 'me' }, '"assignee_type"'],
    [{}, 'nothing to change'],
  ] as const) {
    expect((await call('update_goal', { id, ...args }))['error']).toContain(needed);
  }
  expect(await stored(id)).toEqual(before);
  const changed = await call('update_goal', { id, target: 12, tracking_metric: 'quantity', title: 'More' });
  expect(changed['goal']).toMatchObject({ target: 12, title: 'More' });
  expect(await stored(id)).toEqual({
    ...before,
    title: 'More',
    expected_outcome: { target: 12, tracking_metric: 'quantity' },
  });
  await call('update_goal', { id, type: 'deals_progressed', pipeline_id: null, stage_id: null });
  await call('update_goal', { id, start: '2026-03-01', end: null, assignee_type: 'company' });
  expect(await stored(id)).toMatchObject({
    type: { name: 'deals_progressed', params: { pipeline_id: null } },
    duration: { start: '2026-03-01', end: null },
    assignee: before['assignee'],
  });
  expect(await call('delete_goal', { id })).toMatchObject({ done: `Deleted goal ${id}` });
  expect(await stored(id)).toBeUndefined();
});

test('results say how much of the target is reached, and refuse a period outside the goal', async () => {
  const { rows } = await call('list_goals', {
    assignee_type: 'company',
    tracking_metric: 'sum',
    title: 'Revenue 2026',
  });
  const id = rows[0][0];
  const results = await call('get_goal_results', { id, period_start: '2026-01-01', period_end: '2026-11-20' });
  expect(results).toMatchObject({ progress: expect.any(Number), goal: { currency: 'EUR', title: 'Revenue 2026' } });
  const outside = await call('get_goal_results', { id, period_start: '2025-01-01', period_end: '2025-02-01' });
  expect(outside['error']).toContain("within the goal's duration, 2026-01-01 to 2026-12-31");
  expect((await call('list_goals', { period_start: '2026-01-01' }))['error']).toContain('go together');
});
