import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { type Api, apiOf } from './api.ts';

let sandbox: Sandbox;
let api: Api;
let person: number;
let organization: number;

beforeAll(async () => {
  sandbox = await startSandbox({ empty: true, seed: 1, now: new Date('2026-11-20T10:00:00Z') });
  api = apiOf(sandbox);
  person = (await api.ok('POST', '/api/v2/persons', { name: 'Ada Byron' })).data.id;
  organization = (await api.ok('POST', '/api/v2/organizations', { name: 'Acme' })).data.id;
});
afterAll(() => sandbox.close());

const path = '/v1/leads';
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
async function add(body: object) {
  return (await api.ok('POST', path, { title: 'Lead', person_id: person, ...body }, 201)).data;
}
async function titles(query: string): Promise<string[] | null> {
  const { data } = await api.ok('GET', `${path}${query}`);
  return data?.map((lead: { title: string }) => lead.title) ?? null;
}

describe('leads', () => {
  it('gives null while there are none, and every key once there is one', async () => {
    expect((await api.ok('GET', path)).data).toBe(null);
    const label_ids = [(await api.ok('GET', '/v1/leadLabels')).data[0].id];
    const value = { amount: 999.5, currency: 'USD' };
    const lead = await add({ title: 'Probe', organization_id: organization, label_ids, value, visible_to: '3' });
    expect(lead).toEqual({
      id: expect.stringMatching(uuid),
      title: 'Probe',
      owner_id: 1,
      creator_id: 1,
      label_ids,
      person_id: person,
      organization_id: organization,
      source_name: 'API',
      origin: 'API',
      origin_id: null,
      channel: null,
      channel_id: null,
      source_deal_id: null,
      is_archived: false,
      was_seen: false,
      value,
      expected_close_date: null,
      next_activity_id: null,
      add_time: expect.stringMatching(/^2026-11-20T10:\d\d:\d\d\.000Z$/),
      update_time: expect.stringMatching(/\.000Z$/),
      visible_to: '3',
      cc_email: expect.stringMatching(/^varsa-instruments\+8127340\+lead[\w-]{22}@pipedrivemail\.com$/),
    });
    expect((await api.ok('GET', `${path}/${lead.id}`)).data).toEqual(lead);
    expect((await api.ok('GET', `${path}/${lead.id}/permittedUsers`)).data).toEqual([1]);
    const next = await api.ok('POST', '/api/v2/activities', { lead_id: lead.id, due_date: '2026-12-01' });
    expect((await api.ok('GET', `${path}/${lead.id}`)).data.next_activity_id).toBe(next.data.id);
  });

  it('needs a contact, and keeps one', async () => {
    await api.fails('POST', path, { title: 'Alone' }, 400, 'must be linked to a person or an organization');
    const lead = await add({ organization_id: organization });
    const without = await api.ok('PATCH', `${path}/${lead.id}`, { person_id: null });
    expect(without.data).toMatchObject({ person_id: null, organization_id: organization });
    await api.fails('PATCH', `${path}/${lead.id}`, { organization_id: null }, 400, 'must be linked');
    expect((await api.ok('PATCH', `${path}/${lead.id}`, { title: null })).data.title).toBe('Acme lead');
  });

  it('changes what a PATCH names, and clears with null', async () => {
    const lead = await add({ value: { amount: 5, currency: 'EUR' }, expected_close_date: '2026-12-24' });
    const body = { title: 'New', value: null, was_seen: true };
    expect((await api.ok('PATCH', `${path}/${lead.id}`, body)).data).toMatchObject({
      ...body,
      expected_close_date: '2026-12-24',
    });
  });

  it('refuses wrong values', async () => {
    const fails = (body: object, text: string) => api.fails('POST', path, { person_id: person, ...body }, 400, text);
    await fails({}, 'title: Field is required');
    await fails({ title: '' }, 'title');
    await fails({ title: 'x', person_id: 999 }, 'Person 999 not found');
    await fails({ title: 'x', organization_id: 999 }, 'Organization 999 not found');
    await fails({ title: 'x', owner_id: 99 }, '99');
    await fails({ title: 'x', value: { amount: 5 } }, 'value.currency: Field is required');
    await fails({ title: 'x', value: { amount: 5, currency: 'XXX' } }, 'XXX');
    await fails({ title: 'x', visible_to: 3 }, 'visible_to');
    await fails({ title: 'x', label_ids: ['nope'] }, 'Lead label nope not found');
    await fails({ title: 'x', channel: 999_999 }, 'Channel 999999 not found');
    await fails({ title: 'x', expected_close_date: '24.12.2026' }, 'expected_close_date');
    const missing = await api.call('GET', `${path}/adf21080-0e10-11eb-879b-05d71fb426ec`);
    expect(missing).toEqual({
      status: 404,
      body: {
        success: false,
        error: 'requested lead not found',
        error_info: 'Object was not found.',
        data: null,
        additional_data: null,
      },
    });
  });

  it("has the deals' custom fields, flat, those unset left out", async () => {
    const sample = await startSandbox({ seed: 1, deals: 20, now: new Date('2026-11-20T10:00:00Z') });
    const { ok } = apiOf(sample);
    const fields: { is_custom_field: boolean; field_type: string; field_code: string }[] = (
      await ok('GET', '/api/v2/dealFields?limit=500')
    ).data;
    const codeOf = (type: string) =>
      fields.find((one) => one.is_custom_field && one.field_type === type)?.field_code ?? '';
    const code = codeOf('varchar');
    const amount = codeOf('monetary');
    const custom = { [code]: 'Dock 4', [amount]: 20, [`${amount}_currency`]: 'EUR' };
    const lead = (await ok('POST', path, { title: 'Lead', person_id: 1, ...custom }, 201)).data;
    expect(lead).toMatchObject(custom);
    const cleared = await ok('PATCH', `${path}/${lead.id}`, { [code]: null });
    expect(cleared.data).not.toHaveProperty(code);
    expect(cleared.data).toMatchObject({ [amount]: 20 });
    await sample.close();
  });

  it('lists by filter and sort, archived ones apart', async () => {
    const org = (await api.ok('POST', '/api/v2/organizations', { name: 'Listed' })).data.id;
    const made = { person_id: undefined, organization_id: org };
    await add({ ...made, title: 'b' });
    const a = await add({ ...made, title: 'a' });
    await add({ ...made, title: 'c' });
    const of = `?organization_id=${org}`;
    expect(await titles(of)).toEqual(['b', 'a', 'c']);
    expect(await titles(`${of}&sort=title%20DESC`)).toEqual(['c', 'b', 'a']);
    expect(await titles(`${of}&owner_id=9`)).toBe(null);
    expect(await titles(`${of}&person_id=${person}`)).toBe(null);
    expect(await titles(`${of}&updated_since=2026-11-20T09:00:00Z`)).toHaveLength(3);
    expect(await titles(`${of}&updated_since=2027-11-20T09:00:00Z`)).toBe(null);
    const page = await api.ok('GET', `${path}${of}&limit=2`);
    expect(page.additional_data.pagination).toEqual({
      start: 0,
      limit: 2,
      more_items_in_collection: true,
      next_start: 2,
    });
    await api.fails('GET', `${path}?sort=value`, undefined, 400, 'sort');
    await api.ok('PATCH', `${path}/${a.id}`, { is_archived: true });
    expect(await titles(of)).toEqual(['b', 'c']);
    expect(await titles(`/archived${of}`)).toEqual(['a']);
    await api.fails('PATCH', `${path}/${a.id}`, { title: 'x' }, 400, 'archived');
    await api.ok('PATCH', `${path}/${a.id}`, { is_archived: false });
    expect(await titles(`/archived${of}`)).toBe(null);
    expect((await api.ok('DELETE', `${path}/${a.id}`)).data).toEqual({ id: a.id });
    await api.fails('GET', `${path}/${a.id}`, undefined, 404, 'requested lead not found');
    await api.fails('DELETE', `${path}/${a.id}`, undefined, 404, 'requested lead not found');
  });
});

