import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { type Api, apiOf } from './api.ts';

let sandbox: Sandbox;
let api: Api;
let person_id: number;

beforeAll(async () => {
  sandbox = await startSandbox({ empty: true, seed: 1, now: new Date('2026-11-20T10:00:00Z') });
  api = apiOf(sandbox);
  person_id = (await api.ok('POST', '/api/v2/persons', { name: 'Ada' })).data.id;
});
afterAll(() => sandbox.close());

/** Starts a conversion and waits for its end; gives every status that was seen. */
async function convert(source: string, target: string, body?: unknown) {
  const { data } = await api.ok('POST', `/api/v2/${source}/convert/${target}`, body);
  const seen = new Set<string>();
  for (;;) {
    const status = await api.ok('GET', `/api/v2/${source}/convert/status/${data.conversion_id}`);
    seen.add(status.data.status);
    if (!['not_started', 'running'].includes(status.data.status)) return { ...status.data, seen: [...seen] };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('a conversion', () => {
  it('makes a deal of a lead and takes its notes and activities along', async () => {
    const value = { amount: 90, currency: 'USD' };
    const { data: lead } = await api.ok('POST', '/v1/leads', { title: 'Lead', person_id, value }, 201);
    await api.ok('POST', '/v1/notes', { content: 'Hello', lead_id: lead.id, pinned_to_lead_flag: 1 });
    await api.ok('POST', '/api/v2/activities', { subject: 'Call', lead_id: lead.id });
    const [, second] = (await api.ok('GET', '/api/v2/stages?sort_by=order_nr')).data;
    const job = await convert(`leads/${lead.id}`, 'deal', { stage_id: second.id });
    expect(job.seen).toEqual(['not_started', 'running', 'completed']);
    const path = `/api/v2/deals/${job.deal_id}?include_fields=notes_count,activities_count`;
    expect((await api.ok('GET', path)).data).toMatchObject({
      title: 'Lead',
      person_id,
      value: 90,
      currency: 'USD',
      stage_id: second.id,
      source_lead_id: lead.id,
      notes_count: 1,
      activities_count: 1,
    });
    expect((await api.ok('GET', `/v1/notes?deal_id=${job.deal_id}`)).data[0]).toMatchObject({
      lead_id: null,
      pinned_to_deal_flag: true,
    });
    expect((await api.call('GET', `/v1/leads/${lead.id}`)).status).toBe(404);
    expect((await convert(`leads/${lead.id}`, 'deal')).seen).toContain('rejected');
  });

  it('makes a lead of a deal', async () => {
    const { data: deal } = await api.ok('POST', '/api/v2/deals', { title: 'Deal', person_id, value: 5 });
    const job = await convert(`deals/${deal.id}`, 'lead');
    expect(job.status).toBe('completed');
    const { data: lead } = await api.ok('GET', `/v1/leads/${job.lead_id}`);
    expect(lead).toMatchObject({ title: 'Deal', person_id, value: { amount: 5, currency: 'EUR' } });
    const { data: deleted } = await api.ok('GET', '/api/v2/deals?status=deleted');
    expect(deleted).toMatchObject([{ id: deal.id, is_deleted: true }]);
  });

  it('goes through once, however often it is asked for', async () => {
    const { data: deal } = await api.ok('POST', '/api/v2/deals', { title: 'Twice', person_id });
    const jobs = await Promise.all([1, 2].map(() => convert(`deals/${deal.id}`, 'lead')));
    expect(jobs.map((job) => job.status).sort()).toEqual(['completed', 'rejected']);
  });

  it('is rejected for a deal without contact, and unknown for what is not there', async () => {
    const { data: deal } = await api.ok('POST', '/api/v2/deals', { title: 'Alone' });
    expect((await convert(`deals/${deal.id}`, 'lead')).status).toBe('rejected');
    const unknown = [
      ['POST', '/api/v2/deals/999/convert/lead'],
      ['POST', '/api/v2/leads/35b0d604-eb0d-42d0-be11-eac8832051f0/convert/deal'],
      ['GET', `/api/v2/deals/${deal.id}/convert/status/4b40248b-945a-4802-b996-60fdff8c5c69`],
    ] as const;
    for (const [method, path] of unknown) {
      expect(await api.call(method, path)).toMatchObject({
        status: 404,
        body: { success: false, error: 'Entity was not found', error_info: 'Object was not found.' },
      });
    }
    const path = '/api/v2/leads/35b0d604-eb0d-42d0-be11-eac8832051f0/convert/deal';
    await api.fails('POST', path, { stage_id: 999 }, 400, 'Stage 999 not found');
  });
});
