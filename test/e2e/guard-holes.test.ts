import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Host, type Loose, type SandboxProcess, startSandboxProcess } from './host.ts';

/** Writes that were done while no answer came, in the forms that are hard to tell from those that were not. */
let sandbox: SandboxProcess;
let host: Host;
beforeAll(async () => {
  sandbox = await startSandboxProcess();
  host = await Host.start(['--toolsets', 'all'], sandbox.env);
});
afterAll(async () => {
  await host.close();
  await sandbox.stop();
});

async function send(method: string, path: string, body?: unknown): Promise<Loose> {
  const headers = { 'x-api-token': sandbox.token, 'content-type': 'application/json' };
  const answer = await fetch(sandbox.url + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  return (await answer.json()) as Loose;
}

/** The next write is carried out, and its answer says nothing of it. */
async function unanswered(method: string): Promise<void> {
  await send('POST', '/_sandbox/faults', [{ method, path: '/api/', handled: true, status: 500 }]);
}

describe('a write that was done and not answered', () => {
  test.each([
    ['create_deal', { title: '  Blanks at both ends ' }],
    ['create_organization', { name: ' Blanks Ltd  ' }],
    ['create_activity', { subject: '\tBlank call ' }],
    ['create_product', { name: ' Blank product ' }],
  ])('is found although Pipedrive trims names: %s', async (name, args) => {
    await unanswered('POST');
    expect((await host.ok(name, args))['done']).toContain('it was done');
  });

  test('is found although Pipedrive trims names: update_deal', async () => {
    const { data } = await send('POST', '/api/v2/deals', { title: 'Before' });
    await unanswered('PATCH');
    expect((await host.ok('update_deal', { id: data.id, title: '  After ' }))['done']).toContain('it was done');
  });

  test('is found by the attendees of an activity, which undo takes back', async () => {
    const attendees = [{ email: 'first@guests.example', name: 'First' }];
    const { data } = await send('POST', '/api/v2/activities', { subject: 'Guests', attendees });
    const there = async () =>
      (await sandbox.get(`/api/v2/activities/${data.id}?include_fields=attendees`)).data.attendees.map(
        ({ email }: Loose) => email,
      );
    await unanswered('PATCH');
    const second = [{ email: 'second@guests.example' }];
    const answer = await host.ok('update_activity', { id: data.id, attendees: second });
    expect(answer['done']).toContain('it was done');
    expect(await there()).toEqual(['second@guests.example']);
    const { changes } = await host.ok('undo_changes', { last: 1 });
    expect(changes).toMatchObject([{ result: 'undone' }]);
    expect(await there()).toEqual(['first@guests.example']);
  });

  test('is not called undone where nothing can be compared: update_role_pipelines', async () => {
    const { data } = await sandbox.get('/api/v2/pipelines');
    const { data: roles } = await sandbox.get('/api/v1/roles');
    const role = roles.at(-1).id;
    await unanswered('PUT');
    const said = await host.fails('update_role_pipelines', {
      role_id: role,
      visible_pipeline_ids: { add: [], remove: [data[1].id] },
    });
    expect(said).toContain('"written":"unknown"');
  });

  test('is found of a user who was deactivated, and undone', async () => {
    const { data: users } = await sandbox.get('/api/v1/users');
    const { id } = users.find((one: Loose) => !one['is_you'] && one['active_flag']);
    const isActive = async () => (await sandbox.get(`/api/v1/users/${id}`)).data.active_flag;
    await unanswered('PUT');
    expect((await host.ok('update_user', { id, active_flag: false }))['done']).toContain('it was done');
    expect(await isActive()).toBe(false);
    expect((await host.ok('undo_changes', { last: 1 }))['changes']).toMatchObject([{ result: 'undone' }]);
    expect(await isActive()).toBe(true);
  });

  test('is not called undone where what is to change cannot be read and the rest stays as it was', async () => {
    const { data } = await send('POST', '/api/v2/activities', { subject: 'Same' });
    await unanswered('PATCH');
    const answer = await host.call('update_activity', { id: data.id, subject: 'Same', busy: true });
    expect(answer.structure['written'] ?? answer.structure['done']).toMatch(/unknown|was done/);
  });
});