describe('lead labels and sources', () => {
  it('are read, made, renamed and deleted', async () => {
    const labels = '/v1/leadLabels';
    const label = (await api.ok('POST', labels, { name: 'Fair', color: 'dark-gray' })).data;
    expect(label).toEqual({
      id: expect.stringMatching(uuid),
      name: 'Fair',
      color: 'dark-gray',
      add_time: expect.stringMatching(/\.000Z$/),
      update_time: expect.stringMatching(/\.000Z$/),
    });
    const renamed = await api.ok('PATCH', `${labels}/${label.id}`, { name: 'Trade fair' });
    expect(renamed.data).toMatchObject({ name: 'Trade fair', color: 'dark-gray' });
    const lead = await add({ label_ids: [label.id] });
    expect((await api.ok('DELETE', `${labels}/${label.id}`)).data).toEqual({ id: label.id });
    expect((await api.ok('GET', `${path}/${lead.id}`)).data.label_ids).toEqual([]);
    await api.fails('PATCH', `${labels}/${label.id}`, { name: 'x' }, 404, 'label not found');
    await api.fails('POST', labels, { name: 'x', color: 'teal' }, 400, 'color');
    const names = (await api.ok('GET', labels)).data.map((one: { name: string }) => one.name);
    expect(names).toEqual(['Hot', 'Warm', 'Cold']);
    expect((await api.ok('GET', '/v1/leadSources')).data).toContainEqual({ name: 'API' });
  });
});
