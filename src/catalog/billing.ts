import { input, rest } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

const addon = entity({ name: 'addon', plural: 'addons', columns: ['code'] });

export const billing = [
  operation({
    name: 'list_billing_addons',
    title: 'List billing add-ons',
    summary: 'Add-ons that the company has subscribed to.',
    kind: 'read',
    toolset: 'admin',
    endpoint: 'GET /api/v1/billing/subscriptions/addons',
    cost: 20,
    input: input(rest),
    paging: 'whole',
    entity: addon,
  }),
];
