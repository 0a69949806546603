import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Host, type Loose, rows, type SandboxProcess, startSandboxProcess } from './host.ts';

let sandbox: SandboxProcess;
let host: Host;
const files = mkdtempSync(join(tmpdir(), 'pipedrive-files-'));

beforeAll(async () => {
  sandbox = await startSandboxProcess();
  host = await Host.start(['--toolsets', 'all'], { ...sandbox.env, PIPEDRIVE_FILES: files });
  await host.ok('get_current_user');
});
afterAll(async () => {
  await host.close();
  await sandbox.stop();
  rmSync(files, { recursive: true, force: true });
});

const HASH = /"[0-9a-f]{40}[^"]*":/;

function holdsNull(value: unknown): boolean {
  if (value === null) return true;
  if (Array.isArray(value)) return value.some(holdsNull);
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsNull);
}

test('no answer of a read tool has a hash as a key, a null or too many characters, on every record of the company', async () => {
  const { tools } = await host.client.listTools();
  const lists = tools.filter(
    (tool) => tool.annotations?.readOnlyHint && !tool.inputSchema.required && tool.name.startsWith('list_'),
  );
  expect(lists.length).toBeGreaterThan(12);
  for (const { name, inputSchema } of lists) {
    const limit = inputSchema.properties?.['limit'] ? { limit: 500 } : {};
    const detail = inputSchema.properties?.['detail'] ? [{}, { detail: 'full' }] : [{}];
    for (const shape of detail) {
      let cursor: string | undefined;
      do {
        const { structure, text } = await host.call(name, cursor ? { cursor } : { ...limit, ...shape });
        expect(text, name).not.toMatch(HASH);
        expect(holdsNull(structure), name).toBe(false);
        expect(text.length, name).toBeLessThanOrEqual(40_000);
        cursor = structure['next_cursor'];
      } while (cursor);
    }
  }
  for (const [tool, list] of [
    ['get_deal', '/api/v2/deals?limit=500'],
    ['get_person', '/api/v2/persons?limit=500'],
    ['get_organization', '/api/v2/organizations?limit=500'],
    ['get_activity', '/api/v2/activities?limit=60'],
    ['get_lead', '/api/v1/leads?limit=500'],
    ['get_product', '/api/v2/products?limit=500'],
    ['get_note', '/api/v1/notes?limit=60'],
    ['get_project', '/api/v2/projects?limit=500'],
    ['get_project_task', '/api/v2/tasks?limit=60'],
  ] as const) {
    const { data } = await sandbox.get(list);
    for (const { id } of data) {
      const { structure, text } = await host.call(tool, { id });
      expect(text, tool).not.toMatch(HASH);
      expect(holdsNull(structure), tool).toBe(false);
    }
  }
});

