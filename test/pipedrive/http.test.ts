import { createServer } from 'node:http';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { PipedriveError } from '../../src/pipedrive/errors.ts';
import { LARGEST_BODY, redirectTarget, usesProxy } from '../../src/pipedrive/http.ts';
import {
  clientOf,
  errorOf,
  fine,
  get,
  json,
  listen,
  post,
  refused,
  serve,
  serveSocket,
  TOKEN,
  until,
  within,
} from './local.ts';

test('a request carries the token, the agent and its JSON', async () => {
  const { url, hits } = await serve((response) => json(response, fine({ id: 1 }), 201));
  const query = { b: true, a: 'x y&z', n: 3 };
  const answer = await clientOf(url).request(post({ query }), within(5_000));
  expect(answer).toEqual({ data: { id: 1 }, nextCursor: undefined, additional: {}, related: {} });
  expect(hits[0]).toMatchObject({
    method: 'POST',
    url: '/api/v2/deals?a=x+y%26z&b=true&n=3',
    body: '{"title":"A deal"}',
  });
  expect(hits[0]?.headers).toMatchObject({
    'x-api-token': TOKEN,
    accept: 'application/json',
    'user-agent': 'pipedrive-agent-mcp/test',
    'content-type': 'application/json',
  });
});

test('requests one after another share a connection', async () => {
  const ports = new Set<number | undefined>();
  const { url } = await serve((response) => {
    ports.add(response.socket?.remotePort);
    json(response, fine([]));
  });
  const client = clientOf(url);
  for (let page = 0; page < 5; page++) await client.request(get(), within(5_000));
  expect(ports.size).toBe(1);
});

