import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { type Api, apiOf } from './api.ts';

let sandbox: Sandbox;
let api: Api;
let person: number;
let other: number;
let organization: number;

beforeAll(async () => {
  sandbox = await startSandbox({ empty: true, seed: 1, now: new Date('2026-11-20T10:00:00Z') });
  api = apiOf(sandbox);
  person = (await api.ok('POST', '/api/v2/persons', { name: 'Ada Byron' })).data.id;
  other = (await api.ok('POST', '/api/v2/persons', { name: 'Bo Lind' })).data.id;
  organization = (await api.ok('POST', '/api/v2/organizations', { name: 'Acme' })).data.id;
});
afterAll(() => sandbox.close());

const path = '/api/v2/activities';
async function add(body: object) {
  return (await api.ok('POST', path, body)).data;
}
async function deal(): Promise<number> {
  return (await api.ok('POST', '/api/v2/deals', { title: 'D' })).data.id;
}
async function lead(): Promise<string> {
  return (await api.ok('POST', '/v1/leads', { title: 'L', person_id: person }, 201)).data.id;
}

describe('POST /activities', () => {
  it('gives every key, with type and subject where none are given', async () => {
    expect(await add({})).toEqual({
      id: expect.any(Number),
      subject: 'Call',
      type: 'call',
      owner_id: 1,
      creator_user_id: 1,
      is_deleted: false,
      add_time: expect.stringMatching(/^2026-11-20T10:\d\d:\d\dZ$/),
      update_time: expect.stringMatching(/Z$/),
      deal_id: null,
      lead_id: null,
      person_id: null,
      org_id: null,
      project_id: null,
      due_date: null,
      due_time: null,
      duration: null,
      busy: false,
      done: false,
      marked_as_done_time: null,
      location: null,
      participants: [],
      attendees: [],
      conference_meeting_client: null,
      conference_meeting_url: null,
      conference_meeting_id: null,
      public_description: null,
      priority: null,
      outcome: null,
      note: null,
    });
  });

  it('keeps what is given, times with their seconds', async () => {
    const body = {
      subject: 'Visit',
      type: 'meeting',
      org_id: organization,
      due_date: '2026-12-01',
      due_time: '14:30',
      duration: '30:00:00',
      busy: true,
      location: { value: 'Main St 1', locality: 'Berlin' },
      attendees: [{ email: 'guest@example.com' }],
      public_description: 'See you',
      priority: 3,
      note: '<p>Bring the probe</p>',
    };
    expect(await add(body)).toMatchObject({
      ...body,
      due_time: '14:30:00',
      duration: '30:00:00',
      location: { value: 'Main St 1', locality: 'Berlin', country: null, postal_code: null },
      attendees: [
        { email: 'guest@example.com', name: null, status: null, is_organizer: false, person_id: null, user_id: null },
      ],
    });
    expect(await add({ duration: '01:15' })).toMatchObject({ duration: '01:15:00' });
  });

  it('keeps one of deal, lead and project', async () => {
    const deal_id = await deal();
    const lead_id = await lead();
    expect(await add({ deal_id, lead_id, project_id: 5 })).toMatchObject({ deal_id, lead_id: null, project_id: null });
    const activity = await add({ lead_id, project_id: 5 });
    expect(activity).toMatchObject({ deal_id: null, lead_id, project_id: null });
    const moved = await api.ok('PATCH', `${path}/${activity.id}`, { deal_id });
    expect(moved.data).toMatchObject({ deal_id, lead_id: null });
    const freed = await api.ok('PATCH', `${path}/${activity.id}`, { deal_id: null });
    expect(freed.data).toMatchObject({ deal_id: null, lead_id: null });
  });

  it('takes the person from the participants', async () => {
    const alone = await add({ person_id: person });
    expect(alone.participants).toEqual([{ person_id: person, primary: true }]);
    const two = await add({ participants: [{ person_id: person }, { person_id: other, primary: true }] });
    expect(two).toMatchObject({ person_id: other });
    expect(two.participants).toEqual([
      { person_id: other, primary: true },
      { person_id: person, primary: false },
    ]);
    const swapped = await api.ok('PATCH', `${path}/${two.id}`, { person_id: person });
    expect(swapped.data.participants).toEqual([
      { person_id: person, primary: true },
      { person_id: other, primary: false },
    ]);
    const nobody = await api.ok('PATCH', `${path}/${two.id}`, { participants: [] });
    expect(nobody.data).toMatchObject({ person_id: null, participants: [] });
  });

  it('refuses what Pipedrive refuses', async () => {
    const fails = (body: object, text: string) => api.fails('POST', path, body, 400, text);
    await fails({ type: 'seance' }, "Activity type 'seance' not found");
    await fails({ owner_id: 99 }, '99');
    await fails({ deal_id: 999 }, 'Deal 999 not found');
    await fails({ lead_id: 'adf21080-0e10-11eb-879b-05d71fb426ec' }, 'Lead adf21080');
    await fails({ project_id: 1 }, 'Project 1 not found');
    await fails({ participants: [{ person_id: 999 }] }, 'Person 999 not found');
    await fails({ org_id: 999 }, 'Organization 999 not found');
    await fails({ due_date: '2026-02-30' }, 'due_date');
    await fails({ due_time: '25:00' }, 'due_time');
    await fails({ duration: 60 }, "duration: The value is not a valid 'string'");
    await fails({ done: 1 }, "done: The value is not a valid 'boolean'");
    await fails({ note: 'x'.repeat(100_001) }, 'note');
    await fails({ subject: 'x'.repeat(256) }, 'subject');
    await fails({ subjekt: 'x' }, "Unknown key 'subjekt'");
  });
});