test('nor has the answer of any other read tool', async () => {
  const { tools } = await host.client.listTools();
  const someDeals = (await sandbox.get('/api/v2/deals?limit=100')).data.map((deal: { id: number }) => deal.id);
  const first = async (path: string) => (await sandbox.get(path)).data[0];
  const note = await first('/api/v1/notes?limit=1');
  const lead = await first('/api/v1/leads?limit=1');
  const goal = (await sandbox.get('/api/v1/goals/find')).data.goals[0];
  const thread = await first('/api/v1/mailbox/mailThreads?folder=inbox');
  const month = { start_date: '2026-10-01', end_date: '2026-10-31' };
  const given: Record<string, unknown> = {
    id: 1,
    deal_id: 5,
    person_id: 14,
    organization_id: 14,
    org_id: 14,
    note_id: note.id,
    deal_ids: someDeals,
    product_id: 1,
    project_id: 5,
    board_id: 1,
    term: 'Probe',
    entity: 'deal',
    entity_type: 'deal',
    field: 'title',
    field_code: 'status',
  };
  const own: Record<string, Record<string, unknown>> = {
    get_lead: { id: lead.id },
    list_lead_permitted_users: { lead_id: lead.id },
    get_call_log: { id: (await first('/api/v1/callLogs')).id },
    get_goal_results: { id: goal.id, period_start: goal.duration.start, period_end: goal.duration.start },
    get_deals_timeline: { ...month, interval: 'month', amount: 3, field_key: 'add_time' },
    get_archived_deals_timeline: { ...month, interval: 'month', amount: 3, field_key: 'add_time' },
    get_pipeline_conversion_statistics: { pipeline_id: 1, ...month },
    get_pipeline_movement_statistics: { pipeline_id: 1, ...month },
    list_mail_messages: { thread_id: thread.id, mail_thread_id: thread.id },
    list_mail_threads: { folder: 'inbox' },
    list_recents: { since_timestamp: '2026-11-18' },
    get_permission_set: { id: (await first('/api/v1/permissionSets')).id },
    list_permission_set_assignments: { permission_set_id: (await first('/api/v1/permissionSets')).id },
    get_role_settings: { role_id: 1 },
    list_role_assignments: { role_id: 1 },
    list_role_pipelines: { role_id: 1 },
    get_user_permissions: { user_id: 1 },
    get_user_role_settings: { user_id: 1 },
    list_user_role_assignments: { user_id: 1 },
    list_user_teams: { user_id: 1 },
    list_user_followers: { user_id: 1 },
    list_team_users: { team_id: 1 },
    find_duplicates: { entity: 'person' },
  };
  const read = tools.filter((tool) => tool.annotations?.readOnlyHint && tool.inputSchema.required);
  expect(read.length).toBeGreaterThan(12);
  const failed: string[] = [];
  for (const { name, inputSchema } of read) {
    const args = Object.fromEntries((inputSchema.required ?? []).map((key) => [key, own[name]?.[key] ?? given[key]]));
    const { structure, text, isError } = await host.call(name, args);
    if (isError) failed.push(`${name} ${JSON.stringify(args)}: ${text}`);
    expect(text, name).not.toMatch(HASH);
    expect(holdsNull(structure), name).toBe(false);
    expect(text.length, name).toBeLessThanOrEqual(40_000);
  }
  // The sample company has no comment on its first note, nor pictures of its first persons.
  expect(failed.map((one) => one.split(' ')[0]).sort(), failed.join('\n')).toEqual([
    'get_note_comment',
    'get_person_picture',
  ]);
  for (const entity of ['deal', 'person', 'organization', 'product', 'activity', 'lead', 'note', 'project']) {
    const { text } = await host.call('list_fields', { entity });
    expect(text).not.toMatch(HASH);
  }
});

test('a deal is shown in words: owner, stage, person, organization, labels and every custom field by name', async () => {
  const { data } = await sandbox.get('/api/v2/deals?limit=500');
  const fields = (await sandbox.get('/api/v2/dealFields?limit=500')).data;
  const filled = (deal: { custom_fields: Record<string, unknown> }) =>
    Object.values(deal.custom_fields).filter((value) => value !== null).length;
  const most = data.reduce((a: never, b: never) => (filled(b) > filled(a) ? b : a));
  const { deal } = await host.ok('get_deal', { id: most.id });
  const users = (await sandbox.get('/api/v1/users')).data;
  const stages = (await sandbox.get('/api/v2/stages?limit=500')).data;
  expect(deal.owner).toBe(users.find((user: { id: number }) => user.id === most.owner_id).name);
  expect(deal.stage).toContain(stages.find((stage: { id: number }) => stage.id === most.stage_id).name);
  const labels = fields
    .filter((field: { field_code: string }) => (most.custom_fields[field.field_code] ?? null) !== null)
    .map((field: { field_name: string }) => field.field_name);
  expect(Object.keys(deal.custom_fields).sort()).toEqual(labels.sort());
});

test('chosen columns come in the order asked for, custom fields by label', async () => {
  const list = await host.ok('list_deals', { fields: ['status', 'Lead source', 'value'], limit: 100 });
  expect(list['columns']).toEqual(['id', 'status', 'Lead source', 'value']);
  expect(rows(list).some((row) => row['Lead source'] === 'Referral')).toBe(true);
  expect(await host.fails('list_deals', { fields: ['Leed source'] })).toContain('Lead source');
});

