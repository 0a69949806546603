import { z } from 'zod/v3';
import { invalid, notFound } from '../error.ts';
import type { Deal, Installment } from '../model.ts';
import { cursorReply } from '../page.ts';
import { field, listing, param } from '../parameters.ts';
import { ok, type Route, route } from '../route.ts';
import { visibleDeals } from '../visibility.ts';
import type { World } from '../world.ts';
import { isRecurring } from './deal-products.ts';
import { editableDeal, touchDeal } from './deals.ts';

const body = z
  .object({
    description: field.line,
    amount: field.amount.positive('Must be a positive number'),
    billing_date: field.date,
  })
  .strict();

export const routes: Route[] = [
  route('GET /v2/deals/installments', {
    cost: 10,
    query: z.object({ ...listing(['id', 'billing_date', 'deal_id']), deal_ids: param.ids.unwrap() }),
    handle(world, { query }) {
      const { db } = world;
      const deals = query.deal_ids.flatMap((id) => db.deals.get(id) ?? []).filter((deal) => !deal.is_deleted);
      return cursorReply(
        visibleDeals(world, deals).flatMap(({ id }) => db.installments.where('deal_id', id)),
        query,
        (row) => row,
      );
    },
  }),
  route('POST /v2/deals/{id}/installments', {
    cost: 5,
    body,
    handle(world, { body, int }) {
      const deal = editableDeal(world, int('id'));
      const products = world.db.dealProducts.where('deal_id', deal.id);
      if (products.some(isRecurring)) throw invalid('A deal with recurring products cannot have installments');
      if (!products.some((row) => row.is_enabled)) throw invalid('Installments need a one-time product in the deal');
      touchDeal(world, deal.id);
      const { installments } = world.db;
      return ok(installments.insert({ id: installments.nextId(), deal_id: deal.id, ...body }));
    },
  }),
  route('PATCH /v2/deals/{id}/installments/{installment_id}', {
    cost: 5,
    body: body.partial(),
    handle(world, { body, int }) {
      const deal = editableDeal(world, int('id'));
      const installment = liveInstallment(world, deal, int('installment_id'));
      touchDeal(world, deal.id);
      return ok(world.db.installments.patch(installment, body));
    },
  }),
  route('DELETE /v2/deals/{id}/installments/{installment_id}', {
    cost: 3,
    handle(world, { int }) {
      const deal = editableDeal(world, int('id'));
      const installment = liveInstallment(world, deal, int('installment_id'));
      touchDeal(world, deal.id);
      world.db.installments.remove(installment);
      return ok({ id: installment.id });
    },
  }),
];

function liveInstallment({ db }: World, deal: Deal, id: number): Installment {
  const installment = db.installments.get(id);
  if (installment?.deal_id !== deal.id) throw notFound('Installment');
  return installment;
}
