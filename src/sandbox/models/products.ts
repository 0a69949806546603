import { z } from 'zod/v3';
import { Table } from '../table.ts';
import { customFields, dated, deletable, id, stamp } from './parts.ts';

/** One a currency. */
const prices = z.array(
  z.object({
    currency: z.string(),
    price: z.number(),
    cost: z.number(),
    direct_cost: z.number().nullable(),
    notes: z.string(),
  }),
);

export const productTables = () => ({
  products: new Table(
    z.object({
      id,
      name: z.string(),
      code: z.string().nullable(),
      unit: z.string().nullable(),
      tax: z.number(),
      description: z.string().nullable(),
      category: z.number().nullable(),
      is_linkable: z.boolean(),
      owner_id: id,
      visible_to: z.number(),
      billing_frequency: z.string(),
      billing_frequency_cycles: z.number().nullable(),
      prices,
      custom_fields: customFields,
      ...deletable,
      ...dated,
    }),
  ),
  productVariations: new Table(z.object({ id, product_id: id, name: z.string(), prices }), ['product_id']),
  productImages: new Table(z.object({ id, product_id: id, blob_id: z.string(), add_time: stamp }), ['product_id']),
});
