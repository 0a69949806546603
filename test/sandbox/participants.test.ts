import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { type Api, apiOf } from './api.ts';

let sandbox: Sandbox;
let api: Api;

beforeAll(async () => {
  sandbox = await startSandbox({ empty: true, seed: 1, now: new Date('2026-11-20T10:00:00Z') });
  api = apiOf(sandbox);
});
afterAll(() => sandbox.close());

const person = async (name: string) => (await api.ok('POST', '/api/v2/persons', { name })).data.id;
const deal = async (body: Record<string, unknown> = {}) =>
  (await api.ok('POST', '/api/v2/deals', { title: 'Deal', ...body })).data.id;
const organization = async (name: string) => (await api.ok('POST', '/api/v2/organizations', { name })).data.id;

type Row = { id: number; person_id: { value: number } };
const participants = async (id: number) => {
  const { data } = await api.ok('GET', `/v1/deals/${id}/participants`);
  return ((data ?? []) as Row[]).map((row) => row.person_id.value);
};
const count = async (id: number) =>
  (await api.ok('GET', `/api/v2/deals/${id}?include_fields=participants_count`)).data.participants_count;

describe('the participants of a deal', () => {
  it('are nobody at first, or its person', async () => {
    expect(await participants(await deal())).toEqual([]);
    const ada = await person('Ada');
    const id = await deal({ person_id: ada });
    expect(await participants(id)).toEqual([ada]);
    expect(await count(id)).toBe(1);
  });

  it('follow the person of the deal when it changes', async () => {
    const [ada, bo] = [await person('Ada'), await person('Bo')];
    const id = await deal({ person_id: ada });
    await api.ok('PATCH', `/api/v2/deals/${id}`, { person_id: bo });
    expect(await participants(id)).toEqual([bo]);
    await api.ok('PATCH', `/api/v2/deals/${id}`, { person_id: null });
    expect(await participants(id)).toEqual([]);
    const { data } = await api.ok('GET', `/v1/deals/${id}/participantsChangelog`);
    expect(data.map((row: { action: string; person_id: number }) => [row.action, row.person_id])).toEqual([
      ['added', ada],
      ['removed', ada],
      ['added', bo],
      ['removed', bo],
    ]);
  });

  it('are added once, paged, and taken off', async () => {
    const [ada, bo, cleo] = [await person('Ada'), await person('Bo'), await person('Cleo')];
    const id = await deal({ person_id: ada });
    const { data, related_objects } = await api.ok('POST', `/v1/deals/${id}/participants`, { person_id: String(bo) });
    expect(data).toMatchObject({ person_id: { value: bo, name: 'Bo' }, related_item_id: id });
    expect(related_objects.person[bo]).toMatchObject({ name: 'Bo' });
    await api.fails('POST', `/v1/deals/${id}/participants`, { person_id: bo }, 400, 'already');
    await api.fails('POST', `/v1/deals/${id}/participants`, { person_id: 999 }, 400, 'not found');
    await api.fails('POST', `/v1/deals/${id}/participants`, {}, 400, 'person_id');
    await api.ok('POST', `/v1/deals/${id}/participants`, { person_id: cleo });
    expect(await count(id)).toBe(3);
    const page = await api.ok('GET', `/v1/deals/${id}/participants?start=1&limit=1`);
    expect(page.data).toHaveLength(1);
    expect(page.additional_data.pagination).toMatchObject({ more_items_in_collection: true, next_start: 2 });
    expect((await api.ok('GET', `/api/v2/persons?deal_id=${id}`)).data.map((row: Row) => row.id)).toEqual([
      ada,
      bo,
      cleo,
    ]);
    const { data: counted } = await api.ok(
      'GET',
      `/api/v2/persons/${bo}?include_fields=participant_open_deals_count,participant_closed_deals_count`,
    );
    expect(counted).toMatchObject({ participant_open_deals_count: 1, participant_closed_deals_count: 0 });
    expect((await api.ok('DELETE', `/v1/deals/${id}/participants/${data.id}`)).data).toEqual({ id: data.id });
    await api.fails('DELETE', `/v1/deals/${id}/participants/${data.id}`, undefined, 404, 'not found');
    expect(await participants(id)).toEqual([ada, cleo]);
  });

  it("leave a deal without a person when that is the deal's own", async () => {
    const id = await deal({ person_id: await person('Ada') });
    const { data } = await api.ok('GET', `/v1/deals/${id}/participants`);
    await api.ok('DELETE', `/v1/deals/${id}/participants/${data[0].id}`);
    expect((await api.ok('GET', `/api/v2/deals/${id}`)).data.person_id).toBeNull();
    expect(await participants(id)).toEqual([]);
  });

  it('page their changelog with a cursor', async () => {
    const id = await deal({ person_id: await person('Ada') });
    await api.ok('POST', `/v1/deals/${id}/participants`, { person_id: await person('Bo') });
    const first = await api.ok('GET', `/v1/deals/${id}/participantsChangelog?limit=1`);
    const cursor = first.additional_data.next_cursor;
    const second = await api.ok('GET', `/v1/deals/${id}/participantsChangelog?limit=1&cursor=${cursor}`);
    expect([first.data.length, second.data.length, second.additional_data.next_cursor]).toEqual([1, 1, null]);
    expect(first.data[0].person_id).not.toBe(second.data[0].person_id);
    expect(first.data[0].time).toMatch(/^2026-11-20 10:\d\d:\d\d$/);
  });

  it('are those of deals that there are, and of archived ones only to look at', async () => {
    await api.fails('GET', '/v1/deals/999/participants', undefined, 404, 'Deal not found');
    const id = await deal({ person_id: await person('Ada') });
    await api.ok('PATCH', `/api/v2/deals/${id}`, { is_archived: true });
    expect(await participants(id)).toHaveLength(1);
    await api.fails('POST', `/v1/deals/${id}/participants`, { person_id: await person('Bo') }, 400, 'archived');
  });
});