describe('a body that is no answer', () => {
  test.each([
    ['HTML', '<!doctype html><p>Sign in', 'is not JSON (text/html)'],
    ['nothing', '', 'is empty'],
    ['cut JSON', '{"success":true,"data":[{"id":1', 'is not JSON'],
    ['a list', '[]', 'has no "success"'],
    ['a string', '"fine"', 'has no "success"'],
    ['another object', '{"data":[]}', 'has no "success"'],
    ['an odd success', '{"success":"yes"}', 'has no "success"'],
  ])('200 with %s', async (_, body, says) => {
    const { url, hits } = await serve((response) => response.writeHead(200, { 'content-type': 'text/html' }).end(body));
    const read = await errorOf(clientOf(url).request(get(), within(5_000)));
    expect(read).toMatchObject({ code: 'bad_response', status: 200, applied: 'no' });
    expect(read.message).toContain(says);
    const write = await errorOf(clientOf(url).request(post(), within(5_000)));
    expect(write).toMatchObject({ code: 'bad_response', applied: 'unknown' });
    expect(hits.length).toBe(2);
  });

  test('JSON that ends with the connection before it is whole', async () => {
    const { url } = await serveSocket((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n{"success":true,"da'));
    expect(await errorOf(clientOf(url).request(get(), within(5_000)))).toMatchObject({ code: 'bad_response' });
  });

  test('no HTTP at all', async () => {
    const { url } = await serveSocket((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'));
    const error = await errorOf(clientOf(url).request(post(), within(5_000)));
    expect(error).toMatchObject({ code: 'bad_response', applied: 'unknown', attempts: 1 });
  });

  test('more than is read', async () => {
    const piece = Buffer.alloc(1024 * 1024, 32);
    const { url, hits } = await serve((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      let left = LARGEST_BODY / piece.length + 1;
      const more = () => {
        while (left > 0) {
          left--;
          if (!response.write(piece)) return;
        }
        response.end('{"success":true}');
      };
      response.on('drain', more);
      more();
    });
    expect(await errorOf(clientOf(url).request(get(), within(20_000)))).toMatchObject({ code: 'bad_response' });
    expect(hits.length).toBe(1);
  });

  test('204 is an answer', async () => {
    const { url } = await serve((response) => response.writeHead(204).end());
    expect((await clientOf(url).request(post({ method: 'DELETE' }), within(5_000))).data).toBeNull();
  });
});

describe('an error answer', () => {
  test.each([
    [400, 'invalid'],
    [401, 'unauthorized'],
    [402, 'payment_required'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [405, 'invalid'],
    [409, 'conflict'],
    [410, 'gone'],
    [415, 'invalid'],
    [422, 'invalid'],
    [500, 'unavailable'],
    [501, 'unavailable'],
  ])('%i is %s', async (status, code) => {
    const { url } = await serve((response) => json(response, { ...refused('Because'), code: 'ERR_X' }, status));
    const error = await errorOf(clientOf(url).request(post({ query: { q: 'private' } }), within(5_000)));
    expect(error).toMatchObject({ name: 'PipedriveError', code, status, method: 'POST', path: '/api/v2/deals' });
    expect(error).toMatchObject({ detail: 'Because', apiCode: 'ERR_X', attempts: 1 });
    expect(error.message).toMatch(
      new RegExp(`\\(POST /api/v2/deals, status ${status}\\)\\. Pipedrive said: Because\\.$`),
    );
  });

  test('a 401 that says that the user may not is no fault of the token', async () => {
    const { url } = await serve((response) => json(response, refused('No permission to create it'), 401));
    expect(await errorOf(clientOf(url).request(post(), within(5_000)))).toMatchObject({
      code: 'forbidden',
      status: 401,
    });
  });

  test.each([
    [{ success: false, error: { message: 'Inner' } }, 'Inner'],
    [{ success: false, message: 'Forbidden' }, 'Forbidden'],
    [{ success: false, error: 'Forbidden', message: 'Forbidden' }, 'Forbidden'],
    [{ status: 'error', success: false, errors: { name: ['is required', 'is short'] } }, 'name: is required, is short'],
    [{ success: false, error: 'Not found', error_info: 'Object was not found.' }, 'Not found; Object was not found.'],
    [{ success: false, error: 'No', error_info: 'Please check developers.pipedrive.com for more' }, 'No'],
    [{ success: false, error: `a\u0000b\nc\u202e${'x'.repeat(600)}` }, `a b c${'x'.repeat(495)}`],
    [{ success: false }, undefined],
    ['text', undefined],
  ])('says %o', async (body, detail) => {
    const { url } = await serve((response) => json(response, body, 422));
    expect((await errorOf(clientOf(url).request(get(), within(5_000)))).detail).toBe(detail);
  });

  test('success:false with 200 is one', async () => {
    const { url } = await serve((response) => json(response, refused('Half of it failed')));
    const error = await errorOf(clientOf(url).request(post(), within(5_000)));
    expect(error).toMatchObject({ code: 'invalid', status: 200, detail: 'Half of it failed', applied: 'unknown' });
  });

  test("403 with the gateway's page is blocked, and not sent again", async () => {
    const { url, hits } = await serve((response) =>
      response.writeHead(403, { 'content-type': 'text/html' }).end('<html><title>Attention Required! | Cloudflare'),
    );
    expect(await errorOf(clientOf(url).request(get(), within(5_000)))).toMatchObject({ code: 'blocked', status: 403 });
    expect(hits.length).toBe(1);
  });

  test('an echoed token is struck out everywhere', async () => {
    const { url } = await serve((response, hit) => {
      const token = String(hit.headers['x-api-token']);
      json(response, { success: false, error: `Bad token ${token}!`, error_info: token, code: `E_${token}` }, 401);
    });
    const error = await errorOf(clientOf(url).request(get(`/api/v1/${TOKEN}`), within(5_000)));
    expect(error.detail).toBe('Bad token [token]!; [token]');
    expect(`${error.stack} ${error.message} ${JSON.stringify(error)} ${error.path}`).not.toContain(TOKEN);
  });
});

describe('a redirect', () => {
  test('within the host is followed by a read', async () => {
    const { url, hits } = await serve((response, hit) =>
      hit.url === '/api/v2/deals'
        ? response.writeHead(302, { location: '/api/v2/deals/list?x=1' }).end()
        : json(response, fine('there')),
    );
    expect((await clientOf(url).request(get(), within(5_000))).data).toBe('there');
    expect(hits.map((hit) => [hit.url, hit.headers['x-api-token']])).toEqual([
      ['/api/v2/deals', TOKEN],
      ['/api/v2/deals/list?x=1', TOKEN],
    ]);
  });

  test('to another host never is', async () => {
    const other = await serve((response) => json(response, fine('stolen')));
    const { url } = await serve((response) => response.writeHead(302, { location: `${other.url}/?t=1` }).end());
    for (const request of [get(), post()]) {
      const error = await errorOf(clientOf(url).request(request, within(5_000)));
      expect(error).toMatchObject({ code: 'redirected', status: 302, attempts: 1 });
      expect(error.message).toContain(new URL(other.url).host);
    }
    expect(other.hits).toEqual([]);
  });

  test.each([
    [303, 'unknown'],
    [307, 'no'],
    [308, 'no'],
  ])('of a write is not followed even within the host: %i, applied %s', async (status, applied) => {
    const { url, hits } = await serve((response) => response.writeHead(status, { location: '/api/v2/x' }).end());
    expect(await errorOf(clientOf(url).request(post(), within(5_000)))).toMatchObject({ code: 'redirected', applied });
    expect(hits.length).toBe(1);
  });

  test('in a circle ends', async () => {
    const { url, hits } = await serve((response) => response.writeHead(302, { location: '/api/v2/deals' }).end());
    expect(await errorOf(clientOf(url).request(get(), within(5_000)))).toMatchObject({ code: 'redirected' });
    expect(hits.length).toBe(4);
  });

  test.each([
    ['https://api.pipedrive.com/api/v2/deals', true],
    ['/api/v1/deals', true],
    ['http://acme.pipedrive.com/api/v2/deals', false],
    ['https://pipedrive.com.evil.example/', false],
    ['https://evilpipedrive.com/', false],
    ['//evil.example/', false],
    ['http://127.0.0.1:80/', false],
    ['', false],
    ['http://[', false],
  ])('from a Pipedrive host to %o: followed %s', (location, followed) => {
    const base = new URL('https://acme.pipedrive.com');
    const call = { method: 'GET', path: '/api/v2/deals', attempts: 1, token: TOKEN } as const;
    const go = () => redirectTarget({ status: 301, headers: { location } }, base, base, call);
    if (followed) expect(go()?.href).toBe(new URL(location, base).href);
    else expect(go).toThrow(PipedriveError);
  });
});

describe('cancelled in flight', () => {
  test.each([
    [get(), 'no'],
    [post(), 'unknown'],
  ])('%o closes the socket and says applied %s', async (request, applied) => {
    const { url, hits } = await serve(() => {});
    const client = clientOf(url);
    const controller = new AbortController();
    const failing = errorOf(client.request(request, within(60_000, controller.signal)));
    await until(() => hits.length === 1);
    controller.abort();
    expect(await failing).toMatchObject({ code: 'cancelled', applied, attempts: 1 });
    await hits[0]?.closed;
  });

  test('while a retry waits, it is not sent again', async () => {
    const { url, hits } = await serve((response) =>
      json(response, refused('Wait'), 429, { 'retry-after': '30', 'x-daily-requests-left': '9' }),
    );
    const controller = new AbortController();
    const client = clientOf(url);
    const failing = errorOf(client.request(post(), within(60_000, controller.signal)));
    await until(() => client.limits().dailyRequestsLeft === 9);
    controller.abort();
    expect(await failing).toMatchObject({ code: 'cancelled', attempts: 1 });
    expect(hits.length).toBe(1);
  });
});

describe('a proxy', () => {
  const acme = new URL('https://acme.pipedrive.com');
  test.each([
    [acme, {}, false],
    [acme, { HTTPS_PROXY: '' }, false],
    [acme, { HTTPS_PROXY: 'http://proxy:1' }, true],
    [acme, { https_proxy: 'http://proxy:1' }, true],
    [acme, { HTTP_PROXY: 'http://proxy:1' }, true],
    [new URL('http://127.0.0.1:1'), { HTTP_PROXY: 'http://proxy:1' }, false],
    [new URL('https://localhost:1'), { HTTPS_PROXY: 'http://proxy:1' }, false],
    [new URL('http://[::1]:1'), { http_proxy: 'http://proxy:1' }, false],
  ])('for %s with %o: %s', (base, env, uses) => expect(usesProxy(base, env)).toBe(uses));

  const environment = (values: Record<string, string>) => {
    for (const name of ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']) {
      vi.stubEnv(name, values[name]);
    }
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
  };

  test('is asked for a tunnel and never told the token', async () => {
    const asked: string[] = [];
    const proxy = createServer();
    proxy.on('connect', (request, socket) => {
      asked.push(`${request.method} ${request.url} ${JSON.stringify(request.rawHeaders)}`);
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    onTestFinished(() => void proxy.close());
    environment({ HTTPS_PROXY: `http://127.0.0.1:${await listen(proxy)}` });
    const error = await errorOf(clientOf('https://acme.pipedrive.com').request(post(), within(10_000)));
    expect(error).toMatchObject({ code: 'unreachable', applied: 'no' });
    expect(asked[0]).toContain('CONNECT acme.pipedrive.com:443');
    expect(asked.join()).not.toContain(TOKEN);
  });

  test('that is no address is refused in words', () => {
    environment({ HTTPS_PROXY: 'http://' });
    expect(() => clientOf('https://acme.pipedrive.com')).toThrow('HTTPS_PROXY');
  });

  test('is left aside on this machine', async () => {
    environment({ HTTP_PROXY: 'http://127.0.0.1:9', HTTPS_PROXY: 'http://127.0.0.1:9' });
    const { url } = await serve((response) => json(response, fine(1)));
    expect((await clientOf(url).request(get(), within(5_000))).data).toBe(1);
  });
});

test('a host that does not speak TLS is unreachable, and nothing was sent', async () => {
  const { url, heads } = await serveSocket((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const error = await errorOf(clientOf(url.replace('http:', 'https:')).request(post(), within(10_000)));
  expect(error).toMatchObject({ code: 'unreachable', applied: 'no' });
  expect(heads.join()).not.toContain(TOKEN);
});
