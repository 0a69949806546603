import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { catalog } from '../../src/catalog/index.ts';
import type { Operation } from '../../src/catalog/operation.ts';
import { type ApiRequest, type Client, createClient } from '../../src/pipedrive/client.ts';
import type { Json, JsonObject } from '../../src/pipedrive/json.ts';
import { Throttle } from '../../src/pipedrive/throttle.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { checkArguments } from '../../src/tools/arguments.ts';
import { Tools } from '../../src/tools/index.ts';
import { doubtNames, resolveNames } from '../../src/tools/names/resolve.ts';
import { Problem } from '../../src/vocabulary/problem.ts';
import { Vocabulary } from '../../src/vocabulary/vocabulary.ts';

const code = (digit: string) => digit.repeat(40);
const field = (field_code: string, field_name: string, field_type: string, options?: [number, string][]) => ({
  field_code,
  field_name,
  field_type,
  options: options?.map(([id, label]) => ({ id, label })) ?? null,
  is_custom_field: field_code.length === 40,
  is_writable: field_code !== code('9'),
});

/** What the account holds, by the path that lists it; tests change it as other people would. */
let lists: Record<string, JsonObject[]>;
let asked: string[];
let vocabulary: Vocabulary;

/** What Pipedrive would answer with. */
function answer({ path, query = {} }: ApiRequest): Json {
  const rows = lists[path.replace('/search', '')] ?? [];
  const term = String(query['term']).toLowerCase();
  if (path.endsWith('/search')) {
    return { items: rows.filter(({ name }) => String(name).toLowerCase() === term).map((item) => ({ item })) };
  }
  if (/\/\d+$/.test(path)) return { id: 5, currency: 'USD' };
  const ids = query['ids'] === undefined ? undefined : String(query['ids']).split(',');
  return rows.filter(({ id }) => !ids || ids.includes(String(id)));
}

const client: Client = {
  async request(request) {
    asked.push(request.path);
    return { data: answer(request), nextCursor: undefined, additional: {}, related: {} };
  },
  async *pages(request, options) {
    yield await this.request(request, options);
  },
  download: () => Promise.reject(new Error('no files here')),
  limits: () => {
    throw new Error('not asked for here');
  },
  share: () => {},
  close: async () => {},
};

beforeEach(() => {
  asked = [];
  vocabulary = new Vocabulary(client);
  lists = {
    '/api/v1/users': [
      { id: 1, name: 'Katrin Vogel', email: 'k@varsa.example', active_flag: true },
      { id: 2, name: 'Mikaël Sand', email: 'm@varsa.example', active_flag: true },
      { id: 3, name: 'Mikael Sand', email: 'gone@varsa.example', active_flag: false },
    ],
    '/api/v2/pipelines': [
      { id: 1, name: 'Sales' },
      { id: 2, name: 'Renewals' },
    ],
    '/api/v2/stages': [
      { id: 5, name: 'Negotiation', pipeline_id: 1 },
      { id: 10, name: 'Negotiation', pipeline_id: 2 },
      { id: 11, name: '42', pipeline_id: 2 },
      { id: 12, name: '10', pipeline_id: 1 },
      { id: 13, name: 'Präsentation: > 50 %', pipeline_id: 1 },
      { id: 14, name: 'Переговоры', pipeline_id: 1 },
      { id: 15, name: '谈判 🎉', pipeline_id: 1 },
    ],
    '/api/v1/filters': [{ id: 7, name: 'All open deals', type: 'deals' }],
    '/api/v1/currencies': [
      { id: 1, code: 'EUR', name: 'Euro', symbol: '€', active_flag: true },
      { id: 2, code: 'SEK', name: 'Swedish Krona', symbol: 'kr', active_flag: true },
      { id: 3, code: 'NOK', name: 'Norwegian Krone', symbol: 'kr', active_flag: true },
    ],
    '/api/v1/activityTypes': [
      { id: 1, name: 'Phone', key_string: 'call', active_flag: true },
      { id: 2, name: 'Call', key_string: 'call_1', active_flag: true },
      { id: 3, name: 'Site visit', key_string: 'site_visit', active_flag: true },
    ],
    '/api/v1/leadLabels': [{ id: '3b7b3f71-e1fe-4a7f-91e4-b1cf7db7d2cd', name: 'Hot' }],
    '/api/v2/persons': [
      { id: 14, name: 'Kevin Lindgren' },
      { id: 15, name: 'Ann Lee' },
      { id: 16, name: 'Ann Lee', organization: { name: 'Acme' } },
    ],
    '/api/v2/organizations': [
      { id: 2019, name: 'Someone else' },
      { id: 7, name: 'Acme (2019)' },
    ],
    '/api/v2/dealFields': [
      field('label_ids', 'Label', 'set', [
        [1, 'Hot'],
        [2, 'Wärm'],
      ]),
      field('lost_reason', 'Lost reason', 'enum', [
        [61, 'Price'],
        [62, 'No budget'],
      ]),
      field('stage_id', 'Stage', 'stage'),
      field('won_time', 'Won time', 'date'),
      field('origin', 'Source origin', 'varchar'),
      field(code('a'), 'Lead source', 'enum', [
        [43, 'Referral'],
        [44, 'Event'],
      ]),
      field(code('b'), 'Budget', 'monetary'),
      field(code('c'), 'Region: EU > DACH', 'set', [
        [50, 'Köln'],
        [51, '北京'],
      ]),
      field(code('d'), 'Region', 'varchar'),
      field(`e${code('d').slice(1)}`, 'Region', 'varchar'),
      field(code('f'), 'Stage', 'varchar'),
      field(code('1'), 'Champion', 'people'),
      field(code('2'), 'Reseller', 'org'),
      field(code('3'), 'Engineer', 'user'),
      field(code('4'), 'Call at', 'time'),
      field(code('9'), 'Score', 'double'),
    ],
    '/api/v2/personFields': [field('label_ids', 'Label', 'set', [[14, 'Customer']])],
  };
});

