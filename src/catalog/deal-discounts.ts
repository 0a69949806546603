import { z } from 'zod/v3';
import { amount, id, input, rest, text } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

const discount = entity({
  name: 'discount',
  plural: 'discounts',
  columns: ['id', 'description', 'amount', 'type', 'created_at', 'created_by'],
  times: ['created_at', 'updated_at'],
});

const deal = { deal_id: id.describe('The deal') };
const own = { id: text.describe('Discount id') };
const fields = {
  description: text.describe('Name'),
  amount: amount.describe('Above 0'),
  type: z.enum(['percentage', 'amount']).describe('Kind'),
};

export const dealDiscounts = [
  operation({
    name: 'list_deal_discounts',
    title: 'List deal discounts',
    summary: 'Discounts on a whole deal.',
    kind: 'read',
    toolset: 'deals',
    endpoint: 'GET /api/v2/deals/{id}/discounts',
    cost: 10,
    input: input({ ...deal, ...rest }),
    path: { id: 'deal_id' },
    paging: 'whole',
    entity: discount,
  }),
  operation({
    name: 'add_deal_discount',
    title: 'Add deal discount',
    summary: 'Give a discount on a deal; it lowers the value of its one-time products.',
    kind: 'create',
    toolset: 'deals',
    endpoint: 'POST /api/v2/deals/{id}/discounts',
    cost: 5,
    input: input({ ...deal, ...fields }),
    path: { id: 'deal_id' },
    entity: discount,
  }),
  operation({
    name: 'update_deal_discount',
    title: 'Update deal discount',
    summary: 'Change a discount on a deal.',
    kind: 'update',
    toolset: 'deals',
    endpoint: 'PATCH /api/v2/deals/{id}/discounts/{discount_id}',
    cost: 5,
    input: input({
      ...deal,
      ...own,
      description: fields.description.optional(),
      amount: fields.amount.optional(),
      type: fields.type.optional(),
    }),
    path: { id: 'deal_id', discount_id: 'id' },
    entity: discount,
  }),
  operation({
    name: 'remove_deal_discount',
    title: 'Remove deal discount',
    summary: 'Take a discount off a deal.',
    kind: 'delete',
    toolset: 'deals',
    endpoint: 'DELETE /api/v2/deals/{id}/discounts/{discount_id}',
    cost: 3,
    input: input({ ...deal, ...own }),
    path: { id: 'deal_id', discount_id: 'id' },
    entity: discount,
  }),
];
