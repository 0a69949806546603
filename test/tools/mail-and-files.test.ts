import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from '../../src/pipedrive/client.ts';
import type { JsonObject } from '../../src/pipedrive/json.ts';
import { Throttle } from '../../src/pipedrive/throttle.ts';
import { png } from '../../src/sandbox/sample/documents.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { Tools } from '../../src/tools/index.ts';

let sandbox: Sandbox;
let tools: Tools;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: 1, now: new Date('2026-11-20T10:00:00Z') });
  const settings = { token: sandbox.token, baseUrl: sandbox.url, userAgent: 'test' };
  tools = new Tools(createClient(settings, new Throttle('ultimate', 20)), 20_000);
});
afterAll(() => sandbox.close());

function call(name: string, args: JsonObject) {
  return tools.call(name, args, new AbortController().signal);
}

test('a picture goes up and comes back as an image', async () => {
  const content = png(128, 128, (x) => x).toString('base64');
  const none = await call('get_person_picture', { person_id: 1 });
  expect(none.isError).toBe(true);
  const sent = await call('upload_person_picture', { person_id: 1, content, file_name: 'face.png' });
  expect(sent.structure['done']).toMatch(/^Uploaded person picture \d+ \(person 1\)$/);
  const shown = await call('get_person_picture', { person_id: 1 });
  expect(shown.attachments).toEqual([{ type: 'image', data: content, mimeType: 'image/png' }]);
  expect((await call('delete_person_picture', { person_id: 1 })).isError).toBe(false);
});

test('a list whose answers do not say that there is more goes on to its end', async () => {
  const found = new Set<unknown>();
  let cursor: string | undefined;
  for (let page = 0; page < 10; page += 1) {
    const { structure } = await call('list_mail_threads', { folder: 'inbox', limit: 4, ...(cursor ? { cursor } : {}) });
    const rows = structure['rows'] as unknown[][];
    for (const [id] of rows) found.add(id);
    cursor = structure['next_cursor'] as string | undefined;
    if (cursor === undefined) break;
  }
  expect(cursor).toBeUndefined();
  const whole = (await call('list_mail_threads', { folder: 'inbox', limit: 100 })).structure['rows'] as unknown[][];
  expect([...found]).toEqual(whole.map(([id]) => id));
  expect(whole.length).toBeGreaterThan(5);
});

test('a mail says who wrote it, and its HTML is text', async () => {
  const list = await call('list_mail_threads', { folder: 'inbox', limit: 100 });
  const { rows, columns } = list.structure as { rows: unknown[][]; columns: string[] };
  const newsletter = rows.find((row) => String(row[columns.indexOf('subject')]).startsWith('Water & Sensors'));
  const messages = await call('list_mail_messages', { mail_thread_id: Number(newsletter?.[0]) });
  const [[id] = []] = messages.structure['rows'] as number[][];
  const { mail_message: mail } = (await call('get_mail_message', { id: id ?? 0 })).structure;
  expect(mail).toMatchObject({ from: ['Water & Sensors <news@water-and-sensors.example>'] });
  expect(JSON.stringify(mail)).not.toMatch(/<td|display:none|account_id|body_url/);
});

test('the times of a call are local, and its answer says so', async () => {
  const times = { start_time: '2026-11-20 09:00', end_time: '2026-11-20 09:10' };
  const made = await call('create_call_log', { to_phone_number: '+49 30 1', outcome: 'connected', ...times });
  expect(made.structure).toMatchObject({ call_log: { ...times, duration: '600' }, times_in: 'Europe/Berlin' });
  const { call_log: log } = made.structure as { call_log: { id: string } };
  const response = await fetch(`${sandbox.url}/v1/callLogs/${log.id}`, { headers: { 'x-api-token': sandbox.token } });
  expect(await response.json()).toMatchObject({ data: { start_time: '2026-11-20T08:00:00.000Z' } });
});
