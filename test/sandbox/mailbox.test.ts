import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { type Api, apiOf } from './api.ts';

type Party = { email_address: string; linked_person_id: number | null };
type Thread = {
  id: number;
  user_id: number;
  deal_id: number | null;
  subject: string;
  message_count: number;
  read_flag: number;
  folders: string[];
  last_message_timestamp: string;
};
type Message = { id: number; from: Party[]; to: Party[]; sent_flag: number; draft_flag: number; message_time: string };

let sandbox: Sandbox;
let api: Api;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: 1, now: new Date('2026-11-20T10:00:00Z') });
  api = apiOf(sandbox);
});
afterAll(() => sandbox.close());

async function threads(folder: string): Promise<Thread[]> {
  return (await api.ok('GET', `/v1/mailbox/mailThreads?folder=${folder}`)).data;
}

async function linked(): Promise<Thread & { deal_id: number }> {
  const found = (await threads('inbox')).find(({ deal_id, folders }) => deal_id !== null && folders.includes('sent'));
  if (!found || found.deal_id === null) throw new Error('the sample has such a thread');
  return { ...found, deal_id: found.deal_id };
}

async function put(id: number, fields: Record<string, string>) {
  const response = await fetch(`${sandbox.url}/v1/mailbox/mailThreads/${id}`, {
    method: 'PUT',
    headers: { 'x-api-token': sandbox.token },
    body: new URLSearchParams(fields),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

describe('mail threads', () => {
  test('stand in their folders, the latest first, and are the own ones only', async () => {
    await api.fails('GET', '/v1/mailbox/mailThreads', undefined, 400, 'folder');
    await api.fails('GET', '/v1/mailbox/mailThreads?folder=spam', undefined, 400, 'folder');
    for (const folder of ['inbox', 'drafts', 'sent', 'archive']) {
      const found = await threads(folder);
      expect(found.length, folder).toBeGreaterThan(0);
      for (const one of found) expect(one.folders).toContain(folder);
      const times = found.map((one) => one.last_message_timestamp);
      if (folder !== 'drafts') expect(times).toEqual(times.toSorted().reverse());
      expect(new Set(found.map((one) => one.user_id))).toEqual(new Set([1]));
    }
    const inbox = await threads('inbox');
    expect(inbox.some(({ read_flag }) => read_flag === 0)).toBe(true);
    const page = await api.ok('GET', '/v1/mailbox/mailThreads?folder=inbox&start=1&limit=2');
    expect(page.data.map((one: Thread) => one.id)).toEqual(inbox.slice(1, 3).map((one) => one.id));
  });

  test('have their messages, with and without body', async () => {
    const { id, message_count } = await linked();
    const { data: messages } = await api.ok('GET', `/v1/mailbox/mailThreads/${id}/mailMessages`);
    expect(messages).toHaveLength(message_count);
    expect(messages[0]).not.toHaveProperty('body');
    const { data: message } = await api.ok('GET', `/v1/mailbox/mailMessages/${messages[0].id}?include_body=1`);
    expect(message.body).toMatch(/^<p>/);
    expect(await (await fetch(message.body_url)).text()).toBe(message.body);
    await api.fails('GET', '/v1/mailbox/mailMessages/99999', undefined, 404, 'Mail message not found');
  });

  test('are linked to a deal or a lead, read, shared and archived', async () => {
    const { id, deal_id } = await linked();
    const { data: leads } = await api.ok('GET', '/v1/leads?limit=1');
    const toLead = await put(id, { lead_id: leads[0].id, read_flag: '0' });
    expect(toLead.body.data).toMatchObject({ lead_id: leads[0].id, deal_id: null, read_flag: 0 });
    expect((await put(id, { deal_id: String(deal_id), lead_id: leads[0].id })).status).toBe(400);
    expect((await put(id, { deal_id: '999999' })).body.error).toContain('Deal 999999 not found');
    const back = await put(id, { deal_id: String(deal_id), archived_flag: '1', read_flag: '1' });
    expect(back.body.data).toMatchObject({ deal_id, lead_id: null, archived_flag: 1, read_flag: 1 });
    expect((await threads('archive')).map((one) => one.id)).toContain(id);
    expect((await threads('inbox')).map((one) => one.id)).not.toContain(id);
    expect((await put(id, { archived_flag: '0' })).body.data.folders).toContain('inbox');
    expect((await put(id, { read_flag: 'maybe' })).status).toBe(400);
  });

  test('of colleagues are seen where they are shared, and not to be changed', async () => {
    const mine = new Set(
      (await Promise.all(['inbox', 'sent', 'drafts', 'archive'].map(threads))).flat().map(({ id }) => id),
    );
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, index) => api.call('GET', `/v1/mailbox/mailThreads/${index + 1}`)),
    );
    const shared = all.find(({ status, body }) => status === 200 && !mine.has(body.data.id))?.body.data;
    expect(shared).toMatchObject({ shared_flag: 1 });
    expect((await put(shared.id, { read_flag: '1' })).status).toBe(403);
  });

  test('are gone with their messages when deleted', async () => {
    const { id, deal_id } = await linked();
    const count = async () =>
      (await api.ok('GET', `/api/v2/deals/${deal_id}?include_fields=email_messages_count`)).data.email_messages_count;
    const { data: messages } = await api.ok('GET', `/v1/mailbox/mailThreads/${id}/mailMessages`);
    expect(await count()).toBe(messages.length);
    await api.ok('DELETE', `/v1/mailbox/mailThreads/${id}`);
    await api.fails('GET', `/v1/mailbox/mailThreads/${id}`, undefined, 404, 'Mail thread not found');
    await api.fails('GET', `/v1/mailbox/mailMessages/${messages[0].id}`, undefined, 404, 'Mail message not found');
    expect(await count()).toBe(0);
  });
});

