import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { type Api, apiOf } from './api.ts';

/** Of any kind: what these tests look at. */
type Row = Record<'field_key' | 'field_code' | 'field_type' | 'old_value' | 'new_value' | 'action', string> &
  Record<'object' | 'item' | 'title', string> &
  Record<'id' | 'user_id' | 'stage_id' | 'pipeline_id', number> &
  Record<'is_you' | 'active_flag' | 'is_custom_field', boolean> & { data: Row };

const NOW = new Date('2026-11-20T10:00:00Z');

describe('history', () => {
  let sandbox: Sandbox;
  let api: Api;

  beforeAll(async () => {
    sandbox = await startSandbox({ seed: 1, now: NOW });
    api = apiOf(sandbox);
  });
  afterAll(() => sandbox.close());

  const newDeal = async (body: object = {}): Promise<number> =>
    (await api.ok('POST', '/api/v2/deals', { title: 'Traced', ...body })).data.id;
  const log = async (path: string) => (await api.ok('GET', `/v1/${path}/changelog`)).data;

  it('tells every changed field of a deal, the newest first, and nothing of its making', async () => {
    const id = await newDeal({ value: 100 });
    expect(await log(`deals/${id}`)).toEqual([]);
    const { data: stages } = await api.ok('GET', '/api/v2/stages');
    const { data: deal } = await api.ok('PATCH', `/api/v2/deals/${id}`, { value: 250.5, title: 'Traced well' });
    const next = stages.find((stage: Row) => stage.pipeline_id === deal.pipeline_id && stage.id !== deal.stage_id);
    await api.ok('PATCH', `/api/v2/deals/${id}`, { stage_id: next.id });
    await api.ok('PATCH', `/api/v2/deals/${id}`, { value: 250.5 });
    const rows = await log(`deals/${id}`);
    expect(rows.map((row: Row) => [row.field_key, row.old_value, row.new_value])).toEqual([
      ['stage_id', String(deal.stage_id), String(next.id)],
      ['value', '100', '250.5'],
      ['title', 'Traced', 'Traced well'],
    ]);
    const { data: me } = await api.ok('GET', '/v1/users/me');
    expect(rows[0]).toMatchObject({ actor_user_id: me.id, change_source: 'api', is_bulk_update_flag: false });
    expect(rows[0].time).toMatch(/^2026-11-20 10:\d\d:\d\d$/);
  });

  it('pages by cursor and refuses what is no deal', async () => {
    const id = await newDeal();
    for (const value of [1, 2, 3]) await api.ok('PATCH', `/api/v2/deals/${id}`, { value });
    const first = await api.ok('GET', `/v1/deals/${id}/changelog?limit=2`);
    const rest = await api.ok('GET', `/v1/deals/${id}/changelog?limit=2&cursor=${first.additional_data.next_cursor}`);
    expect([...first.data, ...rest.data].map((row) => row.new_value)).toEqual(['3', '2', '1']);
    expect(rest.additional_data.next_cursor).toBeNull();
    await api.fails('GET', '/v1/deals/999999/changelog', undefined, 404, 'Deal not found');
    await api.fails('GET', `/v1/deals/${id}/changelog?cursor=nonsense`, undefined, 400, 'cursor');
    await api.fails('GET', `/v1/deals/${id}/flow?limit=0`, undefined, 400, 'limit');
  });

  it('tells owners, labels, e-mails and addresses in v1 terms', async () => {
    const { data: users } = await api.ok('GET', '/v1/users');
    const other = users.find((user: Row) => !user.is_you && user.active_flag).id;
    const deal = await newDeal();
    await api.ok('PATCH', `/api/v2/deals/${deal}`, { owner_id: other });
    expect((await log(`deals/${deal}`))[0]).toMatchObject({ field_key: 'user_id', new_value: String(other) });

    const { data: person } = await api.ok('POST', '/api/v2/persons', { name: 'Ada' }, 200);
    await api.ok('PATCH', `/api/v2/persons/${person.id}`, {
      emails: [{ value: 'a@x.example' }, { value: 'b@x.example' }],
    });
    expect(await log(`persons/${person.id}`)).toMatchObject([
      { field_key: 'email', old_value: null, new_value: 'a@x.example,b@x.example' },
    ]);

    const { data: organization } = await api.ok('POST', '/api/v2/organizations', { name: 'Acme' }, 200);
    await api.ok('PATCH', `/api/v2/organizations/${organization.id}`, { address: { value: 'Main St 1' } });
    expect(await log(`organizations/${organization.id}`)).toMatchObject([
      { field_key: 'address', old_value: null, new_value: 'Main St 1' },
    ]);
  });

  it('tells custom fields by their hash, in the flow only when all changes are asked for', async () => {
    const { data: fields } = await api.ok('GET', '/api/v2/dealFields?limit=500');
    const field = fields.find((one: Row) => one.is_custom_field && one.field_type === 'monetary').field_code;
    const id = await newDeal();
    await api.ok('PATCH', `/api/v2/deals/${id}`, { custom_fields: { [field]: { value: 12, currency: 'EUR' } } });
    expect((await log(`deals/${id}`)).map((row: Row) => [row.field_key, row.new_value])).toEqual([
      [`${field}_currency`, 'EUR'],
      [field, '12'],
    ]);
    expect((await api.ok('GET', `/v1/deals/${id}/flow?items=change`)).data).toBeNull();
    expect((await api.ok('GET', `/v1/deals/${id}/flow?items=change&all_changes=1`)).data).toHaveLength(2);
  });

  it('merges into one flow what happened to a deal', async () => {
    const id = await newDeal();
    const { data: users } = await api.ok('GET', '/v1/users');
    const user_id = users.find((user: Row) => !user.is_you && user.active_flag).id;
    await api.ok('PATCH', `/api/v2/deals/${id}`, { value: 7 });
    await api.ok('POST', '/v1/notes', { content: 'Called', deal_id: id });
    await api.ok('POST', '/api/v2/activities', { subject: 'Done', deal_id: id, done: true });
    await api.ok('POST', '/api/v2/activities', { subject: 'Planned', deal_id: id });
    await api.ok('POST', `/api/v2/deals/${id}/followers`, { user_id }, 201);
    const flow = await api.ok('GET', `/v1/deals/${id}/flow`);
    const objects = flow.data.map((row: Row) => row.object);
    expect(objects.sort()).toEqual(['activity', 'activity', 'dealChange', 'dealFollower', 'note']);
    expect(flow.related_objects.user[user_id].id).toBe(user_id);
    const planned = await api.ok('GET', `/v1/deals/${id}/flow?items=plannedActivity,note`);
    expect(planned.data).toHaveLength(2);
    expect(planned.data.find((row: Row) => row.object === 'activity').data.subject).toBe('Planned');
    const page = await api.ok('GET', `/v1/deals/${id}/flow?start=4&limit=3`);
    expect(page.data).toHaveLength(1);
    expect(page.additional_data.pagination.more_items_in_collection).toBe(false);
  });

  it('leads each deal of the sample through its stages to where it stands', async () => {
    const { data: deals } = await api.ok('GET', '/api/v2/deals?limit=500');
    const { data: stages } = await api.ok('GET', '/api/v2/stages');
    let moves = 0;
    for (const deal of deals.filter((one: Row) => one.title !== 'Traced' && one.title !== 'Traced well')) {
      const rows = (await log(`deals/${deal.id}`)).reverse();
      const stageRows = rows.filter((row: Row) => row.field_key === 'stage_id');
      moves += stageRows.length;
      for (const [index, row] of stageRows.entries()) {
        expect(row.old_value).toBe(stageRows[index - 1]?.new_value ?? row.old_value);
        const [from, to] = [row.old_value, row.new_value].map((id) =>
          stages.findIndex((stage: Row) => String(stage.id) === id),
        );
        expect(stages[from].pipeline_id).toBe(deal.pipeline_id);
        expect(to).toBeGreaterThan(from);
      }
      const last = stageRows.at(-1);
      if (deal.stage_change_time === null) expect(last).toBeUndefined();
      else {
        expect(last.new_value).toBe(String(deal.stage_id));
        expect(last.time).toBe(deal.stage_change_time.replace('T', ' ').replace('Z', ''));
      }
      const status = rows.find((row: Row) => row.field_key === 'status');
      expect(status?.new_value).toBe(deal.status === 'open' ? undefined : deal.status);
      for (const row of rows) {
        const time = `${row.time.replace(' ', 'T')}Z`;
        expect(time >= deal.add_time && time <= deal.update_time, `${deal.id} ${row.field_key} ${time}`).toBe(true);
      }
    }
    expect(moves).toBeGreaterThan(100);
  });

  it('gives the same history for the same seed', async () => {
    const twin = await startSandbox({ seed: 1, now: NOW });
    const { data } = await apiOf(twin).ok('GET', '/v1/deals/12/changelog');
    expect(data).toEqual(await log('deals/12'));
    await twin.close();
  });

  it('lists what changed of late, oldest first, within a month', async () => {
    const id = await newDeal();
    const { data: person } = await api.ok('POST', '/api/v2/persons', { name: 'Recent' }, 200);
    await api.ok('DELETE', `/api/v2/persons/${person.id}`);
    const recents = (query: string) => api.ok('GET', `/v1/recents?since_timestamp=2026-11-20%2009:59:00${query}`);
    const all = await recents('&limit=500');
    expect(all.data.find((row: Row) => row.item === 'deal' && row.id === id).data.title).toBe('Traced');
    expect(all.data.find((row: Row) => row.item === 'person' && row.id === person.id).data.active_flag).toBe(false);
    expect(all.additional_data).toMatchObject({
      since_timestamp: '2026-11-20 09:59:00',
      last_timestamp_on_page: all.data.at(-1).data.update_time,
    });
    const only = await recents('&items=organization,note&limit=500');
    expect(new Set(only.data.map((row: Row) => row.item))).toEqual(new Set(['organization', 'note']));
    await api.fails('GET', '/v1/recents', undefined, 400, 'since_timestamp');
    await api.fails('GET', '/v1/recents?since_timestamp=2026-10-19%2000:00:00', undefined, 400, 'one month');
    await api.fails('GET', '/v1/recents?since_timestamp=yesterday', undefined, 400, 'since_timestamp');
  });

  it('follows in v1 by the id of the following, in the same store as v2', async () => {
    const id = await newDeal();
    const { data: users } = await api.ok('GET', '/v1/users');
    const user_id = users.find((user: Row) => !user.is_you && user.active_flag).id;
    const { data: made } = await api.ok('POST', `/v1/deals/${id}/followers`, { user_id: String(user_id) });
    expect(made).toMatchObject({ user_id, deal_id: id });
    await api.fails('POST', `/v1/deals/${id}/followers`, { user_id }, 400, 'already');
    expect((await api.ok('GET', `/api/v2/deals/${id}/followers`)).data).toMatchObject([{ user_id }]);
    expect((await api.ok('GET', `/v1/deals/${id}/followers`)).data).toEqual([made]);
    await api.fails('DELETE', `/v1/deals/${id}/followers/${user_id + 100_000}`, undefined, 404, 'Follower');
    expect((await api.ok('DELETE', `/v1/deals/${id}/followers/${made.id}`)).data).toEqual({ id: made.id });
    expect((await api.ok('GET', `/v1/deals/${id}/followers`)).data).toBeNull();
    const { data: changes } = await api.ok('GET', `/api/v2/deals/${id}/followers/changelog`);
    expect(changes.map((change: Row) => change.action)).toEqual(['added', 'removed']);
  });

  it('says alike in both versions who follows a user', async () => {
    const { data: users } = await api.ok('GET', '/v1/users');
    let found = 0;
    for (const { id } of users) {
      const { data: ids } = await api.ok('GET', `/v1/users/${id}/followers`);
      const { data: rows } = await api.ok('GET', `/api/v2/users/${id}/followers`);
      expect(rows.map((row: Row) => row.user_id)).toEqual(ids);
      found += ids.length;
    }
    expect(found).toBeGreaterThan(0);
    await api.fails('GET', '/v1/users/999999/followers', undefined, 404, 'User');
  });
});
