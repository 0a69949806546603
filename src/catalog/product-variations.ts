import { id, input, page, text } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';
import { prices } from './products.ts';

/** A kind in which a product is sold, with prices of its own. */
const variation = entity({
  name: 'product_variation',
  plural: 'product_variations',
  columns: ['id', 'name', { name: 'price', from: 'prices', as: 'prices' }],
  // Of its prices: their variation is this one.
  hidden: ['product_variation_id'],
});

const parent = { product_id: id.describe('The product') };
const name = text.describe('Name');
const variationId = { id: id.describe('Variation id') };

export const productVariations = [
  operation({
    name: 'list_product_variations',
    title: 'List product variations',
    summary: 'Variations of one product with their prices.',
    kind: 'read',
    toolset: 'products',
    endpoint: 'GET /api/v2/products/{id}/variations',
    cost: 10,
    input: input({ ...parent, ...page() }),
    path: { id: 'product_id' },
    paging: 'cursor',
    entity: variation,
  }),
  operation({
    name: 'add_product_variation',
    title: 'Add product variation',
    summary: 'Add a variation to a product, with one price a currency.',
    kind: 'create',
    toolset: 'products',
    endpoint: 'POST /api/v2/products/{id}/variations',
    cost: 5,
    input: input({ ...parent, name, prices: prices.describe('Default: 0').optional() }),
    path: { id: 'product_id' },
    entity: variation,
  }),
  operation({
    name: 'update_product_variation',
    title: 'Update product variation',
    summary: "Change a variation's name or its whole list of prices.",
    kind: 'update',
    toolset: 'products',
    endpoint: 'PATCH /api/v2/products/{id}/variations/{product_variation_id}',
    cost: 5,
    input: input({
      ...parent,
      ...variationId,
      name: name.optional(),
      prices: prices.describe('Replaces all').optional(),
    }),
    path: { id: 'product_id', product_variation_id: 'id' },
    entity: variation,
  }),
  operation({
    name: 'remove_product_variation',
    title: 'Remove product variation',
    summary: 'Delete a variation of a product.',
    kind: 'delete',
    toolset: 'products',
    endpoint: 'DELETE /api/v2/products/{id}/variations/{product_variation_id}',
    cost: 3,
    input: input({ ...parent, ...variationId }),
    path: { id: 'product_id', product_variation_id: 'id' },
    entity: variation,
  }),
];
