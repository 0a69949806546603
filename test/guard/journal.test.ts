import { readdirSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Intent, Journal } from '../../src/guard/journal.ts';
import { StateDirectory } from '../../src/state/directory.ts';
import { temporary } from './temporary.ts';

const TOKEN = { token: 't', base: 'https://x.pipedrive.com' };
const WRITE = {
  call: 'c',
  tool: 'update_deal',
  account: '1@x',
  method: 'PATCH',
  path: '/api/v2/deals/1',
  body: { title: 'Grüße 🙂' },
  before: { id: 1, title: 'Alt' },
} as const satisfies Omit<Intent, 'event' | 'id' | 'at' | 'pid'>;

let state: ReturnType<typeof temporary>;
let directory: StateDirectory;
const open: Journal[] = [];

beforeEach(() => {
  state = temporary();
  directory = new StateDirectory(state.place, TOKEN);
});
afterEach(async () => {
  for (const journal of open.splice(0)) await journal.close();
  state.remove();
});

function another(): Journal {
  const journal = new Journal(directory);
  open.push(journal);
  return journal;
}
const files = () => readdirSync(directory.path).filter((name) => name.endsWith('.journal'));
const text = () => files().map((name) => readFileSync(join(directory.path, name), 'utf8'));

describe('what is put down', () => {
  test('is read again, by another process too', async () => {
    const one = another();
    const ids = [
      await one.begin(WRITE),
      await one.begin({ ...WRITE, undoes: 'before', key: 'k' }),
      await one.begin(WRITE),
    ];
    await one.settle(ids[0] ?? '', 'done', { after: { id: 1, title: 'Grüße 🙂' } });
    await one.settle(ids[1] ?? '', 'failed', { error: 'no' });
    const expected = [
      { ...WRITE, id: ids[0], state: 'done', after: { id: 1, title: 'Grüße 🙂' } },
      { ...WRITE, id: ids[1], state: 'failed', error: 'no', undoes: 'before', key: 'k' },
      { ...WRITE, id: ids[2], state: 'open' },
    ];
    for (const journal of [one, another()]) {
      expect(await journal.read()).toMatchObject({ entries: expected, damaged: 0 });
    }
  });

  test('of two processes is one journal, in the order of time', async () => {
    const [one, two] = [another(), another()];
    const ids: string[] = [];
    for (let index = 0; index < 6; index++) {
      ids.push(await (index % 2 ? one : two).begin({ ...WRITE, path: `/api/v2/deals/${index}` }));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    // The one settles what the other has begun, as after a crash.
    await one.settle(ids[0] ?? '', 'done', {});
    const { entries } = await another().read();
    expect(entries.map(({ id }) => id)).toEqual(ids);
    expect(entries[0]).toMatchObject({ state: 'done' });
    expect(files()).toHaveLength(2);
  });

  test('is on the disk before begin resolves, and many at once do not mix', async () => {
    const journal = another();
    const ids = await Promise.all(Array.from({ length: 50 }, () => journal.begin(WRITE)));
    const lines = text().join('').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).id)).toEqual(ids);
  });

  test('never holds a secret, however deep it stands', async () => {
    const journal = another();
    const hidden = { http_auth_password: 'hunter22', deep: [{ api_token: 'hunter22', client_secret: 'hunter22' }] };
    const id = await journal.begin({ ...WRITE, body: { ...hidden, name: 'kept' }, before: hidden });
    await journal.settle(id, 'done', { after: hidden });
    expect(text().join('')).not.toContain('hunter22');
    expect(text().join('')).toContain('kept');
  });

  test('is the user’s alone to read', async () => {
    await another().begin(WRITE);
    const mode = (path: string) => statSync(path).mode & 0o777;
    expect(mode(directory.path)).toBe(0o700);
    for (const name of files()) expect(mode(join(directory.path, name))).toBe(0o600);
  });
});

