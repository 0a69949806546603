import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ empty: true, seed: 1, now: new Date('2026-11-20T10:00:00Z') });
});
afterAll(() => sandbox.close());

type Field = { is_custom_field: boolean; field_type: string };
// biome-ignore lint/suspicious/noExplicitAny: answers are looked at key by key
type Answer = { status: number; body: any };

async function call(method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${sandbox.url}${path}`, {
    method,
    headers: { 'x-api-token': sandbox.token, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

async function added(path: string, body: unknown): Promise<Answer['body']> {
  const answer = await call('POST', path, body);
  expect(answer).toMatchObject({ body: { success: true } });
  return answer.body.data;
}

const persons = '/api/v2/persons';
const organizations = '/api/v2/organizations';

test('a person is added with the defaults of the API', async () => {
  const answer = await call('POST', persons, { name: 'Ada de la Cruz' });
  expect(answer.status).toBe(200);
  expect(answer.body.data).toMatchObject({
    name: 'Ada de la Cruz',
    first_name: 'Ada',
    last_name: 'de la Cruz',
    org_id: null,
    emails: [],
    phones: [],
    label_ids: [],
    visible_to: 7,
    is_deleted: false,
    picture_id: null,
    custom_fields: {},
  });
  expect(answer.body.data.add_time).toMatch(/^2026-11-20T10:0\d:\d\dZ$/);
  expect(answer.body.data).not.toHaveProperty('delete_time');
});

test('first and last name make the name, and a change of one keeps the other', async () => {
  const { id } = await added(persons, { first_name: 'Grace', last_name: 'Hopper' });
  const changed = await call('PATCH', `${persons}/${id}`, { last_name: 'Murray' });
  expect(changed.body.data).toMatchObject({ name: 'Grace Murray', first_name: 'Grace', last_name: 'Murray' });
  expect((await call('POST', persons, {})).body.error).toBe('Validation failed: name: Field is required');
});

test('e-mails and phones are replaced whole, with one of them primary', async () => {
  const { id, emails } = await added(persons, {
    name: 'Two Mails',
    emails: [{ value: 'a@b.test' }, { value: 'c@d.test', primary: true, label: 'home' }],
    phones: [{ value: '1' }, { value: '2' }],
  });
  expect(emails).toEqual([
    { value: 'a@b.test', primary: false, label: 'work' },
    { value: 'c@d.test', primary: true, label: 'home' },
  ]);
  const changed = await call('PATCH', `${persons}/${id}`, { emails: [{ value: 'e@f.test' }] });
  expect(changed.body.data.emails).toEqual([{ value: 'e@f.test', primary: true, label: 'work' }]);
  expect(changed.body.data.phones).toHaveLength(2);
  const many = Array.from({ length: 51 }, (_, index) => ({ value: String(index) }));
  expect((await call('PATCH', `${persons}/${id}`, { phones: many })).status).toBe(400);
});

test.each([
  ['postal_address', { value: 'x' }],
  ['notes', 'x'],
  ['im', []],
  ['birthday', '2000-01-01'],
  ['job_title', 'Boss'],
])('%s is forbidden without contact sync', async (key, value) => {
  expect((await call('POST', persons, { name: 'Sync', [key]: value })).status).toBe(403);
});

test('bad bodies are refused and change nothing', async () => {
  const { id } = await added(persons, { name: 'Stays' });
  const bodies = [
    { owner_id: 999 },
    { org_id: 999 },
    { org_id: '1' },
    { visible_to: 2 },
    { label_ids: [999] },
    { nonsense: 1 },
    { name: '' },
    { name: 'x'.repeat(256) },
    { custom_fields: { unknown: 1 } },
    { add_time: '2020-01-01T00:00:00Z' },
  ];
  for (const body of bodies) {
    const answer = await call('PATCH', `${persons}/${id}`, body);
    expect([body, answer.status, answer.body.success]).toEqual([body, 400, false]);
  }
  expect((await call('GET', `${persons}/${id}`)).body.data.name).toBe('Stays');
  expect((await call('GET', `${persons}/999999`)).status).toBe(404);
  expect((await call('GET', `${persons}/abc`)).status).toBe(400);
});

test('the marketing status changes once away from no_consent, and only with an e-mail', async () => {
  const status = async (id: number, marketing_status: string) =>
    (await call('PATCH', `${persons}/${id}`, { marketing_status })).body.data.marketing_status;
  const silent = await added(persons, { name: 'No Mail', marketing_status: 'subscribed' });
  expect(silent.marketing_status).toBe('no_consent');
  const { id } = await added(persons, { name: 'Mail', emails: [{ value: 'm@n.test' }] });
  expect(await status(id, 'subscribed')).toBe('subscribed');
  expect(await status(id, 'unsubscribed')).toBe('subscribed');
  expect(await status(id, 'archived')).toBe('archived');
});

test('an organization keeps its address and figures; null clears them', async () => {
  const { id, ...organization } = await added(organizations, {
    name: 'Acme',
    address: { value: 'Main St 1, Tartu', locality: 'Tartu' },
    website: 'https://acme.test',
    employee_count: 12,
    add_time: '2020-01-02T03:04:05Z',
  });
  expect(organization).toMatchObject({
    address: { value: 'Main St 1, Tartu', locality: 'Tartu', country: null, postal_code: null },
    website: 'https://acme.test',
    linkedin: null,
    industry: null,
    annual_revenue: null,
    employee_count: 12,
    add_time: '2020-01-02T03:04:05Z',
  });
  const cleared = await call('PATCH', `${organizations}/${id}`, { website: null, address: null });
  expect(cleared.body.data).toMatchObject({ name: 'Acme', website: null, address: null, employee_count: 12 });
  expect((await call('POST', organizations, {})).status).toBe(400);
});

test('a deleted contact is gone, and what was linked to it stays', async () => {
  const { id: org_id } = await added(organizations, { name: 'Closing Ltd' });
  const { id } = await added(persons, { name: 'Left Over', org_id });
  expect((await call('DELETE', `${organizations}/${org_id}`)).body).toEqual({ success: true, data: { id: org_id } });
  expect((await call('GET', `${organizations}/${org_id}`)).status).toBe(404);
  expect((await call('PATCH', `${organizations}/${org_id}`, { name: 'x' })).status).toBe(404);
  expect((await call('DELETE', `${organizations}/${org_id}`)).status).toBe(404);
  const ids = (await call('GET', `${organizations}?limit=500`)).body.data.map((row: { id: number }) => row.id);
  expect(ids).not.toContain(org_id);
  expect((await call('GET', `${persons}/${id}`)).body.data.org_id).toBe(org_id);
  expect((await call('POST', persons, { name: 'Late', org_id })).status).toBe(400);
});

test('lists page by cursor to their end, in the order asked for', async () => {
  for (let n = 0; n < 7; n += 1) await added(organizations, { name: `Page ${n}` });
  const all = (await call('GET', `${organizations}?limit=500`)).body.data.map((row: { id: number }) => row.id);
  const seen: number[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const query: string = cursor ? `&cursor=${cursor}` : '';
    const { body } = await call('GET', `${organizations}?limit=3&sort_by=id&sort_direction=desc${query}`);
    seen.push(...body.data.map((row: { id: number }) => row.id));
    cursor = body.additional_data.next_cursor;
  }
  expect(seen).toEqual(all.reverse());
  for (const query of ['limit=501', 'limit=0', 'sort_by=name', 'cursor=nonsense', 'updated_since=2026-01-01']) {
    expect([query, (await call('GET', `${organizations}?${query}`)).status]).toEqual([query, 400]);
  }
});

test('lists are narrowed by ids, owner, organization, deal and time', async () => {
  const { id: org_id } = await added(organizations, { name: 'Narrow' });
  const one = await added(persons, { name: 'One', org_id });
  const two = await added(persons, { name: 'Two', org_id });
  const deal = await added('/api/v2/deals', { title: 'Narrow deal', person_id: two.id });
  const names = async (query: string) =>
    (await call('GET', `${persons}?${query}`)).body.data.map((row: { name: string }) => row.name);
  expect(await names(`ids=${one.id},987654`)).toEqual(['One']);
  expect(await names(`org_id=${org_id}`)).toEqual(['One', 'Two']);
  expect(await names(`org_id=${org_id}&owner_id=${one.owner_id + 1}`)).toEqual([]);
  expect(await names(`deal_id=${deal.id}`)).toEqual(['Two']);
  expect(await names('deal_id=987654')).toEqual([]);
  expect(await names(`org_id=${org_id}&updated_since=${two.update_time}`)).toContain('Two');
  expect(await names(`org_id=${org_id}&updated_until=${one.update_time}`)).toEqual([]);
  expect((await call('GET', `${persons}?filter_id=1`)).status).toBe(404);
});

test('optional fields are counted from the records', async () => {
  const { id: org_id } = await added(organizations, { name: 'Counted' });
  const { id: person_id } = await added(persons, { name: 'Counted', org_id });
  await added('/api/v2/deals', { title: 'Open', person_id, org_id });
  await added('/api/v2/deals', { title: 'Lost', person_id, status: 'lost' });
  await added('/api/v2/deals', { title: 'Won', org_id, status: 'won' });
  await added('/api/v2/activities', { subject: 'Done', done: true, participants: [{ person_id, primary: true }] });
  const next = await added('/api/v2/activities', {
    subject: 'Next',
    due_date: '2026-11-25',
    org_id,
    participants: [{ person_id, primary: true }],
  });
  await call('POST', '/v1/notes', { content: 'Hello', person_id });
  const counts = async (path: string, names: string) =>
    (await call('GET', `${path}?include_fields=${names}`)).body.data;
  expect(
    await counts(
      `${persons}/${person_id}`,
      'open_deals_count,closed_deals_count,won_deals_count,lost_deals_count,related_won_deals_count,activities_count,' +
        'done_activities_count,undone_activities_count,next_activity_id,notes_count,followers_count,smart_bcc_email',
    ),
  ).toMatchObject({
    open_deals_count: 1,
    closed_deals_count: 1,
    won_deals_count: 0,
    lost_deals_count: 1,
    related_won_deals_count: 1,
    activities_count: 2,
    done_activities_count: 1,
    undone_activities_count: 1,
    next_activity_id: next.id,
    notes_count: 1,
    followers_count: 0,
    smart_bcc_email: expect.stringContaining('@pipedrivemail.com'),
  });
  expect(
    await counts(
      `${organizations}/${org_id}`,
      'open_deals_count,related_lost_deals_count,people_count,activities_count',
    ),
  ).toMatchObject({ open_deals_count: 1, related_lost_deals_count: 1, people_count: 1, activities_count: 1 });
  expect((await call('GET', `${persons}?include_fields=nonsense`)).status).toBe(400);
});

test('labels come with their words when asked', async () => {
  const fields = (await call('GET', '/api/v2/personFields?limit=500')).body.data;
  const [label] = fields.find((one: { field_code: string }) => one.field_code === 'label_ids').options;
  const { id, ...person } = await added(persons, { name: 'Labelled', label_ids: [label.id] });
  expect(person).toMatchObject({ label_ids: [label.id] });
  expect(person).not.toHaveProperty('labels');
  expect((await call('GET', `${persons}/${id}?include_labels=true`)).body.data.labels).toEqual([
    { id: label.id, label: label.label },
  ]);
});

test('custom fields are written, narrowed and shown with their options', async () => {
  const sample = await startSandbox({ seed: 1, now: new Date('2026-11-20T10:00:00Z') });
  const ask = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`${sample.url}/api/v2/${path}`, {
      method,
      headers: { 'x-api-token': sample.token, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  };
  const fields = (await ask('GET', 'organizationFields?limit=500')).body.data;
  const one = fields.find((row: Field) => row.is_custom_field && row.field_type === 'enum');
  const number = fields.find((row: Field) => row.is_custom_field && row.field_type === 'double');
  const [option] = one.options;
  const custom_fields = { [one.field_code]: option.id, [number.field_code]: 7 };
  const { id } = (await ask('POST', 'organizations', { name: 'Custom', custom_fields })).body.data;
  expect((await ask('GET', `organizations/${id}`)).body.data.custom_fields).toMatchObject(custom_fields);
  const query = `ids=${id}&custom_fields=${one.field_code}&include_option_labels=true`;
  expect((await ask('GET', `organizations?${query}`)).body.data[0].custom_fields).toEqual({
    [one.field_code]: { id: option.id, label: option.label },
  });
  const cleared = await ask('PATCH', `organizations/${id}`, { custom_fields: { [one.field_code]: null } });
  expect(cleared.body.data.custom_fields).toMatchObject({ [one.field_code]: null, [number.field_code]: 7 });
  const wrong = await ask('PATCH', `organizations/${id}`, { custom_fields: { [number.field_code]: 'seven' } });
  expect(wrong).toMatchObject({ status: 400, body: { code: 'ERR_SCHEMA_VALIDATION_FAILED' } });
  const keys = Array.from({ length: 16 }, (_, index) => `key${index}`).join(',');
  expect((await ask('GET', `organizations?custom_fields=${keys}`)).status).toBe(400);
  await sample.close();
});

test.each([
  ['deals', { title: 'Followed' }],
  ['persons', { name: 'Followed' }],
  ['organizations', { name: 'Followed' }],
])('followers of %s come and go, and the changelog tells', async (path, body) => {
  const { id } = await added(`/api/v2/${path}`, body);
  const followers = `/api/v2/${path}/${id}/followers`;
  const [user] = (await call('GET', '/v1/users')).body.data;
  const first = await call('POST', followers, { user_id: user.id });
  expect(first).toMatchObject({ status: 201, body: { success: true, data: { user_id: user.id } } });
  expect((await call('POST', followers, { user_id: user.id })).status).toBe(400);
  expect((await call('POST', followers, { user_id: 987654 })).status).toBe(400);
  expect((await call('GET', followers)).body).toEqual({
    success: true,
    data: [{ user_id: user.id, add_time: first.body.data.add_time }],
    additional_data: { next_cursor: null },
  });
  expect((await call('DELETE', `${followers}/${user.id}`)).body).toEqual({ success: true, data: { user_id: user.id } });
  expect((await call('DELETE', `${followers}/${user.id}`)).status).toBe(404);
  const changes = (await call('GET', `${followers}/changelog`)).body.data;
  expect(changes).toEqual([
    { action: 'added', actor_user_id: user.id, follower_user_id: user.id, time: expect.any(String) },
    { action: 'removed', actor_user_id: user.id, follower_user_id: user.id, time: expect.any(String) },
  ]);
  expect((await call('GET', `/api/v2/${path}/987654/followers`)).status).toBe(404);
  expect((await call('GET', `/v1/${path}/${id}/permittedUsers`)).body.data).toContain(user.id);
});
