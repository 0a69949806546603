import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { type Api, apiOf } from './api.ts';

let sandbox: Sandbox;
let api: Api;
let person_id: number;
let other: number;
let org_id: number;

beforeAll(async () => {
  sandbox = await startSandbox({ empty: true, seed: 1, now: new Date('2026-11-20T10:00:00Z') });
  api = apiOf(sandbox);
  const add = async (path: string, name: string) => (await api.ok('POST', `/api/v2/${path}`, { name })).data.id;
  person_id = await add('persons', 'Ada');
  other = await add('persons', 'Bo');
  org_id = await add('organizations', 'Acme');
});
afterAll(() => sandbox.close());

describe('a deleted record', () => {
  it('leaves what is linked to it in place and open to change, but takes no new links', async () => {
    const { data: deal } = await api.ok('POST', '/api/v2/deals', { title: 'Deal', person_id, org_id });
    const { data: lead } = await api.ok('POST', '/v1/leads', { title: 'Lead', person_id }, 201);
    const participants = [{ person_id: other, primary: true }, { person_id }];
    const { data: activity } = await api.ok('POST', '/api/v2/activities', { participants, deal_id: deal.id });
    const { data: note } = await api.ok('POST', '/v1/notes', { content: 'Note', person_id, deal_id: deal.id });
    await api.ok('DELETE', `/api/v2/persons/${person_id}`);
    await api.ok('DELETE', `/api/v2/organizations/${org_id}`);

    const changed = await api.ok('PATCH', `/api/v2/deals/${deal.id}`, { title: 'Still here' });
    expect(changed.data).toMatchObject({ title: 'Still here', person_id, org_id });
    expect((await api.ok('PATCH', `/v1/leads/${lead.id}`, { title: 'Still here' })).data).toMatchObject({ person_id });
    const busy = await api.ok('PATCH', `/api/v2/activities/${activity.id}`, { person_id: other });
    expect(busy.data.participants).toEqual([
      { person_id: other, primary: true },
      { person_id, primary: false },
    ]);
    expect((await api.ok('PUT', `/v1/notes/${note.id}`, { content: 'More' })).data.person).toEqual({ name: 'Ada' });
    expect((await api.ok('GET', '/api/v2/deals/search?term=Still')).data.items).toHaveLength(1);
    expect((await api.ok('GET', `/api/v2/deals?person_id=${person_id}`)).data).toHaveLength(1);

    const links = { title: 'x', person_id };
    await api.fails('POST', '/api/v2/deals', links, 400, `Person ${person_id} not found`);
    await api.fails('POST', '/v1/leads', links, 400, `Person ${person_id} not found`);
    await api.fails('POST', '/v1/notes', { content: 'x', org_id }, 400, `Organization ${org_id} not found`);
    await api.fails('PATCH', `/api/v2/persons/${person_id}`, { name: 'Back' }, 404, 'Person not found');
    await api.fails('DELETE', `/api/v2/persons/${person_id}`, undefined, 404, 'Person not found');
  });

  it('that a running conversion needs makes it end, not the sandbox', async () => {
    const { data: pipeline } = await api.ok('POST', '/api/v2/pipelines', { name: 'Short' });
    const { data: stage } = await api.ok('POST', '/api/v2/stages', { name: 'Only', pipeline_id: pipeline.id });
    const { data: lead } = await api.ok('POST', '/v1/leads', { title: 'Lead', person_id: other }, 201);
    const start = await api.ok('POST', `/api/v2/leads/${lead.id}/convert/deal`, { stage_id: stage.id });
    await api.ok('DELETE', `/api/v2/pipelines/${pipeline.id}`);
    await expect
      .poll(async () => {
        const path = `/api/v2/leads/${lead.id}/convert/status/${start.data.conversion_id}`;
        return (await api.ok('GET', path)).data.status;
      })
      .toBe('failed');
    expect((await api.ok('GET', `/v1/leads/${lead.id}`)).data.id).toBe(lead.id);
    expect((await api.ok('GET', `/api/v2/stages?pipeline_id=${pipeline.id}`)).data).toEqual([]);
  });
});
