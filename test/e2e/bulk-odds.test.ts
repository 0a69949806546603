import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Host, type Loose, type SandboxProcess, startSandboxProcess } from './host.ts';

/** What goes wrong in the middle of a job of many writes, and what others do meanwhile. */
let sandbox: SandboxProcess;
const place = mkdtempSync(join(tmpdir(), 'pipedrive-odds-'));
const servers: Host[] = [];

beforeAll(async () => {
  sandbox = await startSandboxProcess(['--deals', '300', '--latency', '10']);
});
afterAll(async () => {
  for (const server of servers) await server.close();
  await sandbox.stop();
  rmSync(place, { recursive: true, force: true });
});

/** A server on a state directory that the servers of one test share. */
async function server(state: string, env: Record<string, string> = {}): Promise<Host> {
  const host = await Host.start(['--toolsets', 'all'], {
    ...sandbox.env,
    PIPEDRIVE_STATE_DIR: join(place, state),
    PIPEDRIVE_FILES: place,
    ...env,
  });
  servers.push(host);
  return host;
}

const send = async (method: string, path: string, body: unknown): Promise<Loose> => {
  const headers = { 'x-api-token': sandbox.token, 'content-type': 'application/json' };
  return (await (await fetch(sandbox.url + path, { method, headers, body: JSON.stringify(body) })).json()) as Loose;
};
const faults = (list: Loose[]) => send('POST', '/_sandbox/faults', list);
const deals = async (): Promise<Loose[]> => (await sandbox.get('/api/v2/deals?limit=500&sort_by=id')).data;
const titled = async (title: RegExp) => (await deals()).filter((deal) => title.test(deal['title']));
const patches = async () => (await sandbox.log()).filter(({ method }) => method === 'PATCH').length;

async function planned(host: Host, tool: string, args: Loose): Promise<Loose> {
  return { ...args, plan: (await host.ok(tool, args))['plan_code'] };
}

test('a page that cannot be read midway ends the job with what was done and how to go on, and so its undoing', async () => {
  const host = await server('page');
  const ids = (await deals()).slice(0, 220).map(({ id }) => id);
  const args = await planned(host, 'update_many', { entity: 'deal', ids, set: { title: 'Page' } });
  const wrong = [{ method: 'GET', path: '/api/v2/deals', skip: 1, count: 30, status: 402 }];
  await faults(wrong);
  const first = await host.ok('update_many', args);
  await faults([]);
  expect(first).toMatchObject({ done: 'Updated 100 of 220 deals', left: 120, job: args['plan'] });
  expect(first['stopped']).toContain('402');
  const rest = await host.ok('update_many', { resume: first['job'] });
  expect(rest['done']).toBe('Updated 220 of 220 deals');

  await faults(wrong);
  const undone = await host.ok('undo_changes', { change: first['job'] });
  await faults([]);
  expect(undone).toMatchObject({ left: 1, changes: [{ taken_back: 100, of: 220 }] });
  expect(await host.ok('undo_changes', { change: first['job'] })).toMatchObject({ changes: [{ taken_back: 120 }] });
  expect(await titled(/^Page$/)).toEqual([]);
});

test('two servers that go on with one job at once do it once', async () => {
  const one = await server('twice');
  const records = Array.from({ length: 30 }, (_, index) => ({ title: `Twice ${index}` }));
  const args = await planned(one, 'add_many', { entity: 'deal', records });
  await faults([{ method: 'POST', path: '/api/v2/deals', skip: 10, count: 60, status: 402 }]);
  const first = await one.ok('add_many', args);
  await faults([]);
  expect(first['left']).toBeGreaterThan(0);
  const two = await server('twice');
  const answers = await Promise.all([one, two].map((host) => host.call('add_many', { resume: first['job'] })));
  // One that comes when the other has ended finds all done.
  for (const { text } of answers) expect(text).toMatch(/Added 30 of 30|under way/);
  expect(answers.map(({ text }) => text).join()).toContain('Added 30 of 30');
  expect(await titled(/^Twice \d+$/)).toHaveLength(30);
});

test('a job that is under way is not taken back', async () => {
  const one = await server('under-way', { PIPEDRIVE_PLAN: 'growth' });
  const ids = (await deals()).slice(0, 100).map(({ id }) => id);
  const args = await planned(one, 'update_many', { entity: 'deal', ids, set: { probability: 77 } });
  const before = await patches();
  const working = one.ok('update_many', args);
  while ((await patches()) < before + 20) await sleep(20);
  const two = await server('under-way');
  expect(await two.fails('undo_changes', { change: args['plan'] })).toContain('under way');
  expect((await working)['done']).toBe('Updated 100 of 100 deals');
  expect(await two.ok('undo_changes', { change: args['plan'] })).toMatchObject({ changes: [{ taken_back: 100 }] });
});

test('labels that others add while a job adds its own are kept', async () => {
  const host = await server('labels', { PIPEDRIVE_PLAN: 'growth' });
  const ids = (await deals()).slice(100, 180).map(({ id }) => id);
  const { label_ids: own } = (await deals()).find(({ label_ids }) => label_ids.length > 0) ?? {};
  const last = ids.at(-1);
  await send('PATCH', `/api/v2/deals/${last}`, { label_ids: [] });
  const args = await planned(host, 'update_many', { entity: 'deal', ids, set: { add_label_ids: ['Hot'] } });
  const before = await patches();
  const working = host.ok('update_many', args);
  while ((await patches()) < before + 10) await sleep(20);
  await send('PATCH', `/api/v2/deals/${last}`, { label_ids: own });
  const answer = await working;
  expect(answer['failed']).toMatchObject([
    { records: [last], error: expect.stringContaining('changed since the plan') },
  ]);
  expect((await sandbox.get(`/api/v2/deals/${last}`)).data.label_ids).toEqual(own);
});

