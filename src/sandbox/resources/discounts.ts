import { randomUUID } from 'node:crypto';
import { z } from 'zod/v3';
import { notFound } from '../error.ts';
import type { Deal, Discount } from '../model.ts';
import { field } from '../parameters.ts';
import { created, ok, type Route, route } from '../route.ts';
import type { World } from '../world.ts';
import { recalculate } from './deal-products.ts';
import { editableDeal, liveDeal } from './deals.ts';

const body = z
  .object({
    description: field.line,
    amount: field.amount.positive('Must be a positive number'),
    type: z.enum(['percentage', 'amount']),
  })
  .strict();

export const routes: Route[] = [
  route('GET /v2/deals/{id}/discounts', {
    cost: 10,
    handle: (world, { int }) => ok(world.db.discounts.where('deal_id', liveDeal(world, int('id')).id)),
  }),
  route('POST /v2/deals/{id}/discounts', {
    cost: 5,
    body,
    handle(world, { body, int }) {
      const deal = editableDeal(world, int('id'));
      const [now, me] = [world.clock.stamp(), world.me().id];
      const discount = world.db.discounts.insert({
        id: randomUUID(),
        deal_id: deal.id,
        ...body,
        created_at: now,
        created_by: me,
        updated_at: now,
        updated_by: me,
      });
      recalculate(world, deal);
      return created(discount);
    },
  }),
  route('PATCH /v2/deals/{id}/discounts/{discount_id}', {
    cost: 5,
    body: body.partial(),
    handle(world, { body, int, text }) {
      const deal = editableDeal(world, int('id'));
      const discount = liveDiscount(world, deal, text('discount_id'));
      const updated = { updated_at: world.clock.stamp(), updated_by: world.me().id };
      world.db.discounts.patch(discount, { ...body, ...updated });
      recalculate(world, deal);
      return ok(discount);
    },
  }),
  route('DELETE /v2/deals/{id}/discounts/{discount_id}', {
    cost: 3,
    handle(world, { int, text }) {
      const deal = editableDeal(world, int('id'));
      const discount = liveDiscount(world, deal, text('discount_id'));
      world.db.discounts.remove(discount);
      recalculate(world, deal);
      // The official schema has an integer here, where every other answer has the UUID: its first 32 bits.
      return ok({ id: Number.parseInt(discount.id.slice(0, 8), 16) });
    },
  }),
];

function liveDiscount({ db }: World, deal: Deal, id: string): Discount {
  const discount = db.discounts.get(id);
  if (discount?.deal_id !== deal.id) throw notFound('Discount');
  return discount;
}
