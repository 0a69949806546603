import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { Json } from './official-client.ts';
import { fresh } from './official-client-bodies.ts';
import { type Case, hasNot, row, rows, type See } from './official-client-case.ts';
import type { Scene } from './scene.ts';

/** Users, teams, roles, goals, filters, webhooks and meetings. */
export const adminCases: readonly [string, Case][] = [
  [
    'POST /api/v1/meetings/userProviderLinks',
    {
      given: async (scene) => ({
        body: {
          user_provider_id: randomUUID(),
          user_id: await scene.colleague(),
          company_id: row(await scene.send('GET', '/v1/users/me'))['company_id'],
          marketplace_client_id: 'official',
        },
      }),
      // Nothing reads these links: one that is there can be deleted.
      look: async (see, { body }) =>
        (await see(`/api/v1/meetings/userProviderLinks/${row(body)['user_provider_id']}`, 'DELETE')).status,
      shows: () => 200,
    },
  ],
  [
    'DELETE /api/v1/meetings/userProviderLinks/{id}',
    {
      look: async (see, { id }, data) =>
        data === undefined ? 'there' : (await see(`/api/v1/meetings/userProviderLinks/${id}`, 'DELETE')).status,
      shows: () => 403,
    },
  ],
  ['POST /api/v1/filters', { given: async (scene) => ({ body: await filter(scene) }) }],
  [
    'PUT /api/v1/filters/{id}',
    {
      given: async (scene) => ({ body: { name: fresh(), conditions: (await filter(scene))['conditions'] } }),
    },
  ],
  [
    'DELETE /api/v1/filters',
    {
      given: async (scene) => ({ ids: String(await scene.at('filters', '')) }),
      look: async (see, { ids }) => hasNot(rows((await see('/api/v1/filters')).data), 'id', Number(ids)),
      shows: () => true,
    },
  ],
  [
    'POST /api/v1/goals',
    {
      given: async (scene) => ({
        body: {
          title: fresh(),
          assignee: { id: await scene.colleague(), type: 'person' },
          type: { name: 'deals_won', params: { pipeline_id: null } },
          expected_outcome: { target: 9, tracking_metric: 'quantity' },
          duration: { start: '2026-01-01', end: '2026-12-31' },
          interval: 'quarterly',
        },
      }),
      look: (see, { body }) => goal(see, row(body)['title']),
    },
  ],
  [
    'PUT /api/v1/goals/{id}',
    {
      given: () => ({ body: { title: fresh(), interval: 'yearly' } }),
      look: (see, { body }) => goal(see, row(body)['title']),
    },
  ],
  ['DELETE /api/v1/goals/{id}', { look: async (see, { id }) => hasNot(await goals(see), 'id', id), shows: () => true }],
  [
    'POST /api/v1/legacyTeams/{id}/users',
    {
      given: async (scene) => ({ body: { users: [await scene.me()] } }),
      look: async (see, { id }) => (await see(`/api/v1/legacyTeams/${id}/users`)).data,
      shows: ({ body }) => expect.arrayContaining(row(body)['users'] as unknown[]),
    },
  ],
  [
    'DELETE /api/v1/legacyTeams/{id}/users',
    {
      given: async (scene) => ({ body: { users: [await scene.colleague()] } }),
      look: async (see, { id }) => (await see(`/api/v1/legacyTeams/${id}/users`)).data,
      shows: ({ body }) => expect.not.arrayContaining(row(body)['users'] as unknown[]),
    },
  ],
  [
    'POST /api/v1/roles/{id}/assignments',
    {
      given: async (scene) => ({
        body: { user_id: await scene.make('guest', '/v1/users', { email: `${randomUUID()}@varsa.example` }) },
      }),
      look: async (see, { id }) =>
        rows((await see(`/api/v1/roles/${id}/assignments`)).data).map(({ user_id }) => user_id),
      shows: ({ body }) => expect.arrayContaining([row(body)['user_id']]),
    },
  ],
  [
    'DELETE /api/v1/roles/{id}/assignments',
    {
      async given(scene) {
        const id = await scene.at('roles', '');
        const [one] = rows(await scene.send('GET', `/v1/roles/${id}/assignments`));
        return { id, body: { user_id: one?.['user_id'] } };
      },
      look: async (see, { id, body }) =>
        hasNot(rows((await see(`/api/v1/roles/${id}/assignments`)).data), 'user_id', row(body)['user_id']),
      shows: () => true,
    },
  ],
  [
    'POST /api/v1/roles/{id}/settings',
    {
      given: () => ({ body: { setting_key: 'deal_default_visibility', value: 1 } }),
      look: async (see, { id }) => row((await see(`/api/v1/roles/${id}/settings`)).data)['deal_default_visibility'],
      shows: () => 1,
    },
  ],
  [
    'PUT /api/v1/roles/{id}/pipelines',
    {
      given: async (scene) => ({ body: { visible_pipeline_ids: { add: [], remove: [await scene.pipeline()] } } }),
      look: async (see, { id }) => row((await see(`/api/v1/roles/${id}/pipelines?visible=false`)).data)['pipeline_ids'],
      shows: ({ body }) => row(row(body)['visible_pipeline_ids'])['remove'],
    },
  ],
  [
    'POST /api/v1/users',
    {
      given: () => ({ body: { email: `${randomUUID()}@varsa.example`, access: [{ app: 'sales' }] } }),
      shows: ({ body }) => ({ email: row(body)['email'], access: [{ app: 'sales' }], active_flag: true }),
    },
  ],
  [
    'POST /api/v1/webhooks',
    {
      given: () => ({
        body: {
          name: fresh(),
          subscription_url: 'https://hooks.varsa.example/official',
          event_action: 'create',
          event_object: 'person',
        },
      }),
    },
  ],
];

async function goals(see: See): Promise<Json[]> {
  return rows(row((await see('/api/v1/goals/find?assignee.type=person')).data)['goals']);
}

async function goal(see: See, title: unknown): Promise<Json | undefined> {
  return (await goals(see)).find((one) => one['title'] === title);
}

async function filter(scene: Scene): Promise<Json> {
  const [{ id } = {}] = rows(await scene.send('GET', '/v1/dealFields')).filter(({ key }) => key === 'id');
  const condition = { object: 'deal', field_id: String(id), operator: 'IS NOT NULL', value: null, extra_value: null };
  const groups = [
    { glue: 'and', conditions: [condition] },
    { glue: 'or', conditions: [] },
  ];
  return { name: fresh(), type: 'deals', conditions: { glue: 'and', conditions: groups } };
}
