import { afterAll, beforeAll, expect, test } from 'vitest';
import { Host, type Loose, rows, type SandboxProcess, startSandboxProcess } from './host.ts';

/** Lists that take more than one of the API's pages, through the built server. */
let sandbox: SandboxProcess;
let host: Host;
let ids: number[];

beforeAll(async () => {
  sandbox = await startSandboxProcess(['--deals', '2600']);
  host = await Host.start(['--toolsets', 'all'], sandbox.env);
  ids = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page = await sandbox.get(`/api/v2/deals?limit=500${cursor && `&cursor=${cursor}`}`);
    ids.push(...page.data.map((deal: Loose) => deal['id']));
    cursor = page.additional_data.next_cursor;
  }
}, 60_000);
afterAll(async () => {
  await host.close();
  await sandbox.stop();
});

const asked = async () => (await sandbox.log()).filter(({ path }) => path.startsWith('/api/v2/deals?'));

test('one call goes through several pages and says how far it has come', async () => {
  const before = (await asked()).length;
  const heard: { progress: number; total?: number | undefined }[] = [];
  const { structuredContent } = await host.client.callTool(
    { name: 'list_deals', arguments: { limit: 5000, fields: ['id'], sort_by: 'id', sort_direction: 'asc' } },
    undefined,
    { onprogress: (progress) => heard.push(progress) },
  );
  const list = structuredContent as Loose;
  expect(rows(list).map((row) => row['id'])).toEqual(ids.toSorted((a, b) => a - b));
  expect(list).not.toHaveProperty('next_cursor');
  expect(list).not.toHaveProperty('stopped');
  expect((await asked()).length - before).toBe(Math.ceil(ids.length / 500));
  expect(heard.map(({ progress }) => progress)).toEqual([500, 1000, 1500, 2000, 2500].filter((n) => n < ids.length));
  for (const { total } of heard) expect(total).toBe(5000);
});

test('a list stops at the number that was asked for, and goes on behind it', async () => {
  const first = await host.ok('list_deals', { limit: 700, fields: ['id'], sort_by: 'id', sort_direction: 'asc' });
  expect(rows(first)).toHaveLength(700);
  expect(first).not.toHaveProperty('stopped');
  const second = await host.ok('list_deals', { cursor: first['next_cursor'], limit: 5000 });
  const all = [...rows(first), ...rows(second)].map((row) => row['id']);
  expect(all).toEqual(ids.toSorted((a, b) => a - b));
});

test('a list that fills the answer stops there and says so', async () => {
  const seen: unknown[] = [];
  let stops = 0;
  for (let args: Loose | undefined = { limit: 5000, sort_by: 'id', sort_direction: 'asc' }; args; ) {
    const { structure, text } = await host.call('list_deals', args);
    expect(text.length).toBeLessThan(40_000);
    seen.push(...rows(structure).map((row) => row['id']));
    const cursor = structure['next_cursor'];
    if (cursor) expect(structure['stopped']).toBe('the answer is full');
    if (cursor) stops += 1;
    args = cursor ? { cursor } : undefined;
  }
  expect(seen).toEqual(ids.toSorted((a, b) => a - b));
  expect(stops).toBeGreaterThan(3);
});

test('cancelling stops it between pages and within one', async () => {
  const slow = await startSandboxProcess(['--deals', '2600', '--latency', '200']);
  const other = await Host.start([], slow.env);
  await other.ok('get_current_user');
  const cancel = new AbortController();
  const call = other.client.callTool({ name: 'list_deals', arguments: { limit: 5000, fields: ['id'] } }, undefined, {
    signal: cancel.signal,
    onprogress: () => cancel.abort('enough'),
  });
  await expect(call).rejects.toThrow('enough');
  // A call that follows has been answered after whatever the cancelled one could still have sent.
  const pages = async () => (await slow.log()).filter(({ path }) => path.startsWith('/api/v2/deals?')).length;
  const sent = await pages();
  expect(sent).toBeLessThanOrEqual(2);
  await other.ok('list_pipelines');
  await other.ok('get_current_user');
  expect(await pages()).toBe(sent);
  await other.close();
  await slow.stop();
});

test('a v1 list goes through its pages too', async () => {
  const all = await host.ok('list_notes', { limit: 5000, fields: ['id'] });
  const listed = rows(all).map((row) => row['id']);
  expect(new Set(listed).size).toBe(listed.length);
  expect(listed.length).toBeGreaterThan(500);
  expect(all).not.toHaveProperty('next_cursor');
});

test('a list that runs out of time gives what it had, and where to go on', async () => {
  // A call of several requests ends five seconds before its deadline, so this one has time for a single page.
  const other = await Host.start([], { ...sandbox.env, PIPEDRIVE_DEADLINE: '4' });
  const order = { fields: ['id'], sort_by: 'id', sort_direction: 'asc' };
  const first = await other.ok('list_deals', { limit: 5000, ...order });
  expect(first['stopped']).toBe('the time for a call is up');
  const second = await other.ok('list_deals', { cursor: first['next_cursor'] });
  const all = [...rows(first), ...rows(second)].map((row) => row['id']);
  expect(all).toEqual(ids.toSorted((a, b) => a - b).slice(0, 1000));
  await other.close();
});