test('an import that is taken back leaves the contacts that others use', async () => {
  const host = await server('contacts');
  const rows = [1, 2, 3, 4].map((one) => `Odd ${one},Odd Works ${one},Odd Person ${one}`);
  writeFileSync(join(place, 'odd.csv'), `Title,Organization,Person\n${rows.join('\n')}\n`);
  const args = await planned(host, 'import_records', { entity: 'deal', path: 'odd.csv' });
  const done = await host.ok('import_records', args);
  const [edited, used] = await titled(/^Odd [12]$/);
  await send('PATCH', `/api/v2/deals/${edited?.['id']}`, { title: 'Odd, and edited by somebody' });
  const own = { title: 'Of somebody', org_id: used?.['org_id'], person_id: used?.['person_id'] };
  await send('POST', '/api/v2/deals', own);
  const [unit] = (await host.ok('undo_changes', { change: done['job'] }))['changes'];
  expect(unit).toMatchObject({ of: 12, taken_back: 7 });
  expect(unit['not_taken_back'].map(({ why }: Loose) => why).join(' ')).toMatch(/Others have changed it.*1 open deals/);
  for (const { person_id, org_id } of [edited ?? {}, used ?? {}]) {
    expect((await sandbox.get(`/api/v2/persons/${person_id}`)).success).toBe(true);
    expect((await sandbox.get(`/api/v2/organizations/${org_id}`)).success).toBe(true);
  }
  const left = (await sandbox.get('/api/v2/organizations?limit=500')).data;
  expect(left.filter(({ name }: Loose) => /^Odd Works [34]$/.test(name))).toEqual([]);
});

test('a deadline of three seconds is enough to come to the end', async () => {
  const host = await server('short', { PIPEDRIVE_DEADLINE: '3' });
  const ids = (await deals()).slice(0, 40).map(({ id }) => id);
  let answer = await host.ok(
    'update_many',
    await planned(host, 'update_many', { entity: 'deal', ids, set: { probability: 3 } }),
  );
  for (let calls = 0; answer['left'] > 0 && calls < 10; calls++) {
    answer = await host.ok('update_many', { resume: answer['job'] });
  }
  expect(answer['done']).toBe('Updated 40 of 40 deals');
});

describe('plans', () => {
  test('however many, drop no job that was begun', async () => {
    const host = await server('plans');
    const records = Array.from({ length: 20 }, (_, index) => ({ title: `Begun ${index}` }));
    const args = await planned(host, 'add_many', { entity: 'deal', records });
    await faults([{ method: 'POST', path: '/api/v2/deals', skip: 5, count: 60, status: 402 }]);
    const { job } = await host.ok('add_many', args);
    await faults([]);
    const one = await planned(host, 'add_many', { entity: 'deal', records: [{ title: 'First of many' }] });
    for (let index = 0; index < 101; index++) {
      await host.ok('add_many', { entity: 'deal', records: [{ title: `Plan ${index}` }] });
    }
    expect((await host.ok('add_many', { resume: job }))['done']).toBe('Added 20 of 20 deals');
    expect(await host.fails('add_many', one)).toContain('the plan is gone');
  });
});

test('of many kinds of failure all records are told', async () => {
  const host = await server('kinds');
  const ids = (await deals()).slice(0, 30).map(({ id }) => id);
  const args = await planned(host, 'update_many', { entity: 'deal', ids, set: { probability: 8 } });
  await faults(
    ids.map((id) => ({
      ...{ method: 'PATCH', path: `/api/v2/deals/${id}`, status: 400 },
      body: JSON.stringify({ success: false, error: `Wrong in its own way: ${'x'.repeat(Number(id) % 97)}${id}` }),
    })),
  );
  const answer = await host.ok('update_many', args);
  await faults([]);
  expect(answer['failed'].reduce((sum: number, { count }: Loose) => sum + count, 0)).toBe(30);
  expect(answer['failed'].flatMap(({ records }: Loose) => records).sort()).toEqual([...ids].sort());
});

test('undoing that was cut short in guarded mode goes on with the code that it gives', async () => {
  const open = await server('guarded');
  const ids = (await deals()).slice(0, 150).map(({ id }) => id);
  const set = { probability: 66 };
  const { job } = await open.ok('update_many', await planned(open, 'update_many', { entity: 'deal', ids, set }));
  const host = await server('guarded', {
    PIPEDRIVE_MODE: 'guarded',
    PIPEDRIVE_PLAN: 'growth',
    PIPEDRIVE_DEADLINE: '4',
  });
  let taken = 0;
  let code = (await host.ok('undo_changes', { change: job }))['plan_code'];
  for (let calls = 0; code !== undefined && calls < 10; calls++) {
    const answer = await host.ok('undo_changes', { change: job, plan: code });
    for (const { taken_back } of answer['changes']) taken += taken_back;
    code = answer['plan_code'];
  }
  expect(taken).toBe(150);
});

test('two servers make one record of one key, and take one change back once', async () => {
  const [one, two] = [await server('pair'), await server('pair')];
  const args = { title: 'Of one key', idempotency_key: 'pair' };
  await Promise.all([one, two].map((host) => host.ok('create_deal', args)));
  const made = await titled(/^Of one key$/);
  expect(made).toHaveLength(1);
  await one.ok('delete_deal', { id: made[0]?.['id'] });
  const [row] = (await one.ok('list_changes'))['rows'];
  await Promise.all([one, two].map((host) => host.call('undo_changes', { change: row[0] })));
  expect(await titled(/^Of one key$/)).toHaveLength(1);
});
