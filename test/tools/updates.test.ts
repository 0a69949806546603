import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from '../../src/pipedrive/client.ts';
import type { JsonObject } from '../../src/pipedrive/json.ts';
import { Throttle } from '../../src/pipedrive/throttle.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { Tools } from '../../src/tools/index.ts';

let sandbox: Sandbox;
let tools: Tools;

beforeAll(async () => {
  sandbox = await startSandbox({ seed: 1, now: new Date('2026-11-20T10:00:00Z') });
  const settings = { token: sandbox.token, baseUrl: sandbox.url, userAgent: 'test' };
  tools = new Tools(createClient(settings, new Throttle('ultimate', 20)), 20_000);
});
afterAll(() => sandbox.close());

async function call(name: string, args: JsonObject): Promise<JsonObject & { rows: string[][]; columns: string[] }> {
  const { structure, isError } = await tools.call(name, args, new AbortController().signal);
  expect(isError, JSON.stringify(structure)).toBe(false);
  return structure as never;
}

async function api(method: string, path: string, body?: object): Promise<JsonObject & { data: { id: number } }> {
  const response = await fetch(sandbox.url + path, {
    method,
    headers: { 'x-api-token': sandbox.token, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return (await response.json()) as never;
}

test('a changelog says fields by label and values by name', async () => {
  const { data: deal } = await api('POST', '/api/v2/deals', { title: 'Traced', stage_id: 1 });
  await call('update_deal', { id: deal.id, stage_id: 'New business / Contact made', owner_id: 'Marcus Hale' });
  await call('update_deal', { id: deal.id, add_label_ids: ['Hot', 'Warm'] });
  await call('update_deal', { id: deal.id, custom_fields: { 'Lead source': 'Referral', Budget: '1500 EUR' } });
  await call('update_deal', { id: deal.id, custom_fields: { 'Lead source': 'Event' } });
  const { rows, columns } = await call('list_deal_changelog', { deal_id: deal.id });
  expect(columns.slice(1, 5)).toEqual(['field', 'old', 'new', 'by']);
  expect(rows.map((row) => row.slice(1, 5)).toSorted()).toEqual([
    ['Budget', '', '1500', 'Katrin Vogel'],
    ['Budget: currency', '', 'EUR', 'Katrin Vogel'],
    ['Label', '', 'Hot, Warm', 'Katrin Vogel'],
    ['Lead source', '', 'Referral', 'Katrin Vogel'],
    ['Lead source', 'Referral', 'Event', 'Katrin Vogel'],
    ['Owner', 'Katrin Vogel', 'Marcus Hale', 'Katrin Vogel'],
    ['Stage', 'New business / Qualified', 'New business / Contact made', 'Katrin Vogel'],
  ]);
  const flow = await call('list_deal_updates', { deal_id: deal.id, all_changes: true, items: ['change'] });
  const lines = flow.rows.map((row) => row[flow.columns.indexOf('summary')]);
  const has = (line: string) => expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^⟦\\w+ ${line}⟧$`)));
  has('Stage: New business / Qualified → New business / Contact made');
  has('Lead source: Referral → Event');
});

test('updates are a line an event, without a hash, and fit into a default answer', async () => {
  const { data: deal } = await api('POST', '/api/v2/deals', { title: 'Busy' });
  for (let count = 0; count < 40; count += 1) {
    await api('POST', '/v1/notes', { deal_id: deal.id, content: `<p>${'Long talk. '.repeat(100)}</p>` });
  }
  await api('POST', '/api/v2/activities', { deal_id: deal.id, subject: 'Ring', type: 'call', due_date: '2026-11-21' });
  const first = await call('list_deal_updates', { deal_id: deal.id });
  const text = JSON.stringify(first);
  expect(text.length).toBeLessThan(10_000);
  expect(text).not.toMatch(/[0-9a-f]{40}|null/);
  expect(first.rows).toHaveLength(25);
  const rest = await call('list_deal_updates', { cursor: String(first['next_cursor']) });
  const lines = [...first.rows, ...rest.rows].map((row) => row.join(' | '));
  expect(lines).toHaveLength(41);
  expect(lines.find((line) => line.includes('planned activity'))).toMatch(/due 2026-11-21: Call: Ring/);
});

test('what changed of late is told by name, in local times', async () => {
  const { data: person } = await api('POST', '/api/v2/persons', { name: 'Latest' });
  await api('DELETE', `/api/v2/persons/${person.id}`);
  const { rows, columns } = await call('list_recents', { since_timestamp: '2026-11-20 10:59', items: ['person'] });
  expect(columns).toEqual(['time', 'what', 'item', 'id', 'name', 'owner']);
  expect(rows.find((row) => row[4] === 'Latest')?.slice(1)).toEqual([
    expect.stringMatching(/^(deleted|created)$/),
    'person',
    person.id,
    'Latest',
    'Katrin Vogel',
  ]);
});

test('who may see a record is told by name', async () => {
  const { rows, columns } = await call('list_organization_permitted_users', { organization_id: 1 });
  expect(columns).toEqual(['id', 'user']);
  expect(rows.map((row) => row[1])).toContain('Marcus Hale');
});
