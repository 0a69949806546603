import type { Scene } from '../scene.ts';
import type { Family } from './family.ts';

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABXvMqOgAAAABJRU5ErkJggg==';

/** A product with all that can belong to one, on a deal. */
async function product(scene: Scene): Promise<number> {
  const id = await bareProduct(scene);
  await scene.once('product image', () => {
    const file = new Blob([Buffer.from(PNG, 'base64')], { type: 'image/png' });
    return scene.upload(`/api/v2/products/${id}/images`, 'data', file, 'contract.png');
  });
  const line = { product_id: id, item_price: 100, quantity: 2 };
  await scene.post('product line', `/api/v2/deals/${await scene.deal()}/products`, line);
  return id;
}

async function bareProduct(scene: Scene): Promise<number> {
  return scene.make('bare product', '/api/v2/products', {
    name: 'Contract product',
    code: 'C-1',
    description: 'Contract',
    unit: 'piece',
    category: await scene.option('product', 'category'),
    prices: ['EUR', 'USD'].map((currency) => ({ currency, price: 10, cost: 5, direct_cost: 1, notes: 'Contract' })),
  });
}

function variation(scene: Scene, of: number): Promise<unknown> {
  return scene.post(`variation of ${of}`, `/api/v2/products/${of}/variations`, { name: 'Contract variation' });
}

/** Products, their variations and images. */
export const products: Family = {
  at(scene, segment, parent) {
    if (segment === 'products' && parent !== 'deals') return product(scene);
    return segment === 'variations' ? product(scene).then((id) => variation(scene, id)) : undefined;
  },
  value(scene, operation, name) {
    const { name: entity } = operation.entity;
    if (name === 'product_id' && operation.name === 'upload_product_image') return bareProduct(scene);
    if (name === 'person_id' && operation.name === 'list_person_products')
      return product(scene).then(() => scene.person());
    if (name === 'product_variation_id') return scene.product().then((id) => variation(scene, id));
    const values: Record<string, unknown> = { remove_prices: ['USD'], content: PNG, file_name: 'contract.png' };
    if (entity === 'product' && name === 'category') return scene.option('product', 'category');
    return /^product/.test(entity) && name in values ? Promise.resolve(values[name]) : undefined;
  },
  least: {
    upload_product_image: ['content', 'file_name'],
    update_product_image: ['content', 'file_name'],
  },
  unsent: { path: 'no directory is allowed here' },
};
