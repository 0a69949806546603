import { describe, expect, test } from 'vitest';
import { Budget, type Kept } from '../../src/pipedrive/budget.ts';
import { createClient } from '../../src/pipedrive/client.ts';
import { Throttle } from '../../src/pipedrive/throttle.ts';
import { clientOf, errorOf, fine, get, json, post, refused, serve, TOKEN, until, within } from './local.ts';

const limits = (limit: number, remaining: number) => ({
  'x-ratelimit-limit': String(limit),
  'x-ratelimit-remaining': String(remaining),
  'x-ratelimit-reset': '1',
});

describe('the limit', () => {
  test('starts safe where the plan is not known, and rises to what the first answers say', async () => {
    const { url, hits } = await serve((response, _, count) =>
      json(response, fine([]), 200, limits(60, Math.max(0, 60 - count))),
    );
    const client = clientOf(url, new Throttle(undefined, 60_000));
    const calls = Array.from({ length: 100 }, (_, n) =>
      client.request(get('/api/v2/deals', { query: { n } }), within(60_000)).catch(() => undefined),
    );
    await until(() => hits.length === 60);
    await until(() => client.limits().waiting === 40);
    expect(client.limits().requestsPer2s).toBe(60);
    await client.close();
    await Promise.all(calls);
    expect(hits.length).toBe(60);
  });

  test('of a known plan falls to what an answer says, and never rises above the plan', async () => {
    const told = [limits(10, 9), limits(500, 499)];
    const { url } = await serve((response, _, count) => json(response, fine([]), 200, told[count - 1]));
    const client = clientOf(url, new Throttle('growth', 60_000));
    await client.request(get('/api/v2/a'), within(5_000));
    expect(client.limits().requestsPer2s).toBe(10);
    await client.request(get('/api/v2/b'), within(5_000));
    expect(client.limits().requestsPer2s).toBe(40);
  });

  test('leaves room for what others with the same token use, until they stop', async () => {
    const { url } = await serve((response) => json(response, fine([]), 200, limits(20, 4)));
    const client = clientOf(url, new Throttle('lite', 300));
    await client.request(get('/api/v2/a'), within(5_000));
    expect(client.limits().requestsPer2s).toBe(5);
    await until(() => client.limits().requestsPer2s === 20);
  });

  test('is halved by a 429 that tells none, and comes back step by step', async () => {
    const { url } = await serve((response, _, count) =>
      count === 1 ? json(response, refused('Slow down'), 429, { 'retry-after': '0' }) : json(response, fine([])),
    );
    const client = clientOf(url, new Throttle('growth', 600));
    await client.request(get('/api/v2/a'), within(5_000));
    expect(client.limits().requestsPer2s).toBe(20);
    await until(() => client.limits().requestsPer2s === 40);
  });

  test('is shared among the servers of one machine', async () => {
    const { url, hits } = await serve((response) => json(response, fine([])));
    const client = clientOf(url, new Throttle('lite', 60_000));
    client.share(3);
    expect(client.limits()).toMatchObject({ requestsPer2s: 6, searchesPer2s: 3 });
    const ask = (n: number) =>
      client.request(get('/api/v2/deals', { query: { n } }), within(60_000)).catch(() => undefined);
    const calls = Array.from({ length: 10 }, (_, n) => ask(n));
    await until(() => hits.length === 6);
    expect(client.limits().waiting).toBe(4);
    client.share(2);
    await until(() => hits.length === 10);
    await Promise.all(calls);
  });
});

test('a single call passes a thousand of a bulk job in the queue', async () => {
  const { url, hits } = await serve((response) => json(response, fine([])));
  const client = clientOf(url, new Throttle('lite', 1_500));
  const bulk = Array.from({ length: 60 }, (_, n) =>
    client.request(get('/api/v2/bulk', { query: { n } }), { ...within(30_000), priority: 'bulk' }),
  );
  await until(() => hits.length === 20);
  await client.request(get('/api/v2/single'), within(30_000));
  expect(hits.findIndex((hit) => hit.url === '/api/v2/single')).toBeLessThanOrEqual(20);
  await Promise.all(bulk);
});

