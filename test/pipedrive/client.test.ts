import { describe, expect, test } from 'vitest';
import { type ApiRequest, type Client, createClient } from '../../src/pipedrive/client.ts';
import {
  clientOf,
  errorOf,
  fine,
  gate,
  get,
  json,
  post,
  type Respond,
  refused,
  serve,
  TOKEN,
  until,
  within,
} from './local.ts';

describe('before any network', () => {
  test.each([undefined, '', '   ', 'two words', 'é'])('the token %o is no token', async (token) => {
    const { url, hits } = await serve((response) => json(response, fine(1)));
    const client = createClient({ token, baseUrl: url, userAgent: 'test' });
    expect(await errorOf(client.request(get(), within(5_000)))).toMatchObject({ code: 'no_token', attempts: 0 });
    expect(hits).toEqual([]);
    await client.close();
  });

  test('spaces around a pasted token are dropped', async () => {
    const { url, hits } = await serve((response) => json(response, fine(1)));
    const client = createClient({ token: ` ${TOKEN}\n`, baseUrl: url, userAgent: 'test' });
    await client.request(get(), within(5_000));
    expect(hits[0]?.headers['x-api-token']).toBe(TOKEN);
    await client.close();
  });

  test.each([
    '/api/v2/deals/..',
    '/api/v2/deals/%2e%2e/persons',
    '/api/v2/deals?x=1',
    '/v1/deals',
    '/api/v3/deals',
    '//evil/',
  ])('the path %s is refused', async (path) => {
    const { url, hits } = await serve((response) => json(response, fine(1)));
    expect(await errorOf(clientOf(url).request(get(path), within(5_000)))).toMatchObject({ code: 'invalid' });
    expect(hits).toEqual([]);
  });

  test('a call that is over already is not sent', async () => {
    const { url, hits } = await serve((response) => json(response, fine(1)));
    const client = clientOf(url);
    expect(await errorOf(client.request(get(), within(0)))).toMatchObject({ code: 'deadline' });
    expect(await errorOf(client.request(get(), within(9_000, AbortSignal.abort())))).toMatchObject({
      code: 'cancelled',
    });
    expect(hits).toEqual([]);
  });

  test('an address off Pipedrive gets no client', () => {
    const settings = { token: TOKEN, baseUrl: 'https://evil.example', userAgent: 'test' };
    expect(() => createClient(settings)).toThrow('base URL');
  });
});

