import { z } from 'zod/v3';
import { amount, date, flag, id, input, orNull, page, sort, text } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

/** A product on a deal: a line with its own id, price and quantity. */
const dealProduct = entity({
  name: 'deal_product',
  plural: 'deal_products',
  prose: ['comments'],
  columns: [
    'id',
    'deal_id',
    { name: 'product_id', as: 'named' },
    'name',
    'quantity',
    { name: 'item_price', as: 'money' },
    'discount',
    'discount_type',
    'tax',
    { name: 'sum', as: 'money' },
    'billing_frequency',
    'is_enabled',
    'comments',
  ],
});

const keys = ['id', 'add_time', 'update_time', 'order_nr'] as const;

const product = {
  product_id: id.describe('Product'),
  item_price: amount.describe('Price of one'),
  quantity: amount.describe('Quantity'),
};
const variation = id.describe('Variation');
const cycles = id.min(1).max(208).describe('How often; unset: without end');
const start = date.describe('First billing, YYYY-MM-DD');
const rest = {
  discount: amount.describe('Discount').optional(),
  discount_type: z.enum(['percentage', 'amount']).describe('Kind of discount').optional(),
  tax: amount.describe('Tax percent').optional(),
  tax_method: z.enum(['exclusive', 'inclusive', 'none']).describe('For all products of the deal').optional(),
  comments: text.describe('Comments').optional(),
  is_enabled: flag.describe('Counts in the value').optional(),
  product_variation_id: variation.optional(),
  billing_frequency: z
    .enum(['one-time', 'annually', 'semi-annually', 'quarterly', 'monthly', 'weekly'])
    .describe('Growth plan and up')
    .optional(),
  billing_frequency_cycles: cycles.optional(),
  billing_start_date: start.optional(),
};
const deal = { deal_id: id.describe('The deal') };
const line = { id: id.describe('Id of the line, not of the product') };

export const dealProducts = [
  operation({
    name: 'list_deal_products',
    title: 'List deal products',
    summary: 'Products on one deal with price, quantity, discount and tax.',
    kind: 'read',
    toolset: 'deals',
    endpoint: 'GET /api/v2/deals/{id}/products',
    cost: 10,
    input: input({ ...deal, ...sort(keys, 'order_nr', 'asc'), ...page() }),
    path: { id: 'deal_id' },
    paging: 'cursor',
    entity: dealProduct,
  }),
  operation({
    name: 'list_products_of_deals',
    title: 'List products of deals',
    summary: 'Products on up to 100 deals at once.',
    kind: 'read',
    toolset: 'deals',
    endpoint: 'GET /api/v2/deals/products',
    cost: 10,
    input: input({
      deal_ids: z.array(id).min(1).max(100).describe('The deals'),
      ...sort([...keys, 'deal_id'], 'deal_id', 'asc'),
      ...page(),
    }),
    paging: 'cursor',
    entity: dealProduct,
  }),
  operation({
    name: 'add_deal_product',
    title: 'Add deal product',
    summary: "Put a product on a deal; the deal's value becomes the sum of its products.",
    kind: 'create',
    toolset: 'deals',
    endpoint: 'POST /api/v2/deals/{id}/products',
    cost: 5,
    input: input({ ...deal, ...product, ...rest }),
    path: { id: 'deal_id' },
    entity: dealProduct,
  }),
  operation({
    name: 'add_deal_products',
    title: 'Add deal products',
    summary: 'Put up to 100 products on a deal at once.',
    kind: 'create',
    toolset: 'deals',
    endpoint: 'POST /api/v2/deals/{id}/products/bulk',
    cost: 25,
    input: input({
      ...deal,
      data: z
        .array(z.object({ ...product, ...rest }).strict())
        .min(1)
        .max(100)
        .describe('The products'),
    }),
    path: { id: 'deal_id' },
    entity: dealProduct,
  }),
  operation({
    name: 'update_deal_product',
    title: 'Update deal product',
    summary: 'Change price, quantity, discount, tax or billing of a product on a deal.',
    kind: 'update',
    toolset: 'deals',
    endpoint: 'PATCH /api/v2/deals/{id}/products/{product_attachment_id}',
    cost: 5,
    input: input({
      ...deal,
      ...line,
      product_id: product.product_id.optional(),
      item_price: product.item_price.optional(),
      quantity: product.quantity.optional(),
      ...rest,
      product_variation_id: orNull(variation),
      billing_frequency_cycles: orNull(cycles),
      billing_start_date: orNull(start),
    }),
    path: { id: 'deal_id', product_attachment_id: 'id' },
    entity: dealProduct,
  }),
  operation({
    name: 'remove_deal_product',
    title: 'Remove deal product',
    summary: 'Take one product off a deal.',
    kind: 'delete',
    toolset: 'deals',
    endpoint: 'DELETE /api/v2/deals/{id}/products/{product_attachment_id}',
    cost: 3,
    input: input({ ...deal, ...line }),
    path: { id: 'deal_id', product_attachment_id: 'id' },
    entity: dealProduct,
  }),
  operation({
    name: 'remove_deal_products',
    title: 'Remove deal products',
    summary: 'Take up to 100 products off a deal at once.',
    kind: 'delete',
    toolset: 'deals',
    endpoint: 'DELETE /api/v2/deals/{id}/products',
    cost: 15,
    // The API removes every product when no ids are given: nobody should do that by leaving something out.
    input: input({ ...deal, ids: z.array(id).min(1).max(100).describe('Ids of the lines') }),
    path: { id: 'deal_id' },
    entity: dealProduct,
  }),
];