describe('done', () => {
  it('is marked with its time, and moves the deal', async () => {
    const deal_id = await deal();
    const before = (await api.ok('GET', `/api/v2/deals/${deal_id}`)).data.update_time;
    const activity = await add({ deal_id, due_date: '2026-11-19', due_time: '09:00' });
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const done = (await api.ok('PATCH', `${path}/${activity.id}`, { done: true })).data;
    expect(done).toMatchObject({ done: true, due_date: '2026-11-19', due_time: '09:00:00' });
    expect(done.marked_as_done_time).toBe(done.update_time);
    expect((await api.ok('GET', `/api/v2/deals/${deal_id}`)).data.update_time > before).toBe(true);
    const undone = (await api.ok('PATCH', `${path}/${activity.id}`, { done: false })).data;
    expect(undone).toMatchObject({ done: false, marked_as_done_time: null });
  });

  it('decides which activity of a record is next and which was last', async () => {
    const deal_id = await deal();
    await add({ deal_id });
    const later = await add({ deal_id, due_date: '2026-12-02', due_time: '08:00' });
    const first = await add({ deal_id, due_date: '2026-12-01', due_time: '16:00' });
    const past = await add({ deal_id, due_date: '2026-11-01', done: true });
    const of = async () =>
      (await api.ok('GET', `/api/v2/deals/${deal_id}?include_fields=next_activity_id,last_activity_id`)).data;
    expect(await of()).toMatchObject({ next_activity_id: first.id, last_activity_id: past.id });
    await api.ok('DELETE', `${path}/${first.id}`);
    expect(await of()).toMatchObject({ next_activity_id: later.id });
  });
});

