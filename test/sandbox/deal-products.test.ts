import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { type Api, apiOf } from './api.ts';

let folder: string;
let sandbox: Sandbox;
let api: Api;
let dealId: number;

/** Products have no operations of their own here, so the account's file brings three: the last can't be linked. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
  const options = { empty: true, seed: 1, now: new Date('2026-11-20T10:00:00Z'), file: join(folder, 'account.json') };
  const first = await startSandbox(options);
  await apiOf(first).ok('POST', '/api/v2/pipelines', { name: 'Saved' });
  await first.close();
  const account = JSON.parse(await readFile(options.file, 'utf8'));
  const time = '2026-01-01T00:00:00Z';
  account.tables.products.rows = [1, 2, 3].map((id) => ({
    id,
    name: `Product ${id}`,
    code: null,
    unit: null,
    tax: 0,
    description: null,
    category: null,
    is_linkable: id < 3,
    owner_id: account.tables.users.rows[0].id,
    visible_to: 7,
    billing_frequency: 'one-time',
    billing_frequency_cycles: null,
    prices: [],
    custom_fields: {},
    is_deleted: false,
    delete_time: null,
    add_time: time,
    update_time: time,
  }));
  await writeFile(options.file, JSON.stringify(account));
  sandbox = await startSandbox(options);
  api = apiOf(sandbox);
});
afterAll(async () => {
  await sandbox.close();
  await rm(folder, { recursive: true });
});

const add = async (body: Record<string, unknown> = {}) =>
  (await api.ok('POST', '/api/v2/deals', { title: 'Deal', ...body })).data.id;
const deal = async () => (await api.ok('GET', `/api/v2/deals/${dealId}`)).data;
const attach = async (body: Record<string, unknown>) => (await api.ok('POST', path(), body, 201)).data;
const path = () => `/api/v2/deals/${dealId}/products`;

describe('products of a deal', () => {
  it('sum up to its value', async () => {
    dealId = await add();
    const line = await attach({ product_id: 1, item_price: 30.23, quantity: 2 });
    expect(line).toMatchObject({
      sum: 60.46,
      name: 'Product 1',
      currency: 'EUR',
      order_nr: 10,
      tax: 0,
      comments: '',
      discount: 0,
      discount_type: 'percentage',
      is_enabled: true,
      product_variation_id: null,
      billing_frequency: 'one-time',
      billing_frequency_cycles: null,
      billing_start_date: null,
    });
    await attach({ product_id: 2, item_price: 100, quantity: 1.5, discount: 10, tax: 20, tax_method: 'exclusive' });
    expect((await deal()).value).toBe(60.46 + 162);
    const { data: lines } = await api.ok('GET', `${path()}?sort_by=order_nr&sort_direction=desc`);
    expect(lines.map((one: { sum: number; tax_method: string }) => [one.sum, one.tax_method])).toEqual([
      [162, 'exclusive'],
      [60.46, 'exclusive'],
    ]);
    const changed = { discount: 50, discount_type: 'amount' };
    const { data } = await api.ok('PATCH', `${path()}/${lines[0].id}`, changed);
    expect(data).toMatchObject({ ...changed, sum: 120 });
    await api.ok('PATCH', `${path()}/${line.id}`, { is_enabled: false });
    expect((await deal()).value).toBe(120);
    expect((await api.ok('DELETE', `${path()}/${lines[0].id}`)).data).toEqual({ id: lines[0].id });
    expect((await deal()).value).toBe(0);
    await api.fails('DELETE', `${path()}/${lines[0].id}`, undefined, 404, 'Deal product not found');
  });

  it('come and go in bulk', async () => {
    dealId = await add();
    const one = { product_id: 1, item_price: 1, quantity: 1 };
    await api.fails('POST', `${path()}/bulk`, { data: [one, { ...one, product_id: 99 }] }, 400, 'Product 99 not found');
    expect((await api.ok('GET', path())).data).toEqual([]);
    await api.fails('POST', `${path()}/bulk`, { data: Array(101).fill(one) }, 400, 'data');
    for (const count of [100, 20]) await api.ok('POST', `${path()}/bulk`, { data: Array(count).fill(one) }, 201);
    expect((await deal()).value).toBe(120);
    const { data, additional_data } = await api.ok('GET', `/api/v2/deals/products?deal_ids=${dealId},999&limit=50`);
    expect(data).toHaveLength(50);
    expect(additional_data.next_cursor).toBeTypeOf('string');
    const some = await api.ok('DELETE', `${path()}?ids=${data[0].id},${data[1].id},99999`);
    expect(some.data.ids).toEqual([data[0].id, data[1].id]);
    const first = await api.ok('DELETE', path());
    expect(first).toMatchObject({ additional_data: { more_items_in_collection: true } });
    expect(first.data.ids).toHaveLength(100);
    expect(await api.ok('DELETE', path())).toMatchObject({ additional_data: { more_items_in_collection: false } });
    await api.fails('GET', '/api/v2/deals/products', undefined, 400, 'deal_ids: Field is required');
  });

  it('are refused where they break a rule', async () => {
    dealId = await add();
    const one = { product_id: 1, item_price: 1, quantity: 1 };
    const refused: [Record<string, unknown>, string][] = [
      [{ item_price: 1, quantity: 1 }, 'product_id: Field is required'],
      [{ ...one, product_id: 3 }, 'Product 3 cannot be added'],
      [{ ...one, quantity: '1' }, "quantity: The value is not a valid 'number'"],
      [{ ...one, billing_frequency_cycles: 2 }, 'billing_frequency_cycles'],
      [{ ...one, billing_frequency: 'weekly' }, 'billing_frequency_cycles'],
      [{ ...one, billing_frequency: 'monthly', billing_frequency_cycles: 209 }, 'billing_frequency_cycles'],
      [{ ...one, billing_start_date: '2037-01-01' }, 'billing_start_date'],
      [{ ...one, product_variation_id: 4 }, 'Product variation 4 not found'],
      [{ ...one, price: 4 }, "Unknown key 'price'"],
    ];
    for (const [body, text] of refused) await api.fails('POST', path(), body, 400, text);
    await api.fails('POST', '/api/v2/deals/99999/products', one, 404, 'Deal not found');
  });

  it('give recurring revenue', async () => {
    dealId = await add();
    await attach({ product_id: 1, item_price: 100, quantity: 1 });
    expect(await deal()).toMatchObject({ mrr: null, arr: null, acv: null });
    const monthly = { billing_frequency: 'monthly', billing_frequency_cycles: 6 };
    await attach({ product_id: 2, item_price: 10, quantity: 1, ...monthly });
    expect(await deal()).toMatchObject({ value: 110, mrr: 10, arr: 120, acv: 160 });
  });
});

describe('discounts', () => {
  it('reduce the value of one-time products', async () => {
    dealId = await add({ value: 500 });
    const discounts = `/api/v2/deals/${dealId}/discounts`;
    const { data } = await api.ok('POST', discounts, { description: '10 %', amount: 10, type: 'percentage' }, 201);
    expect(data).toMatchObject({ deal_id: dealId, description: '10 %', created_at: data.updated_at });
    expect(data.id).toMatch(/^[0-9a-f-]{36}$/);
    expect((await deal()).value).toBe(500);
    await attach({ product_id: 1, item_price: 200, quantity: 1 });
    expect((await deal()).value).toBe(180);
    await api.ok('PATCH', `${discounts}/${data.id}`, { type: 'amount', amount: 50 });
    expect((await deal()).value).toBe(150);
    expect((await api.ok('GET', discounts)).data).toHaveLength(1);
    await api.fails('POST', discounts, { description: 'A', amount: 0, type: 'amount' }, 400, 'positive');
    await api.ok('DELETE', `${discounts}/${data.id}`);
    expect((await deal()).value).toBe(200);
    await api.fails('DELETE', `${discounts}/${data.id}`, undefined, 404, 'Discount not found');
  });
});

describe('installments', () => {
  it('need a one-time product and keep recurring ones out', async () => {
    dealId = await add();
    const installments = `/api/v2/deals/${dealId}/installments`;
    const body = { description: 'First', amount: 50, billing_date: '2026-12-01' };
    await api.fails('POST', installments, body, 400, 'need a one-time product');
    const line = await attach({ product_id: 1, item_price: 100, quantity: 1 });
    await api.fails('POST', installments, { ...body, billing_date: '1.12.2026' }, 400, 'billing_date');
    const { data } = await api.ok('POST', installments, body);
    expect(data).toEqual({ id: data.id, deal_id: dealId, ...body });
    const recurring = { billing_frequency: 'monthly' };
    const one = { product_id: 2, item_price: 1, quantity: 1 };
    await api.fails('POST', path(), { ...one, ...recurring }, 400, 'cannot have recurring products');
    await api.fails('PATCH', `${path()}/${line.id}`, recurring, 400, 'cannot have recurring products');
    await api.fails('PATCH', `${path()}/${line.id}`, { is_enabled: false }, 400, 'cannot be disabled');
    expect((await api.ok('PATCH', `${installments}/${data.id}`, { amount: 60 })).data.amount).toBe(60);
    const list = () => api.ok('GET', `/api/v2/deals/installments?deal_ids=${dealId}&sort_by=billing_date`);
    expect((await list()).data).toHaveLength(1);
    expect((await api.ok('DELETE', `${installments}/${data.id}`)).data).toEqual({ id: data.id });
    expect((await list()).data).toEqual([]);
    await attach({ ...one, ...recurring });
    await api.fails('POST', installments, body, 400, 'recurring products');
  });
});

describe('the summary', () => {
  it('adds up each currency, weighted and converted', async () => {
    const { data: pipeline } = await api.ok('POST', '/api/v2/pipelines', {
      name: 'Weighted',
      is_deal_probability_enabled: true,
    });
    const stage = { name: 'Half', pipeline_id: pipeline.id, deal_probability: 50 };
    const stage_id = (await api.ok('POST', '/api/v2/stages', stage)).data.id;
    await add({ stage_id, value: 100 });
    await add({ stage_id, value: 100, probability: 10 });
    await add({ stage_id, value: 10, currency: 'USD' });
    await add({ stage_id, value: 7, status: 'lost' });
    await add({ stage_id, value: 9, is_archived: true });
    const { data } = await api.ok('GET', `/v1/deals/summary?pipeline_id=${pipeline.id}&status=open`);
    expect(data).toMatchObject({
      values_total: {
        EUR: { value: 200, count: 2, value_converted: 200 },
        USD: { value: 10, count: 1, value_converted: 8.6 },
      },
      weighted_values_total: { EUR: { value: 60, count: 2 }, USD: { value: 5, count: 1 } },
      total_count: 3,
      total_currency_converted_value: 208.6,
      total_weighted_currency_converted_value: 64.3,
    });
    expect(data.values_total.EUR.value_formatted).toMatch(/^200\s€$/);
    expect(data.total_currency_converted_value_formatted).toMatch(/^208,60\s€$/);
    const archived = await api.ok('GET', `/v1/deals/summary/archived?pipeline_id=${pipeline.id}`);
    expect(archived.data).toMatchObject({ total_count: 1, total_currency_converted_value: 9 });
    await api.fails('GET', '/v1/deals/summary?filter_id=1', undefined, 404, 'Filter not found');
  });
});
