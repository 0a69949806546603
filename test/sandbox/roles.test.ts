import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { type Api, apiOf } from './api.ts';

let sandbox: Sandbox;
let api: Api;
beforeEach(async () => {
  sandbox = await startSandbox({ seed: 1, now: new Date('2026-11-20T10:00:00Z'), deals: 30 });
  api = apiOf(sandbox);
});
afterEach(() => sandbox.close());

type Role = { id: number; name: string; parent_role_id: number | null; level: number } & Record<string, unknown>;
const roles = async (): Promise<Role[]> => (await api.ok('GET', '/v1/roles')).data;
async function role(name: string): Promise<Role> {
  const found = (await roles()).find((one) => one.name === name);
  if (!found) throw new Error(`no role ${name}`);
  return found;
}
const make = async (name: string, parent_role_id?: number | null): Promise<number> =>
  (await api.ok('POST', '/v1/roles', { name, parent_role_id })).data.id;
const hide = (id: number, remove: number[]) =>
  api.ok('PUT', `/v1/roles/${id}/pipelines`, { visible_pipeline_ids: { add: [], remove } });

describe('roles', () => {
  test('are a tree below the default one', async () => {
    const all = await roles();
    expect(all.filter((one) => one.parent_role_id === null).map(({ name }) => name)).toEqual(['Global default']);
    const id = await make('Interns', (await role('Sales rep')).id);
    expect(await role('Interns')).toMatchObject({
      id,
      level: (await role('Sales rep')).level + 1,
      assignment_count: '0',
      sub_role_count: '0',
    });
    expect(await role('Sales rep')).toMatchObject({ sub_role_count: '1' });
    const { data, additional_data } = await api.ok('GET', `/v1/roles/${id}`);
    expect(data).toMatchObject({ name: 'Interns', active_flag: true });
    expect(additional_data.settings).toMatchObject({ deal_default_visibility: 7 });
  });

  test('never become their own ancestors', async () => {
    const [manager, rep] = [await role('Sales manager'), await role('Sales rep')];
    const interns = await make('Interns', rep.id);
    for (const parent_role_id of [manager.id, rep.id, interns]) {
      await api.fails('PUT', `/v1/roles/${manager.id}`, { parent_role_id }, 400, 'cannot be its parent');
    }
    await api.fails('PUT', `/v1/roles/${manager.id}`, { parent_role_id: 999 }, 400, 'Role 999 not found');
    await api.fails('PUT', '/v1/roles/1', { parent_role_id: manager.id }, 400, 'cannot be its parent');
    await api.ok('PUT', `/v1/roles/${interns}`, { parent_role_id: null, name: 'Trainees' });
    expect(await role('Trainees')).toMatchObject({ parent_role_id: 1 });
  });

  test('when deleted leave their users to the default role and their sub-roles to their parent', async () => {
    const [manager, rep] = [await role('Sales manager'), await role('Sales rep')];
    const users = (await api.ok('GET', `/v1/roles/${manager.id}/assignments`)).data.map(
      ({ user_id }: { user_id: number }) => user_id,
    );
    expect(users).toEqual([2, 5]);
    await api.ok('DELETE', `/v1/roles/${manager.id}`);
    await api.fails('GET', `/v1/roles/${manager.id}`, undefined, 404, 'not found');
    expect((await role('Sales rep')).parent_role_id).toBe(1);
    expect((await api.ok('GET', '/v1/users/2')).data.role_id).toBe(1);
    await api.fails('DELETE', '/v1/roles/1', undefined, 400, 'default role');
    await api.fails('POST', `/v1/roles/${manager.id}/assignments`, { user_id: 2 }, 404, 'not found');
    expect((await api.ok('GET', `/v1/users/4/roleAssignments`)).data).toEqual([
      { user_id: 4, role_id: rep.id, parent_role_id: 1, name: 'Sales rep', active_flag: true, type: '1' },
    ]);
  });

  test('have each user once', async () => {
    const rep = await role('Sales rep');
    await api.ok('POST', `/v1/roles/${rep.id}/assignments`, { user_id: 2 });
    const counts = (await roles()).map(({ assignment_count }) => Number(assignment_count));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe((await api.ok('GET', '/v1/users')).data.length);
    await api.ok('DELETE', `/v1/roles/${rep.id}/assignments`, { user_id: 2 });
    expect((await api.ok('GET', '/v1/users/2')).data.role_id).toBe(1);
    await api.fails('DELETE', `/v1/roles/${rep.id}/assignments`, { user_id: 2 }, 404, 'Assignment');
    await api.fails('POST', `/v1/roles/${rep.id}/assignments`, { user_id: 999 }, 400, '999');
  });

  test('say how visible what their users make is', async () => {
    for (const [setting_key, value] of [
      ['deal_default_visibility', 1],
      ['lead_default_visibility', 3],
      ['org_default_visibility', 5],
      ['person_default_visibility', 3],
      ['product_default_visibility', 1],
    ] as const) {
      const { data } = await api.ok('POST', '/v1/roles/1/settings', { setting_key, value });
      expect(data).toEqual({ id: 1, [setting_key]: value });
    }
    const visible = async (path: string, body: object, status = 200) =>
      (await api.ok('POST', path, body, status)).data.visible_to;
    expect(await visible('/api/v2/deals', { title: 'A' })).toBe(1);
    expect(await visible('/api/v2/deals', { title: 'A', visible_to: 7 })).toBe(7);
    expect(await visible('/api/v2/organizations', { name: 'A' })).toBe(5);
    expect(await visible('/api/v2/persons', { name: 'A' })).toBe(3);
    expect(await visible('/v1/leads', { title: 'A', person_id: 1 }, 201)).toBe('3');
    expect(await visible('/api/v2/products', { name: 'A' }, 201)).toBe(1);
    const bad = { setting_key: 'deal_default_visibility', value: 2 };
    await api.fails('POST', '/v1/roles/1/settings', bad, 400, '1, 3, 5, 7');
    await api.fails('POST', '/v1/roles/1/settings', { setting_key: 'note_default_visibility', value: 1 }, 400, '');
    expect((await api.ok('GET', '/v1/users/1/roleSettings')).data).toMatchObject({ org_default_visibility: 5 });
  });
});

