import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BUILT, Host, type Loose, rows, type SandboxProcess, startSandboxProcess } from './host.ts';

/** What each family of tools is given wrongly: it says so in three parts, in words of the account, and writes nothing. */
let sandbox: SandboxProcess;
let host: Host;
let base: string;
let allowed: string;

const MB = 1024 * 1024;

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'pipedrive-bad-'));
  allowed = join(base, 'files');
  mkdirSync(allowed);
  writeFileSync(join(base, 'secret.txt'), 'secret');
  sandbox = await startSandboxProcess();
  host = await Host.start(['--toolsets', 'all'], { ...sandbox.env, PIPEDRIVE_FILES: allowed });
});
afterAll(async () => {
  expect((await sandbox.log()).filter(({ status }) => status >= 500)).toEqual([]);
  expect(host.stderr.join('')).toBe('');
  await host.close();
  await sandbox.stop();
  rmSync(base, { recursive: true });
});

const written = async () =>
  (await sandbox.log())
    .filter(({ method, status }) => method !== 'GET' && status < 300)
    .map(({ method, path }) => method + path);

/** It fails, says each of these, names nothing by a hash, and changes nothing. */
async function refused(tool: string, args: Loose, ...said: string[]): Promise<void> {
  const before = await written();
  const answer = await host.fails(tool, args);
  for (const one of said) expect(answer).toContain(one.replaceAll('"', '\\"'));
  expect(answer).not.toMatch(/[0-9a-f]{40}/);
  expect(answer.length).toBeLessThan(2_500);
  expect(await written()).toEqual(before);
}

const made = async (tool: string, args: Loose): Promise<Loose> => {
  const answer = await host.ok(tool, args);
  return Object.values(answer).find((value) => typeof value === 'object' && !Array.isArray(value));
};
const base64 = (bytes: Buffer | string) => Buffer.from(bytes).toString('base64');
const many = <T>(count: number, make: (index: number) => T) => Array.from({ length: count }, (_, index) => make(index));

describe('limits', () => {
  test.each<[string, string, Loose, ...string[]]>([
    [
      '17 conditions',
      'create_filter',
      { type: 'deals', name: 'x', all_of: many(17, (i) => `value > ${i}`) },
      'all_of: 17 conditions',
    ],
    [
      'an unknown operator',
      'create_filter',
      { type: 'people', name: 'x', all_of: ['name ~ x'] },
      'no operator',
      'name',
    ],
    [
      '10,001 options',
      'create_field',
      { entity: 'deal', field_name: 'Many', field_type: 'enum', options: many(10_001, (i) => `Option ${i}`) },
      '10000 options',
    ],
    ['51 e-mails', 'create_person', { name: 'x', emails: many(51, (i) => ({ value: `a${i}@b.ee` })) }, 'emails', '50'],
    [
      '51 phones',
      'update_person',
      { id: 1, add_phones: many(51, (i) => ({ value: `+372 555 ${i}` })) },
      'phones',
      '50',
    ],
    ['a name of 300 characters', 'create_person', { name: 'n'.repeat(300) }, 'name', '255'],
    ['a field of 300 characters', 'create_field', { entity: 'lead', field_name: 'x' }, 'entity'],
    [
      'a label of 300 characters',
      'create_field',
      { entity: 'deal', field_name: '🎉'.repeat(300), field_type: 'varchar' },
      'field_name',
    ],
    ['101 ids', 'list_deals', { ids: many(101, (i) => i + 1) }, 'ids'],
    ['more rows than a call gives', 'list_products', { limit: 5001 }, 'limit', '5000'],
    ['no rows', 'list_projects', { limit: 0 }, 'limit'],
    [
      'a price beyond all bounds',
      'create_product',
      { name: 'x', prices: [{ currency: 'EUR', price: 1e308 }] },
      'price',
    ],
    ['less than no pieces', 'add_deal_product', { deal_id: 1, product_id: 2, item_price: 1, quantity: -1 }, 'quantity'],
    ['a value beyond all bounds', 'create_deal', { title: 'x', value: -1e300 }, 'value'],
    ['half an id', 'get_product', { id: 1.5 }, 'id'],
    ['an id past all integers', 'get_project', { id: 2 ** 53 }, 'id'],
  ])('%s: %s', async (_, tool, args, ...said) => refused(tool, args, ...said));

  test('a list of options that is full takes no more', async () => {
    await made('create_field', {
      entity: 'person',
      field_name: 'Full',
      field_type: 'set',
      options: many(10_000, (i) => `Option ${i}`),
    });
    await refused(
      'add_field_options',
      { entity: 'person', field_code: 'Full', options: ['One more'] },
      '10000 options',
    );
    await refused('update_person', { id: 1, custom_fields: { Full: 'Option 10001' } }, '"Full"', 'Option 1000');
    await host.ok('delete_field', { entity: 'person', field_code: 'Full' });
  });
});

