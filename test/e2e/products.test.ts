import { afterAll, beforeAll, expect, test } from 'vitest';
import { Host, type Loose, rows, type SandboxProcess, startSandboxProcess } from './host.ts';

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

const v2 = async (path: string): Promise<Loose> => (await sandbox.get(`/api/v2${path}`)).data;
const v1 = async (path: string): Promise<Loose> => (await sandbox.get(`/api/v1${path}`)).data;
const made = async (tool: string, args: Loose): Promise<Loose> => {
  const answer = await host.ok(tool, args);
  return answer[tool.slice(tool.indexOf('_') + 1)];
};

/** The paths that a piece of work asks for, in order, without their queries. */
async function requests(work: () => Promise<unknown>): Promise<string[]> {
  const before = (await sandbox.log()).length;
  await work();
  return (await sandbox.log()).slice(before).map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`);
}

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABXvMqOgAAAABJRU5ErkJggg==';

test('the list says what people ask of products first, by name', async () => {
  const list = rows(await host.ok('list_products', { limit: 100 }));
  const names = list.map(({ name }) => String(name).toLowerCase());
  expect(names).toEqual(names.toSorted());
  expect(list.find(({ id }) => id === 1)).toEqual({
    id: 1,
    name: 'Probe T4 turbidity',
    code: 'VP-T4',
    unit: 'piece',
    price: '1890 EUR, 2050 USD',
    category: 'Hardware',
    linkable: true,
  });
  const some = await host.ok('list_products', { where: ['category = services', 'price > 1500 EUR', 'linkable = yes'] });
  expect(rows(some).map(({ name }) => name)).toEqual(['Operator training']);
  const by = await host.ok('list_products', {
    where: ['"Supplier part number" is not empty'],
    fields: ['name', 'Supplier part number'],
  });
  expect(by['columns']).toEqual(['id', 'name', 'Supplier part number']);
  expect(rows(by).length).toBeGreaterThan(0);
});

test('a product by names: category, currencies, visibility, custom fields; and its prices one by one', async () => {
  const product = await made('create_product', {
    name: 'Sensor X',
    category: 'HARDWARE',
    prices: [
      { currency: 'euro', price: 10, notes: 'list' },
      { currency: 'USD', price: 12, cost: 3 },
    ],
    visible_to: 'all users',
    owner_id: 'Priya Raman',
    custom_fields: { 'Lowest price': '9 EUR', 'Product line': 'probes' },
  });
  const { id } = product;
  expect(product).toMatchObject({ category: 'Hardware', owner: 'Priya Raman', visible_to: 'All users' });
  expect(await v2(`/products/${id}`)).toMatchObject({ owner_id: 6, visible_to: 7 });
  await host.ok('update_product', {
    id,
    add_prices: [
      { currency: 'USD', price: 13 },
      { currency: 'SEK', price: 100 },
    ],
  });
  const { product: shown } = await host.ok('get_product', { id });
  expect(shown).toMatchObject({
    custom_fields: { 'Lowest price': '9 EUR', 'Product line': 'Probes' },
    prices: [
      { currency: 'EUR', price: 10, cost: 0, notes: 'list' },
      { currency: 'USD', price: 13, cost: 3 },
      { currency: 'SEK', price: 100, cost: 0 },
    ],
  });
  await host.ok('update_product', { id, remove_prices: ['eur'] });
  expect((await v2(`/products/${id}`))['prices'].map((one: Loose) => one['currency'])).toEqual(['USD', 'SEK']);
  expect(await host.fails('update_product', { id, remove_prices: ['GBP'] })).toContain('It has usd, sek');
  expect(await host.fails('update_product', { id, prices: [], add_prices: [] })).toContain('keep the others');
  expect(await host.fails('update_product', { id, category: 'Sofware' })).toContain('Did you mean \\"Software\\"');
  const copy = await host.ok('duplicate_product', { id });
  expect(copy['product']).toMatchObject({ name: 'Sensor X', category: 'Hardware' });
  expect(copy['product']['id']).not.toBe(id);
});

test('a product by its page, or by name and id, on a deal with one of its variations', async () => {
  const [variation] = rows(await host.ok('list_product_variations', { product_id: 1 }));
  const deal = await made('create_deal', { title: 'With a probe', person_id: 14 });
  const line = { deal_id: deal['id'], item_price: 1890, quantity: 2 };
  await host.ok('add_deal_product', {
    ...line,
    product_id: 'Probe T4 turbidity (1)',
    product_variation_id: variation?.['id'] ?? 0,
  });
  expect(await host.fails('add_deal_product', { ...line, product_id: 'Gateway (1)' })).toContain('Probe T4 turbidity');
  expect(await host.fails('add_deal_product', { ...line, product_id: 13 })).toContain('cannot be added');
  const deals = await host.ok('list_product_deals', {
    product_id: 'https://varsa-instruments.pipedrive.com/product/1',
    status: 'open',
  });
  expect(rows(deals)).toContainEqual(
    expect.objectContaining({
      id: deal['id'],
      title: 'With a probe',
      value: '3780 EUR',
      person: 'Kevin Lindgren (14)',
    }),
  );
  const list = rows(await host.ok('list_person_products', { person_id: 14 }));
  expect(list).toContainEqual(
    expect.objectContaining({
      product: 'Probe T4 turbidity (1)',
      deal: `With a probe (${deal['id']})`,
      status: 'open',
    }),
  );
});

test('the lines of a deal say their names without a request for them', async () => {
  const [deal] = rows(
    await host.ok('list_products_of_deals', {
      deal_ids: [(await v2('/deals/products?deal_ids=1,2,3,4,5'))[0]['deal_id']],
    }),
  );
  const asked = await requests(() =>
    host.ok('list_deal_products', { deal_id: Number(String(deal?.['deal']).match(/\((\d+)\)$/)?.[1]) }),
  );
  expect(asked.filter((path) => path.includes('/products') && !path.includes('/deals/'))).toEqual([]);
});

test('the image of a product', async () => {
  expect(await host.fails('get_product_image', { product_id: 7 })).toContain('not found');
  await host.ok('upload_product_image', { product_id: 7, content: PNG, file_name: 'probe.png' });
  const { product_image: image } = await host.ok('get_product_image', { product_id: 7 });
  expect(image).toMatchObject({ product: 'Gateway G2B battery (7)', mime_type: 'image/png', name: 'probe.png' });
  const bytes = Buffer.from(await (await fetch(image['public_url'])).arrayBuffer());
  expect(bytes).toEqual(Buffer.from(PNG, 'base64'));
  await host.ok('update_product_image', { product_id: 7, content: PNG, file_name: 'other.png' });
  expect((await host.ok('get_product_image', { product_id: 7 }))['product_image']['name']).toBe('other.png');
  await host.ok('delete_product_image', { product_id: 7 });
  expect(await host.fails('get_product_image', { product_id: 7 })).toContain('not found');
});

test('options of built-in fields are written and shown by label, of every kind of record', async () => {
  const label = async (fields: string, code: string, id: unknown) => {
    const all: Loose[] = (await sandbox.get(`/api/v2/${fields}?limit=500`)).data;
    const field: Loose = all.find((one) => one['field_code'] === code) ?? {};
    return field['options'].find((one: Loose) => one['id'] === id)?.['label'];
  };
  const organization = await made('create_organization', { name: 'O', industry: 'energy', visible_to: 'item owner' });
  const stored = await v2(`/organizations/${organization['id']}`);
  expect(stored['visible_to']).toBe(1);
  expect(await label('organizationFields', 'industry', stored['industry'])).toBe('Energy');
  const { organization: shown } = await host.ok('get_organization', { id: organization['id'] });
  expect(shown).toMatchObject({ industry: 'Energy', visible_to: 'Item owner' });
  expect(shown).not.toHaveProperty('org_id');
  await host.ok('update_organization', { id: organization['id'], industry: stored['industry'] });
  await host.ok('update_organization', { id: organization['id'], industry: null });
  expect((await v2(`/organizations/${organization['id']}`))['industry']).toBeNull();

  const activity = await made('create_activity', { subject: 'A', priority: 'HIGH' });
  expect(activity['priority']).toBe('High');
  expect(await label('activityFields', 'priority', (await v2(`/activities/${activity['id']}`))['priority'])).toBe(
    'High',
  );
  expect(await host.fails('update_activity', { id: activity['id'], priority: 'Urgent' })).toContain(
    'Low, Medium, High',
  );

  const { id } = await made('create_lead', { title: 'L', person_id: 14, channel: 'event', visible_to: 'Item owner' });
  const lead = await v1(`/leads/${id}`);
  expect(lead['visible_to']).toBe('1');
  expect(await label('dealFields', 'channel', lead['channel'])).toBe('Event');
  await host.ok('update_lead', { id, visible_to: 7 });
  expect((await host.ok('get_lead', { id }))['lead']).toMatchObject({ channel: 'Event', visible_to: 'All users' });
  const list = rows(await host.ok('list_deals', { fields: ['visible_to'], limit: 3 }));
  for (const { visible_to } of list) expect(visible_to).toMatch(/^(All users|Item owner)/);
  expect(await host.fails('list_deals', { fields: ['industry'] })).toContain('there is no field');
});
