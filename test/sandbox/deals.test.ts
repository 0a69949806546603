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

const add = async (body: Record<string, unknown>) => (await api.ok('POST', '/api/v2/deals', body)).data;
const update = async (id: number, body: Record<string, unknown>) =>
  (await api.ok('PATCH', `/api/v2/deals/${id}`, body)).data;

describe('a new deal', () => {
  it('takes its defaults from the caller and the first stage of the default pipeline', async () => {
    const deal = await add({ title: 'Probe' });
    expect(deal).toMatchObject({
      title: 'Probe',
      value: 0,
      currency: 'EUR',
      status: 'open',
      owner_id: deal.creator_user_id,
      is_archived: false,
      is_deleted: false,
      won_time: null,
      local_won_date: null,
      label_ids: [],
      custom_fields: {},
    });
    expect(deal.add_time).toMatch(/^2026-11-20T10:\d\d:\d\dZ$/);
    const { data: stages } = await api.ok('GET', `/api/v2/stages?pipeline_id=${deal.pipeline_id}&sort_by=order_nr`);
    expect(deal.stage_id).toBe(stages[0].id);
    expect((await api.ok('GET', `/api/v2/deals/${deal.id}`)).data).toEqual(deal);
  });

  it.each([
    [{}, 'title: Field is required'],
    [{ title: '' }, 'title: The value must not be empty'],
    [{ title: 'x'.repeat(256) }, 'title: The value must be at most 255'],
    [{ title: 'A', value: '12' }, "value: The value is not a valid 'number'"],
    [{ title: 'A', vlaue: 12 }, "Unknown key 'vlaue'"],
    [{ title: 'A', person_id: 999 }, 'Person 999 not found'],
    [{ title: 'A', org_id: 999 }, 'Organization 999 not found'],
    [{ title: 'A', owner_id: 999 }, "User with id '999' not found"],
    [{ title: 'A', stage_id: 999 }, 'Stage 999 not found'],
    [{ title: 'A', pipeline_id: 999 }, 'Pipeline 999 not found'],
    [{ title: 'A', probability: 101 }, 'probability'],
    [{ title: 'A', currency: 'EURO' }, "Currency 'EURO' does not exist"],
    [{ title: 'A', expected_close_date: null }, 'expected_close_date'],
    [{ title: 'A', expected_close_date: '2026-02-30' }, 'expected_close_date'],
    [{ title: 'A', visible_to: 2 }, 'visible_to must be one of 1, 3, 5, 7'],
    [{ title: 'A', label_ids: [999] }, 'label_ids'],
    [{ title: 'A', status: 'deleted' }, 'status'],
    [{ title: 'A', lost_reason: 'Price' }, 'lost_reason: Can only be set if deal status is lost'],
    [{ title: 'A', won_time: '2026-11-01T00:00:00Z' }, 'won_time: Can only be set if deal status is won'],
    [{ title: 'A', custom_fields: { nothing: 1 } }, "Unknown key 'nothing'"],
  ])('is refused: %j', async (body, text) => {
    const { status, body: answer } = await api.call('POST', '/api/v2/deals', body);
    expect(status).toBe(400);
    expect(answer).toMatchObject({ success: false, data: null });
    expect(answer.error).toContain(text);
  });
});

describe('winning and losing', () => {
  it('sets the times and the local dates, and reopening clears all but the first win', async () => {
    const { id } = await add({ title: 'Won' });
    const won = await update(id, { status: 'won', won_time: '2026-11-01T23:30:00Z' });
    expect(won).toMatchObject({
      status: 'won',
      won_time: '2026-11-01T23:30:00Z',
      close_time: '2026-11-01T23:30:00Z',
      local_won_date: '2026-11-02',
      local_close_date: '2026-11-02',
      lost_time: null,
      local_lost_date: null,
    });
    const open = await update(id, { status: 'open' });
    expect(open).toMatchObject({ status: 'open', won_time: null, close_time: null, local_won_date: null });
    const lost = await update(id, { status: 'lost', lost_reason: 'Price' });
    expect(lost).toMatchObject({ lost_reason: 'Price', lost_time: lost.close_time, won_time: null });
    expect(lost.lost_time).toMatch(/^2026-11-20T10:/);
    const kept = await update(id, { title: 'Lost' });
    expect(kept).toMatchObject({ status: 'lost', lost_reason: 'Price', lost_time: lost.lost_time });
    expect(await update(id, { status: 'open' })).toMatchObject({ lost_reason: null, lost_time: null });
    const { data } = await api.ok('GET', `/api/v2/deals/${id}?include_fields=first_won_time`);
    expect(data.first_won_time).toBe('2026-11-01T23:30:00Z');
  });

  it('refuses a time or a reason of another status', async () => {
    const { id } = await add({ title: 'Open' });
    const path = `/api/v2/deals/${id}`;
    await api.fails('PATCH', path, { lost_reason: 'Price' }, 400, 'lost_reason');
    await api.fails('PATCH', path, { close_time: '2026-11-01T00:00:00Z' }, 400, 'won or lost');
    await api.fails('PATCH', path, { status: 'lost', won_time: '2026-11-01T00:00:00Z' }, 400, 'won_time');
    await api.fails('PATCH', path, { probability: -1 }, 400, 'probability');
  });
});