describe("a record's mail", () => {
  test('is that of its threads, its person, its people, and counts add up', async () => {
    const { id, deal_id } = await linked();
    const { data: messages }: { data: Message[] } = await api.ok('GET', `/v1/mailbox/mailThreads/${id}/mailMessages`);
    const listed = await api.ok('GET', `/v1/deals/${deal_id}/mailMessages?include_body=1`);
    expect(listed.data.map((one: { data: Message }) => one.data.id).toSorted()).toEqual(
      messages
        .filter((one) => !one.draft_flag)
        .map((one) => one.id)
        .toSorted(),
    );
    expect(listed.data[0]).toMatchObject({ object: 'mailMessage', data: { body: expect.stringContaining('<p>') } });

    const deal = (
      await api.ok(
        'GET',
        `/api/v2/deals/${deal_id}?include_fields=email_messages_count,last_incoming_mail_time,last_outgoing_mail_time`,
      )
    ).data;
    const last = (sent: number) =>
      messages
        .filter((one) => one.sent_flag === sent && !one.draft_flag)
        .map((one) => one.message_time)
        .toSorted()
        .at(-1) ?? null;
    expect(deal.email_messages_count).toBe(listed.data.length);
    expect(Date.parse(deal.last_incoming_mail_time)).toBe(Date.parse(last(0) ?? ''));
    expect(Date.parse(deal.last_outgoing_mail_time)).toBe(Date.parse(last(1) ?? ''));

    const person = (await api.ok('GET', `/api/v2/persons/${deal.person_id}?include_fields=email_messages_count`)).data;
    const ofPerson = await api.ok('GET', `/v1/persons/${person.id}/mailMessages?limit=500`);
    expect(person.email_messages_count).toBe(ofPerson.data.length);
    for (const { data } of ofPerson.data) {
      const parties = [...data.from, ...data.to].map((party: Party) => party.linked_person_id);
      expect(parties).toContain(person.id);
    }
    const ofOrganization = await api.ok('GET', `/v1/organizations/${deal.org_id}/mailMessages?limit=500`);
    const ids = ofOrganization.data.map((one: { data: Message }) => one.data.id);
    expect(ids).toEqual(expect.arrayContaining(ofPerson.data.map((one: { data: Message }) => one.data.id)));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('goes over to the person that hers is merged into', async () => {
    const { deal_id } = await linked();
    const { data: deal } = await api.ok('GET', `/api/v2/deals/${deal_id}`);
    const before = (await api.ok('GET', `/v1/persons/${deal.person_id}/mailMessages`)).data.length;
    const twin = (await api.ok('POST', '/api/v2/persons', { name: 'Twin' })).data.id;
    await api.ok('PUT', `/v1/persons/${deal.person_id}/merge`, { merge_with_id: twin });
    expect((await api.ok('GET', `/v1/persons/${twin}/mailMessages`)).data).toHaveLength(before);
  });

  test('is there to be careful with: an outsider who talks to machines, and a body full of markup', async () => {
    const found = await threads('inbox');
    const bodies = await Promise.all(
      found.map(async ({ id }) => {
        const { data } = await api.ok('GET', `/v1/mailbox/mailThreads/${id}/mailMessages`);
        return (await api.ok('GET', `/v1/mailbox/mailMessages/${data[0].id}?include_body=1`)).data.body as string;
      }),
    );
    expect(bodies.some((body) => /ignore previous instructions/i.test(body))).toBe(true);
    expect(bodies.some((body) => body.includes('<table'))).toBe(true);
    const files = await api.ok('GET', '/v1/files?limit=100');
    expect(files.data.some((file: { name: string }) => file.name.startsWith('../'))).toBe(true);
  });
});