describe('a pipeline hidden from the caller', () => {
  let deal: number;
  beforeEach(async () => {
    deal = (await api.ok('POST', '/api/v2/deals', { title: 'Zebra rail', pipeline_id: 2 })).data.id;
    await api.ok('POST', `/api/v2/deals/${deal}/products`, { product_id: 1, item_price: 5, quantity: 1 }, 201);
  });

  test('is absent with its stages', async () => {
    const { data } = await hide(1, [2]);
    expect(data).toEqual({ pipeline_ids: [1, 3], visible: true });
    expect((await api.ok('GET', '/v1/roles/1/pipelines?visible=false')).data).toEqual({
      pipeline_ids: [2],
      visible: false,
    });
    const ids = async (path: string) => (await api.ok('GET', path)).data.map((row: { id: number }) => row.id);
    expect(await ids('/api/v2/pipelines')).toEqual([1, 3]);
    expect(await ids('/api/v2/stages?pipeline_id=2')).toEqual([]);
    await api.fails('GET', '/api/v2/pipelines/2', undefined, 404, 'Pipeline not found');
    await api.fails('PATCH', '/api/v2/pipelines/2', { name: 'X' }, 404, 'Pipeline not found');
  });

  test('hides its deals, and takes no new ones', async () => {
    const before = (await api.ok('GET', '/v1/deals/summary')).data.total_count;
    const inTwo = (await api.ok('GET', '/v1/deals/summary?pipeline_id=2')).data.total_count;
    const [stage] = (await api.ok('GET', '/api/v2/stages?pipeline_id=2')).data;
    await hide(1, [2]);
    const listed = (await api.ok('GET', '/api/v2/deals?limit=500')).data;
    expect(listed.some(({ pipeline_id }: { pipeline_id: number }) => pipeline_id === 2)).toBe(false);
    expect((await api.ok('GET', '/api/v2/deals?pipeline_id=2')).data).toEqual([]);
    expect((await api.ok('GET', '/v1/deals/summary')).data.total_count).toBe(before - inTwo);
    expect((await api.ok('GET', '/api/v2/deals/search?term=Zebra')).data.items).toEqual([]);
    expect((await api.ok('GET', '/api/v2/itemSearch?term=Zebra')).data.items).toEqual([]);
    const recent = await api.ok('GET', '/v1/recents?since_timestamp=2026-11-20%2000:00:00&items=deal');
    expect(JSON.stringify(recent)).not.toContain('Zebra');
    expect((await api.ok('GET', `/api/v2/deals/products?deal_ids=${deal}`)).data).toEqual([]);
    await api.fails('GET', `/api/v2/deals/${deal}`, undefined, 403, 'permissions');
    await api.fails('PATCH', `/api/v2/deals/${deal}`, { title: 'X' }, 403, 'permissions');
    await api.fails('GET', `/api/v2/deals/${deal}/products`, undefined, 403, 'permissions');
    await api.fails('POST', '/api/v2/deals', { title: 'X', pipeline_id: 2 }, 400, 'Pipeline 2 not found');
    await api.fails('POST', '/api/v2/deals', { title: 'X', stage_id: stage.id }, 400, 'not found');
    await api.ok('PUT', '/v1/roles/1/pipelines', { visible_pipeline_ids: { add: '[2]', remove: '[]' } });
    expect((await api.ok('GET', `/api/v2/deals/${deal}`)).data.title).toBe('Zebra rail');
  });

  test('is not reached through what its deals belong to', async () => {
    const { data: person } = await api.ok('POST', '/api/v2/persons', { name: 'Zoe', org_id: 1 });
    await api.ok('PATCH', `/api/v2/deals/${deal}`, { person_id: person.id, org_id: 2 });
    const counts = 'include_fields=open_deals_count,related_open_deals_count';
    const count = async (path: string) => (await api.ok('GET', `${path}?${counts}`)).data;
    const titled = (await api.ok('GET', '/v1/dealFields')).data.find((one: { key: string }) => one.key === 'title');
    const condition = { object: 'deal', field_id: titled.id, operator: '=', value: 'Zebra rail' };
    const groups = [
      { glue: 'and', conditions: [condition] },
      { glue: 'or', conditions: [] },
    ];
    const filter = { name: 'With a zebra', type: 'people', conditions: { glue: 'and', conditions: groups } };
    const { data: saved } = await api.ok('POST', '/v1/filters', filter);
    const filtered = async () => (await api.ok('GET', `/api/v2/persons?filter_id=${saved.id}`)).data.length;
    const before = await count('/api/v2/organizations/2');
    expect([(await count(`/api/v2/persons/${person.id}`)).open_deals_count, await filtered()]).toEqual([1, 1]);
    await hide(1, [2]);
    expect([(await count(`/api/v2/persons/${person.id}`)).open_deals_count, await filtered()]).toEqual([0, 0]);
    expect((await count('/api/v2/organizations/2')).open_deals_count).toBe(before.open_deals_count - 1);
    await api.fails('POST', '/v1/notes', { content: 'X', deal_id: deal }, 403, 'permissions');
    await api.fails('POST', '/api/v2/activities', { subject: 'X', deal_id: deal }, 403, 'permissions');
    await api.fails('POST', `/api/v2/deals/${deal}/convert/lead`, undefined, 403, 'permissions');
    const { data: lead } = await api.ok('POST', '/v1/leads', { title: 'X', person_id: person.id }, 201);
    const convert = `/api/v2/leads/${lead.id}/convert/deal`;
    await api.fails('POST', convert, { pipeline_id: 2 }, 400, 'Pipeline 2 not found');
    await api.fails('POST', convert, { stage_id: 7 }, 400, 'Stage 7 not found');
  });

  test('leaves at least one to see', async () => {
    await hide(1, [2, 3]);
    await api.fails('PUT', '/v1/roles/1/pipelines', { visible_pipeline_ids: { remove: [1] } }, 400, 'At least one');
    await api.fails('DELETE', '/api/v2/pipelines/1', undefined, 400, 'last visible pipeline');
    await api.fails('PUT', '/v1/roles/1/pipelines', { visible_pipeline_ids: { add: [99] } }, 400, 'Pipeline 99');
  });

  test('of another role stays the others’ business', async () => {
    const rep = await role('Sales rep');
    await hide(rep.id, [2]);
    expect((await api.ok('GET', `/api/v2/deals/${deal}`)).data.id).toBe(deal);
    expect((await api.ok('GET', `/v1/deals/${deal}/permittedUsers`)).data).toEqual([1, 2, 5]);
  });
});