describe('stages and pipelines', () => {
  it('lets the stage decide the pipeline, and a pipeline mean its first stage', async () => {
    const { data: pipeline } = await api.ok('POST', '/api/v2/pipelines', { name: 'Service' });
    await api.fails('POST', '/api/v2/deals', { title: 'A', pipeline_id: pipeline.id }, 400, 'has no stages');
    const stage = async (name: string) =>
      (await api.ok('POST', '/api/v2/stages', { name, pipeline_id: pipeline.id })).data;
    const [first, second] = [await stage('Asked'), await stage('Offered')];
    expect(second).toMatchObject({ order_nr: first.order_nr + 1, deal_probability: 100, is_deal_rot_enabled: false });

    const deal = await add({ title: 'Moves' });
    expect(deal.stage_change_time).toBeNull();
    const moved = await update(deal.id, { stage_id: second.id });
    expect(moved).toMatchObject({ stage_id: second.id, pipeline_id: pipeline.id });
    expect(moved.stage_change_time).toMatch(/^2026-11-20/);
    expect(await update(deal.id, { pipeline_id: pipeline.id })).toMatchObject({ stage_id: second.id });
    expect(await update(deal.id, { pipeline_id: deal.pipeline_id })).toMatchObject({ stage_id: deal.stage_id });
    expect(await update(deal.id, { pipeline_id: pipeline.id })).toMatchObject({ stage_id: first.id });
    const both = { stage_id: first.id, pipeline_id: deal.pipeline_id };
    await api.fails('PATCH', `/api/v2/deals/${deal.id}`, both, 400, `Stage ${first.id} is not in pipeline`);
  });

  it('creates, changes, lists and deletes stages', async () => {
    expect((await api.ok('GET', '/api/v2/stages?pipeline_id=999')).data).toEqual([]);
    await api.fails('POST', '/api/v2/stages', { name: 'A', pipeline_id: 999 }, 400, 'Pipeline 999 not found');
    await api.fails('POST', '/api/v2/stages', { name: '', pipeline_id: 1 }, 400, 'name');
    await api.fails('POST', '/api/v2/stages', { name: 'A', pipeline_id: 1, deal_probability: 101 }, 400, 'probability');
    const { data: stage } = await api.ok('POST', '/api/v2/stages', { name: 'Trial', pipeline_id: 1 });
    const changed = { name: 'Test', is_deal_rot_enabled: true, days_to_rotten: 5, deal_probability: 40 };
    expect((await api.ok('PATCH', `/api/v2/stages/${stage.id}`, changed)).data).toMatchObject(changed);
    expect((await api.ok('DELETE', `/api/v2/stages/${stage.id}`)).data).toEqual({ id: stage.id });
    await api.fails('GET', `/api/v2/stages/${stage.id}`, undefined, 404, 'Stage not found');
    await api.fails('POST', '/api/v2/deals', { title: 'A', stage_id: stage.id }, 400, 'not found');
  });
});

