import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { type Api, apiOf } from './api.ts';

let sandbox: Sandbox;
let api: Api;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: 1, now: new Date('2026-11-20T10:00:00Z'), deals: 5 });
  api = apiOf(sandbox);
});
afterAll(() => sandbox.close());

test('a team is made, changed, deleted and restored', async () => {
  const { data } = await api.ok('POST', '/v1/legacyTeams', { name: 'Closers', manager_id: 2, users: [2, 4, 4] });
  expect(data).toEqual({
    id: data.id,
    name: 'Closers',
    description: '',
    manager_id: 2,
    users: [2, 4],
    active_flag: 1,
    deleted_flag: 0,
    add_time: expect.stringMatching(/^2026-11-20 10:00:\d\d$/),
    created_by_user_id: 1,
  });
  const path = `/v1/legacyTeams/${data.id}`;
  expect((await api.ok('PUT', path, { description: 'Berlin', active_flag: 0 })).data).toMatchObject({
    name: 'Closers',
    description: 'Berlin',
    active_flag: 0,
    users: [2, 4],
  });
  await api.ok('PUT', path, { deleted_flag: 1 });
  await api.fails('GET', path, undefined, 404, `Team ${data.id} does not exist`);
  expect((await api.ok('GET', '/v1/legacyTeams')).data.map(({ name }: { name: string }) => name)).not.toContain(
    'Closers',
  );
  await api.ok('PUT', path, { deleted_flag: 0 });
  expect((await api.ok('GET', `${path}?skip_users=1`)).data).not.toHaveProperty('users');
});

test('its users are added and taken out one by one', async () => {
  const { data: team } = await api.ok('POST', '/v1/legacyTeams', { name: 'Pairs', manager_id: 1 });
  const path = `/v1/legacyTeams/${team.id}/users`;
  expect((await api.ok('POST', path, { users: [5, 6] })).data).toEqual([5, 6]);
  expect((await api.ok('POST', path, { users: [6, 4] })).data).toEqual([5, 6, 4]);
  expect((await api.ok('DELETE', path, { users: [5, 999] })).data).toEqual([6, 4]);
  expect((await api.ok('GET', path)).data).toEqual([6, 4]);
  expect((await api.ok('GET', '/v1/legacyTeams/user/4')).data).toContainEqual({ ...team, users: [6, 4] });
  expect((await api.ok('GET', '/v1/legacyTeams/user/5')).data).not.toContainEqual(
    expect.objectContaining({ id: team.id }),
  );
  await api.fails('POST', path, { users: [999] }, 400, '999');
  await api.fails('DELETE', path, undefined, 400, 'users');
  await api.fails('GET', '/v1/legacyTeams/999/users', undefined, 404, 'Team 999 does not exist');
});

test('teams are listed in the order asked for', async () => {
  const names = async (order: string) =>
    (await api.ok('GET', `/v1/legacyTeams?order_by=${order}`)).data.map(({ name }: { name: string }) => name);
  const byName = await names('name');
  expect(byName).toEqual([...byName].sort());
  expect(byName).toEqual(expect.arrayContaining(['Europe', 'North America']));
  expect((await api.call('GET', '/v1/legacyTeams?order_by=users')).status).toBe(400);
});
