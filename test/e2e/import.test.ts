import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Host, type Loose, type SandboxProcess, startSandboxProcess } from './host.ts';

/** Rows of the large import; ROWS=5000 makes it larger. */
const ROWS = Number(process.env['ROWS'] ?? 250);
let sandbox: SandboxProcess;
let host: Host;
let base: string;
let allowed: string;

beforeAll(async () => {
  sandbox = await startSandboxProcess();
  base = mkdtempSync(join(tmpdir(), 'pipedrive-import-'));
  allowed = join(base, 'allowed');
  mkdirSync(allowed);
  host = await Host.start(['--toolsets', 'all'], { ...sandbox.env, PIPEDRIVE_FILES: allowed });
});
afterAll(async () => {
  await host.close();
  await sandbox.stop();
});

function file(name: string, text: string | Uint8Array): string {
  writeFileSync(join(allowed, name), text);
  return name;
}

async function all(path: string, from = sandbox): Promise<Loose[]> {
  const records: Loose[] = [];
  for (let cursor = ''; ; ) {
    const { data, additional_data } = await from.get(`${path}?limit=500${cursor}`);
    records.push(...(data ?? []));
    const next = additional_data?.next_cursor;
    if (!next) return records;
    cursor = `&cursor=${next}`;
  }
}

const writes = async () =>
  (await sandbox.log()).filter(({ method, path }) => method !== 'GET' && path.startsWith('/api/'));

/** Checks, and does what was checked until nothing is left. */
async function imported(args: Record<string, unknown>): Promise<{ plan: Loose; done: Loose }> {
  const plan = await host.ok('import_records', args);
  let done = await host.ok('import_records', { ...args, plan: plan['plan_code'] });
  while (done['left']) done = await host.ok('import_records', { resume: done['job'] });
  return { plan, done };
}

const mended = (path: string, from: string, to: string) => readFileSync(path, 'utf8').replaceAll(from, to);

