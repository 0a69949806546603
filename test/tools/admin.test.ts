import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from '../../src/pipedrive/client.ts';
import type { JsonObject } from '../../src/pipedrive/json.ts';
import { Throttle } from '../../src/pipedrive/throttle.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { Tools } from '../../src/tools/index.ts';

let sandbox: Sandbox;
let tools: Tools;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: 1, now: new Date('2026-11-20T10:00:00Z'), deals: 10 });
  const settings = { token: sandbox.token, baseUrl: sandbox.url, userAgent: 'test' };
  tools = new Tools(createClient(settings, new Throttle('ultimate', 20)), 20_000);
});
afterAll(() => sandbox.close());

async function call(name: string, args: JsonObject): Promise<JsonObject> {
  const { structure, isError } = await tools.call(name, args, new AbortController().signal);
  return { ...structure, isError: isError ?? false };
}

test('the password of a webhook goes in and never comes out', async () => {
  const webhook = {
    name: 'ERP',
    subscription_url: 'https://erp.varsa.example/hook',
    event_action: 'create',
    event_object: 'deal',
    http_auth_user: 'erp',
    http_auth_password: 'hush-hush',
  };
  const created = await call('create_webhook', webhook);
  const made = created['webhook'];
  expect(created['isError']).toBe(false);
  expect(made).toMatchObject({ id: expect.any(Number), http_auth_user: 'erp' });
  const response = await fetch(`${sandbox.url}/v1/webhooks`, { headers: { 'x-api-token': sandbox.token } });
  expect(await response.text(), 'the API gives it').toContain('hush-hush');
  const answers = [
    made,
    await call('list_webhooks', {}),
    await call('create_webhook', { ...webhook, subscription_url: 'https://api.pipedrive.com/v1/deals' }),
    await call('create_webhook', { ...webhook, user_id: 'nobody' }),
    await call('create_webhook', { ...webhook, event_action: 'added' }),
    await call('create_webhook', { ...webhook, http_auth_password: ['hush-hush'] }),
    await call('create_webhook', { ...webhook, http_auth_pass: 'hush-hush' }),
    await call('delete_webhook', { id: (made as unknown as { id: number }).id }),
  ];
  expect(JSON.stringify(answers)).not.toContain('hush-hush');
});

test('roles, pipelines, teams and permission sets are known by name', async () => {
  const pipelines = { add: ['Partnerships'], remove: ['Renewals'] };
  expect(await call('update_role_pipelines', { role_id: 'sales rep', visible_pipeline_ids: pipelines })).toMatchObject({
    role_pipelines: { pipelines: ['New business', 'Partnerships'], visible: true },
  });
  expect(await call('list_role_pipelines', { role_id: 'Sales rep', visible: false })).toMatchObject({
    role_pipelines: { pipelines: ['Renewals'], visible: false },
  });
  expect(await call('remove_team_users', { team_id: 'Europe', users: ['Camille Rousseau'] })).toMatchObject({
    done: 'Team Europe no longer has Camille Rousseau',
    users_now: ['Mikael Sand'],
  });
  expect(await call('list_permission_set_assignments', { permission_set_id: 'Account settings' })).toMatchObject({
    rows: [['Katrin Vogel', 'Account settings']],
  });
  expect(await call('create_role', { name: 'Interns', parent_role_id: 'Sales repp' })).toMatchObject({
    isError: true,
    why: 'Did you mean "Sales rep"?',
  });
});

test('a user who is taken out of a role is in the default one', async () => {
  const taken = await call('remove_role_assignment', { role_id: 'Sales manager', user_id: 'Marcus Hale' });
  expect(taken['done']).toBe('Took Marcus Hale out of role Sales manager, into the default one');
  expect(await call('list_user_role_assignments', { user_id: 'Marcus Hale' })).toMatchObject({
    rows: [['Marcus Hale', 'Global default']],
  });
});

test('switches are shown where they are on', async () => {
  const permissions = (await call('get_user_permissions', { user_id: 'Camille Rousseau' }))['user_permissions'];
  expect(permissions).toMatchObject({
    user: 'Camille Rousseau',
    allowed: expect.arrayContaining(['can_use_api']),
  });
  expect(JSON.stringify(permissions)).not.toMatch(/true|false|can_delete_deals/);
  const settings = (await call('get_user_settings', {}))['user_settings'];
  expect(settings).toMatchObject({ list_limit: 100 });
  expect(settings).not.toHaveProperty('beta_app');
});