const account = {
  userId: 1,
  user: 'Katrin Vogel',
  email: 'k@varsa.example',
  zone: 'Europe/Berlin',
  currency: 'EUR',
  company: 'Varsa',
  domain: 'varsa',
};

function find(tool: string): Operation {
  const operation = catalog.find(({ name }) => name === tool);
  if (!operation) throw new Error(tool);
  return operation;
}

async function resolve(tool: string, given: JsonObject) {
  const operation = find(tool);
  const options = { signal: new AbortController().signal, deadline: Date.now() + 5_000 };
  const args = checkArguments(operation, given);
  return resolveNames({ operation, args, account, vocabulary, client, options }, given);
}

async function refused(tool: string, given: JsonObject): Promise<string> {
  const error = await resolve(tool, given).then(
    (args) => Promise.reject(new Error(`not refused: ${JSON.stringify(args)}`)),
    (reason) => reason,
  );
  if (!(error instanceof Problem)) throw error;
  return `${error.message} ${error.why} ${error.next}`;
}

test.each<[string, JsonObject, JsonObject]>([
  ['list_deals', { owner_id: 'me' }, { owner_id: 1 }],
  ['list_deals', { owner_id: 'MIKAEL sand' }, { owner_id: 2 }],
  ['list_deals', { owner_id: 'M@Varsa.example' }, { owner_id: 2 }],
  ['list_deals', { owner_id: 'gone@varsa.example' }, { owner_id: 3 }],
  ['list_deals', { owner_id: 'Mikael Sand (3)' }, { owner_id: 3 }],
  ['list_deals', { owner_id: '2' }, { owner_id: 2 }],
  ['list_deals', { pipeline_id: 'renewals' }, { pipeline_id: 2 }],
  ['list_deals', { pipeline_id: 'Renewals', stage_id: 'negotiation' }, { pipeline_id: 2, stage_id: 10 }],
  ['list_deals', { stage_id: 'Sales / Negotiation' }, { stage_id: 5 }],
  ['list_deals', { stage_id: 'Sales / Negotiation (5)' }, { stage_id: 5 }],
  ['list_deals', { stage_id: '42' }, { stage_id: 11 }],
  ['list_deals', { stage_id: '14' }, { stage_id: 14 }],
  ['list_deals', { stage_id: '99' }, { stage_id: 99 }],
  ['list_deals', { stage_id: 'prasentation: > 50 %' }, { stage_id: 13 }],
  ['list_deals', { stage_id: 'ПЕРЕГОВОРЫ' }, { stage_id: 14 }],
  ['list_deals', { stage_id: '谈判 🎉' }, { stage_id: 15 }],
  ['list_deals', { filter_id: 'all OPEN deals' }, { filter_id: 7 }],
  ['create_deal', { title: 'A', currency: 'EUR' }, { currency: 'EUR' }],
  ['create_deal', { title: 'A', currency: '€' }, { currency: 'EUR' }],
  ['create_deal', { title: 'A', currency: 'swedish krona' }, { currency: 'SEK' }],
  ['create_deal', { title: 'A', label_ids: ['hot', 'WARM', 2] }, { label_ids: [1, 2, 2] }],
  ['update_deal', { id: 5, add_label_ids: 'Hot' }, { add_label_ids: [1] }],
  ['update_deal', { id: 5, lost_reason: 'no BUDGET' }, { lost_reason: 'No budget' }],
  ['update_deal', { id: 5, lost_reason: null }, { lost_reason: null }],
  ['create_person', { name: 'A', label_ids: ['Customer'] }, { label_ids: [14] }],
  ['create_lead', { title: 'A', label_ids: ['hot'] }, { label_ids: ['3b7b3f71-e1fe-4a7f-91e4-b1cf7db7d2cd'] }],
  [
    'create_lead',
    { title: 'A', value: { amount: 5, currency: 'euro' }, owner_id: 'me' },
    { value: { amount: 5, currency: 'EUR' }, owner_id: 1 },
  ],
  ['create_activity', { type: 'Site Visit' }, { type: 'site_visit' }],
  ['create_activity', { type: 'call' }, { type: 'call' }],
  ['create_activity', { type: 'Call' }, { type: 'call_1' }],
  ['create_activity', { type: 'Phone' }, { type: 'call' }],
  ['remove_deal_follower', { deal_id: 5, user_id: 'Katrin Vogel' }, { deal_id: 5, user_id: 1 }],
  ['list_notes', { user_id: 'me' }, { user_id: 1 }],
  ['create_stage', { name: 'Renewals', pipeline_id: 'Renewals' }, { name: 'Renewals', pipeline_id: 2 }],
  ['create_note', { content: 'me', person_id: 'Kevin Lindgren (14)' }, { content: 'me', person_id: 14 }],
  ['create_note', { content: 'x', org_id: 'Acme (2019) (7)' }, { org_id: 7 }],
  ['create_activity', { participants: ['Kevin Lindgren (14)'] }, { participants: [{ person_id: 14 }] }],
  [
    'create_activity',
    { participants: [{ person_id: 'https://varsa.pipedrive.com/person/14' }] },
    { participants: [{ person_id: 14 }] },
  ],
])('%s takes names: %j', async (tool, given, expected) => {
  expect(await resolve(tool, given)).toMatchObject(expected);
});

