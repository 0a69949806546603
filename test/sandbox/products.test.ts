import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { type Api, apiOf } from './api.ts';

let sandbox: Sandbox;
let api: Api;

beforeAll(async () => {
  sandbox = await startSandbox({ seed: 1, now: new Date('2026-11-20T10:00:00Z') });
  api = apiOf(sandbox);
});
afterAll(() => sandbox.close());

const PRODUCTS = '/api/v2/products';
const create = async (body: object = {}) => (await api.ok('POST', PRODUCTS, { name: 'Product', ...body }, 201)).data;
const get = async (id: number) => (await api.ok('GET', `${PRODUCTS}/${id}`)).data;
const deal = async (body: object = {}) => (await api.ok('POST', '/api/v2/deals', { title: 'D', ...body })).data.id;

describe('a product', () => {
  it('has the documented defaults', async () => {
    const product = await create();
    expect(product).toMatchObject({
      name: 'Product',
      code: '',
      unit: '',
      tax: 0,
      category: null,
      is_linkable: true,
      is_deleted: false,
      owner_id: 1,
      billing_frequency: 'one-time',
      billing_frequency_cycles: null,
      prices: [{ product_id: product.id, currency: 'EUR', price: 0, cost: 0, direct_cost: null, notes: '' }],
    });
    expect(await get(product.id)).toEqual(product);
  });

  it('is changed in what a body names, and in nothing else', async () => {
    const { data: fields } = await api.ok('GET', `/api/v2/productFields?limit=500`);
    const field = (name: string) => fields.find((one: { field_name: string }) => one.field_name === name);
    const services = field('Category').options.find((one: { label: string }) => one.label === 'Services').id;
    const { field_code } = field('Supplier part number');
    const before = await create({ code: 'A-1', tax: 19, category: services, custom_fields: { [field_code]: 'HX-1' } });
    expect(before).toMatchObject({ category: String(services), custom_fields: { [field_code]: 'HX-1' } });
    const { data } = await api.ok('PATCH', `${PRODUCTS}/${before.id}`, { name: 'Renamed', is_linkable: false });
    expect(data).toEqual({ ...before, name: 'Renamed', is_linkable: false, update_time: data.update_time });
    await api.ok('PATCH', `${PRODUCTS}/${before.id}`, { custom_fields: { [field_code]: null } });
    expect((await get(before.id)).custom_fields[field_code]).toBeNull();
  });

  it('has one price a currency, all replaced by the next list', async () => {
    const { id } = await create({ prices: [{ currency: 'EUR', price: 5, cost: 2, direct_cost: 1, notes: 'n' }] });
    const prices = [
      { currency: 'USD', price: 6 },
      { currency: 'SEK', price: 60 },
    ];
    const { data } = await api.ok('PATCH', `${PRODUCTS}/${id}`, { prices });
    expect(data.prices.map((one: { currency: string }) => one.currency)).toEqual(['USD', 'SEK']);
    const twice = { prices: [...prices, { currency: 'USD', price: 7 }] };
    await api.fails('PATCH', `${PRODUCTS}/${id}`, twice, 400, 'one price per currency');
    await api.fails('PATCH', `${PRODUCTS}/${id}`, { prices: [{ currency: 'XXX', price: 1 }] }, 400, "'XXX'");
    expect((await get(id)).prices).toEqual(data.prices);
  });

  it('refuses what the API refuses', async () => {
    const { id } = await create();
    const path = `${PRODUCTS}/${id}`;
    await api.fails('POST', PRODUCTS, {}, 400, 'name: Field is required');
    await api.fails('POST', PRODUCTS, { name: ' ' }, 400, 'name');
    await api.fails('PATCH', path, { price: 5 }, 400, "Unknown key 'price'");
    await api.fails('PATCH', path, { tax: '5' }, 400, 'tax');
    await api.fails('PATCH', path, { category: 9999 }, 400, 'category');
    await api.fails('PATCH', path, { owner_id: 9999 }, 400, '9999');
    await api.fails('PATCH', path, { visible_to: 2 }, 400, 'visible_to');
    await api.fails('PATCH', path, { billing_frequency_cycles: 3 }, 400, 'one-time');
    await api.fails('PATCH', path, { billing_frequency: 'weekly' }, 400, 'weekly');
    await api.ok('PATCH', path, { billing_frequency: 'weekly', billing_frequency_cycles: 208 });
    await api.fails('PATCH', path, { billing_frequency_cycles: 209 }, 400, 'billing_frequency_cycles');
    await api.fails('PATCH', `${PRODUCTS}/99999`, { name: 'x' }, 404, 'Product not found');
    await api.fails('GET', `${PRODUCTS}/abc`, undefined, 400, 'integer');
  });

  it('is duplicated with its prices, variations and custom fields, which then are its own', async () => {
    const { data: copy } = await api.ok('POST', `${PRODUCTS}/1/duplicate`, undefined, 201);
    const { id, prices, add_time, update_time, ...rest } = await get(1);
    expect(copy).toMatchObject(rest);
    expect(copy.id).not.toBe(id);
    expect([add_time, update_time]).not.toContain(copy.add_time);
    expect(copy.prices.map(({ price }: { price: number }) => price)).toEqual([prices[0].price, prices[1].price]);
    const names = async (of: number) =>
      (await api.ok('GET', `${PRODUCTS}/${of}/variations`)).data.map(({ name }: { name: string }) => name);
    expect(await names(copy.id)).toEqual(await names(1));
    await api.ok('PATCH', `${PRODUCTS}/${copy.id}`, { prices: [{ currency: 'EUR', price: 1 }] });
    expect((await get(1)).prices).toEqual(prices);
  });

  it('leaves its lines on deals when it is deleted, and can be put on no other', async () => {
    const { id } = await create({ name: 'Going' });
    const dealId = await deal();
    const line = { product_id: id, item_price: 5, quantity: 2 };
    await api.ok('POST', `/api/v2/deals/${dealId}/products`, line, 201);
    expect((await api.ok('DELETE', `${PRODUCTS}/${id}`)).data).toEqual({ id });
    const [left] = (await api.ok('GET', `/api/v2/deals/${dealId}/products`)).data;
    expect(left).toMatchObject({ name: 'Going', sum: 10 });
    expect((await api.ok('GET', `/api/v2/deals/${dealId}`)).data.value).toBe(10);
    await api.fails('POST', `/api/v2/deals/${await deal()}/products`, line, 400, 'not found');
    await api.fails('GET', `${PRODUCTS}/${id}`, undefined, 404, 'Product not found');
    await api.fails('DELETE', `${PRODUCTS}/${id}`, undefined, 404, 'Product not found');
    expect((await api.ok('GET', `${PRODUCTS}/search?term=Going&exact_match=true`)).data.items).toEqual([]);
  });

  it('cannot be put on a deal while it is not linkable', async () => {
    const { id } = await create({ is_linkable: false });
    const line = { product_id: id, item_price: 5, quantity: 2 };
    const path = `/api/v2/deals/${await deal()}/products`;
    await api.fails('POST', path, line, 400, 'cannot be added');
    await api.ok('PATCH', `${PRODUCTS}/${id}`, { is_linkable: true });
    await api.ok('POST', path, line, 201);
  });
});

