import { afterAll, beforeAll, expect, test } from 'vitest';
import { Host, rows, type SandboxProcess, startSandboxProcess } from './host.ts';

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

const v2 = async (path: string) => (await sandbox.get(`/api/v2${path}`)).data;
const v1 = async (path: string) => (await sandbox.get(`/api/v1${path}`)).data;

test('the first answer names the company and the user, later reads do not', async () => {
  const me = await v1('/users/me');
  const fresh = await Host.start([], sandbox.env);
  expect((await fresh.ok('list_deals'))['as']).toBe(
    `${me.name} <${me.email}> at ${me.company_name} (${me.company_domain}.pipedrive.com)`,
  );
  expect(await fresh.ok('list_deals')).not.toHaveProperty('as');
  await fresh.close();
});

test('a list comes newest change first, says what it holds, and its cursor visits every record once', async () => {
  const seen: unknown[] = [];
  let cursor: string | undefined;
  let last = '9999';
  do {
    const page = await host.ok('list_deals', { limit: 60, ...(cursor ? { cursor } : {}) });
    expect(page['showing']).toMatch(/archived/);
    for (const row of rows(page)) {
      seen.push(row['id']);
      expect(String(row['updated']) <= last).toBe(true);
      last = String(row['updated']);
    }
    cursor = page['next_cursor'];
  } while (cursor);
  const all = new Set<number>();
  let next = '';
  do {
    const answer = await sandbox.get(`/api/v2/deals?limit=500${next}`);
    for (const deal of answer.data) all.add(deal.id);
    next = answer.additional_data.next_cursor ? `&cursor=${answer.additional_data.next_cursor}` : '';
  } while (next);
  expect(new Set(seen)).toEqual(all);
  expect(seen).toHaveLength(all.size);
});

test('a list too long for one answer is cut at a whole row, and its cursor resumes there', async () => {
  const seen: unknown[] = [];
  let cursor: string | undefined;
  let cuts = 0;
  do {
    const { structure, text } = await host.call('list_persons', { limit: 500, ...(cursor ? { cursor } : {}) });
    expect(text.length).toBeLessThanOrEqual(40_000);
    expect(structure).not.toHaveProperty('cut');
    if (rows(structure).length < 500 && structure['next_cursor']) cuts += 1;
    for (const row of rows(structure)) seen.push(row['id']);
    cursor = structure['next_cursor'];
  } while (cursor);
  const all = (await v2('/persons?limit=500')).map((person: { id: number }) => person.id);
  expect(seen).toHaveLength(all.length);
  expect(new Set(seen)).toEqual(new Set(all));
  const big = await startSandboxProcess(['--deals', '2000']);
  const other = await Host.start([], big.env);
  const ids: unknown[] = [];
  cursor = undefined;
  do {
    const { structure, text } = await other.call('list_deals', { limit: 500, ...(cursor ? { cursor } : {}) });
    expect(text.length).toBeLessThanOrEqual(40_000);
    expect(structure).not.toHaveProperty('cut');
    if (rows(structure).length < 500 && structure['next_cursor']) cuts += 1;
    for (const row of rows(structure)) ids.push(row['id']);
    cursor = structure['next_cursor'];
  } while (cursor);
  expect(cuts).toBeGreaterThan(0);
  expect(new Set(ids).size).toBe(ids.length);
  const everyone = await other.ok('get_deals_summary');
  expect(ids).toHaveLength(everyone['summary'].total_count);
  await other.close();
  await big.stop();
});

test('v1 lists go on by their cursor too', async () => {
  const seen: unknown[] = [];
  let cursor: string | undefined;
  do {
    const page = await host.ok('list_leads', { limit: 7, ...(cursor ? { cursor } : {}) });
    for (const row of rows(page)) seen.push(row['id']);
    cursor = page['next_cursor'];
  } while (cursor);
  const all = (await v1('/leads?limit=500')).map((lead: { id: string }) => lead.id);
  expect(new Set(seen)).toEqual(new Set(all));
  expect(seen).toHaveLength(all.length);
});

test('activities are the open ones by due date unless asked otherwise', async () => {
  const open = rows(await host.ok('list_activities', { limit: 100 }));
  expect(open.length).toBeGreaterThan(10);
  const dates = open.map((row) => String(row['due'] ?? '').slice(0, 10)).filter((date) => date !== '');
  expect(dates).toEqual([...dates].sort());
  const done = (await v2('/activities?done=true&limit=500')).map((activity: { id: number }) => activity.id);
  expect(open.some((row) => done.includes(row['id']))).toBe(false);
  const any = await host.ok('list_activities', { done: 'any', limit: 500 });
  expect(rows(any).some((row) => done.includes(row['id']))).toBe(true);
});