describe('what does not go together', () => {
  test.each<[string, Loose, ...string[]]>([
    ['merge_deals', { id: 3, merge_with_id: 3 }, 'itself'],
    ['merge_persons', { id: 3, merge_with_id: 3 }, 'itself'],
    ['merge_organizations', { id: 3, merge_with_id: 3 }, 'itself'],
    ['create_organization_relationship', { type: 'parent', rel_owner_org_id: 3, rel_linked_org_id: 3 }, 'itself'],
    ['update_role', { role_id: 2, parent_role_id: 'Sales rep' }, 'no argument "role_id"'],
    ['update_role', { id: 2, parent_role_id: 'Sales rep' }, 'parent'],
    ['update_role', { id: 2, parent_role_id: 'Sales manager' }, 'parent'],
    ['update_role', { id: 1, parent_role_id: 'Sales manager' }, 'parent'],
    ['delete_role', { id: 1 }, 'default role'],
    ['create_deal', { title: 'x', expected_close_date: '2026-02-30' }, 'expected_close_date', 'exists'],
    ['create_project', { title: 'x', board_id: 1, phase_id: 1, start_date: '2026-13-01' }, 'start_date', 'exists'],
    ['create_project_task', { project_id: 1, title: 'x', due_date: '2027-02-29' }, 'due_date', 'exists'],
    [
      'get_deals_timeline',
      { start_date: '2026-00-10', interval: 'day', amount: 1, field_key: 'won_time' },
      'start_date',
    ],
    ['create_project', { title: 'x', board_id: 'Service year', phase_id: 'Handover' }, 'project phase "Handover"'],
    ['create_project', { title: 'x', board_id: 'Instalations', phase_id: 1 }, 'project board', 'Installations'],
    ['add_deal_follower', { deal_id: 1, user_id: 'Nobody' }, 'user "Nobody"', 'Katrin Vogel'],
    ['add_deal_participant', { deal_id: 1, person_id: 999_999 }, 'Person 999999 not found'],
    ['create_project_task', { project_id: 999_999, title: 'x' }, 'Project 999999 not found'],
    ['delete_field', { entity: 'deal', field_code: 'Stage' }, 'Stage is a built-in field'],
    ['update_field', { entity: 'person', field_code: 'Name', field_name: 'Names' }, 'built-in'],
    ['list_fields', { entity: 5 }, 'must be one of deal, person'],
    ['update_lead', { id: '..', title: 'x' }, 'The path is not one of the API'],
    ['delete_lead', { id: '\ud800' }, 'not found'],
  ])('%s %j: %s', async (tool, args, ...said) => refused(tool, args, ...said));

  test.each(['https://app.pipedrive.com/hook', 'https://api.pipedrive.com', 'ftp://example.com/x', 'http://', 'x'])(
    'a webhook to %s',
    async (subscription_url) => {
      await refused(
        'create_webhook',
        { subscription_url, event_action: '*', event_object: 'deal', name: 'x' },
        'subscription_url',
      );
    },
  );

  test('a goal is asked for within its time, and has one that goes forward', async () => {
    const { id } = rows(await host.ok('list_goals'))[0] ?? {};
    const outside = { id, period_start: '2020-01-01', period_end: '2020-02-01' };
    await refused('get_goal_results', outside, '2026-01-01 to 2026-12-31');
    await refused('get_goal_results', { id, period_start: '2026-03-01', period_end: '2026-02-01' }, 'period');
    const goal = {
      title: 'x',
      type: 'deals_won',
      assignee_type: 'person',
      interval: 'weekly',
      tracking_metric: 'quantity',
    };
    await refused('create_goal', { ...goal, target: 5, start: '2026-12-31', end: '2026-01-01' }, 'before');
    await refused('create_goal', { ...goal, target: 1e300, start: '2026-01-01' }, 'target');
  });

  test('a task is not put below a subtask, itself or a task of another project', async () => {
    const top = await made('create_project_task', { project_id: 1, title: 'Top' });
    const below = await made('create_project_task', { project_id: 1, title: 'Below', parent_task_id: top['id'] });
    const task = { project_id: 1, title: 'x' };
    await refused('create_project_task', { ...task, parent_task_id: below['id'] }, 'parent_task_id', 'subtask');
    await refused(
      'create_project_task',
      { ...task, project_id: 2, parent_task_id: top['id'] },
      'project of its parent',
    );
    await refused('update_project_task', { id: top['id'], parent_task_id: top['id'] }, 'own subtask');
    await refused('update_project_task', { id: top['id'], parent_task_id: below['id'] }, 'subtask');
  });

  test('nobody follows or takes part twice, and who does not cannot leave', async () => {
    await host.ok('add_product_follower', { product_id: 1, user_id: 'Priya Raman' });
    await refused('add_product_follower', { product_id: 1, user_id: 'Priya Raman' }, 'already', 'look before');
    await host.ok('remove_product_follower', { product_id: 1, user_id: 'Priya Raman' });
    await refused('remove_product_follower', { product_id: 1, user_id: 'Priya Raman' }, 'not found');
    const { id } = await made('add_deal_participant', { deal_id: 9, person_id: 77 });
    await refused('add_deal_participant', { deal_id: 9, person_id: 77 }, 'already', 'look before');
    await host.ok('remove_deal_participant', { deal_id: 9, id });
    await refused('remove_deal_participant', { deal_id: 9, id }, 'not found');
  });

  test('a product that is not linkable gets on no deal', async () => {
    const { id } = await made('create_product', { name: 'Not for sale', is_linkable: false });
    const line = { item_price: 5, quantity: 1 };
    await refused('add_deal_product', { deal_id: 1, product_id: id, ...line }, `Product ${id} cannot be added`);
    await refused('add_deal_products', { deal_id: 1, data: [{ product_id: id, ...line }] }, `Product ${id}`);
    await host.ok('delete_product', { id });
    await refused('add_deal_product', { deal_id: 1, product_id: id, ...line }, 'Product');
  });

  test('a deleted field, a deleted record: neither is changed or merged', async () => {
    await made('create_field', { entity: 'project', field_name: 'Поле 🎉', field_type: 'double' });
    await host.ok('update_project', { id: 1, custom_fields: { 'поле 🎉': 5 } });
    await host.ok('delete_field', { entity: 'project', field_code: 'Поле 🎉' });
    await refused('update_field', { entity: 'project', field_code: 'Поле 🎉', field_name: 'x' }, 'no field "Поле 🎉"');
    await refused('update_project', { id: 1, custom_fields: { 'Поле 🎉': 6 } }, 'no field "Поле 🎉"');
    for (const [tool, make] of [
      ['deals', { title: 'x' }],
      ['persons', { name: 'x' }],
      ['organizations', { name: 'x' }],
    ] as const) {
      const one = tool.slice(0, -1);
      const { id } = await made(`create_${one}`, make);
      await host.ok(`delete_${one}`, { id });
      await refused(`merge_${tool}`, { id, merge_with_id: 3 }, 'not found');
      await refused(`merge_${tool}`, { id: 3, merge_with_id: id }, 'not found');
      expect((await host.ok(`get_${one}`, { id: 3 }))[one].id).toBe(3);
    }
  });
});