test.each<[string, JsonObject, readonly string[]]>([
  ['list_deals', { stage_id: 'Negotiation' }, ['Sales / Negotiation (id 5)', 'Renewals / Negotiation (id 10)']],
  ['list_deals', { stage_id: '10' }, ['Renewals / Negotiation (id 10)', 'Sales / 10 (id 12)', 'without quotes']],
  ['list_deals', { stage_id: 'Negotation' }, ['Did you mean "Sales / Negotiation"', 'Renewals / 42']],
  ['list_deals', { stage_id: 'Präsentation: > 50 %', pipeline_id: 2 }, ['no stage', 'Renewals / 42']],
  ['list_deals', { owner_id: 'Katrin' }, ['no user "Katrin"', 'Did you mean "Katrin Vogel"']],
  ['list_deals', { owner_id: true }, ['"owner_id" must be an id or a name']],
  ['create_deal', { title: 'A', currency: 'kr' }, ['Swedish Krona (id SEK)', 'Norwegian Krone (id NOK)']],
  ['create_activity', { type: 'Visit' }, ['Did you mean "Site visit"']],
  ['update_deal', { id: 5, lost_reason: 'Too dear' }, ['no lost reason', 'Price, No budget']],
  ['create_note', { content: 'x', org_id: 'Acme (2019)' }, ['2019 is not called "Acme"', 'Someone else']],
  ['create_activity', { participants: [{ person_id: 'Karl (14)' }] }, ['is called "Kevin Lindgren"']],
  ['create_activity', { participants: '[{"person_id": "Karl (14)"}]' }, ['is called "Kevin Lindgren"']],
])('%s refuses %j', async (tool, given, said) => {
  const text = await refused(tool, given);
  for (const part of said) expect(text).toContain(part);
});

test('a number loads nothing, nor does a currency code or the UUID of a label', async () => {
  const label = '3b7b3f71-e1fe-4a7f-91e4-b1cf7db7d2cd';
  await resolve('create_deal', {
    title: '42',
    owner_id: 1,
    stage_id: 5,
    pipeline_id: 1,
    label_ids: [1],
    currency: 'EUR',
  });
  await resolve('create_lead', { title: 'x', label_ids: [label], custom_fields: {} });
  await resolve('list_deals', { owner_id: 'me', person_id: 14 });
  expect(asked).toEqual([]);
});

