import { DateTime } from 'luxon';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Host, type Loose, NOW, rows, type SandboxProcess, startSandboxProcess } from './host.ts';

/** All records of a list, straight from the sandbox. */
async function all(sandbox: SandboxProcess, path: string): Promise<Loose[]> {
  const found: Loose[] = [];
  const isV1 = path.startsWith('/api/v1');
  for (let next = ''; ; ) {
    const { data, additional_data } = await sandbox.get(`${path}${path.includes('?') ? '&' : '?'}limit=500${next}`);
    found.push(...(data ?? []));
    const { next_start, more_items_in_collection } = additional_data.pagination ?? {};
    if (isV1 ? !more_items_in_collection : !additional_data.next_cursor) return found;
    next = isV1 ? `&start=${next_start}` : `&cursor=${additional_data.next_cursor}`;
  }
}

/** Every row of a list, page after page. */
async function walk(host: Host, tool: string, args: Loose): Promise<{ ids: unknown[]; pages: number }> {
  const ids: unknown[] = [];
  let pages = 0;
  let cursor: string | undefined;
  do {
    const page = await host.ok(tool, cursor ? { cursor } : args);
    ids.push(...rows(page).map((row) => row['id']));
    cursor = page['next_cursor'];
    pages += 1;
  } while (cursor);
  return { ids, pages };
}

describe.each([
  { name: 'the sample company', options: [] },
  { name: '10,000 deals', options: ['--deals', '10000'] },
])('$name', ({ options }) => {
  let sandbox: SandboxProcess;
  let host: Host;
  let deals: Loose[];
  let me: Loose;
  let now: DateTime;

  beforeAll(async () => {
    sandbox = await startSandboxProcess(options);
    host = await Host.start(['--toolsets', 'all'], sandbox.env);
    deals = await all(sandbox, '/api/v2/deals?include_fields=next_activity_id');
    me = (await sandbox.get('/api/v1/users/me')).data;
    now = DateTime.fromISO(NOW, { zone: me['timezone_name'] });
  }, 120_000);
  afterAll(async () => {
    await host.close();
    await sandbox.stop();
  });

  /** One call tells how many there are, and the cursors lead to each of them once. */
  async function agrees(tool: string, args: Loose, expected: Loose[]): Promise<Loose> {
    const answer = await host.ok(tool, args);
    expect(expected.length).toBeGreaterThan(0);
    expect(answer).toMatchObject({ matched: expected.length, complete: true });
    const { ids } = await walk(host, tool, { ...args, limit: 200 });
    expect(ids).toHaveLength(expected.length);
    expect(new Set(ids)).toEqual(new Set(expected.map(({ id }) => id)));
    return answer;
  }

  test('open deals untouched for 14 days', async () => {
    const args = { status: ['open'], where: ['updated < 14 days ago'] };
    // The sandbox's clock goes on: the answer says which second it was.
    const [, said = ''] = /updated < (\S+ \S+);/.exec((await host.ok('list_deals', args))['showing']) ?? [];
    const moment = DateTime.fromSQL(said, { zone: me['timezone_name'] });
    expect(moment.diff(now.minus({ days: 14 })).as('minutes')).toBeGreaterThanOrEqual(0);
    expect(moment.diff(now.minus({ days: 14 })).as('minutes')).toBeLessThan(3);
    const limit = moment.toUTC().toISO({ suppressMilliseconds: true }) ?? '';
    const expected = deals.filter((deal) => deal['status'] === 'open' && deal['update_time'] < limit);
    await agrees('list_deals', { status: ['open'], where: [`updated < ${said}`] }, expected);
  });

  test('my overdue activities', async () => {
    const activities = await all(sandbox, '/api/v2/activities');
    const expected = activities.filter(({ owner_id, done, due_date, due_time }) => {
      if (owner_id !== me['id'] || done || !due_date) return false;
      const local = due_time ? DateTime.fromISO(`${due_date}T${due_time}Z`).setZone(me['timezone_name']) : undefined;
      return (local?.toISODate() ?? due_date) < (now.toISODate() ?? '');
    });
    await agrees('list_activities', { owner_id: 'me', where: ['due < today'] }, expected);
    const answer = await agrees('list_activities', { where: ['owner = me', 'due < today', 'done = no'] }, expected);
    expect(answer['showing']).toContain(`due < ${now.toISODate()} and done = no`);
  });

  test('open deals without a next activity', async () => {
    const expected = deals.filter((deal) => deal['status'] === 'open' && deal['next_activity_id'] === null);
    await agrees('list_deals', { where: ['status = open', 'next activity is empty'] }, expected);
  });

  test('deals closing this quarter above 50,000', async () => {
    const [from, to] = [now.startOf('quarter').toISODate() ?? '', now.endOf('quarter').toISODate() ?? ''];
    const expected = deals.filter(
      ({ value, expected_close_date: close }) => close && close >= from && close <= to && value > 50_000,
    );
    const where = ['expected close = this quarter', 'value > 50000'];
    const answer = await agrees('list_deals', { where }, expected);
    expect(answer['showing']).toContain(`expected close = ${from} to ${to} and value > 50000 in any currency`);
  });

  test('won last month without a Lead source', async () => {
    const fields: Loose[] = await all(sandbox, '/api/v2/dealFields');
    const code = fields.find((field) => field['field_name'] === 'Lead source')?.['field_code'];
    const month = now.minus({ months: 1 }).toFormat('yyyy-MM');
    const expected = deals.filter(
      ({ status, won_time, custom_fields }) =>
        status === 'won' &&
        DateTime.fromISO(won_time, { zone: me['timezone_name'] }).toFormat('yyyy-MM') === month &&
        (custom_fields[code] ?? null) === null,
    );
    const where = ['won time = last month', 'Lead source is empty'];
    await agrees('list_deals', { status: ['won'], where }, expected);
  });

  test('a look through all deals takes a page of 500 a request and no more', async () => {
    await host.ok('list_deals', { where: ['value > 1'], limit: 1 });
    const before = (await sandbox.log()).length;
    await host.ok('list_deals', { where: ['value < 0'] });
    const lists = (await sandbox.log()).slice(before).filter(({ path }) => path.startsWith('/api/v2/'));
    expect(lists).toHaveLength(Math.ceil(deals.length / 500));
    expect(lists.length).toBeLessThanOrEqual(21);
  });
});

