import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SandboxOptions, startSandbox } from '../../src/sandbox/server.ts';
import { apiOf } from './api.ts';

let folder: string;
let file: string;
const open: (() => Promise<void>)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-'));
  file = join(folder, 'data.json');
});
afterEach(async () => {
  for (const close of open.splice(0)) await close();
  rmSync(folder, { recursive: true });
});

const now = new Date('2026-11-20T10:00:00Z');
async function start(options: SandboxOptions = {}) {
  const sandbox = await startSandbox({ now, file, ...options });
  let closed = false;
  const close = async () => {
    if (!closed) await sandbox.close();
    closed = true;
  };
  open.push(close);
  return { ...sandbox, ...apiOf(sandbox), close };
}

const paths = [
  '/api/v2/deals?limit=500&include_fields=products_count,notes_count,activities_count',
  '/api/v2/deals?limit=500&status=deleted',
  '/api/v2/deals/archived?limit=500',
  '/api/v2/persons?limit=500',
  '/api/v2/organizations?limit=500',
  '/api/v2/activities?limit=500&include_fields=attendees',
  '/api/v2/pipelines',
  '/api/v2/stages',
  '/api/v2/dealFields',
  '/api/v2/deals/1/followers',
  '/v1/leads?limit=500',
  '/v1/leadLabels',
  '/v1/notes?limit=500',
  '/v1/activityTypes',
  '/v1/users',
];

describe('a sandbox that keeps its data', () => {
  it('is the same after a restart, and gives no id twice', async () => {
    const first = await start();
    const { data: deal } = await first.ok('POST', '/api/v2/deals', { title: 'Kept – 多言語 😀' });
    const { data: gone } = await first.ok('POST', '/api/v2/deals', { title: 'Gone' });
    await first.ok('DELETE', `/api/v2/deals/${gone.id}`);
    await first.ok('POST', `/api/v2/deals/${deal.id}/followers`, { user_id: 1 }, 201);
    const before = await Promise.all(paths.map((path) => first.ok('GET', path)));
    await first.close();

    const second = await start();
    for (const [index, path] of paths.entries()) expect(await second.ok('GET', path), path).toEqual(before[index]);
    const { data: next } = await second.ok('POST', '/api/v2/deals', { title: 'Next' });
    expect(next.id).toBe(gone.id + 1);
  });

  it('has it in the file soon after a change, whole and alone', async () => {
    const sandbox = await start({ empty: true });
    await sandbox.ok('POST', '/api/v2/deals', { title: 'Soon in the file' });
    await expect.poll(() => readFileSync(file, 'utf8')).toContain('Soon in the file');
    JSON.parse(readFileSync(file, 'utf8'));
    expect(readdirSync(folder)).toEqual(['data.json']);
  });

  it('empties the file with a reset', async () => {
    const first = await start({ empty: true });
    await first.ok('POST', '/api/v2/deals', { title: 'Forgotten' });
    await fetch(`${first.url}/_sandbox/reset`, { method: 'POST' });
    await first.close();
    const second = await start();
    expect((await second.ok('GET', '/api/v2/deals')).data).toEqual([]);
  });

  it('forgets deleted deals after 30 days', async () => {
    const first = await start({ empty: true });
    const { data: deal } = await first.ok('POST', '/api/v2/deals', { title: 'Deleted' });
    const { data: note } = await first.ok('POST', '/v1/notes', { content: 'Deleted', deal_id: deal.id });
    await first.ok('DELETE', `/v1/notes/${note.id}`);
    await first.ok('DELETE', `/api/v2/deals/${deal.id}`);
    await first.close();
    const after = async (days: number) => {
      const sandbox = await start({ now: new Date(now.getTime() + days * 24 * 3600 * 1000) });
      const { data } = await sandbox.ok('GET', '/api/v2/deals?status=deleted');
      const { status } = await sandbox.call('GET', `/v1/notes/${note.id}`);
      await sandbox.close();
      return [data.length, status];
    };
    expect(await after(29)).toEqual([1, 200]);
    expect(await after(31)).toEqual([0, 404]);
  });

  it('reads what an older version wrote: the kinds of record that it did not keep begin empty', async () => {
    const first = await start();
    await first.close();
    const { company, tables } = JSON.parse(readFileSync(file, 'utf8'));
    for (const name of ['goals', 'projects', 'tasks', 'mailThreads', 'changes']) delete tables[name];
    writeFileSync(file, JSON.stringify({ company, tables }));
    const second = await start();
    expect((await second.ok('GET', '/api/v2/projects')).data).toEqual([]);
    expect((await second.ok('GET', '/v1/goals/find?assignee.type=company')).data).toEqual({ goals: [] });
    expect((await second.ok('GET', '/api/v2/deals?limit=500')).data.length).toBeGreaterThan(100);
    const { data } = await second.ok('POST', '/api/v2/projects', { title: 'First' }, 201);
    expect(data.id).toBe(1);
    await second.close();

    delete tables.roles;
    writeFileSync(file, JSON.stringify({ company, tables }));
    await expect(startSandbox({ now, file })).rejects.toThrow('does not hold the data of a sandbox');
  });

  it.each(['', 'not JSON', '{}', '[]', '{"company":{},"tables":{}}', '{"name":"x","version":"1.0.0"}'])(
    'refuses a file that holds something else, and leaves it alone: %s',
    async (content) => {
      writeFileSync(file, content);
      await expect(startSandbox({ now, file })).rejects.toThrow(`${file} does not hold the data of a sandbox`);
      expect(readFileSync(file, 'utf8')).toBe(content);
    },
  );

  it('does not start where the file cannot be written', async () => {
    await expect(startSandbox({ now, file: join(folder, 'missing', 'data.json') })).rejects.toThrow('ENOENT');
    await expect(startSandbox({ now, file: folder })).rejects.toThrow('EISDIR');
  });

  it('outlives a file that cannot be written any more', async () => {
    const inner = mkdtempSync(join(folder, 'inner-'));
    const sandbox = await startSandbox({ now, empty: true, file: join(inner, 'data.json') });
    rmSync(inner, { recursive: true });
    const api = apiOf(sandbox);
    await api.ok('POST', '/api/v2/deals', { title: 'Not kept' });
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect((await api.ok('GET', '/api/v2/deals')).data).toHaveLength(1);
    await sandbox.close();
  });
});