describe('users', () => {
  test('are invited by e-mail, with access to apps', async () => {
    const access = [{ app: 'sales' }, { app: 'global', admin: true }, { app: 'account_settings' }];
    const { data } = await api.ok('POST', '/v1/users', { email: 'ada@varsa.example', access });
    expect(data).toMatchObject({
      name: 'ada@varsa.example',
      active_flag: true,
      activated: false,
      last_login: null,
      role_id: 1,
      is_you: false,
      access: [
        { app: 'sales', admin: false },
        { app: 'global', admin: true },
        { app: 'account_settings', admin: true },
      ],
    });
    expect((await api.ok('GET', `/v1/users/${data.id}/permissions`)).data).toMatchObject({
      can_merge_people: true,
      can_delete_deals: false,
    });
    const set = data.access[0].permission_set_id;
    const assigned = (await api.ok('GET', `/v1/permissionSets/${set}/assignments`)).data;
    expect(assigned).toContainEqual({ user_id: data.id, permission_set_id: set, name: 'Deals regular user' });
    const { data: found } = await api.ok('GET', '/v1/permissionSets?app=sales');
    expect(found.find(({ id }: { id: string }) => id === set).assignment_count).toBe(assigned.length);
  });

  test.each([
    ['an e-mail that is taken', { email: 'Mikael.Sand@varsa.example' }, 'exists already'],
    ['no e-mail', { email: 'ada' }, 'email'],
    ['an unknown app', { email: 'a@b.example', access: [{ app: 'crm' }] }, 'access'],
    [
      'an unknown permission set',
      { email: 'a@b.example', access: [{ app: 'sales', permission_set_id: '5a1e7d10-0000-4000-8000-000000000000' }] },
      'Permission set',
    ],
    [
      "another app's permission set",
      { email: 'a@b.example', access: [{ app: 'sales', permission_set_id: '233b7976-39bd-43a9-b305-ef3a2b0998e5' }] },
      'Permission set',
    ],
  ])('are not invited with %s', (_, body, text) => api.fails('POST', '/v1/users', body, 400, text));

  test('are deactivated and come back, but never by themselves', async () => {
    expect((await api.ok('PUT', '/v1/users/2', { active_flag: false })).data).toMatchObject({ is_deleted: true });
    await api.fails('POST', '/api/v2/deals', { title: 'X', owner_id: 2 }, 400, "'2'");
    await api.ok('PUT', '/v1/users/2', { active_flag: true });
    await api.ok('POST', '/api/v2/deals', { title: 'X', owner_id: 2 });
    await api.fails('PUT', '/v1/users/1', { active_flag: false }, 403, 'yourself');
    await api.fails('PUT', '/v1/users/999', { active_flag: false }, 404, 'User not found');
  });

  test('have permission sets that can be read alone', async () => {
    const { data: sets } = await api.ok('GET', '/v1/permissionSets');
    for (const { id, name } of sets) {
      const { data } = await api.ok('GET', `/v1/permissionSets/${id}`);
      expect(data).toEqual([
        expect.objectContaining({ id, name, contents: expect.arrayContaining([expect.any(String)]) }),
      ]);
    }
    await api.fails('GET', '/v1/permissionSets/none', undefined, 404, 'Permission set not found');
    expect((await api.ok('GET', '/v1/permissionSets?app=campaigns')).data).toBeNull();
  });
});
