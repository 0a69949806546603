import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { type Api, apiOf } from './api.ts';

let sandbox: Sandbox;
let api: Api;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: 1, now: new Date('2026-11-20T10:00:00Z') });
  api = apiOf(sandbox);
});
afterAll(() => sandbox.close());

const call = {
  to_phone_number: '+49 30 555 0199',
  outcome: 'connected',
  start_time: '2026-11-20 08:00:00',
  end_time: '2026-11-20 08:12:30',
};

async function made(body: object) {
  return (await api.ok('POST', '/v1/callLogs', { ...call, ...body })).data;
}

async function record(id: string, bytes = 'ID3 sound') {
  const form = new FormData();
  form.set('file', new Blob([bytes], { type: 'audio/mpeg' }), 'call.mp3');
  const headers = { 'x-api-token': sandbox.token };
  const response = await fetch(`${sandbox.url}/v1/callLogs/${id}/recordings`, { method: 'POST', headers, body: form });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

describe('call logs', () => {
  test('are the own ones, at most 50 a page', async () => {
    const { data, additional_data } = await api.ok('GET', '/v1/callLogs');
    expect(data.length).toBeGreaterThan(3);
    for (const log of data) expect(log).toMatchObject({ user_id: 1, start_time: expect.stringMatching(/\.000Z$/) });
    expect(additional_data.pagination.limit).toBe(50);
    await api.fails('GET', '/v1/callLogs?limit=51', undefined, 400, 'between 1 and 50');
  });

  test('are made with an activity that is done', async () => {
    const { data: persons } = await api.ok('GET', '/api/v2/persons?limit=1');
    const log = await made({ person_id: persons[0].id, subject: 'Hello' });
    expect(log).toMatchObject({ duration: '750', has_recording: false, subject: 'Hello', person_id: persons[0].id });
    expect(log).not.toHaveProperty('deal_id');
    const { data: activity } = await api.ok('GET', `/api/v2/activities/${log.activity_id}`);
    expect(activity).toMatchObject({
      type: 'call',
      done: true,
      due_date: '2026-11-20',
      due_time: '08:00:00',
      duration: '00:13:00',
    });
    await api.ok('DELETE', `/v1/callLogs/${log.id}`);
    await api.ok('GET', `/api/v2/activities/${log.activity_id}`);
  });

  test('turn a planned call into one that was made, whose links count', async () => {
    const { data: deals } = await api.ok('GET', '/api/v2/deals?limit=2&status=open');
    const planned = { subject: 'Call Ann', type: 'call', deal_id: deals[0].id, due_date: '2026-11-25' };
    const { data: activity } = await api.ok('POST', '/api/v2/activities', planned);
    const log = await made({ activity_id: activity.id, deal_id: deals[1].id });
    expect(log).toMatchObject({ activity_id: activity.id, deal_id: deals[0].id, subject: 'Call Ann' });
    expect((await api.ok('GET', `/api/v2/activities/${activity.id}`)).data).toMatchObject({
      done: true,
      due_date: '2026-11-20',
    });
    const { data: lunch } = await api.ok('POST', '/api/v2/activities', { subject: 'Eat', type: 'lunch' });
    await api.fails('POST', '/v1/callLogs', { ...call, activity_id: lunch.id }, 400, 'not of type call');
    await api.fails('POST', '/v1/callLogs', { ...call, activity_id: 999999 }, 404, 'Activity not found');
  });

  test('have one recording, and none once they are deleted', async () => {
    const { id } = await made({});
    expect((await record(id)).body).toEqual({ success: true });
    expect((await api.ok('GET', `/v1/callLogs/${id}`)).data.has_recording).toBe(true);
    expect((await record(id)).status).toBe(409);
    expect(await api.ok('DELETE', `/v1/callLogs/${id}`)).toEqual({ success: true });
    expect((await record(id)).status).toBe(410);
    await api.fails('GET', `/v1/callLogs/${id}`, undefined, 410, 'no longer available');
    await api.fails('DELETE', `/v1/callLogs/${id}`, undefined, 410, 'no longer available');
    expect((await record('CAnone')).status).toBe(404);
  });

  test('are refused where they make no sense', async () => {
    const { data: deals } = await api.ok('GET', '/api/v2/deals?limit=1&status=open');
    const { data: leads } = await api.ok('GET', '/v1/leads?limit=1');
    const refused: [object, number, string][] = [
      [{ outcome: 'great' }, 400, 'outcome'],
      [{ start_time: 'soon' }, 400, 'start_time'],
      [{ end_time: '2026-11-20 07:00:00' }, 400, 'end_time'],
      [{ to_phone_number: undefined }, 400, 'to_phone_number'],
      [{ deal_id: deals[0].id, lead_id: leads[0].id }, 400, 'deal or a lead'],
      [{ deal_id: 999999 }, 400, 'Deal 999999 not found'],
      [{ user_id: 999 }, 400, "User with id '999'"],
    ];
    for (const [body, status, text] of refused)
      await api.fails('POST', '/v1/callLogs', { ...call, ...body }, status, text);
  });
});