test('a deal lives: created, moved, won, reopened, lost, deleted', async () => {
  const created = await host.ok('create_deal', { title: 'Forklifts', value: 1200, currency: 'EUR' });
  expect(created['done']).toMatch(/^Created deal \d+$/);
  expect(created['as']).toContain('@');
  const id = created['deal'].id;
  const stages = await v2('/stages?limit=500');
  const stage = stages.find((one: { pipeline_id: number; id: number }) => one.pipeline_id !== 1);
  const moved = await host.ok('update_deal', { id, stage_id: stage.id });
  expect(moved['deal'].stage).toContain(stage.name);
  expect((await host.ok('update_deal', { id, status: 'won' }))['deal']).toHaveProperty('won_time');
  await host.ok('update_deal', { id, status: 'open' });
  const lost = await host.ok('update_deal', { id, status: 'lost', lost_reason: 'Price' });
  expect(lost['deal']).toMatchObject({ status: 'lost', lost_reason: 'Price' });
  expect(await v2(`/deals/${id}`)).toMatchObject({ status: 'lost', lost_reason: 'Price', won_time: null });
  expect((await host.ok('delete_deal', { id }))['done']).toBe(`Deleted deal ${id}`);
  expect(await host.fails('get_deal', { id })).toContain('not found');
});

test('adding and taking one e-mail, phone or label loses none of the others', async () => {
  const created = await host.ok('create_person', {
    name: 'Mari Maasikas',
    emails: [
      { value: 'mari@work.example', label: 'work', primary: true },
      { value: 'mari@home.example', label: 'home' },
    ],
    phones: ['+372 5555 1111'],
  });
  const id = created['person'].id;
  await host.ok('update_person', { id, add_emails: ['third@work.example'], remove_phones: ['+37255551111'] });
  const person = await v2(`/persons/${id}`);
  expect(person.emails.map((email: { value: string }) => email.value)).toEqual([
    'mari@work.example',
    'mari@home.example',
    'third@work.example',
  ]);
  expect(person.emails.filter((email: { primary: boolean }) => email.primary)).toHaveLength(1);
  expect(person.phones).toEqual([]);
  const refused = await host.fails('update_person', { id, remove_emails: ['nobody@work.example'] });
  expect(refused).toContain('mari@home.example');
  expect((await v2(`/persons/${id}`)).emails).toHaveLength(3);
});

test("times are the user's, in and out, over midnight and in summer and winter", async () => {
  const { timezone_name: zone } = await v1('/users/me');
  for (const [due_date, due_time] of [
    ['2026-07-01', '14:30'],
    ['2026-12-01', '14:30'],
    ['2026-12-02', '00:30'],
    ['2026-12-02', '23:45'],
  ] as const) {
    const created = await host.ok('create_activity', { subject: 'At a time', type: 'call', due_date, due_time });
    expect(created['activity']).toMatchObject({ due_date, due_time });
    expect(created['times_in']).toBe(zone);
    const kept = await v2(`/activities/${created['activity'].id}`);
    const utc = new Date(`${kept.due_date}T${kept.due_time.slice(0, 5)}:00Z`);
    const local = utc.toLocaleString('sv-SE', { timeZone: zone }).slice(0, 16);
    expect(local).toBe(`${due_date} ${due_time}`);
    const moved = await host.ok('update_activity', { id: created['activity'].id, due_time: '09:15' });
    expect(moved['activity']).toMatchObject({ due_date, due_time: '09:15' });
  }
  const allDay = await host.ok('create_activity', { subject: 'All day', type: 'task', due_date: '2026-12-24' });
  expect(allDay['activity']['due_date']).toBe('2026-12-24');
  expect(allDay['activity']).not.toHaveProperty('due_time');
});

test('notes take markdown, arrive as HTML and come back as text', async () => {
  const created = await host.ok('create_note', { deal_id: 1, content: '**Agreed**:\n- price < 5 & more\n- term' });
  const kept = await v1(`/notes/${created['note'].id}`);
  expect(kept.content).toContain('<strong>Agreed</strong>');
  expect(kept.content).toContain('<li>');
  expect(kept.content).toContain('&lt; 5 &amp; more');
  const read = await host.ok('get_note', { id: created['note'].id });
  expect(read['note'].content).toMatch(/^⟦data \w+⟧ \*\*Agreed\*\*:\n\n- price < 5 & more\n- term ⟦\/data \w+⟧$/);
});

