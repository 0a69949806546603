import { z } from 'zod/v3';
import { v1IsoTime } from '../clock.ts';
import { isLoopbackHost } from '../front/loopback.ts';
import { type JsonObject, json } from '../json.ts';
import type { Webhook } from '../model.ts';
import { type Reply, type Route, route } from '../route.ts';
import { webhookObjects } from '../webhooks/payload.ts';
import type { World } from '../world.ts';

/** Of webhooks, for each user. */
const MOST = 40;

const text = (most = 255) =>
  z.string().min(1, 'must not be empty').max(most, `must be at most ${most} characters long`);
const body = z.object({
  subscription_url: text(2_048),
  event_action: z.enum(['create', 'change', 'delete', '*']),
  event_object: z
    .string()
    .refine((value) => webhookObjects.includes(value), `must be one of ${webhookObjects.join(', ')}`),
  name: text(),
  user_id: z.number().int().optional(),
  http_auth_user: text().nullish(),
  http_auth_password: text().nullish(),
  // The payload of 1.0 has other actions, which POST no longer takes.
  version: z.literal('2.0', { errorMap: () => ({ message: 'must be 2.0' }) }).default('2.0'),
});

export const routes: Route[] = [
  route('GET /v1/webhooks', {
    cost: 10,
    handle: (world) => ({
      status: 200,
      body: { status: 'ok', success: true, data: world.db.webhooks.all().map((webhook) => view(world, webhook)) },
    }),
  }),
  route('POST /v1/webhooks', {
    cost: 10,
    body: z.record(json),
    handle(world, call) {
      const checked = body.safeParse(call.body);
      if (!checked.success) return refused(400, messages(checked.error));
      const { user_id = world.me().id, version: _, ...given } = checked.data;
      if (!world.db.users.get(user_id)?.active_flag) return refused(400, { user_id: ['not found'] });
      const { db, clock } = world;
      const wrong = wrongUrl(world, given.subscription_url);
      if (wrong) return refused(400, { subscription_url: [wrong] });
      if (db.webhooks.where('user_id', user_id).length >= MOST) {
        return refused(422, { user_id: [`has reached the limit of ${MOST} webhooks`] });
      }
      const webhook = db.webhooks.insert({
        ...given,
        id: db.webhooks.nextId(),
        owner_id: world.me().id,
        user_id,
        http_auth_user: given.http_auth_user ?? null,
        http_auth_password: given.http_auth_password ?? null,
        add_time: clock.stamp(),
        last_delivery_time: null,
        last_http_status: null,
        failures: 0,
        banned_until: null,
        failing_since: null,
      });
      return { status: 201, body: { status: 'ok', success: true, data: view(world, webhook) } };
    },
  }),
  route('DELETE /v1/webhooks/{id}', {
    cost: 6,
    handle({ db }, { int }) {
      const webhook = db.webhooks.get(int('id'));
      if (!webhook) return refused(404, { id: ['not found'] });
      db.webhooks.remove(webhook);
      return { status: 200, body: { status: 'ok', success: true } };
    },
  }),
];

/** The service's own form of an error. */
function refused(status: number, errors: Record<string, string[]>): Reply {
  return { status, body: { status: 'error', success: false, errors } };
}

function messages({ issues }: z.ZodError): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const { path, message } of issues) {
    const field = String(path[0] ?? 'body');
    found[field] = [...(found[field] ?? []), message];
  }
  return found;
}

/**
 * Why nothing may be sent to an address, if so: it must be one of http(s) that everybody can reach, and none of
 * Pipedrive's. This machine stands for the public here, but for the sandbox itself.
 */
function wrongUrl({ port }: World, address: string): string | undefined {
  const unreachable = 'invalid or non-reachable URL';
  if (!URL.canParse(address)) return unreachable;
  const url = new URL(address);
  if (!/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return unreachable;
  if (/(^|\.)pipedrive\.com\.?$/i.test(url.hostname)) return 'Pipedrive API endpoints cannot be used';
  if (isLoopbackHost(url.host)) return url.port === String(port) ? 'Pipedrive API endpoints cannot be used' : undefined;
  return isPrivate(url.hostname) ? unreachable : undefined;
}

/** Addresses of private networks, and names that only such a network knows. */
function isPrivate(host: string): boolean {
  if (/^(0|10|127|169\.254|172\.(1[6-9]|2\d|3[01])|192\.168)\./.test(host) && /^[\d.]+$/.test(host)) return true;
  return host.startsWith('[') || !host.includes('.') || /\.(local|internal|localhost)\.?$/i.test(host);
}

function view({ company }: World, webhook: Webhook): JsonObject {
  const { failures: _, banned_until: __, failing_since: ___, ...row } = webhook;
  return {
    ...row,
    company_id: company.id,
    version: '2.0',
    is_active: 1,
    type: 'general',
    add_time: v1IsoTime(webhook.add_time),
    remove_time: null,
    remove_reason: null,
    last_delivery_time: webhook.last_delivery_time && v1IsoTime(webhook.last_delivery_time),
    admin_id: webhook.owner_id,
  };
}