describe('an import', () => {
  test('writes nothing before all is checked, names each bad row, takes its report, and changes nothing the third time', {
    timeout: Math.max(30_000, ROWS * 80),
  }, async () => {
    const size = ROWS;
    const isBad = (row: number) => row % (size > 1_000 ? 125 : 25) === 7;
    const good = Array.from({ length: size }, (_, row) => row).filter((row) => !isBad(row));
    const bad = size - good.length;
    const companies = Math.floor(size / 5);
    const rows = Array.from({ length: size }, (_, row) =>
      [
        `Order ${row}`,
        `${row}.5`,
        'EUR',
        `Werk ${row % companies} GmbH`,
        `Erika Muster ${row}`,
        `erika${row}@werk.example`,
        isBad(row) ? 'Nowhere' : 'Qualified',
      ].join(','),
    );
    const path = file('orders.csv', `Title,Value,Currency,Company,Contact,Contact email,Stage\n${rows.join('\n')}\n`);
    const args = { entity: 'deal', path };
    const before = (await writes()).length;
    const known = {
      deals: (await all('/api/v2/deals')).length,
      organizations: (await all('/api/v2/organizations')).length,
    };

    const plan = await host.ok('import_records', args);
    expect((await writes()).length).toBe(before);
    expect(plan).toMatchObject({
      rows: size,
      create: good.length,
      update: 0,
      bad,
      also_made: { organizations: new Set(good.map((row) => row % companies)).size, persons: good.length },
    });
    expect(plan['bad_rows'][0]).toMatchObject({ line: 9, column: 'Stage', what: expect.stringContaining('Nowhere') });
    expect(plan['bad_rows'].map(({ line }: Loose) => line)).toEqual(
      rows.flatMap((_, row) => (isBad(row) ? [row + 2] : [])).slice(0, 20),
    );

    let done = await host.ok('import_records', { ...args, plan: plan['plan_code'] });
    while (done['left'] > 0) done = await host.ok('import_records', { resume: done['job'] });
    expect(done['done']).toBe(`Imported ${good.length} of ${good.length} deals`);
    const report: Loose[] = parse(readFileSync(plan['report']), { bom: true, columns: true });
    expect(report.map((row) => row['Title'])).toEqual(rows.flatMap((_, row) => (isBad(row) ? [`Order ${row}`] : [])));
    expect(report[0]).toMatchObject({
      'import error': expect.stringMatching(/^line 9, Stage: /),
      'import remedy': expect.stringContaining('Qualified'),
    });

    const second = file('mended.csv', mended(plan['report'], 'Nowhere', 'Qualified'));
    expect((await imported({ entity: 'deal', path: second })).plan).toMatchObject({ rows: bad, create: bad });
    for (const again of [path, second]) {
      const plan = await host.ok('import_records', { entity: 'deal', path: again });
      expect(plan).toMatchObject({ nothing_changed: true, create: 0, update: 0 });
      expect(plan).not.toHaveProperty('plan_code');
    }

    const deals = (await all('/api/v2/deals')).filter(({ title }) => /^Order \d+$/.test(title));
    const persons = new Map((await all('/api/v2/persons')).map((person) => [person['id'], person]));
    const organizations = await all('/api/v2/organizations');
    expect(organizations.length).toBe(known.organizations + companies);
    expect(deals.length).toBe(size);
    for (const { title, value, currency, org_id, person_id } of deals) {
      const row = Number(title.slice(6));
      expect({ value, currency }).toEqual({ value: row + 0.5, currency: 'EUR' });
      expect(organizations.find(({ id }) => id === org_id)?.['name']).toBe(`Werk ${row % companies} GmbH`);
      expect(persons.get(person_id)).toMatchObject({
        name: `Erika Muster ${row}`,
        org_id,
        emails: [{ value: `erika${row}@werk.example` }],
      });
    }
  });

  test.each(['deal', 'person', 'organization', 'lead', 'activity', 'product', 'note'])(
    'of what was exported of every %s changes nothing',
    async (entity) => {
      for (const file_type of entity === 'deal' || entity === 'activity' ? ['csv', 'jsonl'] : ['csv']) {
        const { saved_as, rows } = await host.ok('export_records', { entity, file_type });
        const before = (await writes()).length;
        const plan = await host.ok('import_records', { entity, path: saved_as });
        expect(plan).toMatchObject({ nothing_changed: true, rows, create: 0, update: 0, unchanged: rows });
        expect((await writes()).length).toBe(before);
      }
    },
  );

  test('of exported amounts with three decimals changes nothing', async () => {
    const product = { name: 'Probe head', prices: [{ price: 12.345, currency: 'EUR' }] };
    await host.ok('create_product', product);
    const [deal] = await all('/api/v2/deals');
    await host.ok('update_deal', { id: deal?.['id'], custom_fields: { Budget: { value: 12.345, currency: 'EUR' } } });
    for (const [entity, title] of [
      ['product', 'Prices'],
      ['deal', 'Budget'],
    ]) {
      const { saved_as, rows } = await host.ok('export_records', { entity, fields: [title] });
      expect(readFileSync(saved_as, 'utf8')).toContain('12.3450 EUR');
      expect(await host.ok('import_records', { entity, path: saved_as })).toMatchObject({ rows, unchanged: rows });
    }
    const path = file('amounts.csv', `ID,Budget\n${deal?.['id']},99.8760 EUR\n`);
    await imported({ entity: 'deal', path });
    const { data } = await sandbox.get(`/api/v2/deals/${deal?.['id']}`);
    expect(Object.values(data.custom_fields)).toContainEqual({ value: 99.876, currency: 'EUR' });
  });

  test('of an export that was edited changes just that', async () => {
    const { saved_as } = await host.ok('export_records', { entity: 'person', file_name: 'edit' });
    const person =
      (await all('/api/v2/persons')).find(({ emails }) => emails.length > 1 || emails[0]?.label === 'work') ?? {};
    const email = person['emails'][0].value;
    file(
      'edited.csv',
      mended(saved_as, `${email}`, `"${email}, second@new.example"`).replace(
        `,${person['name']},`,
        `,${person['name']} II,`,
      ),
    );
    const before = (await writes()).length;
    const { plan } = await imported({ entity: 'person', path: 'edited.csv' });
    expect(plan).toMatchObject({ update: 1, create: 0 });
    expect((await writes()).length).toBe(before + 1);
    const { data } = await sandbox.get(`/api/v2/persons/${person['id']}`);
    expect(data).toMatchObject({ name: `${person['name']} II`, org_id: person['org_id'] });
    expect(data.emails).toEqual([
      ...person['emails'],
      expect.objectContaining({ value: 'second@new.example', primary: false }),
    ]);
  });

  test('takes semicolons, a BOM, quoted line breaks, Excel dates and numbers of either side of the sea', async () => {
    const text =
      '\ufeffTitle;Value;Currency;Expected close date;Products of interest;Measuring points;Organization\r\n' +
      '"Two\r\nlines; and a ""quote""";1.234,56;EUR;46387;;12;Lindner Automation\r\n' +
      '\'=Formula;"1,234.5";USD;24.12.2026;;;Lindner Automation\r\n';
    const { plan } = await imported({ entity: 'deal', path: file('excel.csv', text) });
    expect(plan).toMatchObject({ create: 2 });
    const deals = (await all('/api/v2/deals')).slice(-2);
    const org_id = (await all('/api/v2/organizations')).find(({ name }) => name === 'Lindner Automation GmbH')?.['id'];
    expect(deals.find(({ currency }) => currency === 'EUR')).toMatchObject({
      title: 'Two\r\nlines; and a "quote"',
      value: 1234.56,
      expected_close_date: '2026-12-31',
      org_id,
    });
    expect(deals.find(({ currency }) => currency === 'USD')).toMatchObject({
      title: '=Formula',
      value: 1234.5,
      expected_close_date: '2026-12-24',
      org_id,
    });
  });

  test('adds to lists of a record and takes nothing from them', async () => {
    const [product] = await all('/api/v2/products');
    const activity = (await all('/api/v2/activities')).find(({ participants }) => participants?.length === 1) ?? {};
    const [, , other] = await all('/api/v2/persons');
    const prices = file('prices.csv', `ID,Unit prices\n${product?.['id']},"2.000,50 CHF"\n`);
    await imported({ entity: 'product', path: prices });
    const { data } = await sandbox.get(`/api/v2/products/${product?.['id']}`);
    const price = ({ currency, price: is, cost }: Loose) => ({ currency, price: is, cost });
    expect(data.prices.map(price)).toEqual([
      ...(product?.['prices'] ?? []).map(price),
      expect.objectContaining({ currency: 'CHF', price: 2000.5 }),
    ]);
    const guests = file('guests.csv', `ID,Participants\n${activity['id']},${other?.['name']} (${other?.['id']})\n`);
    const { plan } = await imported({ entity: 'activity', path: guests });
    expect(plan).toMatchObject({ update: 1 });
    const { data: now } = await sandbox.get(`/api/v2/activities/${activity['id']}`);
    expect(now.participants.map(({ person_id }: Loose) => person_id)).toEqual([
      activity['participants'][0].person_id,
      other?.['id'],
    ]);
    for (const [entity, path] of [
      ['product', prices],
      ['activity', guests],
    ]) {
      expect(await host.ok('import_records', { entity, path })).toMatchObject({ update: 0, unchanged: 1 });
    }
  });

  test('of many rows waits for a word in guarded mode, and a code is good for the file that was checked alone', async () => {
    const guarded = await Host.start(['--toolsets', 'all'], {
      ...sandbox.env,
      PIPEDRIVE_FILES: allowed,
      PIPEDRIVE_MODE: 'guarded',
    });
    const names = Array.from({ length: 12 }, (_, row) => `Guarded ${row}`);
    const args = { entity: 'organization', path: file('guarded.csv', `Name\n${names.join('\n')}\n`) };
    const plan = await guarded.ok('import_records', args);
    expect(plan).toMatchObject({ needs_confirmation: true, nothing_changed: true, create: 12 });
    const other = { ...args, path: file('other.csv', 'Name\nOther\n') };
    expect(await guarded.fails('import_records', { ...other, plan: plan['plan_code'] })).toMatch(/other arguments/);
    await guarded.ok('import_records', { ...args, plan: plan['plan_code'] });
    expect(await guarded.fails('import_records', { ...args, plan: plan['plan_code'] })).toMatch(/good for one call/);
    expect((await all('/api/v2/organizations')).filter(({ name }) => /^Guarded/.test(name)).length).toBe(12);
    await guarded.close();
  });

  test('asks about columns that fit nothing, takes what it is told, and leaves out what it is told to', async () => {
    const path = file('odd.csv', 'Name,E-Mial,Shoe size\nFritz Odd,fritz@odd.example,44\n');
    const said = await host.call('import_records', { entity: 'person', path });
    expect(said).toMatchObject({
      isError: true,
      structure: {
        unmatched: [{ column: 'E-Mial', why: expect.stringMatching(/Did you mean "E/) }, { column: 'Shoe size' }],
      },
    });
    const columns = { 'e-mial': 'Email', 'Shoe size': null };
    const { plan } = await imported({ entity: 'person', path, columns });
    expect(plan['columns_left_out']).toEqual(['Shoe size']);
    expect((await all('/api/v2/persons')).at(-1)).toMatchObject({
      name: 'Fritz Odd',
      emails: [{ value: 'fritz@odd.example' }],
    });
  });

  test('finds duplicates by the rules of create, and skips, updates or makes them as told', async () => {
    const [first] = await all('/api/v2/persons');
    const email = first?.['emails'][0].value.toUpperCase();
    const path = file('twice.csv', `Name,Email,Position\n${first?.['name']},${email},Chief of pumps\n`);
    expect(await host.ok('import_records', { entity: 'person', path })).toMatchObject({
      skipped: 1,
      such_as: [{ line: 2, same_as: first?.['id'] }],
    });
    const { plan } = await imported({ entity: 'person', path, on_duplicate: 'update' });
    expect(plan).toMatchObject({ update: 1, create: 0 });
    const { data } = await sandbox.get(`/api/v2/persons/${first?.['id']}`);
    expect(Object.values(data.custom_fields)).toContain('Chief of pumps');
    expect(await host.ok('import_records', { entity: 'person', path, on_duplicate: 'update' })).toMatchObject({
      unchanged: 1,
      update: 0,
    });
    const count = (await all('/api/v2/persons')).length;
    await imported({ entity: 'person', path, on_duplicate: 'create' });
    expect((await all('/api/v2/persons')).length).toBe(count + 1);
  });

  test('makes what two rows have in common once, and says which row of the file another is the same as', async () => {
    const path = file('same.csv', 'Name,Website\nPumpen Ost AG,https://a.example\nPumpen Ost,https://b.example\n');
    const { plan } = await imported({ entity: 'organization', path });
    expect(plan).toMatchObject({ create: 1, skipped: 1, such_as: [{ line: 3, same_as_line: 2 }] });
    expect(await host.ok('import_records', { entity: 'organization', path, on_duplicate: 'update' })).toMatchObject({
      unchanged: 1,
      bad: 1,
      bad_rows: [{ line: 3, what: expect.stringContaining('as line 2') }],
    });
  });

  test('that is cut off by a lost day or a crash goes on with nothing done twice', async () => {
    const rows = Array.from({ length: 60 }, (_, row) => `Resumed ${row},Neuland ${row % 6} AG`);
    const path = file('resumed.csv', `Title,Organization\n${rows.join('\n')}\n`);
    const plan = await host.ok('import_records', { entity: 'deal', path });
    await fetch(`${sandbox.url}/_sandbox/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-token': sandbox.token },
      body: JSON.stringify([{ method: 'POST', path: '/api/v2/deals', skip: 20, status: 402, count: 5 }]),
    });
    const part = await host.ok('import_records', { entity: 'deal', path, plan: plan['plan_code'] });
    expect(part['left']).toBeGreaterThan(0);
    const rest = await host.ok('import_records', { resume: plan['plan_code'] });
    expect(rest['done']).toBe('Imported 60 of 60 deals');
    const deals = (await all('/api/v2/deals')).filter(({ title }) => /^Resumed/.test(title));
    expect(deals.map(({ title }) => title).sort()).toEqual(rows.map((row) => row.split(',')[0]).sort());
    expect((await all('/api/v2/organizations')).filter(({ name }) => /^Neuland/.test(name)).length).toBe(6);
  });

  test('whose file is changed in place meanwhile writes no row that was not checked, and goes on once it is back', async () => {
    // So wide that it is read piece by piece, and not whole before the first write.
    const table = (name: string) =>
      `Name,Padding\n${Array.from({ length: 400 }, (_, row) => `${name} ${row},${'x'.repeat(9_000)}`).join('\n')}\n`;
    const path = file('in place.csv', table('Checked'));
    const args = { entity: 'organization', path, columns: { Padding: null }, on_duplicate: 'create' };
    const named = async (name: string) =>
      (await all('/api/v2/organizations')).filter((one) => one['name'].startsWith(name)).length;
    const plan = await host.ok('import_records', args);
    const before = (await writes()).length;
    const call = host.call('import_records', { ...args, plan: plan['plan_code'] });
    await expect.poll(async () => (await writes()).length, { interval: 20 }).toBeGreaterThan(before + 10);
    file('in place.csv', table('Another'));
    expect(JSON.stringify((await call).structure)).toContain('changed since the check');
    expect(await named('Another')).toBe(0);
    expect(await named('Checked')).toBeLessThan(400);
    file('in place.csv', table('Checked'));
    const rest = await host.ok('import_records', { resume: plan['plan_code'] });
    expect(rest['done']).toBe('Imported 400 of 400 organizations');
    expect(await named('Checked')).toBe(400);
  });

  test('keeps the rows that Pipedrive refuses for another try', async () => {
    const path = file('refused.csv', 'Name\nOne fine\nTwo fine\nThree fine\n');
    const plan = await host.ok('import_records', { entity: 'organization', path });
    await fetch(`${sandbox.url}/_sandbox/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-token': sandbox.token },
      body: JSON.stringify([
        { method: 'POST', path: '/api/v2/organizations', status: 400, body: { success: false, error: 'No such luck' } },
      ]),
    });
    const part = await host.ok('import_records', { entity: 'organization', path, plan: plan['plan_code'] });
    expect(part).toMatchObject({
      done: 'Imported 2 of 3 organizations',
      failed: [{ count: 1, records: [expect.stringMatching(/^line [234]$/)] }],
    });
    const { plan: second } = await imported({ entity: 'organization', path: part['report'] });
    expect(second).toMatchObject({ rows: 1, create: 1 });
    const names = (await all('/api/v2/organizations')).map(({ name }) => name);
    expect(names.filter((name) => / fine$/.test(name)).sort()).toEqual(['One fine', 'Three fine', 'Two fine']);
  });

  test.each([
    [
      'activity',
      'Subject;Type;Due;Time;Contact person;Deal\nCall back;Call;24.12.2099;9:30;Birgit Vogt;\nLunch;;1.2.2099;;;{deal}\n',
    ],
    ['note', 'Content;Deal;Organization\n**Hello** there;{deal};\nA *note*;;Lindner Automation\n'],
    ['lead', 'Title;Value;Currency;Company\nA lead;500;EUR;Lindner Automation\nNew;;EUR;Firma Ganz Neu\n'],
    ['product', 'Name;SKU;Price;Category\nNew probe;NP-1;12,50 EUR;Hardware\nOther probe;;3;Hardware\n'],
    ['person', 'Name;Email;Phone;Company\nNeu Eins;eins@neu.example;;\nNeu Zwei;;+49 30 5550101;Neu Drei\n'],
  ])('of new records of kind %s, done again, changes nothing', async (entity, text) => {
    const [deal] = await all('/api/v2/deals');
    const path = file(`again-${entity}.csv`, text.replace('{deal}', `${deal?.['title']} (${deal?.['id']})`));
    const { plan, done } = await imported({ entity, path });
    expect(plan).toMatchObject({ create: 2, update: 0 });
    expect(plan).not.toHaveProperty('bad');
    expect(done['done']).toMatch(/^Imported 2 of 2/);
    expect(await host.ok('import_records', { entity, path })).toMatchObject({ skipped: 2, create: 0, update: 0 });
  });

  test('makes a contact that several rows share before any of them, and fails all of them where it is refused', async () => {
    const text =
      'Title,Organization,Person,Person email\n' +
      'Shared 1,Teilhaber AG,Tea Haber,tea@teilhaber.example\n' +
      'Shared 2,,,tea@teilhaber.example\n' +
      'Shared 3,Teilhaber AG,,\n';
    const args = { entity: 'deal', path: file('shared.csv', text) };
    const plan = await host.ok('import_records', args);
    expect(plan).toMatchObject({ create: 3, also_made: { organizations: 1, persons: 1 } });
    await fetch(`${sandbox.url}/_sandbox/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-token': sandbox.token },
      body: JSON.stringify([{ method: 'POST', path: '/api/v2/organizations', status: 400, body: { success: false } }]),
    });
    const failed = await host.ok('import_records', { ...args, plan: plan['plan_code'] });
    expect(failed).toMatchObject({ done: 'Imported 0 of 3 deals', failed: [{ count: 3 }] });
    const again = await host.ok('import_records', { resume: plan['plan_code'] });
    expect(again['done']).toBe('Imported 3 of 3 deals');
    const deals = (await all('/api/v2/deals')).filter(({ title }) => /^Shared/.test(title));
    expect(deals.length).toBe(3);
    expect(new Set(deals.flatMap(({ person_id }) => person_id ?? [])).size).toBe(1);
    expect(new Set(deals.flatMap(({ org_id }) => org_id ?? [])).size).toBe(1);
  });

  test('is taken back as a whole by undo', async () => {
    const before = (await all('/api/v2/persons')).length;
    const path = file('undone.csv', 'Name,Organization\nUndine Eins,Undone Ltd\nUndine Zwei,Undone Ltd\n');
    const { done } = await imported({ entity: 'person', path });
    expect((await all('/api/v2/persons')).length).toBe(before + 2);
    await host.ok('undo_changes', { change: done['job'] });
    expect((await all('/api/v2/persons')).length).toBe(before);
    expect((await all('/api/v2/organizations')).filter(({ name }) => name === 'Undone Ltd')).toEqual([]);
  });
});

describe('what is wrong with a file is said before anything is written', () => {
  const good = 'Title,Value\nA,1\n';
  const outside = () => join(base, 'outside.csv');
  const fails = async (path: string, args: Loose = {}) => {
    const before = (await writes()).length;
    const said = await host.fails('import_records', { entity: 'deal', path, ...args });
    expect((await writes()).length).toBe(before);
    return said;
  };

  test('where it is: outside, behind a link, a directory, nowhere', async () => {
    writeFileSync(outside(), good);
    symlinkSync(outside(), join(allowed, 'link.csv'));
    for (const path of [outside(), '../outside.csv', 'link.csv', '/etc/passwd']) {
      expect(await fails(path)).toMatch(/not in a directory that the user allows/);
    }
    expect(await fails('.')).toMatch(/not in a directory|not a file/);
    expect(await fails('missing.csv')).toMatch(/no such file/);
  });

  test('how large it is', async () => {
    file('huge.csv', good);
    truncateSync(join(allowed, 'huge.csv'), 2 * 1024 ** 3);
    expect(await fails('huge.csv')).toMatch(/2147483648 bytes, and at most 200 MB/);
  });

  test('a broken quote on line 4,000', async () => {
    const rows = Array.from({ length: 5_000 }, (_, row) => (row + 2 === 4_000 ? `Deal "${row},1` : `Deal ${row},1`));
    const before = readdirSync(allowed).length;
    expect(await fails(file('quote.csv', `Title,Value\n${rows.join('\n')}\n`))).toMatch(
      /line 4000 has a quote in the middle/,
    );
    const open = rows.map((row) => row.replace('Deal "', '"Deal '));
    expect(await fails(file('open.csv', `Title,Value\n${open.join('\n')}\n`))).toMatch(
      /line 4000 has a quote that is never closed/,
    );
    expect(readdirSync(allowed).length).toBe(before + 2);
  });

  test('a column twice, by title or by field', async () => {
    expect(await fails(file('a.csv', 'Title,Value,Title\nA,1,B\n'))).toMatch(
      /"Title\\" is there 2 times, as column 1 and 3/,
    );
    expect(await fails(file('b.csv', 'Title,Value,Amount\nA,1,2\n'))).toMatch(/are the same field, Value/);
  });

  test('an unknown option in row 7, with all else that is wrong in the file', async () => {
    const rows = ['A,Hot lead,', 'B,,', 'C,,', 'D,,', 'E,,', 'F,Lukewarm,soon', ',,', 'G,,2026-02-30'];
    const plan = await host.ok('import_records', {
      entity: 'deal',
      path: file('option.csv', `Title,Lead source,Expected close date\n${rows.join('\n').replace('Hot lead', '')}\n`),
    });
    expect(plan['bad_rows'].map(({ line, column }: Loose) => [line, column])).toEqual([
      [7, 'Expected close date'],
      [7, 'Lead source'],
      [9, 'Expected close date'],
    ]);
    for (const { what, remedy } of plan['bad_rows']) {
      expect(what).not.toBe('');
      expect(remedy).not.toBe('');
    }
  });

  test('a row without what it needs, of an id that is not there, or with too many cells', async () => {
    const text = 'ID,Title,Value\n,,5\n999999,X,1\n,Y,1,2\n,Z,1\n';
    const plan = await host.ok('import_records', { entity: 'deal', path: file('rows.csv', text) });
    expect(plan).toMatchObject({ rows: 4, create: 1, bad: 3 });
    expect(plan['bad_rows'].map(({ line }: Loose) => line)).toEqual([2, 3, 4]);
    expect(plan['bad_rows'][1].what).toContain('there is no deal 999999');
  });

  test('ids that no record can have, each under its line', async () => {
    const ids = [
      '999999999999999999',
      '9007199254740991',
      '9007199254740990',
      '999999999999999',
      '0',
      '-1',
      '1.5',
      'abc',
      '99999999999999999999999',
    ];
    for (const entity of ['deal', 'note', 'lead']) {
      const text = `ID,${entity === 'note' ? 'Content' : 'Title'}\n${ids.map((id) => `${id},X`).join('\n')}\n`;
      const plan = await host.ok('import_records', { entity, path: file('far.csv', text) });
      expect(plan).toMatchObject({ rows: ids.length, update: 0, bad: ids.length });
      expect(plan['bad_rows'].map(({ line, what }: Loose) => [line, what])).toEqual(
        ids.map((id, row) => [row + 2, `"id": there is no ${entity} ${id}.`]),
      );
    }
    const lines = ids.slice(0, 2).map((id) => `{"ID":${id},"Title":"X"}`);
    const numbers = await host.ok('import_records', { entity: 'deal', path: file('far.jsonl', lines.join('\n')) });
    expect(numbers['bad_rows'].map(({ line }: Loose) => line)).toEqual([1, 2]);
  });

  test('a file that was changed between the check and the import', async () => {
    const args = { entity: 'deal', path: file('changing.csv', good) };
    const { plan_code: plan } = await host.ok('import_records', args);
    file('changing.csv', 'Title,Value\nB,1\n');
    expect(await fails('changing.csv', { plan })).toMatch(/has been changed since/);
    expect(await host.fails('import_records', {})).toMatch(/are missing/);
  });
});
