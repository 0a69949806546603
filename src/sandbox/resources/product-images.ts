import { z } from 'zod/v3';
import { invalid, notFound } from '../error.ts';
import { Upload } from '../front/upload.ts';
import type { JsonObject } from '../json.ts';
import type { ProductImage } from '../model.ts';
import { created, ok, type Route, route } from '../route.ts';
import type { World } from '../world.ts';
import { liveProduct } from './products.ts';

/** How long the URL of an image is good for. */
const WEEK_MS = 7 * 24 * 3600 * 1000;

const body = z.object({
  data: z
    .instanceof(Upload, { message: 'Field is required' })
    .refine((file) => file.type.startsWith('image/'), 'The file is not an image'),
});

export const routes: Route[] = [
  route('GET /v2/products/{id}/images', {
    cost: 10,
    handle(world, call) {
      const image = imageOf(world, call.int('id'));
      const file = world.db.blobs.get(image.blob_id);
      if (!file) throw notFound('Product image');
      return ok({
        ...imageV2(world, image),
        public_url: world.storageUrl(file.id, WEEK_MS),
        mime_type: file.type,
        name: file.name,
      });
    },
  }),
  route('POST /v2/products/{id}/images', {
    cost: 20,
    body,
    handle(world, call) {
      const { productImages } = world.db;
      const { id: product_id } = liveProduct(world, call.int('id'));
      if (productImages.where('product_id', product_id).length > 0) throw invalid('The product already has an image');
      const blob_id = world.store(call.body.data);
      const row = { id: productImages.nextId(), product_id, blob_id, add_time: world.clock.stamp() };
      return created(imageV2(world, productImages.insert(row)));
    },
  }),
  route('PUT /v2/products/{id}/images', {
    cost: 20,
    body,
    handle(world, call) {
      const image = imageOf(world, call.int('id'));
      world.discard(image.blob_id);
      const blob_id = world.store(call.body.data);
      return ok(imageV2(world, world.db.productImages.patch(image, { blob_id, add_time: world.clock.stamp() })));
    },
  }),
  route('DELETE /v2/products/{id}/images', {
    cost: 6,
    handle(world, call) {
      const image = imageOf(world, call.int('id'));
      world.discard(image.blob_id);
      world.db.productImages.remove(image);
      return ok({ id: image.id });
    },
  }),
];

/** A product has one image at most. */
function imageOf(world: World, productId: number): ProductImage {
  const [image] = world.db.productImages.where('product_id', liveProduct(world, productId).id);
  if (!image) throw notFound('Product image');
  return image;
}

function imageV2({ company }: World, { id, product_id, add_time }: ProductImage): JsonObject {
  return { id, product_id, company_id: String(company.id), add_time: add_time.slice(0, 10) };
}
