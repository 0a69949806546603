import { randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { rfc3339 } from '../clock.ts';
import { report } from '../error.ts';
import { isLoopbackHost } from '../front/loopback.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Merge, Webhook } from '../model.ts';
import { activeUsers } from '../resources/users.ts';
import type { Change, Row } from '../table.ts';
import { seesPipeline } from '../visibility.ts';
import type { World } from '../world.ts';
import { differences, payloadOf, type Shape, shapes } from './payload.ts';

const TIMEOUT = 10_000;
/** Milliseconds from a failure to the next try. */
const WAITS = [3_000, 30_000, 150_000] as const;
const MOST_FAILURES = 10;
const BAN = 30 * 60_000;
const LONGEST_FAILING = 3 * 24 * 3_600_000;

/** All that one operation did to a record. */
type Affair = {
  readonly shape: Shape;
  readonly row: Row;
  readonly isNew: boolean;
  isRemoved: boolean;
  /** The values, as they were before, of the keys that were changed. */
  readonly previous: Map<string, unknown>;
};

type Event = {
  readonly action: 'create' | 'change' | 'delete';
  readonly object: string;
  readonly id: string;
  readonly data: JsonObject | null;
  readonly previous: JsonObject | null;
  /** Of those who may know of it. */
  readonly userIds: readonly number[];
  readonly extra: JsonObject;
};

/**
 * Tells webhooks of every change from now on: one event for each record that an operation changes, in payload 2.0
 * (guide-for-webhooks-v2). Only subscribers on this machine are called; what others would have got is lost.
 */
export function deliverWebhooks(world: World): void {
  const affairs = new Map<string, Affair>();
  const merges: Merge[] = [];

  // Nothing is made ready that nobody gets.
  const isHeard = () => world.db.webhooks.all().some(isLocal);

  world.db.merges.listen(({ action, row }) => {
    if (action === 'create' && isHeard()) merges.push(row);
  });
  world.listen((table, change) => {
    const shape = shapes.get(table);
    if (!shape || !isHeard()) return;
    // An operation ends before the next microtask, so that all it did to a record is one event.
    if (affairs.size === 0) {
      Promise.resolve()
        .then(flush)
        .catch((error: unknown) => report(error));
    }
    note(affairs, shape, change);
  });

  function flush(): void {
    const done = [...affairs.values()];
    const merged = merges.splice(0);
    affairs.clear();
    for (const affair of done) {
      const event = eventOf(world, affair, merged);
      if (event) announce(world, event);
    }
  }
}

function note(affairs: Map<string, Affair>, shape: Shape, { action, row, previous }: Change): void {
  const key = `${shape.object} ${row.id}`;
  const affair = affairs.get(key) ?? {
    shape,
    row,
    isNew: action === 'create',
    isRemoved: false,
    previous: new Map<string, unknown>(),
  };
  affairs.set(key, affair);
  affair.isRemoved = action === 'delete';
  for (const [name, value] of previous) if (!affair.previous.has(name)) affair.previous.set(name, value);
}

function eventOf(world: World, affair: Affair, merges: readonly Merge[]): Event | undefined {
  const { shape, row, isNew, isRemoved, previous } = affair;
  const { id } = row;
  const before = { ...row, ...Object.fromEntries(previous) };
  const isGone = isRemoved || isDeleted(shape, row);
  if (isNew ? isGone : isDeleted(shape, before)) return undefined;

  const action = isNew ? 'create' : isGone ? 'delete' : 'change';
  const old = isNew ? null : payloadOf(world, shape, before);
  const data = isGone ? null : payloadOf(world, shape, row);
  const changed = old && data ? differences(old, data) : old;
  const mergedTo = merges.find((merge) => merge.entity === shape.object && merge.from_id === id && action === 'delete');
  const mergedFrom = merges.find((merge) => merge.entity === shape.object && merge.to_id === id && action === 'change');
  // A merge changes the survivor also where nothing of it is seen to change.
  if (action === 'change' && !mergedFrom && changed && Object.keys(changed).length === 0) return undefined;

  const pipeline = shape.pipeline?.(world, data ?? old ?? {});
  const users = activeUsers(world).filter(
    (user) => typeof pipeline !== 'number' || seesPipeline(world, pipeline, user),
  );
  return {
    action,
    object: shape.object,
    id: String(id),
    data,
    previous: changed,
    userIds: users.map((user) => user.id),
    extra: {
      ...(shape.object === 'user' ? {} : { permitted_user_ids: users.map((user) => String(user.id)) }),
      ...(mergedTo ? { merged_to_id: String(mergedTo.to_id) } : {}),
      ...(mergedFrom ? { merged_from_id: String(mergedFrom.from_id) } : {}),
    },
  };
}

/** A soft delete marks records as deleted, notes as inactive. */
function isDeleted({ object }: Shape, row: object): boolean {
  if (object === 'note') return 'active_flag' in row && row.active_flag === false;
  return 'is_deleted' in row && row.is_deleted === true;
}

/** Starts the delivery of an event to every webhook that it is for. */
function announce(world: World, event: Event): void {
  const { clock, company, db } = world;
  const now = clock.now().toISOString();
  const correlation_id = randomUUID();
  for (const webhook of db.webhooks.all()) {
    const { event_action, event_object, user_id, banned_until } = webhook;
    if (event_action !== '*' && event_action !== event.action) continue;
    if (event_object !== '*' && event_object !== event.object) continue;
    if (!event.userIds.includes(user_id) || !isLocal(webhook)) continue;
    if (banned_until !== null && banned_until > rfc3339(clock.now())) continue;
    const meta = {
      action: event.action,
      entity: event.object,
      company_id: String(company.id),
      correlation_id,
      entity_id: event.id,
      id: randomUUID(),
      is_bulk_edit: false,
      timestamp: now,
      type: 'general',
      user_id: String(world.me().id),
      version: '2.0',
      webhook_id: String(webhook.id),
      webhook_owner_id: String(webhook.owner_id),
      change_source: 'api',
      host: `${company.domain}.pipedrive.com`,
      ...event.extra,
    };
    attempt(
      world,
      webhook,
      (tries) => ({ meta: { ...meta, attempt: tries }, data: event.data, previous: event.previous }),
      1,
    );
  }
}

/** One try to deliver; a failed one is followed by the next, until there were four. */
function attempt(world: World, { id }: Webhook, payload: (tries: number) => JsonObject, tries: number): void {
  const webhook = world.db.webhooks.get(id);
  if (!webhook) return;
  post(world, webhook, payload(tries))
    .catch(() => null)
    .then((status) => {
      // What was under way when the sandbox was closed is nobody's failure.
      if (world.clock.closed.aborted || !settle(world, id, status, tries)) return;
      const wait = WAITS[tries - 1];
      if (wait !== undefined) world.clock.after(wait, () => attempt(world, webhook, payload, tries + 1));
    })
    .catch((error: unknown) => report(error));
}

/** Notes how a try ended; null is no answer. Returns whether another one is due. */
function settle({ db, clock }: World, id: number, status: number | null, tries: number): boolean {
  const webhook = db.webhooks.get(id);
  if (!webhook) return false;
  const now = clock.now();
  const delivered = { last_delivery_time: rfc3339(now), last_http_status: status };
  if (status !== null && status >= 200 && status < 300) {
    db.webhooks.patch(webhook, { ...delivered, failing_since: null });
    return false;
  }
  const failing_since = webhook.failing_since ?? rfc3339(now);
  if (now.getTime() - Date.parse(failing_since) >= LONGEST_FAILING) {
    db.webhooks.remove(webhook);
    return false;
  }
  const failures = webhook.failures + (tries === 1 ? 1 : 0);
  const banned =
    failures >= MOST_FAILURES ? { failures: 0, banned_until: rfc3339(new Date(now.getTime() + BAN)) } : { failures };
  db.webhooks.patch(webhook, { ...delivered, failing_since, ...banned });
  return true;
}

function isLocal({ subscription_url }: Webhook): boolean {
  return isLoopbackHost(new URL(subscription_url).host);
}

/** Sends a payload and gives the status of the answer. Redirects are not followed. Rejects after ten seconds without one. */
function post(world: World, webhook: Webhook, payload: JsonObject): Promise<number> {
  const url = new URL(webhook.subscription_url);
  const late = new AbortController();
  const callOff = world.clock.after(TIMEOUT, () => late.abort());
  const { http_auth_user: user, http_auth_password: password } = webhook;
  const credentials = Buffer.from(`${user ?? ''}:${password ?? ''}`).toString('base64');
  const text: Json = JSON.stringify(payload);
  return new Promise<number>((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send(
      url,
      {
        method: 'POST',
        agent: false,
        signal: AbortSignal.any([world.clock.closed, late.signal]),
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(text),
          'user-agent': 'Pipedrive Webhooks',
          ...(user === null && password === null ? {} : { authorization: `Basic ${credentials}` }),
        },
      },
      (response) => {
        response.once('error', reject).once('end', () => resolve(response.statusCode ?? 0));
        response.resume();
      },
    );
    request.once('socket', (socket) => socket.unref()).once('error', reject);
    request.end(text);
  }).finally(callOff);
}
