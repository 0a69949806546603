import { expect, test } from 'vitest';
import { Throttle } from '../../src/pipedrive/throttle.ts';
import { clientOf, errorOf, fine, get, type Hit, json, post, refused, serve, until, within } from './local.ts';

/** The most arrivals in any span of `ms`. */
function densest(hits: Hit[], ms: number): number {
  const times = hits.map((hit) => hit.at).sort((a, b) => a - b);
  return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + ms).length));
}

test('no two seconds ever see more than 20 requests, nor more than 10 searches', async () => {
  const { url, hits } = await serve((response) => json(response, fine([])));
  const client = clientOf(url);
  const calls = Array.from({ length: 60 }, (_, n) =>
    client.request(get('/api/v2/deals', { query: { n, search: n % 2 === 0 }, search: n % 2 === 0 }), within(30_000)),
  );
  expect(client.limits()).toMatchObject({ requestsPer2s: 20, searchesPer2s: 10, plan: undefined, waiting: 60 });
  await Promise.all(calls);
  expect(hits.length).toBe(60);
  expect(densest(hits, 2_000)).toBeLessThanOrEqual(20);
  const searches = hits.filter((hit) => hit.url.includes('search=true'));
  expect(densest(searches, 2_000)).toBeLessThanOrEqual(10);
  expect(client.limits()).toMatchObject({ waiting: 0, requests: 60 });
}, 30_000);

test.each([
  ['lite', 20],
  ['growth', 40],
  ['premium', 100],
  ['ultimate', 120],
] as const)('the plan %s allows %i at once, each retry included', async (plan, size) => {
  const { url, hits } = await serve((response, _, count) =>
    count <= 5 ? json(response, refused('Busy'), 503) : json(response, fine([])),
  );
  const client = clientOf(url, new Throttle(plan, 60_000));
  const calls = Array.from({ length: size }, (_, n) =>
    client.request(get('/api/v2/deals', { query: { n } }), within(60_000)).catch(() => undefined),
  );
  await until(() => hits.length === size);
  // The five that failed need a slot again, and there is none for a minute.
  await until(() => client.limits().waiting === 5);
  expect(hits.length).toBe(size);
  await client.close();
  await Promise.all(calls);
});

test('a search waits for a slot of each window', async () => {
  const { url, hits } = await serve((response) => json(response, fine([])));
  const client = clientOf(url, new Throttle('lite', 60_000));
  const ask = (n: number, search: boolean) =>
    client.request(get('/api/v2/deals', { query: { n }, search }), within(60_000)).catch(() => undefined);
  const searches = Array.from({ length: 12 }, (_, n) => ask(n, true));
  await until(() => hits.length === 10);
  const others = Array.from({ length: 12 }, (_, n) => ask(100 + n, false));
  await until(() => hits.length === 20);
  expect(client.limits().waiting).toBe(4);
  await client.close();
  await Promise.all([...searches, ...others]);
  expect(hits.length).toBe(20);
});

test('a call cancelled in the queue ends at once, is never sent, and keeps no slot', async () => {
  const { url, hits } = await serve((response) => json(response, fine([])));
  const client = clientOf(url, new Throttle('lite', 400));
  const ask = (n: number, signal?: AbortSignal) =>
    client.request(get('/api/v2/search', { query: { n }, search: true }), within(20_000, signal));
  await Promise.all(Array.from({ length: 10 }, (_, n) => ask(n)));
  const controller = new AbortController();
  const abandoned = Array.from({ length: 30 }, (_, n) => errorOf(ask(100 + n, controller.signal)));
  const write = errorOf(client.request(post({ search: true }), within(20_000, controller.signal)));
  expect(client.limits().waiting).toBe(31);
  controller.abort();
  for (const error of await Promise.all(abandoned)) expect(error).toMatchObject({ code: 'cancelled' });
  expect(await write).toMatchObject({ code: 'cancelled', applied: 'no' });
  expect(client.limits().waiting).toBe(0);
  // Two windows' worth still pass: no slot was lost with the abandoned ones.
  await Promise.all(Array.from({ length: 20 }, (_, n) => ask(200 + n)));
  expect(hits.length).toBe(30);
  expect(hits.some((hit) => /n=1\d\d$/.test(hit.url) || hit.method === 'POST')).toBe(false);
  expect(densest(hits, 360)).toBeLessThanOrEqual(10);
});

test('a call whose deadline comes in the queue was not sent', async () => {
  const { url, hits } = await serve((response) => json(response, fine([])));
  const client = clientOf(url, new Throttle('lite', 60_000));
  await Promise.all(
    Array.from({ length: 20 }, (_, n) => client.request(get('/api/v2/a', { query: { n } }), within(9_000))),
  );
  expect(await errorOf(client.request(post(), within(100)))).toMatchObject({ code: 'deadline', applied: 'no' });
  expect(hits.length).toBe(20);
});

test('a full queue refuses more, and closing the client ends what waits', async () => {
  const { url, hits } = await serve(() => {});
  const client = clientOf(url, new Throttle('lite', 60_000));
  const codes = Array.from({ length: 1_000 }, (_, n) =>
    errorOf(client.request(get('/api/v2/deals', { query: { n } }), within(60_000))).then((error) => error.code),
  );
  const error = await errorOf(client.request(post(), within(60_000)));
  expect(error).toMatchObject({ code: 'rate_limited', applied: 'no', attempts: 0, status: undefined });
  await until(() => hits.length === 20);
  await client.close();
  expect(new Set(await Promise.all(codes))).toEqual(new Set(['cancelled']));
  expect(await errorOf(client.request(get(), within(60_000)))).toMatchObject({ code: 'cancelled' });
  expect(hits.length).toBe(20);
});

test("a search's 429 holds searches back, not the rest", async () => {
  const { url, hits } = await serve((response, hit, count) =>
    count === 1
      ? json(response, refused('Slow down'), 429, { 'retry-after': '1', 'x-daily-requests-left': '9' })
      : json(response, fine(hit.url)),
  );
  const client = clientOf(url);
  const first = client.request(get('/api/v2/one', { search: true }), within(10_000));
  await until(() => client.limits().dailyRequestsLeft === 9);
  const second = client.request(get('/api/v2/two'), within(10_000));
  const third = second.then(() => client.request(get('/api/v2/three', { search: true }), within(10_000)));
  await Promise.all([first, second, third]);
  const at = (path: string) => (hits.findLast((hit) => hit.url === path)?.at ?? 0) - (hits[0]?.at ?? 0);
  expect(at('/api/v2/one')).toBeGreaterThan(990);
  expect(at('/api/v2/three')).toBeGreaterThan(990);
  expect(hits[1]?.url).toBe('/api/v2/two');
});
