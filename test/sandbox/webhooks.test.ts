import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { type Api, apiOf } from './api.ts';

type Payload = {
  meta: Record<string, unknown>;
  data: Record<string, unknown> | null;
  previous: Record<string, unknown>;
};
type Delivery = { headers: IncomingHttpHeaders; body: Payload; response: ServerResponse };

/** An endpoint on this machine that webhooks are sent to; `answer` is what it says, a hanging one says nothing. */
class Subscriber {
  answer: number | 'hang' = 200;
  readonly #deliveries: Delivery[] = [];
  readonly #waiting: ((delivery: Delivery) => void)[] = [];
  readonly #server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const delivery = { headers: request.headers, body: JSON.parse(String(Buffer.concat(chunks))), response };
    if (this.answer !== 'hang') response.writeHead(this.answer, { location: '/elsewhere' }).end();
    const next = this.#waiting.shift();
    if (next) next(delivery);
    else this.#deliveries.push(delivery);
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  next(): Promise<Delivery> {
    const first = this.#deliveries.shift();
    return first ? Promise.resolve(first) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  get unread(): number {
    return this.#deliveries.length;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

let sandbox: Sandbox;
let api: Api;
let subscriber: Subscriber;
let url: string;

beforeEach(async () => {
  sandbox = await startSandbox({ seed: 1, now: new Date('2026-11-20T10:00:00Z'), deals: 10 });
  api = apiOf(sandbox);
  subscriber = new Subscriber();
  url = await subscriber.start();
});
afterEach(async () => {
  await sandbox.close();
  await subscriber.close();
});

async function subscribe(more: object = {}): Promise<number> {
  const body = { name: 'Test', subscription_url: url, event_action: '*', event_object: 'deal', ...more };
  return (await api.ok('POST', '/v1/webhooks', body, 201)).data.id;
}

const newDeal = async (title = 'Probe') => (await api.ok('POST', '/api/v2/deals', { title })).data.id as number;
const advance = (advance_seconds: number) => api.ok('POST', '/_sandbox/clock', { advance_seconds });

async function read(id: number) {
  const { data } = await api.ok('GET', '/v1/webhooks');
  return data.find((webhook: { id: number }) => webhook.id === id);
}

/** Waits until the sandbox has noted how a delivery ended: it hears so a moment after the subscriber has answered. */
async function noted(id: number, status: number | null) {
  await expect.poll(async () => (await read(id))?.last_http_status, { timeout: 5_000 }).toBe(status);
}

/** Moves the clock on and reads deliveries until one is as wanted. */
async function until(isWanted: (meta: Payload['meta'], title: unknown) => boolean) {
  for (;;) {
    while (subscriber.unread > 0) {
      const { meta, data } = (await subscriber.next()).body;
      if (isWanted(meta, data?.['title'])) return;
    }
    await advance(3);
  }
}

describe('a webhook', () => {
  test('is made, listed and deleted in the forms of its service', async () => {
    const made = await api.call('POST', '/v1/webhooks', {
      name: 'ERP',
      subscription_url: 'https://hooks.varsa.example/erp',
      event_action: 'create',
      event_object: 'person',
    });
    expect(made).toMatchObject({
      status: 201,
      body: { status: 'ok', success: true, data: { version: '2.0', is_active: 1, last_http_status: null, user_id: 1 } },
    });
    const { id } = made.body.data;
    expect(await read(id)).toEqual(made.body.data);
    expect((await api.call('DELETE', `/v1/webhooks/${id}`)).body).toEqual({ status: 'ok', success: true });
    expect(await read(id)).toBeUndefined();
    expect(await api.call('DELETE', `/v1/webhooks/${id}`)).toEqual({
      status: 404,
      body: { status: 'error', success: false, errors: { id: ['not found'] } },
    });
  });

  test.each([
    ['no URL', { subscription_url: 'erp' }, 'subscription_url'],
    ['another scheme', { subscription_url: 'ftp://varsa.example/x' }, 'subscription_url'],
    ['Pipedrive', { subscription_url: 'https://varsa.pipedrive.com/api/v1/deals' }, 'subscription_url'],
    ['Pipedrive in capitals', { subscription_url: 'https://API.PIPEDRIVE.COM./v1' }, 'subscription_url'],
    ['a private address', { subscription_url: 'http://192.168.1.5/hook' }, 'subscription_url'],
    ['a private name', { subscription_url: 'http://intranet/hook' }, 'subscription_url'],
    ['an unspecified address', { subscription_url: 'http://0.0.0.0/hook' }, 'subscription_url'],
    ['a decimal address', { subscription_url: 'http://3232235777/hook' }, 'subscription_url'],
    ['credentials in the URL', { subscription_url: 'https://a:b@varsa.example/x' }, 'subscription_url'],
    ['an action of version 1', { event_action: 'added' }, 'event_action'],
    ['an unknown object', { event_object: 'invoice' }, 'event_object'],
    ['no name', { name: undefined }, 'name'],
    ['an unknown user', { user_id: 9999 }, 'user_id'],
    ['a user who has left', { user_id: 3 }, 'user_id'],
  ])('is refused: %s', async (_, wrong, field) => {
    const body = { name: 'Test', subscription_url: url, event_action: '*', event_object: '*', ...wrong };
    expect(await api.call('POST', '/v1/webhooks', body)).toEqual({
      status: 400,
      body: { status: 'error', success: false, errors: { [field]: [expect.any(String)] } },
    });
  });

  test("is refused for the sandbox's own address, which stands for Pipedrive", async () => {
    for (const own of [sandbox.url, sandbox.url.replace('127.0.0.1', 'localhost')]) {
      const body = { name: 'Loop', subscription_url: `${own}/v1/notes`, event_action: '*', event_object: '*' };
      expect(await api.call('POST', '/v1/webhooks', body)).toMatchObject({ status: 400 });
    }
  });

  test('is one of at most 40 of a user', async () => {
    const { data } = await api.ok('GET', '/v1/webhooks');
    const own = data.filter((webhook: { user_id: number }) => webhook.user_id === 1).length;
    for (let i = own; i < 40; i++) await subscribe();
    const one = { name: 'More', subscription_url: url, event_action: '*', event_object: '*' };
    expect((await api.call('POST', '/v1/webhooks', one)).status).toBe(422);
    expect((await api.call('POST', '/v1/webhooks', { ...one, user_id: 2 })).status).toBe(201);
  });
});

describe('an event', () => {
  test('tells once of a deal made, changed and deleted', async () => {
    const webhook = await subscribe({ http_auth_user: 'erp', http_auth_password: 'geheim' });
    const id = await newDeal();
    const { headers, body } = await subscriber.next();
    expect(headers.authorization).toBe(`Basic ${Buffer.from('erp:geheim').toString('base64')}`);
    expect(body).toMatchObject({
      meta: {
        action: 'create',
        entity: 'deal',
        entity_id: String(id),
        company_id: '8127340',
        user_id: '1',
        webhook_id: String(webhook),
        webhook_owner_id: '1',
        version: '2.0',
        type: 'general',
        change_source: 'api',
        attempt: 1,
        is_bulk_edit: false,
        host: 'varsa-instruments.pipedrive.com',
        permitted_user_ids: ['1', '2', '4', '5', '6'],
      },
      data: { id, title: 'Probe', status: 'open', visible_to: '7', custom_fields: {} },
      previous: null,
    });
    expect(body.data).not.toHaveProperty('is_deleted');

    await api.ok('PATCH', `/api/v2/deals/${id}`, { title: 'Probe II', status: 'lost', lost_reason: 'Price' });
    const changed = (await subscriber.next()).body;
    expect(changed.meta).toMatchObject({ action: 'change' });
    expect(changed.data).toMatchObject({ title: 'Probe II', status: 'lost' });
    expect(changed.previous).toMatchObject({ title: 'Probe', status: 'open', lost_reason: null, lost_time: null });
    expect(changed.previous).not.toHaveProperty('value');

    await api.ok('DELETE', `/api/v2/deals/${id}`);
    const deleted = (await subscriber.next()).body;
    expect(deleted.meta).toMatchObject({ action: 'delete', entity_id: String(id) });
    expect(deleted.data).toBeNull();
    expect(deleted.previous).toMatchObject({ id, title: 'Probe II', status: 'lost', visible_to: '7' });
    await noted(webhook, 200);
    expect(subscriber.unread).toBe(0);
  });

  test('has custom fields with their types', async () => {
    const fields = (await api.ok('GET', '/api/v2/dealFields?limit=500')).data.filter(
      (field: { is_custom_field: boolean }) => field.is_custom_field,
    );
    const values: Record<string, unknown> = {
      varchar: 'A',
      double: 1.5,
      monetary: { value: 100, currency: 'EUR' },
      date: '2026-12-01',
      daterange: { value: '2026-12-01', until: '2026-12-31' },
      time: { value: '09:00:00' },
      timerange: { value: '09:00:00', until: '10:00:00' },
      user: 2,
      address: { value: 'Hauptstr. 1, Berlin' },
    };
    const forms: Record<string, unknown> = {
      varchar: { type: 'varchar', value: 'A' },
      double: { type: 'double', value: 1.5 },
      monetary: { type: 'monetary', value: 100, currency: 'EUR' },
      date: { type: 'date', value: '2026-12-01' },
      daterange: { type: 'daterange', from: '2026-12-01', until: '2026-12-31' },
      time: { type: 'time', value: '09:00:00', timezone_id: expect.any(Number) },
      timerange: { type: 'timerange', from: '09:00:00', until: '10:00:00', timezone_id: expect.any(Number) },
      user: { type: 'user', id: 2 },
      address: { type: 'address', value: 'Hauptstr. 1, Berlin' },
    };
    const custom_fields: Record<string, unknown> = {};
    const expected: Record<string, unknown> = {};
    for (const { field_code, field_type, options } of fields) {
      const [option] = options ?? [];
      custom_fields[field_code] =
        field_type === 'enum' ? option.id : field_type === 'set' ? [option.id] : values[field_type];
      expected[field_code] =
        field_type === 'enum'
          ? { type: 'enum', id: option.id }
          : field_type === 'set'
            ? { type: 'set', values: [{ id: option.id }] }
            : forms[field_type];
      if (custom_fields[field_code] === undefined) delete custom_fields[field_code];
      if (expected[field_code] === undefined) delete expected[field_code];
    }
    expect(Object.keys(expected).length).toBeGreaterThan(4);
    await subscribe();
    const { id } = (await api.ok('POST', '/api/v2/deals', { title: 'Fields', custom_fields })).data;
    expect((await subscriber.next()).body.data?.['custom_fields']).toMatchObject(expected);
    const [first = ''] = Object.keys(expected);
    await api.ok('PATCH', `/api/v2/deals/${id}`, { custom_fields: { [first]: null } });
    expect((await subscriber.next()).body.previous['custom_fields']).toMatchObject({ [first]: expected[first] });
  });

  test('is for those objects and actions that were asked for', async () => {
    await subscribe({ event_action: 'delete', event_object: '*' });
    const person = (await api.ok('POST', '/api/v2/persons', { name: 'Ann Lee' })).data.id;
    const { data: note } = await api.ok('POST', '/v1/notes', { content: 'Hm', person_id: person });
    await api.ok('DELETE', `/v1/notes/${note.id}`);
    expect((await subscriber.next()).body).toMatchObject({ meta: { entity: 'note', action: 'delete' }, data: null });
    await api.ok('DELETE', `/api/v2/persons/${person}`);
    expect((await subscriber.next()).body.meta).toMatchObject({ entity: 'person', entity_id: String(person) });
    expect(subscriber.unread).toBe(0);
  });

  test.each([
    ['pipeline', 'POST', '/api/v2/pipelines', { name: 'New one' }, { name: 'New one', deal_probability: false }],
    ['stage', 'POST', '/api/v2/stages', { name: 'Last', pipeline_id: 1 }, { rotten_flag: false, rotten_days: null }],
    ['activity', 'POST', '/api/v2/activities', { subject: 'Ring' }, { subject: 'Ring', active_flag: true }],
    ['organization', 'POST', '/api/v2/organizations', { name: 'Acme' }, { name: 'Acme', visible_to: '7', label: null }],
    ['product', 'POST', '/api/v2/products', { name: 'Buoy' }, { name: 'Buoy', selectable: true, category: null }],
    ['user', 'POST', '/v1/users', { email: 'new@varsa.example' }, { email: 'new@varsa.example', access: null }],
    ['lead', 'POST', '/v1/leads', { title: 'Lead', person_id: 1 }, { title: 'Lead', visible_to: '7' }],
  ] as const)('tells of a new %s', async (event_object, method, path, body, data) => {
    await subscribe({ event_object, event_action: 'create' });
    expect((await api.call(method, path, body)).body.success).toBe(true);
    const event = (await subscriber.next()).body;
    expect(event).toMatchObject({ meta: { entity: event_object, action: 'create' }, data, previous: null });
    expect('permitted_user_ids' in event.meta).toBe(event_object !== 'user');
  });

  test('of a merge is a delete and a change that name each other', async () => {
    const [from, to] = [await newDeal('From'), await newDeal('To')];
    await subscribe();
    await api.ok('PUT', `/v1/deals/${from}/merge`, { merge_with_id: to });
    const both = [(await subscriber.next()).body.meta, (await subscriber.next()).body.meta];
    expect(both).toContainEqual(
      expect.objectContaining({ action: 'delete', entity_id: String(from), merged_to_id: String(to) }),
    );
    expect(both).toContainEqual(
      expect.objectContaining({ action: 'change', entity_id: String(to), merged_from_id: String(from) }),
    );
  });

  test('is not for a user who does not see the pipeline', async () => {
    const { data: roles } = await api.ok('GET', '/v1/roles');
    const rep = roles.find((role: { name: string }) => role.name === 'Sales rep').id;
    const { data: hidden } = await api.ok('GET', `/v1/roles/${rep}/pipelines?visible=false`);
    const [pipeline_id] = hidden.pipeline_ids;
    await subscribe({ user_id: 4, event_action: 'create' });
    await api.ok('POST', '/api/v2/deals', { title: 'Hidden', pipeline_id });
    await api.ok('POST', '/api/v2/deals', { title: 'Seen' });
    expect((await subscriber.next()).body.data).toMatchObject({ title: 'Seen' });
    expect(subscriber.unread).toBe(0);
  });
});

describe('a failed delivery', () => {
  test.each([500, 302, 404] as const)('with status %i is tried again after 3, 30 and 150 seconds', async (status) => {
    subscriber.answer = status;
    const webhook = await subscribe();
    await newDeal();
    const first = (await subscriber.next()).body;
    for (const [i, wait] of [3, 30, 150].entries()) {
      await noted(webhook, status);
      await advance(wait - 1);
      expect(subscriber.unread).toBe(0);
      await advance(1);
      const again = (await subscriber.next()).body;
      expect(again).toEqual({ ...first, meta: { ...first.meta, attempt: i + 2 } });
    }
    await noted(webhook, status);
    await advance(3_600);
    expect(subscriber.unread).toBe(0);
  });

  test('is one that is not answered for ten seconds', async () => {
    subscriber.answer = 'hang';
    const webhook = await subscribe();
    await newDeal();
    await subscriber.next();
    await advance(10);
    await expect.poll(async () => (await read(webhook)).last_delivery_time).not.toBeNull();
    subscriber.answer = 204;
    await advance(3);
    expect((await subscriber.next()).body.meta['attempt']).toBe(2);
    await noted(webhook, 204);
  });

  test('ten times on the first try bans the webhook for half an hour', async () => {
    subscriber.answer = 500;
    await subscribe({ event_action: 'create' });
    for (let i = 0; i < 10; i++) {
      await newDeal(`Failing ${i}`);
      // The second try comes when the first one's failure has been noted.
      await until((meta, title) => title === `Failing ${i}` && meta['attempt'] === 2);
    }
    subscriber.answer = 200;
    await newDeal('Lost');
    await advance(30 * 60);
    await newDeal('After the ban');
    const titles = new Set<unknown>();
    await until((_, title) => titles.add(title).has('After the ban'));
    expect(titles).not.toContain('Lost');
  });

  test('for three days deletes the webhook', async () => {
    subscriber.answer = 500;
    const webhook = await subscribe();
    await newDeal();
    await subscriber.next();
    await noted(webhook, 500);
    await advance(3 * 24 * 3_600);
    await subscriber.next();
    await expect.poll(() => read(webhook)).toBeUndefined();
  });

  test('is counted for a subscriber that is not there', async () => {
    await subscriber.close();
    const webhook = await subscribe();
    await newDeal();
    await expect.poll(async () => (await read(webhook)).last_delivery_time).not.toBeNull();
    expect((await read(webhook)).last_http_status).toBeNull();
    subscriber = new Subscriber();
    await subscriber.start();
  });
});

test("the sandbox's clock is moved on only, and by a number", async () => {
  const { now } = await advance(86_400);
  expect(now.slice(0, 10)).toBe('2026-11-21');
  expect((await api.ok('POST', '/api/v2/deals', { title: 'Later' })).data.add_time.slice(0, 10)).toBe('2026-11-21');
  for (const body of [{ advance_seconds: -1 }, { advance_seconds: '5' }, {}, 5, { advance_seconds: 1e12 }]) {
    expect((await api.call('POST', '/_sandbox/clock', body)).status).toBe(400);
  }
  expect((await api.call('POST', '/_sandbox/reset')).status).toBe(200);
  expect((await api.ok('POST', '/api/v2/deals', { title: 'Again' })).data.add_time.slice(0, 10)).toBe('2026-11-20');
});
