import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Host, type Loose, type SandboxProcess, startSandboxProcess } from './host.ts';

/** Rates and the daily budget, through the built server: several servers, restarts, and a state directory that fails. */
let sandbox: SandboxProcess;
let state: string;
const hosts: Host[] = [];

beforeAll(async () => {
  // A day's budget is the day of Pipedrive's clock, which is taken to be this machine's until an answer tells it.
  sandbox = await startSandboxProcess(['--plan', 'growth', '--now', new Date().toISOString()]);
});
afterAll(() => sandbox.stop());
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'pipedrive-state-'));
});
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.close()));
  rmSync(state, { recursive: true, force: true });
});

async function start(more: Record<string, string> = {}): Promise<Host> {
  const host = await Host.start([], { ...sandbox.env, PIPEDRIVE_PLAN: '', PIPEDRIVE_STATE_DIR: state, ...more });
  hosts.push(host);
  return host;
}

const limits = async (host: Host): Promise<Loose> => host.ok('get_limits');

async function fault(faults: unknown[]): Promise<void> {
  await fetch(`${sandbox.url}/_sandbox/faults`, { method: 'POST', body: JSON.stringify(faults) });
}

/** Files in the folder of the one account. */
function kept(): string[] {
  return readdirSync(state).flatMap((account) => readdirSync(join(state, account)));
}

test('a server that was not told the plan finds its limit by itself', async () => {
  const host = await start();
  await host.ok('list_pipelines');
  expect((await limits(host))['requests_per_2_seconds']).toBe(40);
});

test('servers that share a token share its limit, and what one leaves the others get', async () => {
  const [first, second] = [await start(), await start()];
  for (const host of [first, second]) await host.ok('list_pipelines');
  // The second found the first at once; the first hears of the second at its next heartbeat.
  expect((await limits(second))['requests_per_2_seconds']).toBeLessThanOrEqual(20);
  while ((await limits(first))['requests_per_2_seconds'] > 20) await new Promise((go) => setTimeout(go, 100));
  await second.close();
  hosts.splice(hosts.indexOf(second), 1);
  while ((await limits(first))['requests_per_2_seconds'] < 40) await new Promise((go) => setTimeout(go, 100));
  expect(kept().filter((name) => name.endsWith('.alive'))).toHaveLength(1);
}, 60_000);

test('what was spent today is known after a restart, and only its user can read it', async () => {
  const first = await start();
  await first.ok('list_deals');
  const { daily_api_tokens: before } = await limits(first);
  expect(before['spent_on_this_machine']).toBeGreaterThan(10);
  expect(before).toMatchObject({ left: expect.any(Number), of: expect.any(Number), until: expect.any(String) });
  await first.close();
  hosts.length = 0;
  const [account = ''] = readdirSync(state);
  expect(statSync(join(state, account)).mode & 0o777).toBe(0o700);
  for (const name of kept()) expect(statSync(join(state, account, name)).mode & 0o777).toBe(0o600);
  expect(JSON.stringify(kept().map((name) => readFileSync(join(state, account, name), 'utf8')))).not.toContain(
    sandbox.token,
  );
  const second = await start();
  const { daily_api_tokens: after } = await limits(second);
  expect(after['spent_on_this_machine']).toBeGreaterThanOrEqual(before['spent_on_this_machine']);
});

describe('the daily budget', () => {
  const told = (left: number) => ({
    path: '/api',
    count: 1_000,
    handled: true,
    headers: { 'x-daily-ratelimit-token-limit': '1000', 'x-daily-ratelimit-token-remaining': String(left) },
  });
  afterEach(() => fault([]));

  test('is said in an answer when it runs short, and not before', async () => {
    const host = await start();
    await fault([told(500)]);
    expect(await host.ok('list_pipelines')).not.toHaveProperty('budget');
    await fault([told(150)]);
    expect((await host.ok('list_deals', { limit: 1 }))['budget']).toContain("150 of the company's 1000");
    // Names that cost requests of their own are left out, with a word that they were.
    expect(await host.ok('list_deals', { limit: 5 })).toHaveProperty('left_out');
  });

  test('is not spent below the reserve', async () => {
    const host = await start({ PIPEDRIVE_BUDGET_RESERVE: '20%' });
    await fault([told(205)]);
    await host.ok('list_pipelines');
    const sent = (await sandbox.log()).length;
    const error = await host.fails('list_deals');
    expect(error).toMatch(/200 are held back \(PIPEDRIVE_BUDGET_RESERVE\)/);
    expect(error).toMatch(/Not before \d{4}-\d\d-\d\d \d\d:\d\d:\d\d Europe\/Berlin/);
    expect(await sandbox.log()).toHaveLength(sent);
  });

  test('that is gone is an error with until when, at once', async () => {
    const host = await start();
    await host.ok('get_current_user');
    const none = { ...told(0), handled: false, status: 429, body: { success: false, error: 'Daily limit reached' } };
    await fault([none]);
    expect(await host.fails('list_deals')).toContain('budget_exhausted');
    const sent = (await sandbox.log()).length;
    expect(await host.fails('list_persons')).toMatch(/Not before \d{4}/);
    expect(await sandbox.log()).toHaveLength(sent);
  });

  test('is refused as a setting where it is none', async () => {
    await expect(start({ PIPEDRIVE_BUDGET_RESERVE: 'much' })).rejects.toThrow();
  });
});

describe('a state directory that cannot be used', () => {
  test('costs a warning and nothing else where it is a file, or what is in it is damaged', async () => {
    const file = join(state, 'file');
    writeFileSync(file, '');
    const host = await start({ PIPEDRIVE_STATE_DIR: file });
    await host.ok('list_pipelines');
    expect(host.stderr.join('')).toContain('The state directory cannot be used');
    const first = await start();
    await first.ok('list_deals');
    await first.close();
    hosts.splice(hosts.indexOf(first), 1);
    const [account = ''] = readdirSync(state).filter((name) => name !== 'file');
    writeFileSync(join(state, account, 'budget.json'), '{"day":');
    const second = await start();
    await second.ok('list_pipelines');
    expect(second.stderr.join('')).toContain('The state directory cannot be used');
  });
});
