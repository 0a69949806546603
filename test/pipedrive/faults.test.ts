import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Client, createClient } from '../../src/pipedrive/client.ts';
import { PipedriveError } from '../../src/pipedrive/errors.ts';
import { Throttle } from '../../src/pipedrive/throttle.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { within } from './local.ts';

/**
 * Every row of the retry table against a sandbox that goes wrong on demand: what the client reports is held against the
 * sandbox's own records and log.
 */
let sandbox: Sandbox;
let number = 0;

beforeAll(async () => {
  sandbox = await startSandbox({ empty: true, now: new Date() });
});
afterAll(() => sandbox.close());

type Fault = Record<string, unknown>;
type Entry = { method: string; path: string; status: number; fault?: string };

const send = (path: string, body?: unknown) =>
  fetch(sandbox.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'x-api-token': sandbox.token, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const log = async (): Promise<Entry[]> => (await send('/_sandbox/log')).json() as Promise<Entry[]>;

/** A client of its own for each case, lest one case's open circuit be the next one's. */
function newClient(): Client {
  const settings = { token: sandbox.token, baseUrl: sandbox.url, userAgent: 'faults' };
  return createClient(settings, new Throttle('ultimate', 50));
}

/** Makes a deal while things go wrong. */
async function write(faults: Fault[], deadline = 8_000) {
  number += 1;
  const title = `Fault ${number}`;
  const before = (await log()).length;
  const answer = await send('/_sandbox/faults', faults);
  expect(await answer.json()).toMatchObject({ success: true });
  const client = newClient();
  const request = { method: 'POST' as const, path: '/api/v2/deals', body: { title }, cost: 5 };
  const outcome = await client.request(request, within(deadline)).then(
    ({ data }) => ({ done: data as { id: number } }),
    (error: unknown) => {
      if (!(error instanceof PipedriveError)) throw error;
      return { code: error.code, applied: error.applied, status: error.status };
    },
  );
  await client.close();
  await send('/_sandbox/faults', []);
  const sent = (await log()).slice(before).filter(({ method }) => method === 'POST').length;
  const { data } = (await (await send('/api/v2/deals?limit=500')).json()) as { data: { title: string }[] };
  return { outcome, sent, made: data.filter((deal) => deal.title === title).length };
}

const page = '<html><body>Attention required</body></html>';

describe('a write', () => {
  test.each([
    ['a 429', { status: 429 }],
    ['a 429 that says after how many seconds', { status: 429, headers: { 'retry-after': '0' } }],
    ['a 429 that says until when', { status: 429, headers: { 'retry-after': new Date().toUTCString() } }],
    ['a slow drip', { drip_ms: 5 }],
    ['a slow start', { delay_ms: 300 }],
    ['a clock that is wrong', { clock_skew_seconds: 86_400 }],
  ])('is done once in spite of %s', async (_, fault) => {
    const { outcome, made } = await write([fault]);
    expect(outcome).toHaveProperty('done');
    expect(made).toBe(1);
  });

  test.each([
    // The wait that it asks for is past the deadline, so that no try is under way when that comes.
    ['429 on and on', { status: 429, count: 1_000, headers: { 'retry-after': '60' } }, 'rate_limited', 429],
    ['400', { status: 400 }, 'invalid', 400],
    ["the gateway's page", { status: 403, body: page }, 'blocked', 403],
  ])('that meets %s was not done, and is reported so', async (_, fault, code, status) => {
    const { outcome, made } = await write([fault], 2_500);
    expect(outcome).toEqual({ code, applied: 'no', status });
    expect(made).toBe(0);
  });

  const uncertain: [string, Fault, string][] = [
    ['500', { status: 500 }, 'unavailable'],
    ['502', { status: 502 }, 'unavailable'],
    ['503', { status: 503, headers: { 'retry-after': '0' } }, 'unavailable'],
    ['504', { status: 504, body: page }, 'unavailable'],
    ['a cut connection', { reset: true }, 'connection_lost'],
    ['no answer', { silent: true }, 'deadline'],
    ['a page in the place of an answer', { status: 200, body: page }, 'bad_response'],
    ['JSON of another kind', { status: 200, body: { hello: 'world' } }, 'bad_response'],
  ];
  test.each(
    uncertain.flatMap(([how, fault, code]) =>
      [false, true].map((handled) => [how, handled ? 'it was done' : 'nothing was done', { ...fault, handled }, code]),
    ) as [string, string, Fault, string][],
  )('that meets %s while %s is sent once and reported as uncertain', async (how, _, fault, code) => {
    const { outcome, sent, made } = await write([{ count: 10, ...fault }], how === 'no answer' ? 500 : 8_000);
    expect(outcome).toMatchObject({ code, applied: 'unknown' });
    expect(sent).toBe(1);
    expect(made).toBe(fault['handled'] ? 1 : 0);
  });

  test('whose answer is cut off was done once and is reported as uncertain', async () => {
    const { outcome, sent, made } = await write([{ truncate: true, count: 10 }]);
    expect(outcome).toMatchObject({ code: 'connection_lost', applied: 'unknown' });
    expect([sent, made]).toEqual([1, 1]);
  });
});

describe('a read', () => {
  async function read(faults: Fault[], deadline = 20_000) {
    const before = (await log()).length;
    await send('/_sandbox/faults', faults);
    const client = newClient();
    const request = { method: 'GET' as const, path: '/api/v2/pipelines', cost: 5 };
    const started = Date.now();
    const outcome = await client.request(request, within(deadline)).then(
      ({ data }) => (Array.isArray(data) ? 'done' : 'empty'),
      (error: unknown) => {
        if (!(error instanceof PipedriveError)) throw error;
        return error.code;
      },
    );
    const took = Date.now() - started;
    await client.close();
    await send('/_sandbox/faults', []);
    const entries = (await log()).slice(before).filter(({ path }) => path === '/api/v2/pipelines');
    return { outcome, sent: entries.length, took };
  }

  test.each([
    ['429', { status: 429, headers: { 'retry-after': '0' } }],
    ['502', { status: 502, body: page }],
    ['503', { status: 503, headers: { 'retry-after': '0' } }],
    ['504', { status: 504 }],
    ['a cut connection', { reset: true }],
    ['an answer that is cut off', { truncate: true }],
  ] as [string, Fault][])('is tried again after %s, four times in all', async (_, fault) => {
    expect(await read([{ ...fault, count: 3 }])).toMatchObject({ outcome: 'done', sent: 4 });
    const given = await read([{ ...fault, count: 50 }]);
    expect(given.outcome).not.toBe('done');
    expect(given.sent).toBe(4);
  });

  test.each([
    ['400', { status: 400 }, 'invalid'],
    ['404', { status: 404 }, 'not_found'],
    ['500', { status: 500 }, 'unavailable'],
    ["the gateway's page", { status: 403, body: page }, 'blocked'],
    ['a page in the place of an answer', { status: 200, body: page }, 'bad_response'],
    ['JSON of another kind', { status: 200, body: [] }, 'bad_response'],
  ] as [string, Fault, string][])('is not tried again after %s', async (_, fault, code) => {
    expect(await read([{ ...fault, count: 10 }])).toMatchObject({ outcome: code, sent: 1 });
  });

  test.each([
    ['a 429 without an end', { status: 429, headers: { 'retry-after': '60' } }, 'rate_limited'],
    ['a host that never answers', { silent: true }, 'deadline'],
    ['an answer that drips on and on', { drip_ms: 60_000 }, 'deadline'],
  ] as [string, Fault, string][])('ends by its deadline whatever comes: %s', async (_, fault, code) => {
    const { outcome, took } = await read([{ ...fault, count: 1_000 }], 1_500);
    expect(outcome).toBe(code);
    // Its deadline is the only clock: far less than a host would wait.
    expect(took).toBeLessThan(10_000);
  });
});

test('faults are checked before they are taken', async () => {
  const answer = await send('/_sandbox/faults', [{ stauts: 503 }]);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ success: false, error: expect.stringContaining('stauts') });
});