describe('names', () => {
  test('one that fits two things is refused with both', async () => {
    const pairs: [string, Loose, string, string, Loose][] = [
      ['create_project_board', { name: 'Доска 🎉' }, 'list_project_phases', 'board_id', {}],
      ['create_project_phase', { name: 'Фаза 🎉', board_id: 1 }, 'list_projects', 'phase_id', {}],
      ['create_role', { name: '李雷 role' }, 'list_role_assignments', 'role_id', {}],
      ['create_team', { name: 'Équipe 🎉', manager_id: 'me' }, 'list_team_users', 'team_id', {}],
      [
        'create_filter',
        { name: 'Фильтр 🎉', type: 'products', all_of: ['name = x'] },
        'list_products',
        'filter_id',
        {},
      ],
      ['create_pipeline', { name: 'Воронка 🎉' }, 'list_deals', 'pipeline_id', {}],
    ];
    for (const [create, named, tool, argument, more] of pairs) {
      const ids = [(await made(create, named))['id'], (await made(create, named))['id']];
      await refused(
        tool,
        { [argument]: named['name'], ...more },
        `${argument}: "${named['name']}" fits 2`,
        ...ids.map((id) => `id ${id}`),
      );
      await host.ok(tool, { [argument]: ids[0], ...more });
    }
    // A product is taken by its id alone.
    const line = { deal_id: 1, item_price: 1, quantity: 1 };
    await refused('add_deal_product', { ...line, product_id: 'Twin' }, '"product_id" must be', 'search_items');
  });

  test('any script, emoji and quotes are a name like any other', async () => {
    const name = `Катя «Ключ» 李雷 🎉🇪🇪👍🏽 "x" O'Neil %_\\ <b>`;
    for (const [tool, key, more] of [
      ['create_product', 'name', {}],
      ['create_project', 'title', { board_id: 1, phase_id: 1 }],
      ['create_project_task', 'title', { project_id: 1 }],
      ['create_deal', 'title', {}],
      ['create_pipeline', 'name', {}],
    ] as const) {
      const { id } = await made(tool, { [key]: name, ...more });
      const read = await host.ok(tool.replace('create', 'get'), { id });
      expect(JSON.stringify(read), tool).toContain(JSON.stringify(name).slice(1, -1));
    }
    const field = { entity: 'product', field_name: name, field_type: 'enum', options: [name, 'Другое'] };
    await made('create_field', field);
    const { id } = await made('create_product', { name: 'x', custom_fields: { [name]: name } });
    expect((await host.ok('get_product', { id }))['product'].custom_fields).toEqual({ [name]: name });
    await refused('update_product', { id, custom_fields: { [name]: 'Третье' } }, 'Другое');
    await host.ok('delete_field', { entity: 'product', field_code: name });
  });

  test('a cursor is of one list', async () => {
    const { next_cursor: deals } = await host.ok('list_deals', { limit: 1 });
    const { next_cursor: notes } = await host.ok('list_notes', { limit: 1 });
    for (const tool of ['list_persons', 'list_products', 'list_activities', 'list_deals_of_nobody']) {
      const answer = await host.fails(tool, { cursor: deals });
      if (tool !== 'list_deals_of_nobody') expect(answer).toContain('It is one of list_deals');
    }
    for (const tool of ['list_files', 'list_leads', 'list_users', 'list_project_boards', 'list_fields']) {
      expect(await host.fails(tool, { cursor: notes })).toContain('It is one of list_notes');
    }
    for (const cursor of [
      'list_notes',
      'list_notes.x.1',
      'list_notes.e30.-1',
      'list_notes.e30.1e9',
      '💥',
      '\ud800',
      ' ',
    ]) {
      expect(await host.fails('list_notes', { cursor })).toContain('next_cursor');
    }
    await host.ok('list_notes', { cursor: notes });
  });
});

