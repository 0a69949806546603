import { z } from 'zod/v3';
import { notFound } from '../error.ts';
import type { JsonObject } from '../json.ts';
import type { ProductVariation } from '../model.ts';
import { cursorReply } from '../page.ts';
import { field, paging } from '../parameters.ts';
import { created, ok, type Route, route } from '../route.ts';
import type { World } from '../world.ts';
import { liveProduct, pricesBody, productPrices } from './products.ts';

const body = z.object({ name: field.name, prices: pricesBody.optional() }).strict();

export const routes: Route[] = [
  route('GET /v2/products/{id}/variations', {
    cost: 10,
    query: z.object(paging),
    handle(world, call) {
      const { id } = liveProduct(world, call.int('id'));
      return cursorReply(world.db.productVariations.where('product_id', id), call.query, variationV2);
    },
  }),
  route('POST /v2/products/{id}/variations', {
    cost: 5,
    body,
    handle(world, { body: { name, prices }, int }) {
      const { productVariations } = world.db;
      const product_id = liveProduct(world, int('id')).id;
      const row = { id: productVariations.nextId(), product_id, name, prices: productPrices(world, prices, 0) };
      return created(variationV2(productVariations.insert(row)));
    },
  }),
  route('PATCH /v2/products/{id}/variations/{product_variation_id}', {
    cost: 5,
    body: body.partial(),
    handle(world, { body: { name, prices }, int }) {
      const variation = variationOf(world, int('id'), int('product_variation_id'));
      const changes = { name, prices: prices && productPrices(world, prices, 0) };
      return ok(variationV2(world.db.productVariations.patch(variation, changes)));
    },
  }),
  route('DELETE /v2/products/{id}/variations/{product_variation_id}', {
    cost: 3,
    handle(world, { int }) {
      const variation = variationOf(world, int('id'), int('product_variation_id'));
      world.db.productVariations.remove(variation);
      return ok({ id: variation.id });
    },
  }),
];

function variationOf(world: World, productId: number, id: number): ProductVariation {
  const product = liveProduct(world, productId);
  const variation = world.db.productVariations.get(id);
  if (variation?.product_id !== product.id) throw notFound('Product variation');
  return variation;
}

function variationV2({ prices, ...row }: ProductVariation): JsonObject {
  return { ...row, prices: prices.map((price) => ({ product_variation_id: row.id, ...price })) };
}
