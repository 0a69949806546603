import { expect, test } from 'vitest';
import type { ApiRequest, Client } from '../../src/pipedrive/client.ts';
import type { Answer } from '../../src/pipedrive/envelope.ts';
import type { Json, JsonObject } from '../../src/pipedrive/json.ts';
import { Tools } from '../../src/tools/index.ts';

const me = {
  id: 1,
  name: 'Ann',
  email: 'ann@acme.example',
  timezone_name: 'Europe/Berlin',
  default_currency: 'EUR',
  company_name: 'Acme',
  company_domain: 'acme',
};
const hash = (digit: string) => digit.repeat(40);
const fields: JsonObject[] = [
  { field_code: hash('a'), field_name: 'Value', field_type: 'double', is_custom_field: true },
  { field_code: hash('b'), field_name: 'Score: A', field_type: 'double', is_custom_field: true },
  { field_code: hash('c'), field_name: 'Score: A', field_type: 'double', is_custom_field: true },
  {
    field_code: hash('d'),
    field_name: '色',
    field_type: 'enum',
    is_custom_field: true,
    options: [{ id: 7, label: '赤' }],
  },
];

/** An account of so many deals, each worth its id; every seventh is red. */
function account(count: number): { client: Client; asked: ApiRequest[] } {
  const asked: ApiRequest[] = [];
  const deal = (id: number): JsonObject => ({
    id,
    title: `Deal ${id}`,
    value: id,
    currency: 'EUR',
    status: 'open',
    custom_fields: { [hash('a')]: null, [hash('b')]: id, [hash('c')]: -id, [hash('d')]: id % 7 === 0 ? 7 : null },
  });
  const page = (data: Json, nextCursor?: string): Answer => ({
    data,
    nextCursor,
    additional: nextCursor ? { next_cursor: nextCursor } : {},
    related: {},
  });
  async function request(one: ApiRequest): Promise<Answer> {
    asked.push(one);
    if (one.path.endsWith('/me')) return page(me);
    if (one.path.endsWith('/dealFields')) return page(fields);
    if (!one.path.endsWith('/deals')) return page([]);
    const start = Number(one.query?.['cursor'] ?? 0);
    const rows = Math.min(Number(one.query?.['limit']), count - start);
    const data = Array.from({ length: rows }, (_, index) => deal(start + index + 1));
    return page(data, start + rows < count ? String(start + rows) : undefined);
  }
  const client: Client = {
    request,
    async *pages(first) {
      for (let next: ApiRequest | undefined = first; next; ) {
        const answer: Answer = await request(next);
        yield answer;
        next = answer.nextCursor ? { ...first, query: { ...first.query, cursor: answer.nextCursor } } : undefined;
      }
    },
    download: () => Promise.reject(new Error('no files here')),
    limits: () => ({
      requestsPer2s: 20,
      searchesPer2s: 10,
      plan: undefined,
      waiting: 0,
      requests: 0,
      tokensSpent: 0,
      clockAhead: 0,
      daily: { limit: undefined, left: undefined, spent: 0, resetsAt: 0 },
    }),
    share: () => undefined,
    close: async () => undefined,
  };
  return { client, asked };
}

async function list(client: Client, args: JsonObject, tools = new Tools(client, 60_000)): Promise<JsonObject> {
  const { structure } = await tools.call('list_deals', args, new AbortController().signal);
  return structure;
}

const row = (id: number) => [id, `Deal ${id}`, `${id} EUR`, 'open'];

test('looks through 20,000 records a call and goes on from there', async () => {
  const { client, asked } = account(45_000);
  const first = await list(client, { where: ['amount > 39999'], limit: 3 });
  expect(first).toMatchObject({ complete: false, looked_through: 20_000, rows: [] });
  expect(first['hint']).toContain('Go on with next_cursor');
  expect(first).not.toHaveProperty('matched');
  expect(asked.filter(({ path }) => path.endsWith('/deals'))).toHaveLength(40);
  const second = await list(client, { cursor: first['next_cursor'] ?? '' });
  expect(second).toMatchObject({
    complete: false,
    looked_through: 20_000,
    rows: [[40_000, 'Deal 40000', '40000 EUR', 'open']],
  });
  const third = await list(client, { cursor: second['next_cursor'] ?? '' });
  expect(third['rows']).toEqual([40_001, 40_002, 40_003].map(row));
  const fourth = await list(client, { cursor: third['next_cursor'] ?? '' });
  expect(fourth['rows']).toEqual([40_004, 40_005, 40_006].map(row));
});

test('counts all matches once, and only asks for the custom fields that it needs', async () => {
  const { client, asked } = account(1_200);
  const answer = await list(client, { where: ['色 = 赤', 'amount <= 700'], limit: 60 });
  expect(answer).toMatchObject({ matched: 100, complete: true });
  expect(answer['rows']).toHaveLength(60);
  const before = asked.length;
  const rest = await list(client, { cursor: answer['next_cursor'] ?? '' });
  expect(rest['rows']).toHaveLength(40);
  expect(rest).not.toHaveProperty('next_cursor');
  expect(asked.slice(before).filter(({ path }) => path.endsWith('/deals'))).toHaveLength(2);
  // Three pages, one request more for the cursor behind the last row shown, and the two pages after it.
  const pages = asked.filter(({ path }) => path.endsWith('/deals'));
  expect(pages.filter(({ query }) => query?.['limit'] === 500)).toHaveLength(5);
  for (const { query } of pages) expect(query).toMatchObject({ custom_fields: hash('d') });
  expect(JSON.stringify(asked)).not.toContain('where');
});

test('names that mean two things are an error with a name for each', async () => {
  const { client } = account(10);
  const builtin = await list(client, { where: ['value > 3'] });
  expect(builtin['error']).toContain('may be 2 things');
  expect(builtin['next']).toContain('amount or Value (aaaaaa)');
  expect(await list(client, { where: ['amount > 3'] })).toMatchObject({ matched: 7 });
  const twins = await list(client, { where: ['Score: A > 3'] });
  expect(twins['next']).toContain('Score: A (bbbbbb) or Score: A (cccccc)');
  expect(await list(client, { where: ['"Score: A (cccccc)" > -3'] })).toMatchObject({ matched: 2 });
});

test('a field that was made a moment ago is looked for anew, once', async () => {
  const { client, asked } = account(10);
  const tools = new Tools(client, 60_000);
  const loads = () => asked.filter(({ path }) => path.endsWith('/dealFields')).length;
  expect(await list(client, { where: ['amount > 3'] }, tools)).toMatchObject({ matched: 7 });
  fields.push({ field_code: hash('e'), field_name: 'Brand new', field_type: 'varchar', is_custom_field: true });
  expect(await list(client, { where: ['brand new is empty'] }, tools)).toMatchObject({ matched: 10 });
  expect(loads()).toBe(2);
  const unknown = await list(client, { where: ['brand old is empty'] }, tools);
  expect(unknown['error']).toContain('nothing here is called "brand old"');
  expect(loads()).toBe(3);
});
