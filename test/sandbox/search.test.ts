import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';

let sandbox: Sandbox;
const ids: Record<string, number | string> = {};

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at key by key
type Body = any;

async function call(method: string, path: string, body?: unknown): Promise<{ status: number; body: Body }> {
  const response = await fetch(`${sandbox.url}${path}`, {
    method,
    headers: { 'x-api-token': sandbox.token, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

async function add(path: string, body: unknown): Promise<Body> {
  const answer = await call('POST', path, body);
  expect(answer).toMatchObject({ body: { success: true } });
  return answer.body.data;
}

async function names(path: string): Promise<string[]> {
  const { body } = await call('GET', path);
  return body.data.items.map(({ item }: Body) => item.title ?? item.name);
}

beforeAll(async () => {
  sandbox = await startSandbox({ seed: 1, now: new Date('2026-11-20T10:00:00Z') });
  const fields = (await call('GET', '/api/v2/dealFields?limit=500')).body.data;
  const code = fields.find((one: Body) => one.is_custom_field && one.field_type === 'varchar').field_code;
  ids['code'] = code;
  const org = await add('/api/v2/organizations', {
    name: 'Borealis Oy',
    address: { value: 'Mannerheimintie 1, Helsinki' },
  });
  const person = await add('/api/v2/persons', {
    name: 'Zoë Lindqvist',
    org_id: org.id,
    emails: [{ value: 'zoe@borealis.test' }],
    phones: [{ value: '+358 (40) 123-4567' }],
  });
  const other = await add('/api/v2/persons', { name: 'Lindqvist Backup' });
  const deal = await add('/api/v2/deals', {
    title: 'Borealis renewal',
    value: 500,
    person_id: person.id,
    org_id: org.id,
    custom_fields: { [code]: 'CT-9931' },
  });
  const won = await add('/api/v2/deals', { title: 'Borealis', status: 'won', person_id: other.id });
  await add('/v1/notes', { content: '<p>They fear the <b>migration</b></p>', deal_id: deal.id });
  const lead = await add('/v1/leads', { title: 'Borealis lead', person_id: person.id });
  Object.assign(ids, { org: org.id, person: person.id, other: other.id, deal: deal.id, won: won.id, lead: lead.id });
});
afterAll(() => sandbox.close());

test('a deal found has the shape of the API', async () => {
  const { body } = await call('GET', '/api/v2/deals/search?term=borealis%20renewal&include_fields=deal.cc_email');
  expect(body).toEqual({
    success: true,
    data: {
      items: [
        {
          result_score: expect.any(Number),
          item: {
            id: ids['deal'],
            type: 'deal',
            title: 'Borealis renewal',
            value: 500,
            currency: expect.any(String),
            status: 'open',
            visible_to: 7,
            owner: { id: expect.any(Number) },
            stage: { id: expect.any(Number), name: expect.any(String) },
            person: { id: ids['person'], name: 'Zoë Lindqvist' },
            organization: { id: ids['org'], name: 'Borealis Oy', address: 'Mannerheimintie 1, Helsinki' },
            custom_fields: ['CT-9931'],
            notes: ['They fear the migration'],
            is_archived: false,
            cc_email: expect.stringContaining(`deal${ids['deal']}@`),
          },
        },
      ],
    },
    additional_data: { next_cursor: null },
  });
});

test('the best find comes first', async () => {
  expect(await names('/api/v2/deals/search?term=BOREALIS')).toEqual(['Borealis', 'Borealis renewal']);
});

test('terms have a least length', async () => {
  expect((await call('GET', '/api/v2/deals/search?term=b')).status).toBe(400);
  expect((await call('GET', '/api/v2/deals/search?term=%20b%20')).status).toBe(400);
  expect((await call('GET', '/api/v2/deals/search')).status).toBe(400);
  expect((await call('GET', '/api/v2/deals/search?term=b&exact_match=true')).status).toBe(200);
  expect((await call('GET', '/api/v2/deals/search?term=&exact_match=true')).status).toBe(400);
});

test('exact match is of the whole value, whatever its case', async () => {
  expect(await names('/api/v2/deals/search?term=borealis&exact_match=true')).toEqual(['Borealis']);
});

test('the fields to look in can be chosen', async () => {
  expect(await names('/api/v2/deals/search?term=migration')).toEqual(['Borealis renewal']);
  expect(await names('/api/v2/deals/search?term=migration&fields=title')).toEqual([]);
  expect(await names('/api/v2/deals/search?term=9931&fields=custom_fields')).toEqual(['Borealis renewal']);
  expect(await names('/api/v2/persons/search?term=zoe&fields=email,phone')).toEqual(['Zoë Lindqvist']);
  expect((await call('GET', '/api/v2/deals/search?term=migration&fields=address')).status).toBe(400);
});

test('deals are narrowed by person, organization and status', async () => {
  expect(await names(`/api/v2/deals/search?term=borealis&person_id=${ids['other']}`)).toEqual(['Borealis']);
  expect(await names(`/api/v2/deals/search?term=borealis&organization_id=${ids['org']}`)).toEqual(['Borealis renewal']);
  expect(await names('/api/v2/deals/search?term=borealis&status=won')).toEqual(['Borealis']);
  expect(await names(`/api/v2/persons/search?term=lindqvist&organization_id=${ids['org']}`)).toEqual(['Zoë Lindqvist']);
  expect((await call('GET', '/api/v2/deals/search?term=borealis&status=deleted')).status).toBe(400);
});

test('accents, phone punctuation and the order of words do not matter', async () => {
  expect(await names('/api/v2/persons/search?term=zoe')).toEqual(['Zoë Lindqvist']);
  expect(await names('/api/v2/persons/search?term=358401234567')).toEqual(['Zoë Lindqvist']);
  expect(await names('/api/v2/persons/search?term=lindqvist%20zo%C3%AB')).toEqual(['Zoë Lindqvist']);
});

test('organizations are found by address, leads in both versions', async () => {
  expect(await names('/api/v2/organizations/search?term=helsinki')).toEqual(['Borealis Oy']);
  const { body } = await call('GET', '/api/v2/leads/search?term=borealis&include_fields=lead.was_seen');
  expect(body.data.items[0].item).toMatchObject({
    id: ids['lead'],
    type: 'lead',
    phones: ['+358 (40) 123-4567'],
    emails: ['zoe@borealis.test'],
    was_seen: expect.any(Boolean),
  });
  const v1 = (await call('GET', '/v1/leads/search?term=borealis')).body;
  expect(v1.data.items).toHaveLength(1);
  expect(v1.additional_data.pagination).toEqual({ start: 0, limit: 100, more_items_in_collection: false });
  expect((await call('GET', '/v1/leads/search?term=nothing')).body.data).toEqual({ items: [] });
});

test('itemSearch looks through all types, pages and brings related items', async () => {
  const { body } = await call('GET', '/api/v2/itemSearch?term=borealis');
  const types = new Set(body.data.items.map(({ item }: Body) => item.type));
  expect(types).toEqual(new Set(['deal', 'lead', 'organization', 'person']));
  expect(body.data.related_items).toEqual([]);
  const scores = body.data.items.map((found: Body) => found.result_score);
  expect(scores).toEqual([...scores].sort((a, b) => b - a));

  const seen: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const query: string = cursor ? `&cursor=${cursor}` : '';
    const page = (await call('GET', `/api/v2/itemSearch?term=borealis&limit=2${query}`)).body;
    seen.push(...page.data.items.map(({ item }: Body) => `${item.type} ${item.id}`));
    cursor = page.additional_data.next_cursor;
  }
  expect(seen).toEqual(body.data.items.map(({ item }: Body) => `${item.type} ${item.id}`));

  const related = (
    await call('GET', '/api/v2/itemSearch?term=helsinki&item_types=organization&search_for_related_items=true')
  ).body.data.related_items;
  expect(related.map((one: Body) => [one.result_score, one.item.type, one.item.id])).toEqual([
    [0, 'deal', ids['deal']],
    [0, 'person', ids['person']],
  ]);
  expect((await call('GET', '/api/v2/itemSearch?term=borealis&limit=101')).status).toBe(400);
  expect((await call('GET', '/api/v2/itemSearch?term=borealis&item_types=nonsense')).status).toBe(400);
  expect(await names('/api/v2/itemSearch?term=borealis&item_types=file,project,mail_attachment')).toEqual([]);
});

test('itemSearch/field matches one field, with regard to case', async () => {
  const found = async (query: string) => (await call('GET', `/api/v2/itemSearch/field?${query}`)).body.data;
  const person = { id: ids['person'], name: 'Zoë Lindqvist' };
  expect(await found('term=zoe@borealis.test&entity_type=person&field=email')).toEqual([person]);
  expect(await found('term=zoe@&entity_type=person&field=emails&match=beginning')).toEqual([person]);
  expect(await found('term=borealis&entity_type=deal&field=title&match=middle')).toEqual([]);
  expect(await found('term=real&entity_type=deal&field=title&match=middle')).toHaveLength(2);
  expect(await found(`term=CT&entity_type=deal&field=${ids['code']}&match=beginning`)).toEqual([
    { id: ids['deal'], name: 'Borealis renewal' },
  ]);
  expect(await found('term=Bor&entity_type=lead&field=title&match=beginning')).toEqual([
    { id: ids['lead'], name: 'Borealis lead' },
  ]);
  for (const query of ['term=x&entity_type=deal&field=title&match=middle', 'term=xx&entity_type=deal&field=nonsense']) {
    expect((await call('GET', `/api/v2/itemSearch/field?${query}`)).status).toBe(400);
  }
});

test('products are found by name, with their prices when asked', async () => {
  const deals = Array.from({ length: 100 }, (_, index) => index + 1).join(',');
  const [{ name, product_id }] = (await call('GET', `/api/v2/deals/products?deal_ids=${deals}`)).body.data;
  const term = encodeURIComponent(name);
  const { body } = await call(
    'GET',
    `/api/v2/products/search?term=${term}&exact_match=true&include_fields=product.price`,
  );
  expect(body.data.items).toEqual([
    {
      result_score: 1,
      item: {
        id: product_id,
        type: 'product',
        name,
        code: expect.any(String),
        visible_to: expect.any(Number),
        owner: { id: expect.any(Number) },
        custom_fields: expect.any(Array),
        price: expect.arrayContaining([expect.objectContaining({ currency: expect.any(String) })]),
      },
    },
  ]);
});

test('what is deleted is not found', async () => {
  const { id } = await add('/api/v2/organizations', { name: 'Vanishing GmbH' });
  expect(await names('/api/v2/itemSearch?term=vanishing')).toEqual(['Vanishing GmbH']);
  await call('DELETE', `/api/v2/organizations/${id}`);
  expect(await names('/api/v2/itemSearch?term=vanishing')).toEqual([]);
});