describe('the list of products', () => {
  type Listed = { id: number; name: string; owner_id: number; custom_fields: object };
  const list = async (query: string): Promise<Listed[]> => (await api.ok('GET', `${PRODUCTS}?${query}`)).data;

  it('is sorted, paged and narrowed', async () => {
    const all = await list('limit=500&sort_by=name');
    const names = all.map(({ name }) => name.toLowerCase());
    expect(names).toEqual(names.toSorted());
    const first = await api.ok('GET', `${PRODUCTS}?limit=5&sort_by=name`);
    const rest = await list(`limit=500&cursor=${first.additional_data.next_cursor}`);
    expect([...first.data, ...rest]).toEqual(all);
    expect((await list('ids=2,1,99999')).map(({ id }) => id)).toEqual([1, 2]);
    const { id } = await create({ owner_id: 4 });
    expect((await list('owner_id=4')).map((row) => row.id)).toContain(id);
    expect((await list('owner_id=4')).every((row) => row.owner_id === 4)).toBe(true);
    expect(await list('updated_since=2100-01-01T00:00:00Z')).toEqual([]);
    const { update_time } = await get(id);
    expect((await list(`updated_since=${update_time}`)).map((row) => row.id)).toContain(id);
  });

  it('can be restricted to some custom fields', async () => {
    const [one = ''] = Object.keys((await get(1)).custom_fields);
    const [row] = await list(`ids=1&custom_fields=${one}`);
    expect(Object.keys(row?.custom_fields ?? {})).toEqual([one]);
  });
});