describe('lists', () => {
  it('filters, sorts and pages', async () => {
    const { data: person } = await api.ok('POST', '/api/v2/persons', { name: 'Ada' });
    const ids: number[] = [];
    for (let n = 0; n < 5; n += 1) {
      const status = n < 2 ? 'won' : n === 2 ? 'lost' : 'open';
      ids.push((await add({ title: `Deal ${n}`, person_id: person.id, status, value: n })).id);
    }
    const base = `/api/v2/deals?person_id=${person.id}`;
    const titles = async (query: string) =>
      (await api.ok('GET', base + query)).data.map((deal: { title: string }) => deal.title);
    expect(await titles('&status=won,lost')).toEqual(['Deal 0', 'Deal 1', 'Deal 2']);
    expect(await titles('&sort_direction=desc&limit=2')).toEqual(['Deal 4', 'Deal 3']);
    expect(await titles(`&ids=${ids[0]},${ids[3]},999`)).toEqual(['Deal 0', 'Deal 3']);
    expect(await titles('&updated_since=2026-11-20T11:00:00Z')).toEqual([]);
    expect(await titles('&updated_until=2026-11-20T11:00:00Z')).toHaveLength(5);
    expect(await titles('&owner_id=999')).toEqual([]);
    expect(await titles('&stage_id=999')).toEqual([]);
    const seen: number[] = [];
    let next: string | null = '';
    while (next !== null) {
      const page: { data: { id: number }[]; additional_data: { next_cursor: string | null } } = await api.ok(
        'GET',
        `${base}&limit=2${next && `&cursor=${next}`}`,
      );
      seen.push(...page.data.map((deal) => deal.id));
      next = page.additional_data.next_cursor;
    }
    expect(seen).toEqual(ids);
    await api.fails('GET', `${base}&status=gone`, undefined, 400, 'status');
    await api.fails('GET', `${base}&updated_since=2026-11-20T11:00:00.5Z`, undefined, 400, 'RFC3339');
    await api.fails('GET', `${base}&filter_id=1`, undefined, 404, 'Filter not found');
    await api.fails('GET', `${base}&limit=501`, undefined, 400, 'limit');
  });

  it('shows the deleted for thirty days on request, and archived deals apart', async () => {
    const deleted = await add({ title: 'Deleted' });
    expect((await api.ok('DELETE', `/api/v2/deals/${deleted.id}`)).data).toEqual({ id: deleted.id });
    const path = `/api/v2/deals/${deleted.id}`;
    await api.fails('PATCH', path, { title: 'A' }, 404, 'Deal not found');
    await api.fails('DELETE', path, undefined, 404, 'Deal not found');
    const ids = async (from: string) => (await api.ok('GET', from)).data.map((deal: { id: number }) => deal.id);
    expect(await ids('/api/v2/deals?limit=500')).not.toContain(deleted.id);
    expect(await ids('/api/v2/deals?status=deleted')).toContain(deleted.id);

    const { id } = await add({ title: 'Archived', is_archived: true });
    expect(await ids('/api/v2/deals?limit=500')).not.toContain(id);
    expect(await ids('/api/v2/deals/archived')).toEqual([id]);
    await api.fails('PATCH', `/api/v2/deals/${id}`, { title: 'A' }, 400, 'archived');
    const back = await update(id, { is_archived: false });
    expect(back).toMatchObject({ is_archived: false, archive_time: null });
    expect(await ids('/api/v2/deals/archived')).toEqual([]);
  });

  it('adds optional fields, labels and chosen custom fields', async () => {
    const deal = await add({ title: 'Fields' });
    await api.ok('POST', '/api/v2/activities', { subject: 'Call', deal_id: deal.id, due_date: '2026-11-25' });
    await api.ok('POST', '/v1/notes', { content: 'Hello', deal_id: deal.id });
    const names =
      'next_activity_id,last_activity_id,first_won_time,products_count,files_count,notes_count,followers_count,' +
      'email_messages_count,activities_count,done_activities_count,undone_activities_count,participants_count,' +
      'last_incoming_mail_time,last_outgoing_mail_time,smart_bcc_email,source_lead_id';
    const { data } = await api.ok('GET', `/api/v2/deals/${deal.id}?include_fields=${names}&include_labels=true`);
    expect(data).toMatchObject({ notes_count: 1, activities_count: 1, undone_activities_count: 1, labels: [] });
    expect(data.next_activity_id).toBeGreaterThan(0);
    expect(data.smart_bcc_email).toMatch(/\+deal\d+@pipedrivemail\.com$/);
    for (const name of names.split(',')) expect(data).toHaveProperty(name);
    await api.fails('GET', `/api/v2/deals/${deal.id}?include_fields=nothing`, undefined, 400, 'include_fields');
    const many = Array.from({ length: 16 }, (_, n) => `k${n}`).join(',');
    await api.fails('GET', `/api/v2/deals?custom_fields=${many}`, undefined, 400, 'custom_fields');
  });

  it('lists who may see a deal', async () => {
    const deal = await add({ title: 'Seen' });
    const { data } = await api.ok('GET', `/v1/deals/${deal.id}/permittedUsers`);
    expect(data).toContain(deal.owner_id);
    await api.fails('GET', '/v1/deals/99999/permittedUsers', undefined, 404, 'Deal not found');
  });
});
