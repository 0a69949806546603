import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { png } from '../../src/sandbox/sample/documents.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { type Api, apiOf } from './api.ts';

const DAY = 24 * 3600;
let sandbox: Sandbox;
let api: Api;
let deal: number;
let person: number;

beforeAll(async () => {
  sandbox = await startSandbox({ empty: true, now: new Date('2026-11-20T10:00:00Z') });
  api = apiOf(sandbox);
  person = (await api.ok('POST', '/api/v2/persons', { name: 'Ann Lee' })).data.id;
  deal = (await api.ok('POST', '/api/v2/deals', { title: 'Pumps', person_id: person })).data.id;
});
afterAll(() => sandbox.close());

async function send(method: string, path: string, body: FormData | URLSearchParams) {
  const headers = { 'x-api-token': sandbox.token };
  const response = await fetch(`${sandbox.url}${path}`, { method, headers, body });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

function upload(path: string, bytes: Buffer, name: string, fields: Record<string, unknown> = {}) {
  const form = new FormData();
  for (const [key, value] of Object.entries(fields)) form.set(key, String(value));
  form.set('file', new Blob([new Uint8Array(bytes)]), name);
  return send('POST', path, form);
}

async function uploaded(bytes: Buffer, name: string, fields: Record<string, unknown>) {
  const { status, body } = await upload('/v1/files', bytes, name, fields);
  expect(body).toMatchObject({ success: true });
  expect(status).toBe(200);
  return body.data;
}

function download(id: number, redirect: 'manual' | 'follow' = 'manual') {
  return fetch(`${sandbox.url}/v1/files/${id}/download`, { headers: { 'x-api-token': sandbox.token }, redirect });
}

describe('files', () => {
  test('come back byte for byte, from a storage that wants no token', async () => {
    const bytes = randomBytes(300_000);
    const file = await uploaded(bytes, '../Åsa’s plan.dwg', { deal_id: deal });
    expect(file).toMatchObject({ name: '../Åsa’s plan.dwg', file_type: 'dwg', file_size: 300_000, deal_name: 'Pumps' });
    const sent = await download(file.id);
    expect(sent.status).toBe(302);
    const storage = new URL(sent.headers.get('location') ?? '');
    expect(storage.host).not.toBe(new URL(sandbox.url).host);
    const stored = await fetch(storage);
    expect(Buffer.from(await stored.arrayBuffer()).equals(bytes)).toBe(true);
    expect(stored.headers.get('content-disposition')).toContain(encodeURIComponent('Åsa’s plan.dwg'));
    await api.ok('POST', '/_sandbox/clock', { advance_seconds: 3600 });
    expect((await fetch(storage)).status).toBe(404);
  });

  test('are listed and counted by what they are attached to', async () => {
    const before = (await api.ok('GET', `/v1/deals/${deal}/files`)).data?.length ?? 0;
    const first = await uploaded(Buffer.from('1'), 'a.pdf', { deal_id: deal });
    const second = await uploaded(Buffer.from('2'), 'b.PNG', { deal_id: deal, person_id: person });
    expect(second.file_type).toBe('img');
    const listed = await api.ok('GET', `/v1/deals/${deal}/files?sort=id DESC&limit=2`);
    expect(listed.data.map((file: { id: number }) => file.id)).toEqual([second.id, first.id]);
    expect((await api.ok('GET', `/v1/persons/${person}/files`)).data).toMatchObject([{ id: second.id }]);
    const counted = async () =>
      (await api.ok('GET', `/api/v2/deals/${deal}?include_fields=files_count`)).data.files_count - before;
    expect(await counted()).toBe(2);
    await api.ok('DELETE', `/v1/files/${first.id}`);
    expect(await counted()).toBe(1);
    const { data } = await api.ok('GET', `/api/v2/persons/${person}?include_fields=files_count`);
    expect(data.files_count).toBe(1);
  });

  test('are renamed and described by a form', async () => {
    const { id } = await uploaded(Buffer.from('x'), 'old.txt', { person_id: person });
    const form = new URLSearchParams({ name: 'new.txt', description: 'Better' });
    expect((await send('PUT', `/v1/files/${id}`, form)).body.data).toMatchObject({
      name: 'new.txt',
      description: 'Better',
    });
    const stored = await download(id, 'follow');
    expect(stored.headers.get('content-disposition')).toContain('new.txt');
    expect((await send('PUT', `/v1/files/${id}`, new URLSearchParams({ name: ' ' }))).status).toBe(400);
  });

  test('are gone for downloads at once and for good after 30 days', async () => {
    const { id } = await uploaded(Buffer.from('x'), 'x.txt', { deal_id: deal });
    await api.ok('DELETE', `/v1/files/${id}`);
    expect((await download(id)).status).toBe(404);
    await api.fails('DELETE', `/v1/files/${id}`, undefined, 404, 'File not found');
    expect((await api.ok('GET', `/v1/files/${id}`)).data.active_flag).toBe(false);
    await api.ok('POST', '/_sandbox/clock', { advance_seconds: 31 * DAY });
    await api.fails('GET', `/v1/files/${id}`, undefined, 404, 'File not found');
  });

  test('can be kept on Google Drive', async () => {
    const remote = { item_type: 'deal', item_id: String(deal), remote_location: 'googledrive' };
    const made = await send(
      'POST',
      '/v1/files/remote',
      new URLSearchParams({ ...remote, file_type: 'gsheet', title: 'Plan' }),
    );
    expect(made.body.data).toMatchObject({
      name: 'Plan',
      file_type: 'gsheet',
      file_size: 0,
      remote_location: 'googledrive',
    });
    expect((await download(made.body.data.id)).status).toBe(400);
    const linked = await send('POST', '/v1/files/remoteLink', new URLSearchParams({ ...remote, remote_id: '1abc' }));
    expect(linked.body.data).toMatchObject({ deal_id: deal, remote_id: '1abc' });
    const wrong = { ...remote, remote_location: 'dropbox', remote_id: '1' };
    expect((await send('POST', '/v1/files/remoteLink', new URLSearchParams(wrong))).status).toBe(400);
  });

  test('are refused where they are none, too large, or for nobody', async () => {
    const none = new FormData();
    none.set('deal_id', String(deal));
    expect((await send('POST', '/v1/files', none)).status).toBe(400);
    expect((await upload('/v1/files', Buffer.from('x'), 'x.txt', { deal_id: 999 })).body.error).toContain('Deal 999');
    expect((await upload('/v1/files', Buffer.alloc(50 * 1024 * 1024 + 1), 'x.bin', { deal_id: deal })).status).toBe(
      413,
    );
    expect((await upload('/v1/files', Buffer.alloc(66 * 1024 * 1024), 'x.bin', { deal_id: deal })).status).toBe(413);
    await api.fails('GET', '/v1/files?limit=101', undefined, 400, 'between 1 and 100');
    await api.fails('GET', '/v1/files?sort=name', undefined, 400, 'Invalid sort');
    await api.fails('GET', '/v1/deals/999/files', undefined, 404, 'Deal not found');
  });

  test('go with their record when it is merged or converted', async () => {
    const other = (await api.ok('POST', '/api/v2/deals', { title: 'Twin', person_id: person })).data.id;
    const { id } = await uploaded(Buffer.from('x'), 'x.txt', { deal_id: other });
    await api.ok('PUT', `/v1/deals/${other}/merge`, { merge_with_id: deal });
    expect((await api.ok('GET', `/v1/files/${id}`)).data.deal_id).toBe(deal);
    const source = (await api.ok('POST', '/api/v2/deals', { title: 'Early', person_id: person })).data.id;
    const early = await uploaded(Buffer.from('x'), 'x.txt', { deal_id: source });
    await api.ok('POST', `/api/v2/deals/${source}/convert/lead`);
    await expect
      .poll(async () => (await api.ok('GET', `/v1/files/${early.id}`)).data, { timeout: 3_000 })
      .toMatchObject({ deal_id: null, lead_name: 'Early' });
  });

  test('are found by name, those of mails apart', async () => {
    const { id } = await uploaded(Buffer.from('x'), 'Turbidity sheet.pdf', { deal_id: deal });
    const { data } = await api.ok('GET', '/api/v2/itemSearch?term=turbidity&item_types=file');
    expect(data.items).toMatchObject([{ item: { id, type: 'file', deal: { id: deal } } }]);
    const mails = await api.ok('GET', '/api/v2/itemSearch?term=turbidity&item_types=mail_attachment');
    expect(mails.data.items).toEqual([]);
  });
});

describe('pictures of persons', () => {
  const square = png(128, 128, (x) => x);

  test('are shown, replaced and deleted', async () => {
    await api.fails('GET', `/api/v2/persons/${person}/picture`, undefined, 404, 'Picture not found');
    const { body } = await upload(`/v1/persons/${person}/picture`, square, 'face.png');
    expect(body.data).toMatchObject({ item_type: 'person', item_id: person });
    const { data } = await api.ok('GET', `/api/v2/persons/${person}/picture`);
    expect(data).toMatchObject({ id: body.data.id, file_size: square.length });
    const shown = await fetch(data.pictures['512']);
    expect(shown.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await shown.arrayBuffer()).equals(square)).toBe(true);
    const again = await upload(`/v1/persons/${person}/picture`, square, 'face.png');
    expect(again.body.data.id).not.toBe(body.data.id);
    expect((await fetch(data.pictures['512'])).status).toBe(404);
    expect((await api.ok('GET', `/api/v2/persons/${person}`)).data.picture_id).toBe(again.body.data.id);
    expect((await api.ok('DELETE', `/v1/persons/${person}/picture`)).data).toEqual({ id: again.body.data.id });
    expect((await api.ok('GET', `/api/v2/persons/${person}`)).data.picture_id).toBeNull();
  });

  test('are squares of at least 128 pixels, whole or as they are cropped', async () => {
    const path = `/v1/persons/${person}/picture`;
    expect((await upload(path, Buffer.from('%PDF-1.4'), 'face.png')).body.error).toContain('not a GIF, JPG or PNG');
    expect(
      (
        await upload(
          path,
          png(100, 100, () => 0),
          'face.png',
        )
      ).body.error,
    ).toContain('at least 128');
    expect(
      (
        await upload(
          path,
          png(200, 150, () => 0),
          'face.png',
        )
      ).body.error,
    ).toContain('equal width');
    const crop = { crop_x: 20, crop_y: 10, crop_width: 140, crop_height: 140 };
    expect(
      (
        await upload(
          path,
          png(200, 150, () => 0),
          'face.png',
          crop,
        )
      ).status,
    ).toBe(200);
    const outside = { ...crop, crop_x: 100 };
    expect(
      (
        await upload(
          path,
          png(200, 150, () => 0),
          'face.png',
          outside,
        )
      ).body.error,
    ).toContain('outside');
    const jpeg = Buffer.from('ffd8ffe000104a46494600010100000100010000ffc0001108008000800301', 'hex');
    expect((await upload(path, jpeg, 'face.jpg')).status).toBe(200);
  });
});

test('channels are shut', async () => {
  await api.fails('POST', '/v1/channels', { name: 'A', provider_channel_id: 'b' }, 410, 'no longer available');
  await api.fails('DELETE', '/v1/channels/a', undefined, 410, 'no longer available');
  await api.fails('DELETE', '/v1/channels/a/conversations/b', undefined, 410, 'no longer available');
});

test('a video calling app links and unlinks a user', async () => {
  const { data: me } = await api.ok('GET', '/v1/users/me');
  const id = '2f1e3b8e-6a55-4d3e-8f0e-0d9e6e3a7b11';
  const link = { user_provider_id: id, user_id: me.id, company_id: me.company_id, marketplace_client_id: 'app' };
  await api.ok('POST', '/v1/meetings/userProviderLinks', link);
  await api.fails('POST', '/v1/meetings/userProviderLinks', { ...link, company_id: 1 }, 401, 'No permission');
  await api.ok('DELETE', `/v1/meetings/userProviderLinks/${id}`);
  await api.fails('DELETE', `/v1/meetings/userProviderLinks/${id}`, undefined, 403, 'Incorrect parameter');
});