describe('variations', () => {
  it('are made, listed, changed and deleted within their product', async () => {
    const { id } = await create();
    const path = `${PRODUCTS}/${id}/variations`;
    const { data: plain } = await api.ok('POST', path, { name: 'Plain' }, 201);
    const price = { currency: 'EUR', price: 0, cost: 0, direct_cost: 0, notes: '' };
    expect(plain).toEqual({
      id: plain.id,
      product_id: id,
      name: 'Plain',
      prices: [{ product_variation_id: plain.id, ...price }],
    });
    const { data: other } = await api.ok('POST', path, { name: 'Other', prices: [{ currency: 'USD', price: 3 }] }, 201);
    const first = await api.ok('GET', `${path}?limit=1`);
    expect(first.data).toEqual([plain]);
    expect((await api.ok('GET', `${path}?cursor=${first.additional_data.next_cursor}`)).data).toEqual([other]);
    const { data: renamed } = await api.ok('PATCH', `${path}/${other.id}`, { name: 'Renamed' });
    expect(renamed).toEqual({ ...other, name: 'Renamed' });
    await api.fails('POST', path, { name: 'x'.repeat(256) }, 400, '255');
    await api.fails('PATCH', `${PRODUCTS}/1/variations/${other.id}`, { name: 'x' }, 404, 'variation');
    expect((await api.ok('DELETE', `${path}/${other.id}`)).data).toEqual({ id: other.id });
    expect((await api.ok('GET', path)).data).toEqual([plain]);
  });

  it('stand on lines of deals for their own product only', async () => {
    const [mine, other] = [await create(), await create()];
    const { data: variation } = await api.ok('POST', `${PRODUCTS}/${mine.id}/variations`, { name: 'V' }, 201);
    const path = `/api/v2/deals/${await deal()}/products`;
    const line = { item_price: 5, quantity: 1, product_variation_id: variation.id };
    const { data } = await api.ok('POST', path, { ...line, product_id: mine.id }, 201);
    expect(data.product_variation_id).toBe(variation.id);
    await api.fails('POST', path, { ...line, product_id: other.id }, 400, 'variation');
    await api.fails('PATCH', `${path}/${data.id}`, { product_variation_id: 99_999 }, 400, 'variation');
    await api.ok('PATCH', `${path}/${data.id}`, { product_variation_id: null });
  });
});

describe('the image', () => {
  const PNG = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABXvMqOgAAAABJRU5ErkJggg==',
    'base64',
  );

  async function send(method: string, id: number, bytes: Buffer, name = 'probe.png', type = 'image/png') {
    const form = new FormData();
    form.set('data', new Blob([bytes], { type }), name);
    const response = await fetch(`${sandbox.url}${PRODUCTS}/${id}/images`, {
      method,
      headers: { 'x-api-token': sandbox.token },
      body: form,
    });
    const body = (await response.json()) as { data: { id: number } };
    return { status: response.status, body };
  }

  it('comes back byte for byte from a URL that is good for seven days, without a token', async () => {
    const { id } = await create();
    const path = `${PRODUCTS}/${id}/images`;
    await api.fails('GET', path, undefined, 404, 'image not found');
    const { status, body } = await send('POST', id, PNG);
    expect({ status, data: body.data }).toMatchObject({
      status: 201,
      data: { product_id: id, add_time: '2026-11-20' },
    });
    const { data } = await api.ok('GET', path);
    expect(data).toMatchObject({ ...body.data, mime_type: 'image/png', name: 'probe.png' });
    const image = await fetch(data.public_url);
    expect(image.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await image.arrayBuffer())).toEqual(PNG);
    const url = new URL(data.public_url);
    const days = (Date.parse(url.searchParams.get('expires') ?? '') - Date.parse('2026-11-20T10:00:00Z')) / 86_400_000;
    expect(days).toBeGreaterThanOrEqual(7);
    expect(days).toBeLessThan(7.01);
    url.searchParams.set('expires', '2026-11-20T09:59:59Z');
    expect((await fetch(url)).status).toBe(404);
  });

  it('is one: replaced by PUT, refused twice by POST, gone after DELETE', async () => {
    const { id } = await create();
    const path = `${PRODUCTS}/${id}/images`;
    expect((await send('PUT', id, PNG)).status).toBe(404);
    expect((await send('POST', id, Buffer.from('text'), 'a.txt', 'text/plain')).status).toBe(400);
    await api.fails('POST', path, { data: 'x' }, 400, 'data');
    const made = await send('POST', id, PNG);
    expect((await send('POST', id, PNG)).status).toBe(400);
    const { data: before } = await api.ok('GET', path);
    const other = Buffer.concat([PNG, Buffer.from([0])]);
    expect(await send('PUT', id, other, 'b.png')).toMatchObject({
      status: 200,
      body: { data: { id: made.body.data.id } },
    });
    const { data: after } = await api.ok('GET', path);
    expect(after).toMatchObject({ id: before.id, name: 'b.png' });
    expect(Buffer.from(await (await fetch(after.public_url)).arrayBuffer())).toEqual(other);
    expect((await fetch(before.public_url)).status).toBe(404);
    expect((await api.ok('DELETE', path)).data).toEqual({ id: before.id });
    await api.fails('GET', path, undefined, 404, 'image not found');
    await api.fails('DELETE', path, undefined, 404, 'image not found');
  });
});

