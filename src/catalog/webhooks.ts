import { z } from 'zod/v3';
import { id, input, named, rest, text } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

const webhook = entity({
  name: 'webhook',
  plural: 'webhooks',
  columns: [
    'id',
    'name',
    { name: 'action', from: 'event_action' },
    { name: 'object', from: 'event_object' },
    { name: 'url', from: 'subscription_url' },
    'user_id',
    { name: 'last_delivery', from: 'last_delivery_time' },
    'last_http_status',
  ],
  hidden: [
    // A secret: it goes in and never comes out.
    'http_auth_password',
    'company_id',
    'owner_id',
    'admin_id',
    'type',
    'version',
    'remove_time',
    'remove_reason',
  ],
});

export const webhooks = [
  operation({
    name: 'list_webhooks',
    title: 'List webhooks',
    summary: 'Webhooks: what they listen to, where they go, how the last delivery ended.',
    kind: 'read',
    toolset: 'webhooks',
    endpoint: 'GET /api/v1/webhooks',
    cost: 10,
    input: input(rest),
    paging: 'whole',
    entity: webhook,
  }),
  operation({
    name: 'create_webhook',
    title: 'Create webhook',
    summary: 'Have changes of records sent to a public URL, as they happen.',
    kind: 'create',
    toolset: 'webhooks',
    endpoint: 'POST /api/v1/webhooks',
    cost: 10,
    input: input({
      name: text.describe('Name'),
      subscription_url: text.describe("http(s), public, no redirect, not Pipedrive's"),
      event_action: z.enum(['create', 'change', 'delete', '*']).describe('* for all'),
      event_object: z
        .enum([
          'activity',
          'deal',
          'lead',
          'note',
          'organization',
          'person',
          'pipeline',
          'product',
          'stage',
          'user',
          'deal_product',
          'deal_installment',
          'project',
          'task',
          'board',
          'phase',
          '*',
        ])
        .describe('* for all'),
      user_id: named.describe('Whose permissions decide what is sent').optional(),
      http_auth_user: text.describe('Basic auth user').optional(),
      http_auth_password: text.describe('Basic auth password').optional(),
    }),
    entity: webhook,
  }),
  operation({
    name: 'delete_webhook',
    title: 'Delete webhook',
    summary: 'Delete a webhook.',
    kind: 'delete',
    toolset: 'webhooks',
    endpoint: 'DELETE /api/v1/webhooks/{id}',
    cost: 6,
    input: input({ id: id.describe('Webhook id') }),
    entity: webhook,
  }),
];