describe('pages', () => {
  const all = async (client: Client, request: ApiRequest) => {
    const data: unknown[] = [];
    for await (const answer of client.pages(request, within(10_000))) data.push(answer.data);
    return data;
  };
  const rows = [1, 2, 3, 4, 5];
  const asked = (url: string) => new URL(url, 'http://x').searchParams;

  test('of v2 follow the cursor and keep the query', async () => {
    const { url, hits } = await serve((response, hit) => {
      const from = Number(asked(hit.url).get('cursor') ?? 0);
      const next_cursor = from + 2 < rows.length ? String(from + 2) : null;
      json(response, { ...fine(rows.slice(from, from + 2)), additional_data: { next_cursor } });
    });
    expect(await all(clientOf(url), get('/api/v2/deals', { query: { limit: 2 } }))).toEqual([[1, 2], [3, 4], [5]]);
    expect(hits.map((hit) => hit.url)).toEqual([
      '/api/v2/deals?limit=2',
      '/api/v2/deals?cursor=2&limit=2',
      '/api/v2/deals?cursor=4&limit=2',
    ]);
  });

  const byStart =
    (additional: (page: object) => object, withNext: boolean): Respond =>
    (response, hit) => {
      const start = Number(asked(hit.url).get('start') ?? 0);
      const more = start + 2 < rows.length;
      const page = {
        start,
        limit: 2,
        more_items_in_collection: more,
        ...(more && withNext && { next_start: start + 2 }),
      };
      json(response, { ...fine(rows.slice(start, start + 2)), additional_data: additional(page) });
    };
  test.each([
    ['wrapped', byStart((pagination) => ({ pagination }), true)],
    ['flat', byStart((page) => page, true)],
    ['wrapped without next_start', byStart((pagination) => ({ pagination }), false)],
    ['flat without next_start', byStart((page) => page, false)],
  ])('of v1 follow the start: %s', async (_, respond) => {
    const { url, hits } = await serve(respond);
    expect(await all(clientOf(url), get('/api/v1/notes', { query: { start: 1, limit: 2 } }))).toEqual([
      [2, 3],
      [4, 5],
    ]);
    expect(hits.map((hit) => hit.url)).toEqual(['/api/v1/notes?limit=2&start=1', '/api/v1/notes?limit=2&start=3']);
  });

  test('of a v1 list with cursors follow them', async () => {
    const { url, hits } = await serve((response, hit) => {
      const next_cursor = asked(hit.url).has('cursor') ? null : 'abc=';
      json(response, { ...fine([1]), additional_data: { next_cursor } });
    });
    expect(await all(clientOf(url), get('/api/v1/deals/1/changelog'))).toEqual([[1], [1]]);
    expect(hits[1]?.url).toBe('/api/v1/deals/1/changelog?cursor=abc%3D');
  });

  test.each([
    ['no additional_data', {}],
    ['additional_data null', { additional_data: null }],
    ['an empty cursor', { additional_data: { next_cursor: '' } }],
    ['no more', { additional_data: { pagination: { start: 0, limit: 100, more_items_in_collection: false } } }],
  ])('end after one with %s; an empty v1 list stays null', async (_, more) => {
    const { url } = await serve((response) => json(response, { ...fine(null), ...more }));
    expect(await all(clientOf(url), get('/api/v1/notes'))).toEqual([null]);
  });

  test.each([
    ['a cursor that comes again', { next_cursor: 'same' }],
    ['a start that comes again', { pagination: { start: 0, limit: 2, more_items_in_collection: true, next_start: 2 } }],
    [
      'a start that does not move',
      { pagination: { start: 2, limit: 2, more_items_in_collection: true, next_start: 2 } },
    ],
    ['more without saying where', { more_items_in_collection: true }],
  ])('end in an error with %s', async (_, additional_data) => {
    const { url, hits } = await serve((response) => json(response, { ...fine([1]), additional_data }));
    expect(await errorOf(all(clientOf(url), get('/api/v1/notes')))).toMatchObject({ code: 'bad_response' });
    expect(hits.length).toBeLessThanOrEqual(2);
  });

  test('a bulk write that says there is more is an answer', async () => {
    const { url } = await serve((response) =>
      json(response, { ...fine({ ids: [1] }), additional_data: { more_items_in_collection: true } }),
    );
    const answer = await clientOf(url).request(post({ method: 'DELETE' }), within(5_000));
    expect(answer).toMatchObject({ additional: { more_items_in_collection: true }, nextCursor: undefined });
  });

  test('related objects come along', async () => {
    const related_objects = { user: { 1: { name: 'Ann' } } };
    const { url } = await serve((response) => json(response, { ...fine([]), related_objects }));
    expect((await clientOf(url).request(get('/api/v1/notes'), within(5_000))).related).toEqual(related_objects);
  });
});

