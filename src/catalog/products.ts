import { z } from 'zod/v3';
import {
  amount,
  changedV1,
  conditions,
  custom,
  flag,
  id,
  ids,
  input,
  named,
  orNull,
  owner,
  page,
  savedToo,
  search,
  shape,
  sort,
  text,
  textOffset,
  visible,
} from './arguments.ts';
import { entity } from './entity.ts';
import { followers } from './followers.ts';
import { operation } from './operation.ts';
import { result } from './search.ts';

export const product = entity({
  name: 'product',
  fields: 'product',
  plural: 'products',
  link: 'product/{id}',
  prose: ['description'],
  columns: [
    'id',
    'name',
    'code',
    'unit',
    { name: 'price', from: 'prices', as: 'prices' },
    'category',
    { name: 'linkable', from: 'is_linkable' },
  ],
  // Of its prices: their product is this one.
  hidden: ['product_id'],
  quiet: ['is_deleted'],
});

/** A deal that a product is on, as v1 shows it. */
const productDeal = entity({
  name: 'deal',
  plural: 'deals',
  link: 'deal/{id}',
  outside: ['title'],
  columns: [
    'id',
    'title',
    { name: 'value', as: 'money' },
    { name: 'stage', from: 'stage_id' },
    'status',
    { name: 'owner', from: 'user_id.id', kind: 'user' },
    { name: 'person', from: 'person_id', as: 'named' },
    { name: 'organization', from: 'org_id', as: 'named' },
    { name: 'expected_close', from: 'expected_close_date' },
    { name: 'updated', from: 'update_time', as: 'day' },
  ],
});

const personProduct = entity({
  name: 'product',
  plural: 'products',
  outside: ['deal'],
  columns: [
    { name: 'product', as: 'named' },
    { name: 'code', from: 'product.code' },
    { name: 'deal', as: 'named' },
    { name: 'status', from: 'deal.status' },
    { name: 'deal_added', from: 'deal.add_time', as: 'day' },
  ],
});

/** One a currency. */
export const prices = z.array(
  z
    .object({
      currency: text,
      price: amount,
      cost: amount.optional(),
      direct_cost: amount.optional(),
      notes: text.optional(),
    })
    .strict(),
);

const name = text.describe('Name');
const cycles = id.min(1).max(208).describe('How often; unset: without end');
const fields = {
  code: text.describe('Product code').optional(),
  description: text.describe('Description').optional(),
  unit: text.describe('Sold by').optional(),
  tax: amount.describe('Percent').optional(),
  category: named.describe('Category by label').optional(),
  is_linkable: flag.describe('Can be put on deals').optional(),
  ...owner,
  billing_frequency: z
    .enum(['one-time', 'annually', 'semi-annually', 'quarterly', 'monthly', 'weekly'])
    .describe('Growth plan and up')
    .optional(),
  billing_frequency_cycles: cycles.optional(),
  ...visible,
  ...custom,
};

export const products = [
  operation({
    name: 'list_products',
    title: 'List products',
    summary: 'Products with code, unit, prices and category, by name.',
    kind: 'read',
    toolset: 'products',
    endpoint: 'GET /api/v2/products',
    cost: 10,
    input: input({
      ...savedToo,
      ...ids,
      ...owner,
      ...changedV1,
      ...sort(['id', 'name', 'add_time', 'update_time'], 'name', 'asc'),
      ...shape,
      ...conditions('price > 100'),
      ...page(),
    }),
    paging: 'cursor',
    scope: 'deleted ones left out',
    entity: product,
  }),
  operation({
    name: 'get_product',
    title: 'Get product',
    summary: 'One product with its prices and every field.',
    kind: 'read',
    toolset: 'products',
    endpoint: 'GET /api/v2/products/{id}',
    cost: 1,
    input: input({ id: id.describe('Product id'), ...textOffset }),
    entity: product,
  }),
  operation({
    name: 'create_product',
    title: 'Create product',
    summary: 'Add a product to the catalogue, with one price a currency.',
    kind: 'create',
    toolset: 'products',
    endpoint: 'POST /api/v2/products',
    cost: 5,
    input: input({ name, prices: prices.describe('Default: 0').optional(), ...fields }),
    entity: product,
  }),
  operation({
    name: 'update_product',
    title: 'Update product',
    summary: 'Change fields of one product; set or remove the price in one currency.',
    kind: 'update',
    toolset: 'products',
    endpoint: 'PATCH /api/v2/products/{id}',
    cost: 5,
    input: input({
      id: id.describe('Product id'),
      name: name.optional(),
      add_prices: prices.describe('Set in their currencies').optional(),
      remove_prices: z.array(text).describe('Currencies').optional(),
      ...fields,
      billing_frequency_cycles: orNull(cycles),
    }),
    edits: [{ list: 'prices', add: 'add_prices', remove: 'remove_prices', by: 'currency' }],
    entity: product,
  }),
  operation({
    name: 'delete_product',
    title: 'Delete product',
    summary: 'Delete a product, kept for 30 days; deals keep it.',
    kind: 'delete',
    toolset: 'products',
    endpoint: 'DELETE /api/v2/products/{id}',
    cost: 3,
    input: input({ id: id.describe('Product id') }),
    entity: product,
  }),
  operation({
    name: 'duplicate_product',
    title: 'Duplicate product',
    summary: 'Copy a product with its prices, variations and custom fields.',
    kind: 'create',
    toolset: 'products',
    endpoint: 'POST /api/v2/products/{id}/duplicate',
    cost: 5,
    input: input({ id: id.describe('Product id') }),
    entity: product,
  }),
  operation({
    name: 'search_products',
    title: 'Search products',
    summary: 'Find products by words in name, code or custom fields.',
    kind: 'read',
    toolset: 'products',
    endpoint: 'GET /api/v2/products/search',
    cost: 20,
    search: true,
    input: input(search(['code', 'custom_fields', 'name'])),
    paging: 'cursor',
    at: 'items',
    entity: result,
  }),
  operation({
    name: 'list_product_deals',
    title: 'List product deals',
    summary: 'Deals that the product is on.',
    kind: 'read',
    toolset: 'products',
    endpoint: 'GET /api/v1/products/{id}/deals',
    cost: 20,
    input: input({
      product_id: id.describe('The product'),
      status: z.enum(['open', 'won', 'lost', 'deleted']).describe('Default: all but deleted').optional(),
      ...page(),
    }),
    path: { id: 'product_id' },
    paging: 'start',
    scope: 'open, won and lost unless status says so',
    entity: productDeal,
  }),
  operation({
    name: 'list_person_products',
    title: 'List person products',
    summary: "Products on the person's deals.",
    kind: 'read',
    toolset: 'products',
    endpoint: 'GET /api/v1/persons/{id}/products',
    cost: 20,
    input: input({ person_id: id.describe('The person'), ...page() }),
    path: { id: 'person_id' },
    paging: 'start',
    at: '*',
    entity: personProduct,
  }),
  ...followers(product, 'products'),
];