describe('what belongs to a product', () => {
  it('its followers, and how they changed', async () => {
    const { id } = await create();
    const path = `${PRODUCTS}/${id}/followers`;
    await api.ok('POST', path, { user_id: 4 }, 201);
    await api.fails('POST', path, { user_id: 4 }, 400, 'already');
    expect((await api.ok('GET', path)).data).toMatchObject([{ user_id: 4 }]);
    await api.ok('DELETE', `${path}/4`);
    const { data } = await api.ok('GET', `${path}/changelog`);
    expect(data.map(({ action }: { action: string }) => action)).toEqual(['added', 'removed']);
    expect((await api.ok('GET', `/v1/products/${id}/permittedUsers`)).data).toContain(4);
  });

  it('the deals that it stands on, each once, by status', async () => {
    const { id } = await create();
    const [open, won, gone] = [await deal(), await deal({ status: 'won' }), await deal()];
    const line = { product_id: id, item_price: 5, quantity: 2 };
    for (const one of [open, open, won, gone]) await api.ok('POST', `/api/v2/deals/${one}/products`, line, 201);
    await api.ok('DELETE', `/api/v2/deals/${gone}`);
    const ids = async (query = '') =>
      (await api.ok('GET', `/v1/products/${id}/deals${query}`)).data?.map((row: { id: number }) => row.id) ?? null;
    expect(await ids()).toEqual([open, won]);
    expect(await ids('?status=won')).toEqual([won]);
    expect(await ids('?status=lost')).toBeNull();
    expect(await ids('?status=deleted')).toEqual([gone]);
    const page = await api.ok('GET', `/v1/products/${id}/deals?limit=1`);
    expect(page.additional_data.pagination).toEqual({
      start: 0,
      limit: 1,
      more_items_in_collection: true,
      next_start: 1,
    });
    expect(page.data).toMatchObject([{ id: open, user_id: { id: 1 }, products_count: 2 }]);
    expect(page.related_objects.user).toHaveProperty('1');
  });

  it('the person whose deals it stands on', async () => {
    const { id: person_id } = (await api.ok('POST', '/api/v2/persons', { name: 'Buyer' })).data;
    expect((await api.ok('GET', `/v1/persons/${person_id}/products`)).data).toBeNull();
    const { id } = await create({ name: 'Bought' });
    const dealId = await deal({ person_id });
    await api.ok('POST', `/api/v2/deals/${dealId}/products`, { product_id: id, item_price: 5, quantity: 2 }, 201);
    const { data } = await api.ok('GET', `/v1/persons/${person_id}/products`);
    expect(data).toEqual([{ [dealId]: expect.anything() }]);
    expect(data[0][dealId]).toMatchObject({
      deal: { id: dealId, person_id, value: 10 },
      product: { id, name: 'Bought', deal_id: dealId },
    });
  });
});