describe('single flight', () => {
  /** A server that answers each request with its number, once its gate is open. */
  const held = async () => {
    const { open, opened } = gate();
    const server = await serve((response, _, count) => void opened.then(() => json(response, fine(count))));
    return { ...server, open, client: clientOf(server.url) };
  };

  test('equal reads under way are one request; other ones and later ones are not', async () => {
    const { client, hits, open } = await held();
    const ask = (query: Record<string, number>) => client.request(get('/api/v2/deals', { query }), within(9_000));
    const equal = [ask({ a: 1, b: 2 }), ask({ b: 2, a: 1 }), ask({ a: 1, b: 2 })];
    const other = ask({ a: 2 });
    await until(() => hits.length === 2);
    open();
    expect((await Promise.all(equal)).map((answer) => answer.data)).toEqual([1, 1, 1]);
    expect((await other).data).toBe(2);
    expect((await ask({ a: 1, b: 2 })).data).toBe(3);
  });

  test('one caller may leave; when the last has left, so does the request', async () => {
    const { client, hits, open } = await held();
    const [first, second, third] = [new AbortController(), new AbortController(), new AbortController()];
    const leaving = errorOf(client.request(get(), within(9_000, first.signal)));
    const staying = client.request(get(), within(9_000, second.signal));
    const hurried = errorOf(client.request(get(), within(50)));
    await until(() => hits.length === 1);
    first.abort();
    expect(await leaving).toMatchObject({ code: 'cancelled' });
    expect(await hurried).toMatchObject({ code: 'deadline' });
    const last = [1, 2].map(() => errorOf(client.request(get('/api/v2/persons'), within(9_000, third.signal))));
    await until(() => hits.length === 2);
    third.abort();
    expect((await Promise.all(last)).map((error) => error.code)).toEqual(['cancelled', 'cancelled']);
    await hits[1]?.closed;
    // An equal read after that starts anew.
    const again = client.request(get('/api/v2/persons'), within(9_000));
    await until(() => hits.length === 3);
    open();
    expect((await staying).data).toBe(1);
    expect((await again).data).toBe(3);
  });

  test('no read joins one from before a write began, or from before it ended', async () => {
    const reads = gate();
    const write = gate();
    const { url, hits } = await serve(
      (response, hit, count) =>
        void (hit.method === 'GET' ? reads : write).opened.then(() => json(response, fine(count))),
    );
    const client = clientOf(url);
    const before = client.request(get(), within(9_000));
    await until(() => hits.length === 1);
    const writing = client.request(post(), within(9_000));
    const during = [1, 2].map(() => client.request(get(), within(9_000)));
    await until(() => hits.length === 3);
    write.open();
    await writing;
    const after = client.request(get(), within(9_000));
    await until(() => hits.length === 4);
    reads.open();
    const seen = (await Promise.all([before, ...during, after])).map((answer) => answer.data);
    expect(new Set(seen).size).toBe(3);
    expect(seen[1]).toBe(seen[2]);
  });

  test('a write given up ends too', async () => {
    const { client, hits, open } = await held();
    const controller = new AbortController();
    const writing = errorOf(client.request(post(), within(9_000, controller.signal)));
    const during = client.request(get(), within(9_000));
    await until(() => hits.length === 2);
    controller.abort();
    await writing;
    const after = client.request(get(), within(9_000));
    await until(() => hits.length === 3);
    open();
    expect((await during).data).not.toBe((await after).data);
  });

  test('equal writes are never one', async () => {
    const { client, hits, open } = await held();
    const writes = [1, 2].map(() => client.request(post(), within(9_000)));
    await until(() => hits.length === 2);
    open();
    await Promise.all(writes);
    expect(hits.length).toBe(2);
  });

  test('an error is shared, and not kept', async () => {
    const { url, hits } = await serve((response, _, count) =>
      count === 1 ? json(response, refused('Gone'), 404) : json(response, fine('back')),
    );
    const client = clientOf(url);
    const both = [1, 2].map(() => errorOf(client.request(get(), within(9_000))));
    expect((await Promise.all(both)).map((error) => error.code)).toEqual(['not_found', 'not_found']);
    expect((await client.request(get(), within(9_000))).data).toBe('back');
    expect(hits.length).toBe(2);
  });
});

test('limits tell what the headers told', async () => {
  const { url } = await serve((response) =>
    json(response, fine([]), 200, {
      'x-ratelimit-limit': '20',
      'x-ratelimit-remaining': '17',
      'x-ratelimit-reset': '2',
      'x-daily-ratelimit-token-limit': '30000',
      'x-daily-ratelimit-token-remaining': '29990',
      'x-daily-requests-left': '9000',
    }),
  );
  const client = createClient({ token: TOKEN, baseUrl: url, plan: 'growth', userAgent: 'test' });
  expect(client.limits()).toEqual({
    clockAhead: 0,
    requestsPer2s: 40,
    searchesPer2s: 10,
    plan: 'growth',
    waiting: 0,
    requests: 0,
    tokensSpent: 0,
    daily: { limit: undefined, left: undefined, spent: 0, resetsAt: expect.any(Number) },
  });
  const before = Date.now();
  await client.request(get('/api/v2/deals', { cost: 10 }), within(5_000));
  const limits = client.limits();
  expect(limits).toMatchObject({
    requests: 1,
    tokensSpent: 10,
    window: { limit: 20, remaining: 17 },
    // Less is allowed than the plan says, and others have used two of it.
    requestsPer2s: 18,
    daily: { limit: 30_000, left: 29_990, spent: 10 },
    dailyRequestsLeft: 9_000,
  });
  expect(limits.window?.resetAt).toBeGreaterThanOrEqual(before + 2_000);
  await client.close();
});