describe('GET /activities', () => {
  it('filters, sorts with the undated first, and pages with a cursor', async () => {
    const deal_id = await deal();
    const undated = await add({ deal_id, person_id: person });
    const late = await add({ deal_id, due_date: '2026-12-09', org_id: organization });
    const early = await add({ deal_id, due_date: '2026-12-03', done: true });
    const ids = async (query: string) =>
      (await api.ok('GET', `${path}?deal_id=${deal_id}&${query}`)).data.map((row: { id: number }) => row.id);
    expect(await ids('sort_by=due_date')).toEqual([undated.id, early.id, late.id]);
    expect(await ids('sort_by=due_date&sort_direction=desc')).toEqual([late.id, early.id, undated.id]);
    expect(await ids('done=true')).toEqual([early.id]);
    expect(await ids(`person_id=${person}`)).toEqual([undated.id]);
    expect(await ids(`org_id=${organization}`)).toEqual([late.id]);
    expect(await ids(`ids=${early.id},${late.id},9999`)).toEqual([late.id, early.id]);
    expect(await ids('owner_id=7')).toEqual([]);
    expect(await ids('updated_since=2026-11-20T09:00:00Z')).toHaveLength(3);
    expect(await ids('updated_until=2026-11-20T09:00:00Z')).toEqual([]);
    const page = await api.ok('GET', `${path}?deal_id=${deal_id}&sort_by=due_date&limit=2`);
    const rest = await api.ok('GET', `${path}?deal_id=${deal_id}&cursor=${page.additional_data.next_cursor}`);
    expect(rest.data.map((row: { id: number }) => row.id)).toEqual([late.id]);
    expect(rest.additional_data.next_cursor).toBe(null);
    await api.fails('GET', `${path}?filter_id=1`, undefined, 404, 'Filter not found');
    await api.fails('GET', `${path}?sort_by=subject`, undefined, 400, 'sort_by');
  });

  it('shows attendees when asked to, and no deleted ones', async () => {
    const { id } = await add({ attendees: [{ email: 'a@example.com', name: 'A' }] });
    expect((await api.ok('GET', `${path}/${id}`)).data).not.toHaveProperty('attendees');
    const full = await api.ok('GET', `${path}/${id}?include_fields=attendees`);
    expect(full.data.attendees).toHaveLength(1);
    expect((await api.ok('DELETE', `${path}/${id}`)).data).toEqual({ id });
    await api.fails('GET', `${path}/${id}`, undefined, 404, 'Activity not found');
    await api.fails('PATCH', `${path}/${id}`, { done: true }, 404, 'Activity not found');
    expect((await api.ok('GET', `${path}?ids=${id}`)).data).toEqual([]);
  });
});

describe('activity types', () => {
  it('are made, changed and deleted; the key stays', async () => {
    const types = '/v1/activityTypes';
    const first = (await api.ok('POST', types, { name: 'Video call', icon_key: 'camera', color: 'aeb31b' })).data;
    expect(first).toMatchObject({ key_string: 'video_call', is_custom_flag: true, active_flag: true, color: 'aeb31b' });
    expect(first.add_time).toMatch(/^2026-11-20 10:\d\d:\d\d$/);
    const second = (await api.ok('POST', types, { name: 'Video  Call!', icon_key: 'camera' })).data;
    expect(second.key_string).toBe('video_call_2');
    const changed = await api.ok('PUT', `${types}/${first.id}`, { name: 'Zoom', order_nr: '1', key_string: 'zoom' });
    expect(changed.data).toMatchObject({ name: 'Zoom', key_string: 'video_call', order_nr: 1, icon_key: 'camera' });
    expect(await add({ type: 'video_call' })).toMatchObject({ subject: 'Zoom' });
    const deleted = await api.ok('DELETE', `${types}/${first.id}`);
    expect(deleted.data).toMatchObject({ id: first.id, active_flag: false });
    await api.fails('POST', path, { type: 'video_call' }, 400, 'video_call');
    await api.fails('POST', types, { name: 'X', icon_key: 'rocket' }, 400, 'icon_key');
    await api.fails('POST', types, { icon_key: 'camera' }, 400, 'name: Field is required');
    await api.fails('PUT', `${types}/999`, { name: 'X' }, 404, 'Activity type not found');
    const orders = (await api.ok('GET', types)).data.map((type: { order_nr: number }) => type.order_nr);
    expect(orders).toEqual([...orders].sort((a, b) => a - b));
  });
});
