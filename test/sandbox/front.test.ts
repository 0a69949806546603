import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Limits } from '../../src/sandbox/front/limits.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/server.ts';
import { type Api, apiOf } from './api.ts';

const now = new Date('2026-11-20T10:00:00Z');
let sandbox: Sandbox;
let api: Api;

beforeAll(async () => {
  sandbox = await startSandbox({ seed: 1, now });
  api = apiOf(sandbox);
});
afterAll(() => sandbox.close());

async function start(options: SandboxOptions): Promise<Sandbox> {
  const started = await startSandbox({ empty: true, now, ...options });
  onTestFinished(() => started.close());
  return started;
}

/** A request that fetch would not send as it stands: the whole answer as text. */
function raw(request: string, host = new URL(sandbox.url).host): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(sandbox.url).port), '127.0.0.1');
    let answer = '';
    socket.on('data', (data) => {
      answer += data;
    });
    socket.on('end', () => resolve(answer));
    socket.on('error', reject);
    socket.write(`${request} HTTP/1.1\r\nHost: ${host}\r\nx-api-token: ${sandbox.token}\r\nConnection: close\r\n\r\n`);
  });
}

function send(path: string, method: string, body: string | Uint8Array, type?: string) {
  const headers = { 'x-api-token': sandbox.token, ...(type === undefined ? {} : { 'content-type': type }) };
  return fetch(sandbox.url + path, { method, headers, body });
}

describe('who may ask', () => {
  it('answers a missing or wrong token in the shape of the real gateway', async () => {
    for (const token of [undefined, '', 'x'.repeat(40)]) {
      const headers: Record<string, string> = token === undefined ? {} : { 'x-api-token': token };
      const response = await fetch(`${sandbox.url}/api/v2/deals/1`, { headers });
      expect(response.status).toBe(401);
      expect(response.headers.get('x-401-by-gw')).toBe('true');
      expect(response.headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
      expect(await response.json()).toEqual({
        success: false,
        error: 'unauthorized access',
        errorCode: 401,
        error_info: 'Please check developers.pipedrive.com',
      });
    }
  });

  it('takes the token as a parameter on v1 only', async () => {
    const status = async (path: string) => (await fetch(`${sandbox.url + path}?api_token=${sandbox.token}`)).status;
    expect(await status('/v1/users/me')).toBe(200);
    expect(await status('/api/v1/users/me')).toBe(200);
    expect(await status('/api/v2/deals')).toBe(401);
  });

  it('answers loopback hosts only, control paths too', async () => {
    for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example:80', '10.0.0.1']) {
      expect(await raw('GET /api/v1/users/me', host)).toMatch(/^HTTP\/1\.1 403 /);
      expect(await raw('POST /_sandbox/reset', host)).toMatch(/^HTTP\/1\.1 403 /);
    }
    for (const host of ['localhost', 'localhost:81', '[::1]:80', '127.0.0.1']) {
      expect(await raw('GET /api/v1/users/me', host)).toMatch(/^HTTP\/1\.1 200 /);
    }
  });
});

it('hears no page of another site', async () => {
  for (const origin of ['https://evil.example', 'http://127.0.0.1.evil.example', 'null']) {
    const response = await fetch(`${sandbox.url}/_sandbox/reset`, { method: 'POST', headers: { origin } });
    expect(response.status).toBe(403);
  }
  const headers = { origin: 'http://localhost:6274', 'x-api-token': sandbox.token };
  expect((await fetch(`${sandbox.url}/v1/users/me`, { headers })).status).toBe(200);
});

describe('paths and methods', () => {
  it('has v1 under /v1 and /api/v1, v2 under /api/v2 alone', async () => {
    await api.ok('GET', '/v1/users/me');
    await api.ok('GET', '/api/v1/users/me');
    await api.ok('GET', '/api/v2/deals/1');
    await api.fails('GET', '/v2/deals/1', undefined, 404, 'Unknown method');
  });

  it.each([
    ['/api/v2/deals/%zz', 400],
    ['/api/v2/deals/..%2f1', 400],
    ['/api/v2/deals/1e3', 400],
    ['/api/v2/deals/__proto__', 400],
    ['/api/v2/deals/9999999999999999', 400],
    ['/api/v2/deals/999999', 404],
    ['/api/v2/dealFields/constructor', 404],
    ['/api/v1/leads/__proto__', 404],
    ['/api/v2/deals/', 404],
    ['/api/v2//deals', 404],
    ['//', 404],
    ['//api/v2/deals/1', 404],
    ['/', 404],
    ['*', 400],
  ])('answers GET %s with %i', async (path, status) => {
    const answer = await raw(`GET ${path}`);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toContain('"success":false');
  });

  it('answers a method that a path does not have with 405 and those it has', async () => {
    for (const method of ['PUT', 'POST', 'OPTIONS', 'HEAD']) {
      const response = await fetch(`${sandbox.url}/api/v2/deals/1`, {
        method,
        headers: { 'x-api-token': sandbox.token },
      });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe('GET, PATCH, DELETE');
    }
    await api.fails('DELETE', '/api/v2/deals', undefined, 405, 'Method not allowed');
  });
});

