import { id, input, uploaded } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

const image = entity({
  name: 'product_image',
  plural: 'product_images',
  columns: ['id', 'product_id', 'add_time'],
  note: 'public_url is good for seven days.',
  hidden: ['company_id'],
});

const parent = { product_id: id.describe('The product') };

export const productImages = [
  operation({
    name: 'get_product_image',
    title: 'Get product image',
    summary: 'The image of a product, as a URL that anyone can open for seven days.',
    kind: 'read',
    toolset: 'products',
    endpoint: 'GET /api/v2/products/{id}/images',
    cost: 10,
    input: input(parent),
    path: { id: 'product_id' },
    entity: image,
  }),
  operation({
    name: 'upload_product_image',
    title: 'Upload product image',
    summary: 'Give a product its image; it can have one.',
    kind: 'create',
    toolset: 'products',
    endpoint: 'POST /api/v2/products/{id}/images',
    cost: 20,
    input: input({ ...parent, ...uploaded }),
    path: { id: 'product_id' },
    upload: 'data',
    entity: image,
  }),
  operation({
    name: 'update_product_image',
    title: 'Update product image',
    summary: 'Replace the image of a product.',
    kind: 'update',
    toolset: 'products',
    endpoint: 'PUT /api/v2/products/{id}/images',
    cost: 20,
    input: input({ ...parent, ...uploaded }),
    path: { id: 'product_id' },
    upload: 'data',
    entity: image,
  }),
  operation({
    name: 'delete_product_image',
    title: 'Delete product image',
    summary: 'Delete the image of a product.',
    kind: 'delete',
    toolset: 'products',
    endpoint: 'DELETE /api/v2/products/{id}/images',
    cost: 6,
    input: input(parent),
    path: { id: 'product_id' },
    entity: image,
  }),
];