describe('when Pipedrive is down', () => {
  test.each([
    ['answers 503', 'unavailable'],
    ['hangs up', 'connection_lost'],
  ] as const)('and %s, a hundred calls end soon, few of which were sent', async (how, code) => {
    const { url, hits } = await serve((response) =>
      how === 'hangs up' ? response.destroy() : json(response, refused('Busy'), 503),
    );
    const client = clientOf(url, new Throttle('lite', 60_000));
    const errors = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        errorOf(client.request(get('/api/v2/deals', { query: { n } }), within(600_000))),
      ),
    );
    expect(new Set(errors.map((error) => error.code))).toEqual(new Set([code]));
    expect(hits.length).toBeLessThanOrEqual(20);
    expect(
      errors.filter((error) => /was not sent. The next try is in \d+ s/.test(error.message)).length,
    ).toBeGreaterThan(80);
    // A write that was refused so was not written.
    expect(await errorOf(client.request(post(), within(60_000)))).toMatchObject({ code, applied: 'no' });
  });

  test('one call is let through to see, and its answer lets the others', async () => {
    let isDown = true;
    const { url, hits } = await serve((response) =>
      isDown ? json(response, refused('Busy'), 503) : json(response, fine('up')),
    );
    const client = clientOf(url);
    const ask = (n: number) => client.request(get('/api/v2/deals', { query: { n } }), within(60_000));
    await Promise.all(Array.from({ length: 10 }, (_, n) => errorOf(ask(n))));
    const { retryAt = 0 } = await errorOf(ask(11));
    const sent = hits.length;
    isDown = false;
    await until(() => Date.now() > retryAt);
    expect(await Promise.all([ask(12), ...[13, 14].map((n) => errorOf(ask(n)))])).toMatchObject([
      { data: 'up' },
      { code: 'unavailable' },
      { code: 'unavailable' },
    ]);
    expect(hits.length).toBe(sent + 1);
    expect((await ask(15)).data).toBe('up');
  }, 20_000);

  test("the gateway's block stops everything with a clear word", async () => {
    const { url, hits } = await serve((response) =>
      response.writeHead(403, { 'content-type': 'text/html' }).end('<html>blocked</html>'),
    );
    const client = clientOf(url);
    expect(await errorOf(client.request(get(), within(5_000)))).toMatchObject({ code: 'blocked', status: 403 });
    const next = await errorOf(client.request(get('/api/v2/persons'), within(5_000)));
    expect(next).toMatchObject({ code: 'blocked', status: undefined });
    expect(next.message).toMatch(/this was not sent/);
    expect(hits.length).toBe(1);
  });
});

describe('the daily budget', () => {
  const daily = (left: number) => ({
    'x-daily-ratelimit-token-limit': '1000',
    'x-daily-ratelimit-token-remaining': String(left),
  });
  const settings = (baseUrl: string) => ({ token: TOKEN, baseUrl, userAgent: 'test' });

  test('is not spent below what is held back', async () => {
    const { url, hits } = await serve((response) => json(response, fine([]), 200, daily(210)));
    const client = createClient({ ...settings(url), reserve: { part: 0.2 } });
    await client.request(get('/api/v2/deals', { cost: 10 }), within(5_000));
    expect(await errorOf(client.request(get('/api/v2/deals', { cost: 20 }), within(5_000)))).toMatchObject({
      code: 'budget_exhausted',
      retryAt: expect.any(Number),
    });
    expect(hits.length).toBe(1);
    await client.request(get('/api/v2/deals', { cost: 10 }), within(5_000));
    await client.close();
  });

  test('that is used up is said with until when, and asked no more for a while', async () => {
    const { url, hits } = await serve((response) => json(response, refused('Daily limit'), 429, daily(0)));
    const client = clientOf(url);
    const first = await errorOf(client.request(get('/api/v2/deals', { cost: 10 }), within(5_000)));
    const second = await errorOf(client.request(get('/api/v2/persons', { cost: 10 }), within(5_000)));
    expect([first.code, second.code]).toEqual(['budget_exhausted', 'budget_exhausted']);
    expect(second.retryAt).toBe(client.limits().daily.resetsAt);
    expect(hits.length).toBe(1);
  });

  test('is kept over restarts, and adds up over processes; a new day is a new budget', async () => {
    let kept: Kept | undefined;
    const store = {
      read: async () => kept,
      write: async (now: Kept) => {
        kept = now;
      },
    };
    let now = Date.parse('2026-11-20T12:00:00Z');
    const call = { method: 'GET' as const, path: '/api/v2/deals', attempts: 0, token: TOKEN };
    const open = async () => {
      const budget = new Budget(store, { tokens: 50 }, () => now);
      await budget.load();
      return budget;
    };
    const [one, two] = [await open(), await open()];
    one.spent(30);
    one.told(1000, 70);
    two.spent(12);
    await Promise.all([one.close()]);
    await two.close();
    const three = await open();
    expect(three.known()).toMatchObject({ spent: 42, resetsAt: Date.parse('2026-11-21T00:00:00Z') });
    one.admit(call, 20);
    expect(() => one.admit(call, 21)).toThrow(/50 are held back/);
    now += 24 * 3600 * 1000;
    one.admit(call, 21);
    expect(one.known()).toMatchObject({ spent: 0, left: 1000 });
    expect((await open()).known().spent).toBe(0);
  });
});