describe('what goes wrong', () => {
  test('a file that was cut off at any byte gives all that is whole', async () => {
    const journal = another();
    for (let index = 0; index < 5; index++) {
      const id = await journal.begin({ ...WRITE, path: `/api/v2/deals/${index}` });
      await journal.settle(id, index % 2 ? 'done' : 'unknown', { after: { id: index } });
    }
    await journal.close();
    const [name = ''] = files();
    const path = join(directory.path, name);
    const whole = readFileSync(path);
    const lines = whole.toString('utf8').trimEnd().split('\n');
    for (let size = whole.length - 1; size >= 0; size--) {
      truncateSync(path, size);
      const kept = whole.subarray(0, size).toString('utf8').split('\n');
      const good = kept.filter((line, index) => line === lines[index]).length;
      const torn = (kept.at(-1) ?? '') !== '' && kept.at(-1) !== lines[kept.length - 1];
      const { entries, damaged } = await another().read();
      expect(entries.length).toBe(Math.ceil(good / 2));
      expect(entries.filter(({ state }) => state !== 'open').length).toBe(Math.floor(good / 2));
      expect(damaged).toBe(torn ? 1 : 0);
    }
  });

  test('lines that are none are passed over and counted', async () => {
    const journal = another();
    const id = await journal.begin(WRITE);
    const [name = ''] = files();
    const path = join(directory.path, name);
    const good = readFileSync(path, 'utf8');
    writeFileSync(path, `\0\0\0\n{"event":"intent"}\n[]\nnull\n${good}{"event":"done","id":"nobody","at":1}\n`);
    expect(await another().read()).toMatchObject({ entries: [{ id }], damaged: 4 });
  });

  test('a directory that can’t be written rejects begin, until it can', async () => {
    writeFileSync(join(state.place, 'file'), '');
    const journal = new Journal(new StateDirectory(join(state.place, 'file'), TOKEN));
    await expect(journal.begin(WRITE)).rejects.toThrow();
    await expect(journal.begin(WRITE)).rejects.toThrow();
    const place = join(state.place, 'later');
    const later = new Journal(new StateDirectory(join(place, 'x'), TOKEN));
    writeFileSync(place, '');
    await expect(later.begin(WRITE)).rejects.toThrow();
    rmSync(place);
    await mkdir(place);
    await expect(later.begin(WRITE)).resolves.toBeTypeOf('string');
    await later.close();
  });

  test('a directory that is not there yet has nothing to read', async () => {
    expect(await another().read()).toEqual({ entries: [], damaged: 0 });
  });
});

test('reads at the same time take each line in once', async () => {
  const journal = another();
  await journal.begin(WRITE);
  await journal.read();
  for (let round = 0; round < 5; round++) {
    await Promise.all([1, 2, 3].map(() => journal.begin(WRITE)));
    await Promise.all([journal.read(), journal.read(), journal.read()]);
  }
  await journal.begin(WRITE);
  const { entries, damaged } = await journal.read();
  expect([entries.length, damaged]).toEqual([17, 0]);
});

describe('its size', () => {
  const big = { ...WRITE, before: { note: 'x'.repeat(90_000) } };

  test('a file is left for a new one at 4 MB', async () => {
    const journal = another();
    for (let index = 0; index < 60; index++) await journal.begin(big);
    expect(files().length).toBe(2);
    for (const name of files()) expect(statSync(join(directory.path, name)).size).toBeLessThan(4.2 * 1024 * 1024);
    expect((await journal.read()).entries).toHaveLength(60);
  });

  test('the oldest files go when all are too large, or older than 90 days', async () => {
    await another().begin(WRITE);
    const [first = ''] = files();
    const line = `${'x'.repeat(1024 * 1024)}\n`;
    for (let index = 1; index <= 18; index++) {
      const path = join(directory.path, `${index}.journal`);
      writeFileSync(path, line.repeat(4));
      const time = Date.now() / 1000 - (30 - index) * 3600;
      utimesSync(path, time, time);
    }
    const old = Date.now() / 1000 - 91 * 24 * 3600;
    utimesSync(join(directory.path, first), old, old);
    await another().begin(WRITE);
    const left = files();
    expect(left).not.toContain(first);
    expect(left).not.toContain('1.journal');
    expect(left).toContain('18.journal');
    const all = left.reduce((sum, name) => sum + statSync(join(directory.path, name)).size, 0);
    expect(all).toBeLessThanOrEqual(65 * 1024 * 1024);
  });
});
