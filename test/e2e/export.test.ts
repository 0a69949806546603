import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Host, type Loose, type SandboxProcess, startSandboxProcess } from './host.ts';

let sandbox: SandboxProcess;
let host: Host;
let allowed: string;

beforeAll(async () => {
  sandbox = await startSandboxProcess();
  allowed = mkdtempSync(join(tmpdir(), 'pipedrive-export-'));
  host = await Host.start(['--toolsets', 'all'], { ...sandbox.env, PIPEDRIVE_FILES: allowed });
});
afterAll(async () => {
  await host.close();
  await sandbox.stop();
});

function csvRows(path: string): Record<string, string>[] {
  return parse(readFileSync(path), { bom: true, columns: true });
}

async function all(path: string, from = sandbox): Promise<Loose[]> {
  const records: Loose[] = [];
  for (let cursor = ''; ; ) {
    const { data, additional_data } = await from.get(`${path}${path.includes('?') ? '&' : '?'}limit=500${cursor}`);
    records.push(...(data ?? []));
    const next = additional_data?.next_cursor;
    if (!next) return records;
    cursor = `&cursor=${next}`;
  }
}

describe('an export', () => {
  test('of deals has every deal, its values whole and by name', async () => {
    const answer = await host.ok('export_records', { entity: 'deal' });
    const deals = await all('/api/v2/deals');
    const written = csvRows(answer['saved_as']);
    expect(answer).toMatchObject({ rows: deals.length, complete: true });
    expect(answer['bytes']).toBe(statSync(answer['saved_as']).size);
    expect(written.map((row) => Number(row['ID']))).toEqual(deals.map(({ id }) => id));
    const persons = new Map((await all('/api/v2/persons')).map(({ id, name }) => [id, name]));
    for (const [index, deal] of deals.entries()) {
      expect(written[index]).toMatchObject({
        Title: deal['title'],
        Currency: deal['currency'],
        Status: deal['status'],
      });
      expect(Number(written[index]?.['Value'])).toBe(deal['value'] ?? 0);
      const person = deal['person_id'];
      expect(written[index]?.['Contact person']).toBe(person ? `${persons.get(person)} (${person})` : '');
    }
    expect(readFileSync(answer['saved_as']).subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
    expect(JSON.stringify(Object.keys(written[0] ?? {}))).not.toMatch(/[0-9a-f]{40}/);
  });

  test('chosen by where and fields has those records and columns only', async () => {
    const answer = await host.ok('export_records', {
      entity: 'deal',
      where: ['value > 20000', 'status = open'],
      fields: ['title', 'Stage', 'Budget', 'Activities count'],
      file_name: 'large ones',
    });
    const deals = (await all('/api/v2/deals')).filter(({ value, status }) => value > 20_000 && status === 'open');
    const written = csvRows(answer['saved_as']);
    expect(answer['saved_as']).toBe(join(allowed, 'large ones.csv'));
    expect(written.map((row) => Number(row['ID'])).sort((a, b) => a - b)).toEqual(deals.map(({ id }) => id));
    expect(Object.keys(written[0] ?? {})).toEqual(['ID', 'Title', 'Stage', 'Budget', 'Activities count']);
    expect(written.some((row) => Number(row['Activities count']) > 0)).toBe(true);
  });

  test('as JSON lines and Parquet holds the same', async () => {
    const lines = await host.ok('export_records', { entity: 'organization', file_type: 'jsonl' });
    const table = await host.ok('export_records', { entity: 'organization', file_name: 'all.parquet' });
    const objects = readFileSync(lines['saved_as'], 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(table['saved_as']) });
    expect(rows.length).toBe(objects.length);
    for (const [index, row] of rows.entries()) {
      expect(row).toMatchObject({ ID: objects[index].ID, Name: objects[index].Name });
      expect(row['Annual revenue'] ?? undefined).toBe(objects[index]['Annual revenue']);
    }
  });

  test('defuses what a spreadsheet would run', async () => {
    const title = '=HYPERLINK("http://x.example","a")';
    await host.ok('create_deal', { title, value: -5 });
    const answer = await host.ok('export_records', { entity: 'deal', where: ['value < 0'] });
    const [row] = csvRows(answer['saved_as']);
    expect(row).toMatchObject({ Title: `'${title}`, Value: '-5' });
  });

  test('names the columns that outsiders write, and puts no marks into the file', async () => {
    const answer = await host.ok('export_records', { entity: 'note' });
    expect(answer['outsiders_wrote']).toContain('Content');
    expect(readFileSync(answer['saved_as'], 'utf8')).not.toMatch(/[⟦⟧]/);
  });

  test('never writes over a file, and leaves nothing of one that failed', async () => {
    const names = [1, 2].map(() => host.ok('export_records', { entity: 'lead', file_name: 'same.csv' }));
    const [one, two] = await Promise.all(names);
    expect(new Set([one?.['saved_as'], two?.['saved_as']]).size).toBe(2);
    await fetch(`${sandbox.url}/_sandbox/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-token': sandbox.token },
      body: JSON.stringify([{ path: '/api/v2/products', status: 403 }]),
    });
    const before = readdirSync(allowed);
    await host.fails('export_records', { entity: 'product' });
    expect(readdirSync(allowed)).toEqual(before);
  });

  test('whose disk is full fails and leaves nothing', async () => {
    const own = mkdtempSync(join(tmpdir(), 'pipedrive-full-'));
    const small = await Host.start(['--toolsets', 'all'], { ...sandbox.env, PIPEDRIVE_FILES: own }, '40');
    expect(await small.fails('export_records', { entity: 'deal' })).toMatch(/cannot be written/);
    expect(readdirSync(own)).toEqual([]);
    await small.close();
  });

  test('without a directory says what the user has to set', async () => {
    const bare = await Host.start(['--toolsets', 'all'], sandbox.env);
    expect(await bare.fails('export_records', { entity: 'deal' })).toContain('PIPEDRIVE_FILES');
    await bare.close();
  });

  test.each([
    [{ entity: 'deal', fields: ['Titel'] }, /Did you mean \\"Title\\"/],
    [{ entity: 'note', filter_id: 1 }, /no saved filters/],
    [{ entity: 'deals' }, /must be one of/],
    [{ entity: 'deal', where: ['nothing'] }, /nothing/],
    [{ entity: 'deal', file_type: 'xlsx' }, /must be one of/],
  ])('of %j is refused', async (args, why) => {
    const before = readdirSync(allowed);
    expect(await host.fails('export_records', args)).toMatch(why);
    expect(readdirSync(allowed)).toEqual(before);
  });

  test('in which the time runs out says how to go on, and the two files are the whole', async () => {
    const many = await startSandboxProcess(['--deals', '1500', '--latency', '800']);
    const short = await Host.start(['--toolsets', 'all'], {
      ...many.env,
      PIPEDRIVE_FILES: allowed,
      PIPEDRIVE_DEADLINE: '8',
    });
    const ids: number[] = [];
    let parts = 0;
    let where: string[] = [];
    for (let complete = false; !complete; ) {
      const args = { entity: 'deal', fields: ['title'], file_name: 'part', where };
      const answer = await short.ok('export_records', args);
      ids.push(...csvRows(answer['saved_as']).map((row) => Number(row['ID'])));
      parts += 1;
      complete = answer['complete'];
      where = [String(/id > \d+/.exec(answer['next'] ?? '')?.[0] ?? '')];
    }
    const deals = await all('/api/v2/deals', many);
    expect(parts).toBeGreaterThan(1);
    expect(ids).toEqual(deals.map(({ id }) => id));
    await short.close();
    await many.stop();
  });
});

test('what is exported is for its user alone to read', async () => {
  const { saved_as } = await host.ok('export_records', { entity: 'project' });
  expect(execFileSync('stat', ['-c', '%a', saved_as], { encoding: 'utf8' }).trim()).toBe('600');
});