describe('files', () => {
  const download = { path: '/api/v1/files/7/download', cost: 20 };

  test('are fetched from the storage that a download is sent on to, without the token', async () => {
    const name = `filename="plain.txt"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.txt`;
    const storage = await serve((response) =>
      response
        .writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'content-disposition': `attachment; ${name}` })
        .end(Buffer.from([0, 255, 10, 13])),
    );
    const api = await serve((response) =>
      response.writeHead(302, { location: `${storage.url.replace('127.0.0.1', 'localhost')}/key?signed=1` }).end(),
    );
    const client = clientOf(api.url);
    const file = await client.download(download, within(2_000));
    expect([...file.bytes]).toEqual([0, 255, 10, 13]);
    expect(file).toMatchObject({ type: 'text/plain', name: 'Grüße.txt' });
    expect(api.hits[0]?.headers['x-api-token']).toBe(TOKEN);
    expect(storage.hits[0]?.headers).not.toHaveProperty('x-api-token');
    expect(client.limits().tokensSpent).toBe(20);
  });

  test('from an address of their own never get the token, not even at the API', async () => {
    const api = await serve((response) => response.writeHead(200, { 'content-type': 'image/png' }).end('png'));
    const client = clientOf(api.url);
    expect((await client.download(`${api.url}/picture.png`, within(2_000))).bytes.toString()).toBe('png');
    expect(api.hits[0]?.headers).not.toHaveProperty('x-api-token');
    for (const address of ['http://192.0.2.1/x.png', 'file:///etc/passwd', 'ftp://127.0.0.1/x']) {
      expect(await errorOf(client.download(address, within(2_000)))).toMatchObject({ code: 'invalid' });
    }
  });

  test('that are not there are errors with the words of the API, and are not asked for again', async () => {
    const api = await serve((response) => json(response, refused('File not found'), 404));
    const error = await errorOf(clientOf(api.url).download(download, within(2_000)));
    expect(error).toMatchObject({ code: 'not_found', detail: 'File not found' });
    expect(api.hits).toHaveLength(1);
  });

  test('a download is tried again where nothing is lost by it; a storage elsewhere on this machine is refused', async () => {
    const api = await serve((response, _, count) =>
      count === 1 ? json(response, refused('busy'), 503) : response.writeHead(200).end('it'),
    );
    expect((await clientOf(api.url).download(download, within(10_000))).bytes.toString()).toBe('it');
    const away = await serve((response) => response.writeHead(302, { location: 'http://192.0.2.1/key' }).end());
    expect(await errorOf(clientOf(away.url).download(download, within(2_000)))).toMatchObject({ code: 'redirected' });
  });

  test('go up as one part of a multipart body, the other fields beside it', async () => {
    const api = await serve((response) => json(response, fine({ id: 7 })));
    const file = { field: 'file', name: 'Grüße.txt', content: new Blob(['An offer'], { type: 'text/plain' }) };
    const body = { deal_id: 5, flag: true };
    await clientOf(api.url).request(post({ path: '/api/v1/files', body, file }), within(2_000));
    const [hit] = api.hits;
    const type = hit?.headers['content-type'] ?? '';
    expect(type).toMatch(/^multipart\/form-data; boundary=/);
    const form = await new Response(hit?.body ?? '', { headers: { 'content-type': type } }).formData();
    expect([...form.keys()]).toEqual(['deal_id', 'flag', 'file']);
    expect([form.get('deal_id'), form.get('flag')]).toEqual(['5', '1']);
    const sent = form.get('file');
    if (!(sent instanceof File)) throw new Error('no file was sent');
    expect([sent.name, sent.type, await sent.text()]).toEqual(['Grüße.txt', 'text/plain', 'An offer']);
    expect(Number(hit?.headers['content-length'])).toBe(Buffer.byteLength(hit?.body ?? ''));
  });

  test('forms are sent as forms', async () => {
    const api = await serve((response) => json(response, fine({ id: 7 })));
    const body = { title: 'a & b', item_id: 5 };
    await clientOf(api.url).request(post({ path: '/api/v1/files/remote', body, form: true }), within(2_000));
    expect(api.hits[0]?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(api.hits[0]?.body).toBe('title=a+%26+b&item_id=5');
  });
});
