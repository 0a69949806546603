import { z } from 'zod/v3';
import { amount, date, id, input, page, sort, text } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

const installment = entity({
  name: 'installment',
  plural: 'installments',
  columns: ['id', 'deal_id', 'billing_date', 'amount', 'description'],
});

const deal = { deal_id: id.describe('The deal') };
const own = { id: id.describe('Installment id') };
const fields = {
  description: text.describe('Name'),
  amount: amount.describe('Above 0'),
  billing_date: date.describe('YYYY-MM-DD'),
};

export const dealInstallments = [
  operation({
    name: 'list_deal_installments',
    title: 'List deal installments',
    summary: 'Installments of up to 100 deals, by billing date. Growth plan and up.',
    kind: 'read',
    toolset: 'deals',
    endpoint: 'GET /api/v2/deals/installments',
    cost: 10,
    input: input({
      deal_ids: z.array(id).min(1).max(100).describe('The deals'),
      ...sort(['id', 'billing_date', 'deal_id'], 'billing_date', 'asc'),
      ...page(),
    }),
    paging: 'cursor',
    scope: 'amounts in the currency of their deal',
    entity: installment,
  }),
  operation({
    name: 'add_deal_installment',
    title: 'Add deal installment',
    summary: 'Add an installment to a deal that has one-time and no recurring products. Growth plan and up.',
    kind: 'create',
    toolset: 'deals',
    endpoint: 'POST /api/v2/deals/{id}/installments',
    cost: 5,
    input: input({ ...deal, ...fields }),
    path: { id: 'deal_id' },
    entity: installment,
  }),
  operation({
    name: 'update_deal_installment',
    title: 'Update deal installment',
    summary: 'Change an installment of a deal.',
    kind: 'update',
    toolset: 'deals',
    endpoint: 'PATCH /api/v2/deals/{id}/installments/{installment_id}',
    cost: 5,
    input: input({
      ...deal,
      ...own,
      description: fields.description.optional(),
      amount: fields.amount.optional(),
      billing_date: fields.billing_date.optional(),
    }),
    path: { id: 'deal_id', installment_id: 'id' },
    entity: installment,
  }),
  operation({
    name: 'remove_deal_installment',
    title: 'Remove deal installment',
    summary: 'Take an installment off a deal.',
    kind: 'delete',
    toolset: 'deals',
    endpoint: 'DELETE /api/v2/deals/{id}/installments/{installment_id}',
    cost: 3,
    input: input({ ...deal, ...own }),
    path: { id: 'deal_id', installment_id: 'id' },
    entity: installment,
  }),
];