test('each kind is loaded once, and once more for a name that is new', async () => {
  await Promise.all(
    Array.from({ length: 100 }, () => resolve('list_deals', { stage_id: '42', owner_id: 'Katrin Vogel' })),
  );
  expect(asked.toSorted()).toEqual(['/api/v1/users', '/api/v2/pipelines', '/api/v2/stages']);
  asked = [];
  lists['/api/v2/stages']?.push({ id: 77, name: 'Brand new', pipeline_id: 1 });
  expect(await resolve('list_deals', { stage_id: 'Brand new' })).toMatchObject({ stage_id: 77 });
  expect(asked).toEqual(['/api/v2/stages']);
  asked = [];
  await refused('list_deals', { stage_id: 'Never was' });
  expect(asked).toEqual(['/api/v2/stages']);
  asked = [];
  vocabulary.touched('pipeline');
  await resolve('list_deals', { stage_id: 'Brand new' });
  expect(asked.toSorted()).toEqual(['/api/v2/pipelines', '/api/v2/stages']);
});

test('after a refused write the names that it used are loaded anew', async () => {
  const operation = find('create_deal');
  const given = { title: 'A', stage_id: 'Renewals / 42', owner_id: 'me', custom_fields: { Budget: 5 } };
  await resolve('create_deal', given);
  doubtNames(operation, given, vocabulary);
  asked = [];
  await resolve('create_deal', { ...given, owner_id: 1 });
  expect(asked.toSorted()).toEqual(['/api/v2/dealFields', '/api/v2/stages']);
});

