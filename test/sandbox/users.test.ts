import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod/v3';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: 1, now: new Date('2026-11-20T10:00:00Z') });
});
afterAll(() => sandbox.close());

async function get(path: string) {
  const response = await fetch(`${sandbox.url}${path}`, { headers: { 'x-api-token': sandbox.token } });
  return { status: response.status, body: z.record(z.any()).parse(await response.json()) };
}
const user = z.object({ id: z.number(), name: z.string(), email: z.string(), is_you: z.boolean() }).passthrough();
const list = async (path: string) => z.array(user).parse((await get(path)).body['data']);

test('me is the owner, with the company', async () => {
  const { status, body } = await get('/v1/users/me');
  expect(status).toBe(200);
  expect(body['data']).toMatchObject({
    is_you: true,
    has_created_company: true,
    timezone_offset: expect.stringMatching(/^[+-]\d\d:\d\d$/),
    access: [
      { app: 'sales', admin: true },
      { app: 'global', admin: true },
      { app: 'account_settings', admin: true },
    ],
    company_id: expect.any(Number),
    company_name: expect.any(String),
    company_domain: expect.any(String),
    company_country: expect.any(String),
    company_industry: expect.any(String),
    language: { language_code: 'en', country_code: 'US' },
    last_login: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
  });
});

test('every user is listed once and can be read by id', async () => {
  const users = await list('/v1/users');
  expect(users.filter(({ is_you }) => is_you)).toHaveLength(1);
  for (const one of users) {
    expect((await get(`/api/v1/users/${one.id}`)).body).toEqual({ success: true, data: one });
  }
  const missing = await get('/v1/users/999999');
  expect(missing.status).toBe(404);
  expect(missing.body).toMatchObject({ success: false, error: 'User not found or not accessible.', data: null });
});

test('users are found by a part of the name, or by e-mail', async () => {
  const [one] = await list('/v1/users');
  if (!one) throw new Error('no users');
  const part = one.name.slice(1, 5).toUpperCase();
  expect(await list(`/v1/users/find?term=${part}`)).toContainEqual(one);
  expect(await list(`/v1/users/find?search_by_email=1&term=${encodeURIComponent(one.email)}`)).toEqual([one]);
  expect((await get(`/v1/users/find?search_by_email=1&term=${encodeURIComponent(one.name)}`)).body['data']).toBeNull();
  expect((await get('/v1/users/find')).status).toBe(400);
});

test('currencies, by a part of name or code', async () => {
  const { body } = await get('/v1/currencies');
  expect(body['data']).toHaveLength(32);
  expect((await get('/v1/currencies?term=yen')).body).toEqual({
    success: true,
    data: [
      {
        id: 20,
        code: 'JPY',
        name: 'Japanese Yen',
        decimal_points: 0,
        symbol: '¥',
        active_flag: true,
        is_custom_flag: false,
      },
    ],
  });
  expect((await get('/v1/currencies?term=zzz')).body).toEqual({ success: true, data: null });
});