describe('conditions', () => {
  let sandbox: SandboxProcess;
  let host: Host;

  beforeAll(async () => {
    sandbox = await startSandboxProcess();
    host = await Host.start(['--toolsets', 'all'], sandbox.env);
  });
  afterAll(async () => {
    await host.close();
    await sandbox.stop();
  });

  const fieldCode = async (path: string, label: string): Promise<string> =>
    (await all(sandbox, path)).find((field) => (field['field_name'] ?? field['name']) === label)?.['field_code'];

  test('go on by cursor through every match once, in the order of the list', async () => {
    const first = await host.ok('list_deals', {
      where: ['value > 20000'],
      limit: 7,
      sort_by: 'id',
      sort_direction: 'asc',
    });
    expect(first).toMatchObject({ complete: true });
    expect(rows(first)).toHaveLength(7);
    const second = await host.ok('list_deals', { cursor: first['next_cursor'] });
    expect(second).not.toHaveProperty('matched');
    const args = { where: ['value > 20000'], limit: 7, sort_by: 'id', sort_direction: 'asc' };
    const { ids, pages } = await walk(host, 'list_deals', args);
    const expected = (await all(sandbox, '/api/v2/deals')).filter((deal) => deal['value'] > 20_000);
    expect(ids).toEqual(expected.map((deal) => deal['id']).sort((a, b) => a - b));
    expect(pages).toBe(Math.ceil(expected.length / 7));
    const other = await host.fails('list_deals', { cursor: first['next_cursor'], where: ['value > 1'] });
    expect(other).toContain('where is not what it was');
    expect(await host.fails('list_deals', { cursor: String(first['next_cursor']).replace(/~.*/, '') })).toContain(
      'no cursor',
    );
  });

  test('are asked of leads, whose custom fields are flat', async () => {
    const code = await fieldCode('/api/v2/dealFields', 'Lead source');
    for (const source of ['Referral', 'Referral', 'Event']) {
      const person_id = (await all(sandbox, '/api/v2/persons'))[0]?.['id'];
      await host.ok('create_lead', { title: 'Flat', person_id, custom_fields: { 'Lead source': source } });
    }
    const leads = await all(sandbox, '/api/v1/leads');
    const having = leads.filter((lead) => lead[code] !== undefined);
    const answer = await host.ok('list_leads', { where: ['Lead source is not empty'] });
    expect(having.length).toBeGreaterThan(0);
    expect(answer).toMatchObject({ matched: having.length, complete: true });
    const { options } = (await all(sandbox, '/api/v2/dealFields')).find((field) => field['field_code'] === code) ?? {};
    const label = options.find((option: Loose) => String(option['id']) === having[0]?.[code]).label;
    const same = having.filter((lead) => lead[code] === having[0]?.[code]);
    const { ids } = await walk(host, 'list_leads', { where: [`Lead source = ${label.toUpperCase()}`], limit: 1 });
    expect(new Set(ids)).toEqual(new Set(same.map(({ id }) => id)));
    expect(ids).toHaveLength(same.length);
  });

  test('take money, options, users and ranges of custom fields', async () => {
    const deals = await all(sandbox, '/api/v2/deals');
    const users: Loose[] = (await sandbox.get('/api/v1/users')).data;
    const [budget, interest, engineer, pilot, site] = await Promise.all(
      ['Budget', 'Products of interest', 'Sales engineer', 'Pilot period', 'Installation site'].map((label) =>
        fieldCode('/api/v2/dealFields', label),
      ),
    );
    const options = (await all(sandbox, '/api/v2/dealFields')).find((one) => one['field_code'] === interest)?.[
      'options'
    ];
    const probes = options.find((option: Loose) => option['label'] === 'Probes').id;
    const user = users.find(({ id }) => deals.some((deal) => deal['custom_fields'][engineer ?? ''] === id)) ?? {};
    const cases: [string, (fields: Loose) => boolean][] = [
      ['Budget > 40k EUR', (f) => f[budget ?? '']?.value > 40_000 && f[budget ?? ''].currency === 'EUR'],
      ['Products of interest contains probes', (f) => f[interest ?? '']?.includes(probes) === true],
      [`Sales engineer = ${user['name']}`, (f) => f[engineer ?? ''] === user['id']],
      ['Pilot period end < 2026-10-01', (f) => f[pilot ?? ''] && f[pilot ?? ''].until < '2026-10-01'],
      ['Installation site contains "a"', (f) => f[site ?? '']?.value.toLowerCase().includes('a') === true],
    ];
    for (const [condition, holds] of cases) {
      const expected = deals.filter((deal) => holds(deal['custom_fields']));
      expect(expected.length, condition).toBeGreaterThan(0);
      expect(await host.ok('list_deals', { where: [condition] }), condition).toMatchObject({
        matched: expected.length,
      });
    }
  });

  test('are asked of persons, organizations, notes and archived records too', async () => {
    const persons = await all(sandbox, '/api/v2/persons?include_fields=open_deals_count');
    const mails = persons.filter((one) => one['emails'].some((mail: Loose) => mail['value'].includes('info@')));
    const without = persons.filter((one) => one['emails'].length === 0);
    expect(await host.ok('list_persons', { where: ['email is empty'] })).toMatchObject({ matched: without.length });
    expect(await host.ok('list_persons', { where: ['email contains info@'] })).toMatchObject({ matched: mails.length });
    const busy = persons.filter((one) => one['open_deals_count'] > 1);
    expect(await host.ok('list_persons', { where: ['open deals > 1'] })).toMatchObject({ matched: busy.length });
    const segment = await fieldCode('/api/v2/organizationFields', 'Segment');
    const organizations = await all(sandbox, '/api/v2/organizations');
    const unsorted = organizations.filter((one) => one['custom_fields'][segment] === null);
    expect(await host.ok('list_organizations', { where: ['segment is empty'] })).toMatchObject({
      matched: unsorted.length,
    });
    const notes = (await all(sandbox, '/api/v1/notes')).filter((note) => /budget/i.test(note['content']));
    expect(await host.ok('list_notes', { where: ['content contains budget'] })).toMatchObject({
      matched: notes.length,
    });
    const archived = (await all(sandbox, '/api/v2/deals/archived')).filter((deal) => deal['status'] === 'lost');
    expect(await host.ok('list_archived_deals', { where: ['status = lost'] })).toMatchObject({
      matched: archived.length,
    });
    expect(await host.ok('list_archived_leads', { where: ['added >= 2000'] })).toMatchObject({ complete: true });
  });

  test('that Pipedrive has an argument for are left to it', async () => {
    const stage = (await all(sandbox, '/api/v2/stages'))[1] ?? {};
    const pipeline = (await all(sandbox, '/api/v2/pipelines')).find(({ id }) => id === stage['pipeline_id']) ?? {};
    const expected = (await all(sandbox, `/api/v2/deals?stage_id=${stage['id']}&status=open`)).length;
    const where = [`stage = "${pipeline['name']} / ${stage['name']}"`, 'status = open', 'updated >= 2020-01-01'];
    const answer = await host.ok('list_deals', { where });
    expect(answer).toMatchObject({ matched: expected });
    expect(answer['showing']).toContain(`stage = "${pipeline['name']} / ${stage['name']}"`.replaceAll('"', ''));
    const before = (await sandbox.log()).length;
    await host.ok('list_activities', { where: ['done = yes', 'subject contains call'] });
    expect((await sandbox.log()).length - before).toBeGreaterThan(0);
    const pinned = (await all(sandbox, '/api/v1/notes')).filter((note) => note['pinned_to_deal_flag']);
    expect(await host.ok('list_notes', { where: ['Note is pinned to deal = yes'] })).toMatchObject({
      matched: pinned.length,
    });
    const done = (await all(sandbox, '/api/v2/activities?done=true')).filter((one) => /call/i.test(one['subject']));
    const answered = await host.ok('list_activities', { where: ['done = yes', 'subject contains call'] });
    expect(answered).toMatchObject({ matched: done.length });
    expect(answered['showing']).not.toContain('done=false');
  });

  test('take stages, types, labels and persons by name', async () => {
    const deals = await all(sandbox, '/api/v2/deals');
    const stages = (await all(sandbox, '/api/v2/stages')).filter((stage) => stage['name'] === 'Negotiation');
    expect(stages.length).toBeGreaterThan(1);
    expect(await host.fails('list_deals', { where: ['stage = Negotiation'] })).toContain('Renewals / Negotiation');
    for (const { id, pipeline_id } of stages) {
      const matched = deals.filter((deal) => deal['stage_id'] === id).length;
      expect(await host.ok('list_deals', { pipeline_id, where: ['stage = negotiation'] })).toMatchObject({ matched });
    }
    const fields = await all(sandbox, '/api/v2/dealFields');
    const options: Loose[] = fields.find((field) => field['field_code'] === 'label_ids')?.['options'];
    const hot = options.find((option) => option['label'] === 'Hot')?.['id'];
    const labelled = deals.filter((deal) => deal['label_ids'].includes(hot)).length;
    expect(await host.ok('list_deals', { where: ['label = hot'] })).toMatchObject({ matched: labelled });
    const type = (await sandbox.get('/api/v1/activityTypes')).data[1];
    const activities = (await all(sandbox, '/api/v2/activities')).filter((one) => one['type'] === type.key_string);
    const where = [`type = ${type.name}`, 'done in (yes, no)'];
    expect(await host.ok('list_activities', { where })).toMatchObject({ matched: activities.length });
    const leadLabel = (await sandbox.get('/api/v1/leadLabels')).data[0];
    const leads = (await all(sandbox, '/api/v1/leads')).filter((lead) => lead['label_ids'].includes(leadLabel.id));
    expect(await host.ok('list_leads', { where: [`labels contains ${leadLabel.name}`] })).toMatchObject({
      matched: leads.length,
    });
    const person = (await sandbox.get(`/api/v2/persons/${deals.find((deal) => deal['person_id'])?.['person_id']}`))
      .data;
    const theirs = deals.filter((deal) => deal['person_id'] === person.id).length;
    for (const said of [person.id, `${person.name} (${person.id})`]) {
      expect(await host.ok('list_deals', { where: [`person = ${said}`] })).toMatchObject({ matched: theirs });
    }
  });

  test('that nothing meets say how much was looked through', async () => {
    const count = (await all(sandbox, '/api/v2/deals')).length;
    const answer = await host.ok('list_deals', { where: ['title = "no deal is called this"'] });
    expect(answer).toMatchObject({ matched: 0, complete: true, rows: [] });
    expect(answer['hint']).toContain(`Looked through ${count} deals`);
    expect(answer).not.toHaveProperty('next_cursor');
  });

  test('that are not understood say what would be', async () => {
    expect(await host.fails('list_deals', { where: ['valeu > 5'] })).toContain('Did you mean \\"value\\"');
    expect(await host.fails('list_deals', { where: ['Lead source = Referal'] })).toContain(
      'Did you mean \\"Referral\\"',
    );
    expect(await host.fails('list_deals', { where: ['owner = Nobody Here'] })).toContain('there is no user');
    expect(await host.fails('list_deals', { where: ['value > 5 XXQ'] })).toContain('there is no currency');
    expect(await host.fails('list_deals', { where: ['person = Nobody Here'] })).toContain('there is no person');
    expect(await host.fails('list_deals', { where: ['next activity = Call'] })).toContain('not the id of a record');
    expect(await host.fails('list_deals', { where: ['value > many'] })).toContain('no value for');
    expect(await host.fails('get_deal', { id: 1, where: ['value > 1'] })).toContain('no argument');
  });

  test.each([
    ['list_deals', 'expected close this quarter', 'Write \\"expected close = this quarter\\"'],
    ['list_deals', 'valeu > 5', 'more: list_fields has them all'],
    ['list_deals', 'last activity < 14 days ago', 'Ask \\"updated < 14 days ago\\"'],
    ['list_deals', 'next activity < today', 'list_activities with where [\\"due < today\\"]'],
    ['list_deals', 'next activity before today', 'list_activities with where [\\"due < today\\"]'],
    ['list_deals', 'next activity = today', 'list_activities'],
    ['list_deals', 'organization contains Miller', 'search_items'],
    ['list_deals', 'days in stage > 60', 'stage changed < 60 days ago'],
    ['list_deals', 'age > 90 days', 'added < 90 days ago'],
    ['list_deals', 'stage changed > 60 days', 'stage changed < 60 days ago'],
    ['list_deals', 'archived = yes', 'list_archived_deals'],
    ['list_leads', 'is_archived = yes', 'list_archived_leads'],
    ['list_persons', 'deleted = yes', 'only list_deals has it'],
    ['list_deals', 'title contains Molkerei AND value > 100', 'Give [\\"title contains Molkerei\\",\\"value > 100\\"]'],
  ])('%s: %s is told what to ask instead', async (tool, condition, said) => {
    expect(await host.fails(tool, { where: [condition] })).toContain(said);
  });

  test('every example that a tool or the instructions give is understood', async () => {
    const { tools } = await host.client.listTools();
    let tried = 0;
    for (const { name, inputSchema } of tools) {
      const example = (inputSchema.properties as Loose | undefined)?.['where']?.description;
      if (!/^(list|analyze|export)_/.test(name) || example === undefined) continue;
      // A file needs a directory; what its conditions are is what the lists take, of any kind.
      await host.ok(name === 'export_records' ? 'list_notes' : name, { where: [example] });
      tried += 1;
    }
    expect(tried).toBeGreaterThan(10);
    const [line = ''] = /"where" conditions must all hold:.*$/m.exec(host.client.getInstructions() ?? '') ?? [];
    const said = [...line.matchAll(/"([^"]+)"(?=[,.])/g)].map(([, one = '']) => one.replace('Ann Lee, Bo Ek', '1, 2'));
    expect(said.length).toBeGreaterThan(3);
    for (const one of said) await host.ok('list_deals', { where: [one] });
  });

  test('a key that Pipedrive does not sort by is told a way on', async () => {
    expect(await host.fails('list_deals', { sort_by: 'value' })).toContain('where: [\\"value > 50000\\"]');
  });

  test('labels that list_fields shows are names, where they mean one thing', async () => {
    const won = (await all(sandbox, '/api/v2/deals')).filter((deal) => deal['won_time'] !== null);
    expect(await host.ok('list_deals', { where: ['Won date is not empty'] })).toMatchObject({ matched: won.length });
    const done = (await all(sandbox, '/api/v2/activities?done=true')).filter((one) => one['owner_id'] === 1);
    const where = ['Marked as done time is not empty', 'Assigned to user = 1'];
    expect(await host.ok('list_activities', { done: 'true', where })).toMatchObject({ matched: done.length });
  });

  test('are looked through again where a deadline cut them short', async () => {
    const big = await startSandboxProcess(['--deals', '3000']);
    const hasty = await Host.start(['--toolsets', 'all'], { ...big.env, PIPEDRIVE_DEADLINE: '4' });
    const first = await hasty.ok('list_deals', { where: ['value > 50000'], limit: 100 });
    expect(first).toMatchObject({ complete: false, looked_through: 500 });
    expect(first).not.toHaveProperty('matched');
    const { ids } = await walk(hasty, 'list_deals', { where: ['value > 50000'], limit: 100 });
    const expected = (await all(big, '/api/v2/deals')).filter((deal) => deal['value'] > 50_000);
    expect(ids).toHaveLength(expected.length);
    expect(new Set(ids)).toEqual(new Set(expected.map(({ id }) => id)));
    await hasty.close();
    await big.stop();
  });
});

test('matches that leave the list while it is paged through take no others with them', async () => {
  const box = await startSandboxProcess();
  const host = await Host.start(['--toolsets', 'all'], box.env);
  const asked = { where: ['value > 10000'], status: ['open'], limit: 10 };
  const { matched } = await host.ok('list_deals', asked);
  const seen: unknown[] = [];
  let cursor: string | undefined;
  do {
    const page = await host.ok('list_deals', cursor ? { cursor } : asked);
    for (const { id } of rows(page)) {
      seen.push(id);
      await host.ok('update_deal', { id, status: 'lost', lost_reason: 'Price' });
    }
    cursor = page['next_cursor'];
  } while (cursor);
  expect(matched).toBeGreaterThan(20);
  expect(new Set(seen).size).toBe(matched);
  await host.close();
  await box.stop();
});