test('what is chosen is shown in the form that people use, also what the API gives only on request', async () => {
  const counted = await host.ok('list_deals', { fields: ['title', 'notes_count', 'labels'], limit: 100 });
  expect(counted['columns']).toEqual(expect.arrayContaining(['id', 'title', 'notes_count', 'labels']));
  const due = rows(await host.ok('list_activities', { fields: ['due_time', 'note'], limit: 100 }));
  const plain = rows(await host.ok('list_activities', { limit: 100 }));
  expect(due.map((row) => row['due'])).toEqual(plain.map((row) => row['due']));
  expect(JSON.stringify(due)).not.toContain('<p>');
});

test('a cleared custom field is said to be empty, by its label', async () => {
  await host.ok('update_deal', { id: 2, custom_fields: { 'PO number': 'PO 1' } });
  expect((await host.ok('update_deal', { id: 2, custom_fields: { 'PO number': null } }))['now_empty']).toEqual([
    'PO number',
  ]);
  expect(await host.fails('update_deal', { id: 2, custom_fields: { Budget: '50.000 EUR' } })).toContain('thousands');
});

test('names of linked records cost one request a hundred and kind, and are remembered', async () => {
  const fresh = await Host.start([], sandbox.env);
  const asked = async (work: () => Promise<unknown>) => {
    const before = (await sandbox.log()).length;
    await work();
    return (await sandbox.log()).slice(before).map((entry) => entry.path.split('?')[0]);
  };
  const cold = await asked(() => fresh.ok('list_deals'));
  expect(cold.sort()).toEqual(
    [
      '/api/v1/users/me',
      '/api/v2/deals',
      '/api/v1/users',
      '/api/v2/pipelines',
      '/api/v2/stages',
      '/api/v2/persons',
      '/api/v2/organizations',
      '/api/v2/activities',
    ].sort(),
  );
  expect(await asked(() => fresh.ok('list_deals'))).toEqual(['/api/v2/deals']);
  // The write itself, and before it the read that the journal needs.
  expect(await asked(() => fresh.ok('update_deal', { id: 1, value: 5 }))).toEqual([
    '/api/v2/deals/1',
    '/api/v2/deals/1',
  ]);
  await fresh.close();
});

test('a hint says in one line what is probably not as it was meant', async () => {
  const { hint, deal } = await host.ok('create_deal', { title: 'Nobody asked for this' });
  expect(hint).toContain('no contact');
  expect((await host.ok('update_deal', { id: deal.id, status: 'lost' }))['hint']).toContain('lost_reason');
  expect(await host.ok('update_deal', { id: deal.id, lost_reason: 'Price' })).not.toHaveProperty('hint');
  await host.ok('update_deal', { id: deal.id, status: 'open', expected_close_date: '2026-12-01' });
  expect((await host.ok('update_deal', { id: deal.id, expected_close_date: '2026-11-01' }))['hint']).toContain(
    '2026-11-01',
  );
  expect((await host.ok('get_limits'))['names_age_seconds']).toHaveProperty('user');
});

/** Ten golden answers: their length in tokens (bytes / 4) may not grow by more than 5 % over what the README says. */
const golden: readonly (readonly [string, string, Record<string, unknown>, string])[] = [
  ['25 deals, default columns', 'list_deals', {}, '/api/v2/deals?limit=25&sort_by=update_time&sort_direction=desc'],
  ['25 persons', 'list_persons', {}, '/api/v2/persons?limit=25&sort_by=update_time&sort_direction=desc'],
  [
    '25 organizations',
    'list_organizations',
    {},
    '/api/v2/organizations?limit=25&sort_by=update_time&sort_direction=desc',
  ],
  ['25 activities', 'list_activities', {}, '/api/v2/activities?limit=25&sort_by=due_date&done=false'],
  ['leads', 'list_leads', {}, '/api/v1/leads?limit=25'],
  ['25 notes', 'list_notes', {}, '/api/v1/notes?limit=25'],
  ['one full deal', 'get_deal', { id: 46 }, '/api/v2/deals/46'],
  ['one person', 'get_person', { id: 14 }, '/api/v2/persons/14'],
  ["the schema of a deal's fields", 'list_fields', { entity: 'deal' }, '/api/v2/dealFields?limit=500'],
  ['pipelines with their stages', 'list_pipelines', {}, '/api/v2/stages?limit=500'],
];
const most: Readonly<Record<string, number>> = {
  '25 deals, default columns': 1500,
  'one full deal': 600,
  "the schema of a deal's fields": 1200,
};