test('a long text is cut, and text_offset reads on to its end', async () => {
  const long = Array.from({ length: 4_000 }, (_, index) => `word${index}`).join(' ');
  const { note } = await host.ok('create_note', { person_id: 1, content: long });
  let read = '';
  for (let offset = 0; ; ) {
    const { content } = (await host.ok('get_note', { id: note.id, text_offset: offset }))['note'];
    const [, shown = '', next] =
      /^⟦data \w+⟧ (.*) ⟦\/data \w+⟧(?:… \[\d+ more characters: call again with text_offset (\d+)\])?$/s.exec(
        content,
      ) ?? [];
    read += shown;
    if (!next) break;
    offset = Number(next);
  }
  expect(read).toBe(long);
});

test('a lead becomes a deal, and a deal a lead again, each with its new id', async () => {
  const { lead } = await host.ok('create_lead', {
    title: 'From the fair',
    person_id: 1,
    value: { amount: 900, currency: 'EUR' },
  });
  const converted = await host.ok('convert_lead_to_deal', { id: lead.id });
  expect(await v2(`/deals/${converted['deal_id']}`)).toMatchObject({
    title: 'From the fair',
    person_id: 1,
    value: 900,
  });
  expect(await host.fails('get_lead', { id: lead.id })).toContain('not found');
  const back = await host.ok('convert_deal_to_lead', { id: converted['deal_id'] });
  expect(await v1(`/leads/${back['lead_id']}`)).toMatchObject({ title: 'From the fair', person_id: 1 });
});

test('pasted links and numbers in quotes are taken for what they mean', async () => {
  expect((await host.ok('get_deal', { id: 'https://varsa-instruments.pipedrive.com/deal/1' }))['deal'].id).toBe(1);
  expect((await host.ok('get_deal', { id: '1' }))['deal'].id).toBe(1);
  expect(rows(await host.ok('list_deals', { status: 'won' })).every((row) => row['status'] === 'won')).toBe(true);
  expect(await host.fails('get_deal', { id: 'https://varsa-instruments.pipedrive.com/person/1' })).toContain(
    'It shows a person',
  );
});

test('search finds a person and their deals', async () => {
  const person = await v2('/persons/1');
  const found = rows(await host.ok('search_items', { term: person.name }));
  expect(found.some((row) => row['type'] === 'person' && row['id'] === 1)).toBe(true);
});

test('list_fields shows every field with its options, also by parts', async () => {
  const fields = rows(await host.ok('list_fields', { entity: 'deal' }));
  const all = await v2('/dealFields?limit=500');
  expect(fields.map((row) => row['field_code'])).toEqual(all.map((field: { field_code: string }) => field.field_code));
  expect(fields.find((row) => row['field_code'] === 'status')?.['options']).toContain('won');
});

test('get_limits says who, how fast and what is left', async () => {
  const limits = await host.ok('get_limits');
  expect(limits['requests_per_2_seconds']).toBe(120);
  expect(limits['sent_by_this_process'].requests).toBeGreaterThan(10);
});

test('read-only lists no write, calls none, and sends nothing but GET', async () => {
  const quiet = await startSandboxProcess();
  const reader = await Host.start(['--toolsets', 'all', '--mode', 'read-only'], quiet.env);
  const { tools } = await reader.client.listTools();
  expect(tools.length).toBeGreaterThan(30);
  expect(tools.every((tool) => tool.annotations?.readOnlyHint === true)).toBe(true);
  expect(await reader.fails('create_deal', { title: 'No' })).toContain('read-only');
  expect(await reader.fails('delete_deal', { id: 1 })).toContain('read-only');
  await reader.ok('list_deals');
  expect((await quiet.log()).every((entry) => entry.method === 'GET')).toBe(true);
  await reader.close();
  await quiet.stop();
});

test('toolsets, single tools and exclude choose what is listed', async () => {
  const names = async (...args: string[]) => {
    const one = await Host.start(args);
    const { tools } = await one.client.listTools();
    await one.close();
    return tools.map((tool) => tool.name);
  };
  const core = await names();
  expect(core).toContain('create_deal');
  expect(core).not.toContain('delete_deal');
  expect(core.length).toBeLessThanOrEqual(40);
  const deals = await names('--toolsets', 'deals,get_person');
  expect(deals).toContain('delete_deal');
  expect(deals).toContain('get_person');
  expect(deals).not.toContain('create_person');
  expect(await names('--toolsets', 'core', '--exclude', 'delete_deal,notes')).not.toContain('create_note');
});

test('cancelling a call frees its place and ends it', async () => {
  const slow = await startSandboxProcess(['--latency', '1500']);
  const one = await Host.start([], slow.env);
  const cancel = new AbortController();
  const call = one.call('list_deals', {}, cancel.signal);
  await expect.poll(async () => (await slow.log()).length, { timeout: 10_000 }).toBeGreaterThan(0);
  cancel.abort();
  await expect(call).rejects.toThrow();
  expect((await one.ok('get_limits'))['waiting']).toBe(0);
  await one.close();
  await slow.stop();
});