describe('custom fields', () => {
  const written = async (custom_fields: JsonObject, tool = 'create_deal', more: JsonObject = { title: 'A' }) =>
    (await resolve(tool, { ...more, custom_fields }))['custom_fields'];

  test.each<[string, Json, string, Json]>([
    ['lead SOURCE', 'referral', code('a'), 43],
    [code('a'), 'Event', code('a'), 44],
    ['Lead source', null, code('a'), null],
    ['Region: EU > DACH', ['koln', '北京'], code('c'), [50, 51]],
    ['Region (dddddd)', 'North', code('d'), 'North'],
    ['Stage', 'a custom field with the label of a built-in', code('f'), 'a custom field with the label of a built-in'],
    ['Stage (ffffff)', 'x', code('f'), 'x'],
    ['Budget', 1500, code('b'), { value: 1500, currency: 'EUR' }],
    ['Budget', '1500.5 USD', code('b'), { value: 1500.5, currency: 'USD' }],
    ['Champion', 'Kevin Lindgren (14)', code('1'), 14],
    ['Champion', 'kevin lindgren', code('1'), 14],
    ['Champion', '14', code('1'), 14],
    ['Champion', 'https://varsa.pipedrive.com/person/14', code('1'), 14],
    ['Reseller', 'Acme (2019)', code('2'), 7],
    ['Reseller', 'Acme (2019) (7)', code('2'), 7],
    ['Engineer', 'me', code('3'), 1],
    ['Engineer', 'm@varsa.example', code('3'), 2],
    ['Call at', '2:30 pm', code('4'), { value: '14:30:00', timezone_name: 'Europe/Berlin' }],
  ])('%s: %j', async (label, value, key, is) => {
    expect(await written({ [label]: value })).toEqual({ [key]: is });
  });

  test.each<[JsonObject, readonly string[]]>([
    [
      { 'Lead sorce': 'x' },
      ['no field "Lead sorce"', 'Did you mean "Lead source"', 'Region (dddddd)', 'Stage (ffffff)'],
    ],
    [{ Region: 'x' }, ['2 fields are called "Region"', code('d'), `e${code('d').slice(1)}`]],
    [{ 'Lost reason': 'x' }, ['built-in', 'Give it as lost_reason']],
    [{ 'Source origin': 'x' }, ['built-in', 'create_deal cannot set it']],
    [{ 'Lead source': 'Refferal' }, ['no option "Refferal"', 'Did you mean "Referral"', 'Event']],
    [{ Score: 5 }, ['"Score" is read-only']],
    [{ Champion: 'Ann Lee' }, ['2 persons are called "Ann Lee"', 'Ann Lee (15)', 'Ann Lee (16) of Acme']],
    [{ Champion: 'Nobody' }, ['no person "Nobody"', 'search_persons']],
    [{ Champion: 'https://other.pipedrive.com/person/14' }, ['another company']],
    [{ Champion: 'https://varsa.pipedrive.com/deal/14' }, ['It shows a deal']],
    [{ Engineer: 'Katrin' }, ['no user "Katrin"']],
    [{ 'Lead source': 'Event', [code('a')]: 'Referral' }, ['are the same field']],
  ])('refuses %j', async (given, said) => {
    const text = await refused('create_deal', { title: 'A', custom_fields: given });
    for (const part of said) expect(text).toContain(part);
  });

  test('an amount without a currency is in that of its record', async () => {
    const key = code('b');
    expect(await written({ Budget: 5 }, 'create_deal', { title: 'A', currency: 'kr' }).catch(String)).toContain('kr');
    expect(await written({ Budget: 5 }, 'create_deal', { title: 'A', currency: 'Swedish Krona' })).toEqual({
      [key]: { value: 5, currency: 'SEK' },
    });
    asked = [];
    expect(await written({ Budget: 5 }, 'update_deal', { id: 5 })).toEqual({ [key]: { value: 5, currency: 'USD' } });
    expect(asked).toEqual(['/api/v2/deals/5']);
    asked = [];
    await written({ Budget: '5 GBP' }, 'update_deal', { id: 5 });
    expect(asked).toEqual([]);
  });

  test('leads have them flat, with a key for each part', async () => {
    const custom = { Budget: '20 USD', 'Call at': '9:00', 'Region: EU > DACH': ['Köln', '北京'], 'Lead source': null };
    expect(await written(custom, 'create_lead')).toEqual({
      [code('b')]: 20,
      [`${code('b')}_currency`]: 'USD',
      [code('4')]: '09:00:00',
      [code('c')]: '50,51',
      [code('a')]: null,
    });
    expect(asked).toEqual(['/api/v2/dealFields']);
  });

  test('what was renamed or added a minute ago is found by one more load', async () => {
    await written({ 'Lead source': 'Event' });
    asked = [];
    const [source] = lists['/api/v2/dealFields']?.filter((one) => one['field_code'] === code('a')) ?? [];
    Object.assign(source ?? {}, { options: [{ id: 43, label: 'Recommendation' }] });
    lists['/api/v2/dealFields']?.push(field(code('5'), 'New field', 'varchar'));
    expect(await written({ 'New field': 'x', 'Lead source': 'recommendation' })).toEqual({
      [code('5')]: 'x',
      [code('a')]: 43,
    });
    expect(asked).toEqual(['/api/v2/dealFields']);
    asked = [];
    await refused('create_deal', { title: 'A', custom_fields: { 'Lead source': 'Event' } });
    expect(asked).toEqual(['/api/v2/dealFields']);
  });

  test('300 fields with 10,000 options are quick, and an error lists twenty', async () => {
    const options = Array.from({ length: 10_000 }, (_, at): [number, string] => [at + 1_000, `Option ${at}`]);
    for (let at = 0; at < 300; at += 1) {
      lists['/api/v2/dealFields']?.push(
        field(
          at.toString(16).padStart(40, '0'),
          `Field ${at}`,
          at === 7 ? 'enum' : 'varchar',
          at === 7 ? options : undefined,
        ),
      );
    }
    expect(await written({ 'field 7': 'option 9999', 'Field 299': 'x' })).toEqual({
      '0000000000000000000000000000000000000007': 10_999,
      [(299).toString(16).padStart(40, '0')]: 'x',
    });
    const began = performance.now();
    expect(await refused('create_deal', { title: 'A', custom_fields: { 'Field 7': 'Optoin 5' } })).toMatch(
      /Option 19, and 9980 more/,
    );
    expect(await refused('create_deal', { title: 'A', custom_fields: { Feld: 'x' } })).toMatch(/, and 2\d\d more/);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

describe('two accounts in one process', async () => {
  const sandboxes = await Promise.all([startSandbox({ seed: 1 }), startSandbox({ seed: 2, empty: true })]);
  afterAll(() => Promise.all(sandboxes.map((sandbox) => sandbox.close())));

  test("never see each other's names", async () => {
    const [one, other] = sandboxes.map(({ url, token }) => {
      const settings = { token, baseUrl: url, userAgent: 'test' };
      return new Tools(createClient(settings, new Throttle('ultimate', 20)), 20_000);
    });
    const { signal } = new AbortController();
    const call = (tools: Tools | undefined, args: JsonObject) => tools?.call('list_deals', args, signal);
    expect(await call(one, { pipeline_id: 'Renewals' })).toMatchObject({ isError: false });
    const refusal = await call(other, { pipeline_id: 'Renewals' });
    expect(refusal).toMatchObject({ isError: true, structure: { error: expect.stringContaining('no pipeline') } });
    expect(JSON.stringify(refusal)).not.toContain('Partnerships');
    expect(await call(other, { pipeline_id: 'Pipeline' })).toMatchObject({ isError: false });
    expect(await call(one, { pipeline_id: 'Pipeline' })).toMatchObject({ isError: true });
  });
});