describe('settings', () => {
  const start = (args: string[], env: Record<string, string> = {}) =>
    spawnSync(process.execPath, [BUILT, '--sandbox', ...args], {
      encoding: 'utf8',
      input: '',
      env: { PATH: process.env['PATH'], ...env },
    });

  test.each([
    ['PIPEDRIVE_TOOLSETS', 'deals,projcts', 'projects'],
    ['PIPEDRIVE_TOOLSETS', 'core,merge_deal', 'merge_deals'],
    ['PIPEDRIVE_EXCLUDE', 'web_hooks', 'webhooks'],
    ['PIPEDRIVE_EXCLUDE', 'delete_filter, uplod_file', 'upload_file'],
  ])('%s=%s does not start, and names "%s"', (variable, value, near) => {
    const { status, stdout, stderr } = start([], { [variable]: value });
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain(`${variable}: "${value.split(',').at(-1)?.trim()}" is neither a toolset nor a tool`);
    expect(stderr).toContain(`Did you mean "${near}"?`);
  });

  test('a name like nothing gets no guess, and a property of every object is none', () => {
    for (const name of ['qqqqqqqqqqqq', '__proto__', 'constructor']) {
      const { status, stderr } = start([], { PIPEDRIVE_TOOLSETS: name });
      expect(status).toBe(1);
      expect(stderr).toContain(`"${name}" is neither`);
    }
  });

  test('single tools by name, listed and left out', async () => {
    const names = async (env: Record<string, string>) => {
      const one = await Host.start(['--sandbox'], env);
      const { tools } = await one.client.listTools();
      await one.close();
      return tools.map(({ name }) => name);
    };
    expect(await names({ PIPEDRIVE_TOOLSETS: ' get_goal_results , merge_deals,' })).toEqual([
      'merge_deals',
      'get_goal_results',
    ]);
    const some = await names({ PIPEDRIVE_TOOLSETS: 'webhooks,get_role', PIPEDRIVE_EXCLUDE: 'delete_webhook' });
    expect(some.sort()).toEqual(['create_webhook', 'get_role', 'list_webhooks']);
    expect(await names({ PIPEDRIVE_TOOLSETS: 'merge_deals', PIPEDRIVE_EXCLUDE: 'deals' })).toEqual([]);
  });
});