describe('relationships of organizations', () => {
  const relate = (type: string, rel_owner_org_id: number, rel_linked_org_id: number) =>
    api.ok('POST', '/v1/organizationRelationships', { type, rel_owner_org_id, rel_linked_org_id });
  const seenFrom = async (id: number) => {
    const { data } = await api.ok('GET', `/v1/organizationRelationships?org_id=${id}`);
    return ((data ?? []) as Record<string, unknown>[]).map((row) => [
      row['calculated_type'],
      row['calculated_related_org_id'],
      row['related_organization_name'],
    ]);
  };

  it('are seen from either side', async () => {
    const [mother, daughter, friend] = [await organization('M'), await organization('D'), await organization('F')];
    await relate('parent', mother, daughter);
    const { data } = await relate('related', daughter, friend);
    expect(await seenFrom(mother)).toEqual([['daughter', daughter, 'D']]);
    expect(await seenFrom(daughter)).toEqual([
      ['parent', mother, 'M'],
      ['related', friend, 'F'],
    ]);
    const { data: one } = await api.ok('GET', `/v1/organizationRelationships/${data.id}?org_id=${friend}`);
    expect(one).toMatchObject({ calculated_related_org_id: daughter, rel_owner_org_id: { value: daughter } });
    await api.ok('DELETE', `/v1/organizationRelationships/${data.id}`);
    expect(await seenFrom(friend)).toEqual([]);
    await api.fails('GET', `/v1/organizationRelationships/${data.id}`, undefined, 404, 'not found');
  });

  it('make no circle, no second one, and none with itself or nobody', async () => {
    const [a, b, c] = [await organization('A'), await organization('B'), await organization('C')];
    await relate('parent', a, b);
    const { data } = await relate('parent', b, c);
    const body = (type: string, rel_owner_org_id: number, rel_linked_org_id: number) => ({
      type,
      rel_owner_org_id,
      rel_linked_org_id,
    });
    const path = '/v1/organizationRelationships';
    await api.fails('POST', path, body('parent', c, a), 400, 'below');
    await api.fails('POST', path, body('parent', a, a), 400, 'itself');
    await api.fails('POST', path, body('parent', a, b), 400, 'already');
    await api.fails('POST', path, body('parent', a, 999), 400, 'not found');
    await api.fails('POST', path, body('sister', a, b), 400, 'type');
    await api.fails('GET', path, undefined, 400, 'org_id');
    await api.fails('PUT', `${path}/${data.id}`, { rel_linked_org_id: a }, 400, 'below');
    await api.ok('PUT', `${path}/${data.id}`, { type: 'related', rel_linked_org_id: a });
    await api.ok('POST', path, body('parent', c, a));
  });
});