test('answers stay as short as the README says', async () => {
  const readme = readFileSync('README.md', 'utf8');
  const lines: string[] = [];
  for (const [what, tool, args, raw] of golden) {
    const { text } = await host.call(tool, args);
    const tokens = Math.round(Buffer.byteLength(text) / 4);
    const rawTokens = Math.round(Buffer.byteLength(JSON.stringify(await sandbox.get(raw))) / 4);
    lines.push(`| ${what} | \`${tool}\` | ${tokens} | ${rawTokens} |`);
    const said = new RegExp(`\\| ${what.replaceAll('.', '\\.')} \\| \`${tool}\` \\| (\\d+) \\|`).exec(readme)?.[1];
    expect(said, `the README has no line for this; it should be: ${lines.at(-1)}`).toBeDefined();
    expect(tokens, what).toBeLessThanOrEqual(Number(said) * 1.05);
    if (most[what] !== undefined) expect(tokens, what).toBeLessThanOrEqual(most[what]);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
});

test('a full deal with twenty custom fields set stays under 600 tokens', async () => {
  const post = async (method: string, path: string, body: unknown) => {
    const headers = { 'x-api-token': sandbox.token, 'content-type': 'application/json' };
    return (await (await fetch(sandbox.url + path, { method, headers, body: JSON.stringify(body) })).json()) as Loose;
  };
  const values: Loose = {};
  const kinds = ['varchar', 'double', 'date', 'monetary'];
  for (let index = 0; index < 20; index++) {
    const kind = kinds[index % kinds.length] ?? '';
    const field = await post('POST', '/api/v2/dealFields', { field_name: `Agreed point ${index}`, field_type: kind });
    const forms: Loose = {
      varchar: 'as agreed in writing',
      double: 1234.5,
      date: '2026-12-01',
      monetary: { value: 4500, currency: 'EUR' },
    };
    values[field['data'].field_code] = forms[kind];
  }
  const made = await post('POST', '/api/v2/deals', {
    ...{ title: 'Twenty fields', value: 12_000, currency: 'EUR', person_id: 3, org_id: 3, stage_id: 2 },
    ...{ expected_close_date: '2026-12-24', custom_fields: values },
  });
  // New fields are looked for when they are asked for.
  await host.ok('list_fields', { entity: 'deal' });
  const { text, structure } = await host.call('get_deal', { id: made['data'].id });
  expect(Object.keys(structure['deal'].custom_fields)).toHaveLength(20);
  expect(Buffer.byteLength(text) / 4).toBeLessThanOrEqual(600);
});

test('a long text in a custom field is read to its end too', async () => {
  const long = Array.from({ length: 5_000 }, (_, index) => `word${index}`).join(' ');
  await host.ok('update_deal', { id: 3, custom_fields: { 'Decision process': long } });
  let read = '';
  for (let offset = 0; ; ) {
    const shown = (await host.ok('get_deal', { id: 3, text_offset: offset }))['deal'].custom_fields['Decision process'];
    const [, part = '', next] =
      /^⟦data \w+⟧ (.*) ⟦\/data \w+⟧(?:… \[\d+ more characters: call again with text_offset (\d+)\])?$/s.exec(shown) ??
      [];
    read += part;
    if (!next) break;
    offset = Number(next);
  }
  expect(read).toBe(long);
});