describe('files', () => {
  const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
  const random = (size: number, seed: number) => Buffer.alloc(size, hash(Buffer.from([seed])));
  const upload = async (args: Loose): Promise<number> =>
    (await host.ok('upload_file', { deal_id: 1, ...args }))['file'].id;
  const path = (name: string) => join(allowed, name);

  test('come from nowhere but the directories that are allowed', async () => {
    symlinkSync(join(base, 'secret.txt'), path('link.txt'));
    symlinkSync(base, path('out'));
    const inside = 'not in a directory that the user allows';
    for (const one of [
      join(base, 'secret.txt'),
      '../secret.txt',
      'link.txt',
      'out/secret.txt',
      '/etc/passwd',
      '/proc/self/environ',
      allowed,
      '.',
      '',
    ]) {
      await refused('upload_file', { path: one, deal_id: 1 }, inside, allowed);
    }
    for (const one of ['missing.txt', 'a\u0000b', '\ud800', 'x'.repeat(5_000)]) {
      await refused('upload_file', { path: one }, 'no such file');
    }
    const socket = createSocketServer();
    await new Promise<void>((resolve) => socket.listen(path('socket'), resolve));
    await refused('upload_file', { path: 'socket' }, 'no file was sent');
    socket.close();
    rmSync(path('out'));
    mkdirSync(path('folder'));
    await refused('upload_file', { path: 'folder' }, 'not a file');
    for (const tool of ['upload_person_picture', 'upload_product_image', 'upload_call_log_recording']) {
      const owner = { person_id: 1, product_id: 1, call_log_id: 'x' };
      const [key] = Object.keys(owner).filter((one) => tool.includes(one.replace('_id', '')));
      const id = owner[key as keyof typeof owner];
      await refused(tool, { [key ?? '']: id, path: join(base, 'secret.txt') }, inside);
    }
  });

  test('are base64 that is some, of a size that Pipedrive takes', async () => {
    const base64s = ['%%%', 'a', 'data:text/plain;base64,eA==', 'eA==eA==', 'eA===', '=', '', 'Привет', '🎉'];
    for (const content of base64s) await refused('upload_file', { content, file_name: 'x' }, 'content is not base64');
    await refused('upload_file', { content: 'eA==' }, 'no name');
    await refused('upload_file', { content: 'eA==', file_name: '' }, 'no name');
    await refused('upload_file', { content: 'eA==', file_name: 'x', path: 'x' }, 'one of them');
    await refused('upload_file', {}, 'one of them');
    await refused('upload_person_picture', { person_id: 1, content: base64('text'), file_name: 'x.png' }, 'image');
    await refused('upload_product_image', { product_id: 1, content: base64('text'), file_name: 'x.png' }, 'image');
    writeFileSync(path('big.bin'), Buffer.alloc(50 * MB + 1));
    await refused('upload_file', { path: 'big.bin' }, `${50 * MB + 1} bytes`, `${50 * MB}`);
    const large = base64(Buffer.alloc(50 * MB + 3));
    await refused('upload_file', { content: large, file_name: 'x' }, `${50 * MB + 3} bytes`);
    rmSync(path('big.bin'));
  });

  test('a message of tens of megabytes is read in reasonable time', async () => {
    const bytes = random(20 * MB, 1);
    const began = performance.now();
    const id = await upload({ content: base64(bytes), file_name: 'large.bin' });
    expect(performance.now() - began).toBeLessThan(10_000);
    expect((await host.ok('get_file', { id }))['file'].file_size).toBe(bytes.length);
  });

  test('one that no message can hold ends the server with a word on stderr, rather than leave it deaf', async () => {
    const one = await Host.start(['--toolsets', 'all'], sandbox.env);
    const call = one.call('upload_file', { content: base64(Buffer.alloc(60 * MB)), file_name: 'x' });
    await expect(call).rejects.toThrow('Connection closed');
    expect(one.stderr.join('')).toContain('A message could not be read');
    await one.close();
  });

  test('one larger than 1 MB is saved where that is allowed, and said to be too large where it is not', async () => {
    const bytes = random(MB + 1, 2);
    const id = await upload({ content: base64(bytes), file_name: 'Más grande 🎉.bin' });
    const { structure, beside } = await host.call('download_file', { id });
    expect(beside).toEqual([]);
    expect(structure['file']).toMatchObject({ bytes: bytes.length, saved_as: path('Más grande 🎉.bin') });
    expect(hash(readFileSync(structure['file'].saved_as))).toBe(hash(bytes));
    const small = await upload({ content: base64('small'), file_name: 'small.txt' });

    const other = await Host.start(['--toolsets', 'all'], sandbox.env);
    const said = await other.fails('download_file', { id });
    for (const one of [`${bytes.length} bytes`, 'PIPEDRIVE_FILES', 'over 1 MB']) expect(said).toContain(one);
    expect((await other.call('download_file', { id: small })).beside).toHaveLength(1);
    expect(await other.fails('download_file', { id: small, save: true })).toContain('Without save');
    expect(await other.fails('upload_file', { path: 'x' })).toContain('PIPEDRIVE_FILES');
    await other.close();

    const gone = await Host.start(['--toolsets', 'all'], { ...sandbox.env, PIPEDRIVE_FILES: join(base, 'gone') });
    expect(await gone.fails('download_file', { id })).toContain('There is no directory');
    await gone.close();
  });

  test('names from outside stay in the directory and overwrite nothing', async () => {
    const others = () => readdirSync(base, { recursive: true }).map(String).sort();
    writeFileSync(path('kept.txt'), 'mine');
    symlinkSync(join(base, 'new.txt'), path('dangling.txt'));
    const names = [
      '../../x',
      '..\\..\\x',
      '/etc/cron.d/x',
      'C:\\x.txt',
      '..',
      '.',
      '...',
      ' ',
      '.bashrc',
      'a\u0000b.txt',
      'a\r\nb: c.txt',
      'CON',
      'nul.txt',
      `${'x'.repeat(400)}.txt`,
      `${'🎉'.repeat(100)}.txt`,
      'kept.txt',
      'kept.txt',
      'dangling.txt',
      'link.txt',
      'folder',
      'Ünï "код" <x>|?*.txt',
      'name\u202egnp.exe',
    ];
    for (const [index, file_name] of names.entries()) {
      const before = others();
      const text = `content ${index}`;
      const id = await upload({ content: base64(text), file_name });
      const { saved_as } = (await host.ok('download_file', { id, save: true }))['file'];
      expect(readFileSync(saved_as, 'utf8'), file_name).toBe(text);
      expect(saved_as).toBe(path(basename(saved_as)));
      expect(basename(saved_as), file_name).toMatch(/^[^\p{C}<>:"|?*\\/]{1,250}$/u);
      const added = others().filter((one) => !before.includes(one));
      expect(added, file_name).toEqual([join('files', basename(saved_as))]);
    }
    expect(readFileSync(path('kept.txt'), 'utf8')).toBe('mine');
    expect(existsSync(join(base, 'new.txt'))).toBe(false);
    expect(readFileSync(join(base, 'secret.txt'), 'utf8')).toBe('secret');
  });

  test('two of 20 MB at once arrive whole, and the server stays of a sane size', async (context) => {
    if (!existsSync('/proc/self/status')) return context.skip('no /proc to read its size from');
    const one = await Host.start(['--toolsets', 'all'], { ...sandbox.env, PIPEDRIVE_FILES: allowed });
    const peak = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${one.pid}/status`, 'utf8'))?.[1]) / 1024;
    await one.ok('list_users');
    const before = peak();
    const contents = [random(20 * MB, 3), random(20 * MB, 4)];
    contents.forEach((bytes, index) => {
      writeFileSync(path(`twin ${index}.bin`), bytes);
    });
    const sent = await Promise.all(contents.map((_, index) => one.ok('upload_file', { path: `twin ${index}.bin` })));
    expect(peak() - before).toBeLessThan(250);
    for (const [index, { file }] of sent.entries()) {
      const { saved_as } = (await one.ok('download_file', { id: file.id }))['file'];
      expect(saved_as).toBe(path(`twin ${index} (2).bin`));
      expect(hash(readFileSync(saved_as))).toBe(hash(contents[index] ?? Buffer.of()));
    }
    expect(peak() - before).toBeLessThan(300);
    await one.close();
  });
});

describe('cancelling', () => {
  /** Pipedrive as far as its user; beyond that it takes the first bytes of anything, gives the first of an answer, and stops. */
  async function stuck(work: (one: Host, ended: () => Promise<void>, seen: IncomingMessage[]) => Promise<void>) {
    const seen: IncomingMessage[] = [];
    let tell: () => void = () => {};
    const gone = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const me = {
      id: 1,
      name: 'A',
      email: 'a@b.ee',
      timezone_name: 'UTC',
      default_currency: 'EUR',
      company_name: 'C',
      company_domain: 'c',
    };
    const server = createServer((request, response) => {
      if (request.url?.startsWith('/api/v1/users/me')) {
        response.setHeader('content-type', 'application/json').end(JSON.stringify({ success: true, data: me }));
        return;
      }
      if (request.url?.includes('Fields')) {
        response.setHeader('content-type', 'application/json').end('{"success":true,"data":[]}');
        return;
      }
      seen.push(request);
      response.once('close', tell);
      // A megabyte or two a second.
      request.on('data', () => {
        request.pause();
        setTimeout(() => request.resume(), 50);
      });
      if (request.method === 'GET') response.writeHead(200, { 'content-length': 10 * MB }).write('some of it');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const env = {
      PIPEDRIVE_API_TOKEN: 'x'.repeat(40),
      PIPEDRIVE_BASE_URL: `http://127.0.0.1:${port}`,
      PIPEDRIVE_FILES: allowed,
    };
    const one = await Host.start(['--toolsets', 'all'], env);
    try {
      await one.ok('get_current_user').catch(() => undefined);
      await work(one, () => gone, seen);
      expect(one.stderr.join('')).toBe('');
      expect((await one.client.listTools()).tools.length).toBeGreaterThan(200);
    } finally {
      await one.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  test.each<[string, string, Loose]>([
    ['an upload', 'upload_file', { content: base64(Buffer.alloc(30 * MB)), file_name: 'x' }],
    ['a download', 'download_file', { id: 1, save: true }],
    ['a long list', 'list_files', { limit: 5000 }],
    ['a search through a list', 'list_deals', { where: ['value > 5'] }],
  ])('%s midway ends it at once: nothing more is sent, nothing saved', async (_, tool, args) => {
    await stuck(async (one, ended, seen) => {
      const before = readdirSync(allowed).sort();
      const cancel = new AbortController();
      const call = one.call(tool, args, cancel.signal);
      const rejected = expect(call).rejects.toThrow('enough');
      await expect.poll(() => seen.length, { timeout: 10_000 }).toBeGreaterThan(0);
      cancel.abort('enough');
      await rejected;
      await ended();
      const sent = seen.length;
      await one.client.ping();
      expect(seen).toHaveLength(sent);
      expect(readdirSync(allowed).sort()).toEqual(before);
    });
  });
});
