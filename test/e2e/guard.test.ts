import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asking, type Reply, type Server } from './asking.ts';
import { type Loose, type SandboxProcess, startSandboxProcess } from './host.ts';

/** Modes, previews, plan codes and questions, through the built server. */
let sandbox: SandboxProcess;
beforeAll(async () => {
  sandbox = await startSandboxProcess();
});
afterAll(() => sandbox.stop());

const serve = (mode: string, reply?: Reply) => asking(sandbox, mode, reply);

const writes = async () => (await sandbox.log()).filter(({ method }) => method !== 'GET').length;

async function send(method: string, path: string, body?: unknown): Promise<Loose> {
  const headers = { 'x-api-token': sandbox.token, 'content-type': 'application/json' };
  const answer = await fetch(sandbox.url + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  return (await answer.json()) as Loose;
}
async function newDeal(title = 'Guarded'): Promise<number> {
  return (await send('POST', '/api/v2/deals', { title, value: 100 }))['data'].id;
}
const isLive = async (id: number) => (await sandbox.get(`/api/v2/deals/${id}`)).data?.is_deleted === false;

describe('read-only', () => {
  test('lists no write and lets none through, whatever is called', async () => {
    const all = await serve('open');
    const { tools } = await all.client.listTools();
    await all.close();
    const server = await serve('read-only');
    const listed = (await server.client.listTools()).tools;
    expect(listed.every((tool) => tool.annotations?.readOnlyHint === true)).toBe(true);
    const before = await writes();
    const others = tools.filter((tool) => !tool.annotations?.readOnlyHint);
    expect(others.length).toBeGreaterThan(100);
    for (const { name } of others) {
      const answer = await server.call(name, { id: 1 });
      expect(answer, name).toMatchObject({ isError: true, why: expect.stringContaining('read-only') });
    }
    expect(await writes()).toBe(before);
    await server.close();
  });
});

describe.each([
  ['guarded', undefined],
  ['guarded', 'yes'],
  ['guarded', 'no'],
  ['guarded', 'unticked'],
  ['guarded', 'cancel'],
  ['guarded', 'broken'],
  ['open', undefined],
  ['open', 'yes'],
] as [string, Reply | undefined][])('mode %s, a host whose person says %s', (mode, reply) => {
  let server: Server;
  beforeAll(async () => {
    server = await serve(mode, reply);
  });
  afterAll(() => server.close());

  test('a plain update is done at once, with no question', async () => {
    const id = await newDeal();
    const answer = await server.call('update_deal', { id, value: 250 });
    expect(answer).toMatchObject({ done: `Updated deal ${id}` });
    expect(server.questions).toEqual([]);
    expect((await sandbox.get(`/api/v2/deals/${id}`)).data.value).toBe(250);
  });

  test('a delete is done, asked for, coded or refused', async () => {
    const id = await newDeal('To *go*');
    const before = await writes();
    const answer = await server.call('delete_deal', { id });
    if (mode === 'open' || reply === 'yes') {
      expect(answer).toMatchObject({ done: `Deleted deal ${id}` });
      expect(await isLive(id)).toBe(false);
      const asked = mode === 'guarded' ? [expect.stringContaining(`Delete deal ${id} “To \\*go\\*”?`)] : [];
      expect(server.questions).toEqual(asked);
      return;
    }
    expect(await writes()).toBe(before);
    expect(await isLive(id)).toBe(true);
    if (reply === undefined) {
      expect(answer).toMatchObject({ needs_confirmation: true, nothing_changed: true, plan_code: expect.any(String) });
      expect(answer['would']).toBe(`Delete deal ${id} “To *go*”`);
      const done = await server.call('delete_deal', { id, plan: answer['plan_code'] });
      expect(done).toMatchObject({ done: `Deleted deal ${id}` });
      expect(await isLive(id)).toBe(false);
    } else {
      expect(answer).toMatchObject({
        isError: true,
        written: 'no',
        error: expect.stringContaining('nothing was changed'),
      });
    }
  });

  test('a preview changes nothing and says what would change, by label', async () => {
    const id = await newDeal();
    const before = await writes();
    const answer = await server.call('update_deal', {
      id,
      value: 300,
      stage_id: 'Renewals / Negotiation',
      custom_fields: { 'Lead source': 'Referral' },
      plan: 'preview',
    });
    expect(answer).toMatchObject({
      nothing_changed: true,
      would: `Update deal ${id} “Guarded”`,
      changes: { value: { from: 100, to: 300 }, 'Lead source': { from: '(empty)', to: 'Referral' } },
    });
    expect(JSON.stringify(answer['changes'])).toContain('Renewals / Negotiation');
    expect(JSON.stringify(answer)).not.toMatch(/[0-9a-f]{40}/);
    expect(await writes()).toBe(before);
  });
});

describe('a person who does not answer', () => {
  test('costs the call and not the server: refused without a change, and codes from then on', async () => {
    const server = await serve('guarded', 'never');
    const id = await newDeal();
    const before = await writes();
    const heard: unknown[] = [];
    const { structuredContent: first } = await server.client.callTool(
      { name: 'delete_deal', arguments: { id } },
      undefined,
      { onprogress: (one) => heard.push(one), timeout: 70_000 },
    );
    expect(first).toMatchObject({ written: 'no', why: expect.stringContaining('did not answer') });
    expect(heard.length).toBeGreaterThan(3);
    const second = await server.call('delete_deal', { id });
    expect(second).toMatchObject({ needs_confirmation: true, plan_code: expect.any(String) });
    expect(server.questions).toHaveLength(1);
    expect(await writes()).toBe(before);
    await server.close();
  }, 90_000);
});

describe('a plan code', () => {
  let server: Server;
  beforeAll(async () => {
    server = await serve('guarded');
  });
  afterAll(() => server.close());
  const code = async (name: string, args: Loose): Promise<string> => (await server.call(name, args))['plan_code'];
  const refused = async (name: string, args: Loose, why: RegExp) => {
    const before = await writes();
    const answer = await server.call(name, args);
    expect(answer).toMatchObject({ isError: true, written: 'no' });
    expect(`${answer['error']} ${answer['why']}`).toMatch(why);
    expect(await writes()).toBe(before);
  };

  test('is good once', async () => {
    const id = await newDeal();
    const plan = await code('delete_deal', { id });
    expect(await server.call('delete_deal', { id, plan })).toHaveProperty('done');
    const other = await newDeal();
    const again = await code('delete_deal', { id: other });
    await refused('delete_deal', { id: other, plan }, /used/);
    expect(await server.call('delete_deal', { id: other, plan: again })).toHaveProperty('done');
  });

  test('is for its own tool, target and values', async () => {
    const [id, other] = [await newDeal(), await newDeal()];
    const plan = await code('delete_deal', { id });
    await refused('delete_deal', { id: other, plan }, /other arguments/);
    await refused('delete_organization', { id: 14, plan }, /another tool/);
    await refused('delete_deal', { id, plan: `${plan}0` }, /no such code/);
    await refused('delete_deal', { id, plan: 'yes' }, /no such code/);
    expect(await isLive(id)).toBe(true);
  });

  test('does not hold once the record has changed, but for times that move by themselves', async () => {
    const id = await newDeal();
    const plan = await code('delete_deal', { id });
    await send('PATCH', `/api/v2/deals/${id}`, { value: 999 });
    await refused('delete_deal', { id, plan }, /Changed meanwhile: value/);
    const fresh = await code('delete_deal', { id });
    await send('POST', '/api/v1/notes', { content: 'A note moves the update time', deal_id: id });
    expect(await server.call('delete_deal', { id, plan: fresh })).toHaveProperty('done');
  });

  test.each(['deal', 'person', 'organization'])('of a %s merged with itself is not even planned', async (kind) => {
    await refused(`merge_${kind}s`, { id: 3, merge_with_id: 3 }, /merged with itself/);
  });

  test('of a merge is sealed to both records, and names them', async () => {
    const [id, into] = [await newDeal('Twin one'), await newDeal('Twin two')];
    const first = await server.call('merge_deals', { id, merge_with_id: into });
    expect(first).toMatchObject({ would: 'Merge deals', goes: [`${id} “Twin one”`], stays: `${into} “Twin two”` });
    await send('PATCH', `/api/v2/deals/${into}`, { value: 5 });
    await refused('merge_deals', { id, merge_with_id: into, plan: first['plan_code'] }, /Changed meanwhile/);
  });

  test('of a conversion says which lead, and does not hold once it has changed', async () => {
    const lead = (await sandbox.get('/api/v1/leads?limit=1')).data[0];
    const first = await server.call('convert_lead_to_deal', { id: lead.id });
    expect(first['would']).toBe(`Convert lead to deal: ${lead.id} “${lead.title}”`);
    await send('PATCH', `/api/v1/leads/${lead.id}`, { title: 'Something else' });
    await refused('convert_lead_to_deal', { id: lead.id, plan: first['plan_code'] }, /Changed meanwhile: title/);
  });

  test('is asked for by administration, webhooks and what touches many', async () => {
    for (const [name, args] of [
      ['create_field', { entity: 'deal', field_name: 'X', field_type: 'varchar' }],
      ['create_pipeline', { name: 'X' }],
      ['update_user', { id: 2, active_flag: false }],
      [
        'create_webhook',
        { subscription_url: 'https://example.org/x', event_action: '*', event_object: '*', name: 'x' },
      ],
      ['convert_deal_to_lead', { id: await newDeal() }],
    ] as [string, Loose][]) {
      const before = await writes();
      expect(await server.call(name, args), name).toMatchObject({ needs_confirmation: true });
      expect(await writes()).toBe(before);
    }
  });
});

test('a plain update costs the read that the journal needs, and nothing else', async () => {
  const server = await serve('guarded');
  const id = await newDeal();
  await server.call('get_current_user', {});
  const before = (await sandbox.log()).length;
  await server.call('update_deal', { id, value: 7 });
  const log = (await sandbox.log()).slice(before);
  expect(log.map(({ method, path }) => `${method} ${path}`)).toEqual([
    `GET /api/v2/deals/${id}`,
    `PATCH /api/v2/deals/${id}`,
  ]);
  await server.close();
});
