import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer } from 'node:http';
import { createServer as createSocketServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Method } from '../../src/pipedrive/client.ts';
import { type ErrorCode, PipedriveError } from '../../src/pipedrive/errors.ts';
import { decide } from '../../src/pipedrive/retry.ts';
import {
  clientOf,
  errorOf,
  fine,
  get,
  json,
  listen,
  post,
  type Respond,
  refused,
  serve,
  serveSocket,
  within,
} from './local.ts';

const WRITES: Method[] = ['POST', 'PUT', 'PATCH', 'DELETE'];

describe('what is sent again, as the server counts it', () => {
  const failOnce =
    (status: number): Respond =>
    (response, _, count) =>
      count === 1 ? json(response, refused('Not now'), status, { 'retry-after': '0' }) : json(response, fine(1));

  test.each([
    [429, 2, 2],
    [502, 2, 1],
    [503, 2, 1],
    [504, 2, 1],
    [500, 1, 1],
    [501, 1, 1],
    [400, 1, 1],
    [401, 1, 1],
    [403, 1, 1],
    [404, 1, 1],
    [422, 1, 1],
  ])('after %i a read arrives %i times, a write %i times', async (status, reads, writes) => {
    const read = await serve(failOnce(status));
    await clientOf(read.url)
      .request(get(), within(5_000))
      .catch((error) => expect(error).toMatchObject({ status, attempts: reads }));
    expect(read.hits.length).toBe(reads);
    for (const method of WRITES) {
      const write = await serve(failOnce(status));
      await clientOf(write.url)
        .request(post({ method }), within(5_000))
        .catch((error) => expect(error).toMatchObject({ status, applied: status < 500 ? 'no' : 'unknown' }));
      expect(write.hits.length).toBe(writes);
    }
  });

  const WHOLE =
    'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 25\r\n\r\n{"success":true,"data":1}';
  test.each([
    ['a reset connection', ''],
    ['an answer cut off in its head', WHOLE.slice(0, 40)],
    ['an answer cut off in its body', WHOLE.slice(0, -5)],
    ['a chunked answer cut off', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"suc\r\n'],
  ])('after %s a read arrives again, a write does not', async (_, part) => {
    for (const end of ['destroy', 'end'] as const) {
      const start = () =>
        serveSocket((socket, count) => {
          if (count > 1) socket.end(WHOLE);
          else if (part === '' && end === 'destroy') socket.resetAndDestroy();
          else socket.write(part, () => socket[end]());
        });
      const read = await start();
      expect((await clientOf(read.url).request(get(), within(5_000))).data).toBe(1);
      expect(read.heads.length).toBe(2);
      for (const method of WRITES) {
        const write = await start();
        const error = await errorOf(clientOf(write.url).request(post({ method }), within(5_000)));
        expect(error).toMatchObject({ code: 'connection_lost', applied: 'unknown', attempts: 1 });
        expect(write.heads.length).toBe(1);
      }
    }
  });

  test('a host that takes the request and never answers ends the call at its deadline, sent once', async () => {
    const { url, hits } = await serve(() => {});
    const client = clientOf(url);
    const began = performance.now();
    const [read, write] = await Promise.all([
      errorOf(client.request(get(), within(300))),
      errorOf(client.request(post(), within(300))),
    ]);
    expect(performance.now() - began).toBeGreaterThan(290);
    expect(read).toMatchObject({ code: 'deadline', applied: 'no', attempts: 1 });
    expect(write).toMatchObject({ code: 'deadline', applied: 'unknown', attempts: 1 });
    expect(hits.map((hit) => hit.method).sort()).toEqual(['GET', 'POST']);
    await Promise.all(hits.map((hit) => hit.closed));
  });

  test('a write whose connection is refused is sent when the host is up', async () => {
    const reserve = createSocketServer();
    const port = await listen(reserve);
    await new Promise((resolve) => reserve.close(resolve));
    let refusals = 0;
    let hits = 0;
    const server = createServer((_, response) => {
      hits++;
      json(response, fine('done'));
    });
    const onRefusal = () => {
      if (++refusals === 1) listen(server, port);
    };
    subscribe('undici:client:connectError', onRefusal);
    onTestFinished(() => {
      unsubscribe('undici:client:connectError', onRefusal);
      server.closeAllConnections();
      server.close();
    });
    const client = clientOf(`http://127.0.0.1:${port}`);
    expect((await client.request(post(), within(10_000))).data).toBe('done');
    expect(refusals).toBeGreaterThan(0);
    expect(hits).toBe(1);
  });

  test('a host that stays down is unreachable after four tries', async () => {
    const reserve = createSocketServer();
    const port = await listen(reserve);
    await new Promise((resolve) => reserve.close(resolve));
    const client = clientOf(`http://127.0.0.1:${port}`);
    const error = await errorOf(client.request(post(), within(10_000)));
    expect(error).toMatchObject({ code: 'unreachable', applied: 'no', attempts: 4 });
    expect(error.message).toContain('ECONNREFUSED');
    expect(client.limits().requests).toBe(0);
  });

  test('a lasting 503 ends after four sends', async () => {
    const { url, hits } = await serve((response) => response.writeHead(503).end('<html>busy</html>'));
    const error = await errorOf(clientOf(url).request(get(), within(10_000)));
    expect(error).toMatchObject({ code: 'unavailable', status: 503, attempts: 4 });
    expect(hits.length).toBe(4);
  });
});

describe('429', () => {
  const always =
    (headers: Record<string, string>, text = 'Rate limit exceeded'): Respond =>
    (response) =>
      json(response, refused(text), 429, headers);

  test('that lasts ends after four sends, with the time to try again', async () => {
    const { url, hits } = await serve(always({ 'retry-after': '0' }));
    const error = await errorOf(clientOf(url).request(post(), within(10_000)));
    expect(error).toMatchObject({ code: 'rate_limited', status: 429, applied: 'no', attempts: 4 });
    expect(error.detail).toBe('Rate limit exceeded');
    expect(error.retryAt).toBeTypeOf('number');
    expect(hits.length).toBe(4);
  });

  test('is waited out as long as it asks', async () => {
    const { url, hits } = await serve((response, hit, count) =>
      count === 1 ? always({ 'retry-after': '1' })(response, hit, count) : json(response, fine(hit.body)),
    );
    expect((await clientOf(url).request(post(), within(10_000))).data).toBe('{"title":"A deal"}');
    expect(hits.length).toBe(2);
    expect((hits[1]?.at ?? 0) - (hits[0]?.at ?? 0)).toBeGreaterThan(990);
  });

  test('that asks to wait past the deadline ends at once, and holds the next calls back', async () => {
    const { url, hits } = await serve(always({ 'retry-after': '120' }));
    const client = clientOf(url);
    const before = Date.now();
    const error = await errorOf(client.request(get(), within(10_000)));
    expect(error).toMatchObject({ code: 'rate_limited', attempts: 1 });
    expect(error.retryAt).toBeGreaterThanOrEqual(before + 120_000);
    expect(await errorOf(client.request(post(), within(10_000)))).toMatchObject({
      code: 'rate_limited',
      applied: 'no',
      retryAt: error.retryAt,
    });
    expect(hits.length).toBe(1);
  });

  test('says when in each of its forms', async () => {
    const date = new Date(Date.now() + 90_000).toUTCString();
    const first = await serve(always({ 'retry-after': date, 'x-ratelimit-reset': '3' }));
    const byDate = await errorOf(clientOf(first.url).request(get(), within(1_000)));
    expect(byDate.retryAt).toBe(Date.parse(date));

    const second = await serve(always({ 'x-ratelimit-reset': '60' }));
    const before = Date.now();
    const byReset = await errorOf(clientOf(second.url).request(get(), within(1_000)));
    expect(byReset.retryAt).toBeGreaterThanOrEqual(before + 60_000);
    expect(byReset.retryAt).toBeLessThanOrEqual(Date.now() + 60_000);

    const third = await serve(always({}));
    const silent = await errorOf(clientOf(third.url).request(get(), within(1_000)));
    expect(silent.retryAt).toBeGreaterThanOrEqual(before + 2_000);
    expect(third.hits.length).toBe(1);
  });

  test.each([
    ['no tokens are left', always({ 'x-daily-ratelimit-token-remaining': '0', 'retry-after': '0' }), 1],
    ['fewer tokens are left than it costs', always({ 'x-daily-ratelimit-token-remaining': '19' }), 20],
    ['the text says so', always({ 'retry-after': '0' }, 'Daily API token budget exceeded'), 1],
  ])('of the daily budget is not sent again: %s', async (_, respond, cost) => {
    const { url, hits } = await serve(respond);
    const error = await errorOf(clientOf(url).request(get('/api/v2/deals', { cost }), within(10_000)));
    expect(error).toMatchObject({ code: 'budget_exhausted', status: 429, attempts: 1 });
    expect(hits.length).toBe(1);
  });
});

describe('decide', () => {
  const error = (code: ErrorCode, status?: number, retryAt?: number) =>
    new PipedriveError({
      code,
      call: { method: 'GET', path: '/api/v2/deals', attempts: 1, token: undefined },
      retryAt,
      ...(status !== undefined && { status }),
    });
  const at = { isRead: true, attempt: 1, now: 1_000, deadline: 60_000 };

  test('doubles a jittered wait from 250 ms', () => {
    const waits = [1, 2, 3].map((attempt) => decide(error('connection_lost'), { ...at, attempt }, () => 1));
    expect(waits).toEqual([250, 500, 1_000].map((waitMs) => ({ retry: true, waitMs })));
    expect(decide(error('connection_lost'), at, () => 0)).toEqual({ retry: true, waitMs: 0 });
    expect(decide(error('connection_lost'), { ...at, attempt: 4 })).toEqual({ retry: false });
  });

  test('adds the jitter to what a 429 asks, and never waits past the deadline', () => {
    const limited = error('rate_limited', 429, 4_000);
    expect(decide(limited, { ...at, isRead: false }, () => 1)).toEqual({ retry: true, waitMs: 3_250 });
    expect(decide(limited, { ...at, deadline: 4_250 }, () => 1)).toEqual({ retry: false });
  });

  test.each([
    'cancelled',
    'deadline',
    'redirected',
    'bad_response',
    'blocked',
    'budget_exhausted',
    'rate_limited',
  ] as const)('never repeats %s without the status for it', (code) =>
    expect(decide(error(code), at)).toEqual({ retry: false }),
  );
});
