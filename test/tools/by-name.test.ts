import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClient } from '../../src/pipedrive/client.ts';
import { Throttle } from '../../src/pipedrive/throttle.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { Tools } from '../../src/tools/index.ts';
import { type Api, apiOf } from '../sandbox/api.ts';

let sandbox: Sandbox;
let api: Api;
let tools: Tools;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: 1, now: new Date('2026-11-20T10:00:00Z') });
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

test('a list says its filters in the words of the account', async () => {
  const { showing } = await call('list_deals', { owner_id: 'mikael sand', pipeline_id: 2, limit: 1 });
  expect(showing).toContain('owner_id=Mikael Sand and pipeline_id=Renewals');
  const found = await call('search_items_by_field', {
    entity_type: 'product',
    field: 'supplier part number',
    match: 'beginning',
    term: 'HX-',
  });
  expect(found['rows'].length).toBeGreaterThan(0);
  expect(found['showing']).toContain('field=Supplier part number');
});

test('a saved filter of products goes together with other arguments, but for ids', async () => {
  const both = await call('list_products', { filter_id: 'Hardware', owner_id: 'me' });
  expect(both['showing']).toContain('only saved filter "Hardware" (10) and owner_id=Katrin Vogel;');
  const { showing } = await call('list_products', { filter_id: 'Hardware', ids: [1] });
  expect(showing).toContain('saved filter "Hardware" (10), which overrides ids;');
});

test('names that come with a record are shown, also of archived deals', async () => {
  const { data: archived } = await api.ok('GET', '/api/v2/deals/archived');
  const deal = archived[0];
  const file = { deal_id: deal.id, content: 'aGVsbG8=', file_name: 'hello.txt' };
  const sent = await call('upload_file', file);
  expect(sent['file']).toMatchObject({ deal: `${deal.title} (${deal.id})` });
  expect(sent).not.toHaveProperty('hint');
  const { columns, rows } = await call('list_files', { limit: 1, sort: 'id DESC' });
  expect(rows[0][columns.indexOf('deal')]).toBe(`${deal.title} (${deal.id})`);
  const { deal_id: _, ...loose } = file;
  expect((await call('upload_file', loose))['hint']).toContain('attached to nothing');
});

test('the plan of a project says what its tasks, activities and groups are', async () => {
  const { columns, rows } = await call('get_project_plan', { project_id: 1 });
  expect(columns).toEqual(['item_type', 'item_id', 'title', 'done', 'phase', 'group']);
  const { data: task } = await api.ok('GET', `/api/v2/tasks/${rows[0][1]}`);
  expect(rows[0].slice(2, 4)).toEqual([task.title, task.is_done]);
  expect(rows[0][5]).toBe('Preparation (1)');
  const activity = rows.find(([type]: string[]) => type === 'activity');
  expect(activity[2]).toBe((await api.ok('GET', `/api/v2/activities/${activity[1]}`)).data.subject);
});

test('the team of a goal goes in and comes out by name, and a list says whose goals it holds', async () => {
  const { goal } = await call('create_goal', {
    type: 'activities_completed',
    assignee_type: 'team',
    assignee_id: 'Europe',
    target: 50,
    tracking_metric: 'quantity',
    interval: 'weekly',
    start: '2026-11-01',
  });
  expect(goal).toMatchObject({ assignee_type: 'team', team: 'Europe' });
  const teams = await call('list_goals', { assignee_type: 'team' });
  expect(teams['showing']).toContain("everyone's active ones");
  expect(teams['rows'][0]).toContain('Europe');
  expect((await call('list_goals', { is_active: false }))['showing']).toContain('your own ended ones');
});

test('what was written is said by its names', async () => {
  await call('add_deal_follower', { deal_id: 5, user_id: 'Mikael Sand' });
  expect((await call('remove_deal_follower', { deal_id: 5, user_id: 'Mikael Sand' }))['done']).toBe(
    'Removed follower (deal 5, user Mikael Sand)',
  );
  const { done, product } = await call('duplicate_product', { id: 1 });
  expect(done).toBe(`Copied product 1 to product ${product.id}`);
});

test('flags are true and false, and what has a UUID is shown with it as its id', async () => {
  const { mail_thread: thread } = await call('get_mail_thread', { id: 1 });
  expect([thread.read_flag, thread.shared_flag]).toEqual([expect.any(Boolean), true]);
  const { comment } = await call('add_note_comment', { note_id: 57, content: 'Seen' });
  expect((await call('get_note_comment', { note_id: 57, id: comment.id }))['comment']).toMatchObject({
    id: comment.id,
    content: expect.stringMatching(/^⟦data \w+⟧ Seen ⟦\/data \w+⟧$/),
  });
});

test('a role from which nothing is hidden is said to be so', async () => {
  expect((await call('list_role_pipelines', { role_id: 1, visible: false }))['note']).toContain(
    'No pipeline is hidden',
  );
});

describe('an error leads on', () => {
  test.each([
    ['remove_deal_participant', { deal_id: 71, id: 9999 }, 'Look it up with list_deal_participants and'],
    ['get_goal_results', { id: 'x', period_start: '2026-01-01', period_end: '2026-02-01' }, 'list_goals'],
    ['get_deal', { id: 9999 }, 'search_items or list_deals'],
    ['list_activities', { type: 'call' }, 'where: ["type = Call"'],
  ])('%s', async (name, args, expected) => {
    const { why, next } = await call(name, args);
    expect(`${why} ${next}`).toContain(expected);
  });

  test('what a record lacks is not said to be a wrong id alone', async () => {
    expect((await call('get_person_picture', { person_id: 1 }))['why']).toMatch(/^There is none, the id is wrong/);
  });
});