describe('bodies', () => {
  const body = '{"title":"Probe"}';

  it('must be JSON, of a type that says so', async () => {
    for (const type of ['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON']) {
      expect((await send('/api/v2/deals', 'POST', body, type)).status).toBe(200);
    }
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      expect((await send('/api/v2/deals', 'POST', body, type)).status).toBe(400);
    }
    expect((await send('/v1/notes', 'POST', 'content=x&deal_id=1', 'application/x-www-form-urlencoded')).status).toBe(
      200,
    );
  });

  it.each([
    '{',
    '[]',
    '"text"',
    'null',
    '',
    '{"title":"x",}',
    '{"title":"x","value":1e999}',
    '{"title":"x","value":1e300}',
    '{"title":"x","__proto__":{"polluted":1}}',
    '{"title":"x","constructor":1}',
    '{"title":"x","toString":1}',
    '{"title":"x","custom_fields":{"__proto__":{"polluted":1}}}',
    '{"title":"x","custom_fields":{"constructor":1}}',
    '{"title":"x","custom_fields":[]}',
    `{"title":"x","custom_fields":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`,
    '{"title":"x","value":"1"}',
    '{"title":"x","owner_id":"1"}',
    '{"title":"x","is_archived":1}',
    '{"title":"x","status":"won","won_time":"1"}',
    '{"title":"x","status":"won","won_time":"Nov 3"}',
    '{"title":"x","status":"won","won_time":"2026-02-30T10:00:00Z"}',
    '{"title":"x","expected_close_date":"2026-02-30"}',
  ])('that v2 refuses: %.60s', async (text) => {
    const response = await send('/api/v2/deals', 'POST', text, 'application/json');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ success: false, data: null });
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('ignores unknown keys on v1, whatever they are called', async () => {
    const text = '{"title":"Odd","person_id":1,"__proto__":{"polluted":1},"constructor":1,"toString":{}}';
    const response = await send('/api/v1/leads', 'POST', text, 'application/json');
    expect(response.status).toBe(201);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('of more than 64 MB are read to their end and refused', async () => {
    const response = await send('/api/v2/deals', 'POST', new Uint8Array(65 * 1024 * 1024), 'application/json');
    expect(response.status).toBe(413);
  });

  it('count characters, not their halves', async () => {
    const title = '😀'.repeat(255);
    expect((await api.ok('POST', '/api/v2/deals', { title })).data.title).toBe(title);
    await api.fails('POST', '/api/v2/deals', { title: `${title}x` }, 400, '255');
    await api.fails(
      'POST',
      '/api/v2/persons',
      { name: 'Böe', emails: Array(51).fill({ value: 'a@b.example' }) },
      400,
      '',
    );
    await api.fails('POST', '/v1/notes', { content: 'x'.repeat(100_001), deal_id: 1 }, 400, '100000');
  });

  it('give times with and without a zone, in UTC', async () => {
    const won = async (won_time: string) =>
      (await api.ok('POST', '/api/v2/deals', { title: 'Won', status: 'won', won_time })).data.won_time;
    expect(await won('2026-11-01T10:00:00Z')).toBe('2026-11-01T10:00:00Z');
    expect(await won('2026-11-01T10:00:00+02:00')).toBe('2026-11-01T08:00:00Z');
    expect(await won('2026-11-01T10:00:00')).toBe('2026-11-01T10:00:00Z');
    expect(await won('2026-11-01 10:00:00')).toBe('2026-11-01T10:00:00Z');
  });
});

describe('parameters', () => {
  it.each([
    'limit=0',
    'limit=501',
    'limit=-1',
    'limit=abc',
    'limit=1.5',
    'limit=1&limit=2',
    'cursor=garbage',
    `cursor=${Buffer.from('{}').toString('base64url')}`,
    'sort_by=title',
    'sort_by=__proto__',
    'sort_direction=up',
    'status=gone',
    'owner_id=me',
    'ids=1,x',
    `ids=${Array.from({ length: 101 }, (_, index) => index + 1).join()}`,
    'updated_since=2026-11-20T10:00:00.123Z',
    'updated_since=2026-11-20',
    'updated_since=2026-13-45T99:99:99Z',
    'updated_until=2026-02-30T00:00:00Z',
    'include_fields=nothing',
    'include_fields=constructor',
    `owner_id=999&custom_fields=${Array(16).fill('a').join()}`,
  ])('of a v2 list that are refused: %.60s', (query) => api.fails('GET', `/api/v2/deals?${query}`, undefined, 400, ''));

  it('that are unknown are ignored', async () => {
    const { data } = await api.ok('GET', '/api/v2/deals?limit=2&__proto__=1&constructor=x&unknown=y');
    expect(data).toHaveLength(2);
  });

  it('hold item search to 100, and its terms to something that is there', async () => {
    await api.fails('GET', '/api/v2/itemSearch?term=ab&limit=101', undefined, 400, 'limit');
    await api.fails('GET', '/api/v2/itemSearch/field?entity_type=deal&field=constructor&term=ab', undefined, 400, '');
    const accents = encodeURIComponent('\u0301\u0301');
    expect((await api.ok('GET', `/api/v2/itemSearch?term=${accents}`)).data.items).toEqual([]);
  });

  it('count an id once', async () => {
    const once = await api.ok('GET', '/api/v2/deals/products?deal_ids=1');
    expect((await api.ok('GET', '/api/v2/deals/products?deal_ids=1,1')).data).toEqual(once.data);
  });

  it.each(['1', '2026-02-30T00:00:00Z', 'Nov 3'])('hold v1 to times that exist: %s', (time) =>
    api.fails('GET', `/v1/leads?updated_since=${encodeURIComponent(time)}`, undefined, 400, 'updated_since'),
  );
});

describe('limits of a plan', () => {
  const statuses = (one: Sandbox, path: string, count: number) =>
    Promise.all(Array.from({ length: count }, () => fetch(one.url + path, { headers: { 'x-api-token': one.token } })));

  it('holds the burst, with headers and the usual envelope', async () => {
    const lite = await start({ plan: 'lite' });
    const answers = await statuses(lite, '/v1/users/me', 25);
    const over = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(20);
    expect(over).toHaveLength(5);
    const [last] = over;
    expect(last?.headers.get('x-ratelimit-limit')).toBe('20');
    expect(last?.headers.get('x-ratelimit-remaining')).toBe('0');
    expect(Number(last?.headers.get('x-ratelimit-reset'))).toBeGreaterThan(0);
    expect(await last?.json()).toMatchObject({ success: false, error: 'Rate limit exceeded', data: null });
    const first = answers.map(({ headers }) => headers.get('x-daily-ratelimit-token-remaining')).filter(Boolean);
    expect(first).toContain(String(30_000 - 2));
  });

  it('holds searches to 10, and they fill the burst as well', async () => {
    const lite = await start({ plan: 'lite' });
    const searches = await statuses(lite, '/api/v2/deals/search?term=ab', 12);
    expect(searches.filter(({ status }) => status === 200)).toHaveLength(10);
    expect(searches.find(({ status }) => status === 429)?.headers.get('x-ratelimit-limit')).toBe('10');
    const others = await statuses(lite, '/v1/users/me', 12);
    expect(others.filter(({ status }) => status === 200)).toHaveLength(10);
    const [search] = await statuses(lite, '/api/v2/deals/search?term=ab', 1);
    expect(search?.status).toBe(429);
    expect(search?.headers.get('x-ratelimit-remaining')).toBe('0');
  });

  it('holds the daily budget, to the token, until the next day', () => {
    let time = now;
    const limits = new Limits('lite', 2, () => time);
    const take = (cost: number) => {
      const headers = new Map<string, string>();
      const spend = () => limits.take(cost, false, headers);
      return { spend, left: () => headers.get('x-daily-ratelimit-token-remaining') };
    };
    const most = take(59_990);
    most.spend();
    expect(most.left()).toBe('10');
    const over = take(11);
    expect(over.spend).toThrow('Daily API token budget exceeded');
    expect(over.left()).toBe('0');
    take(10).spend();
    expect(take(1).spend).toThrow('Daily');
    time = new Date('2026-11-21T00:00:00Z');
    take(1).spend();
  });

  it('says nothing of limits without a plan', async () => {
    const [answer] = await statuses(sandbox, '/v1/users/me', 1);
    expect([...(answer?.headers.keys() ?? [])].filter((name) => name.includes('rate'))).toEqual([]);
  });
});

describe('control', () => {
  it('logs every request in order and resets to the start', async () => {
    const one = await start({});
    const its = apiOf(one);
    const { data } = await its.ok('POST', '/api/v2/deals', { title: 'Gone soon' });
    await its.call('GET', '/api/v2/nothing?a=1');
    const log = await (await fetch(`${one.url}/_sandbox/log`)).json();
    expect(log).toMatchObject([
      { method: 'POST', path: '/api/v2/deals', status: 200, tokens: 5 },
      { method: 'GET', path: '/api/v2/nothing?a=1', status: 404, tokens: 0 },
    ]);
    expect((await fetch(`${one.url}/_sandbox/reset`, { method: 'POST' })).status).toBe(200);
    expect(await (await fetch(`${one.url}/_sandbox/log`)).json()).toEqual([]);
    await its.fails('GET', `/api/v2/deals/${data.id}`, undefined, 404, 'Deal not found');
    expect((await fetch(`${one.url}/_sandbox/reset`)).status).toBe(404);
  });

  it('gives every one of many writes at once its own id', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => api.ok('POST', '/api/v2/organizations', { name: `Org ${index}` })),
    );
    expect(new Set(answers.map(({ data }) => data.id)).size).toBe(100);
  });
});
