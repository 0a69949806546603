import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { Json } from './official-client.ts';
import { bodies, fresh, later } from './official-client-bodies.ts';
import { type Case, hasNot, row, rows, type See } from './official-client-case.ts';
import { fieldWrites } from './official-client-fields.ts';
import type { Scene } from './scene.ts';

/** A picture of 200 by 200 pixels, and another one. */
const GIF = Buffer.from('474946383961c800c8000000003b', 'hex');
const GIF2 = Buffer.from('474946383961c800c80000000000003b', 'hex');

function file(bytes: Buffer, name: string, type: string): File {
  return new File([new Uint8Array(bytes)], name, { type });
}

async function bytesAt(url: unknown): Promise<string> {
  return Buffer.from(await (await fetch(String(url))).arrayBuffer()).toString('hex');
}

async function second(scene: Scene, entity: string): Promise<number> {
  const name = { [entity === 'deal' ? 'title' : 'name']: `${fresh()}, the other` };
  return scene.make(`other ${entity}`, `/api/v2/${entity}s`, name);
}

/** Followers: v1 knows them by an id of their own, v2 by their user. */
const followed = ['deal', 'person', 'organization', 'product'].flatMap((entity): [string, Case][] => [
  [
    `POST /api/v1/${entity}s/{id}/followers`,
    {
      given: async (scene) => ({ body: { user_id: await scene.colleague() } }),
      look: async (see, { id }) =>
        rows((await see(`/api/v1/${entity}s/${id}/followers`)).data).map(({ user_id }) => user_id),
      shows: ({ body }) => expect.arrayContaining([row(body)['user_id']]),
    },
  ],
  [
    `DELETE /api/v1/${entity}s/{id}/followers/{follower_id}`,
    {
      async given(scene) {
        const id = await scene.at(`${entity}s`, '');
        const user_id = await scene.colleague();
        const follower = row(await scene.send('POST', `/v1/${entity}s/${id}/followers`, { user_id }));
        return { id, follower_id: follower['id'] };
      },
    },
  ],
  [
    `POST /api/v2/${entity}s/{id}/followers`,
    {
      given: async (scene) => ({ body: { user_id: await scene.colleague() } }),
      look: async (see, { id }) =>
        rows((await see(`/api/v2/${entity}s/${id}/followers`)).data).map(({ user_id }) => user_id),
      shows: ({ body }) => expect.arrayContaining([row(body)['user_id']]),
    },
  ],
]);

/** A merged record goes, and the one that it went into keeps its name. */
function merges(entity: string): [string, Case] {
  const at = `/api/v2/${entity}s`;
  return [
    `PUT /api/v1/${entity}s/{id}/merge`,
    {
      given: async (scene) => ({ body: { merge_with_id: await second(scene, entity) } }),
      async look(see, { id, body }) {
        const { merge_with_id } = row(body);
        const kept = row((await see(`${at}/${merge_with_id}`)).data);
        return {
          merged: row((await see(`${at}/${id}`)).data)['is_deleted'] !== false,
          kept: kept['name'] ?? kept['title'],
        };
      },
      shows: () => ({ merged: true, kept: expect.stringMatching(/the other$/) }),
    },
  ];
}

/** A conversion is asked for its status until it is completed, as the official guide says. */
async function converted(see: See, at: string, data: unknown, to: 'deal' | 'lead'): Promise<unknown> {
  if (data === undefined) return undefined;
  for (let tries = 0; tries < 100; tries++) {
    const status = row((await see(`${at}/convert/status/${row(data)['conversion_id']}`)).data);
    const id = status[`${to}_id`];
    if (status['status'] === 'completed')
      return (await see(to === 'deal' ? `/api/v2/deals/${id}` : `/api/v1/leads/${id}`)).data;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('the conversion did not end');
}

const special: readonly [string, Case][] = [
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
  [
    'POST /api/v2/activities',
    {
      given: async (scene) => ({
        body: {
          subject: fresh(),
          type: 'call',
          deal_id: await scene.deal(),
          due_date: later,
          due_time: '09:30:00',
          duration: '00:15:00',
          note: '<p>About the offer</p>',
          attendees: [{ email: 'guest@varsa.example', name: 'Guest' }],
        },
      }),
      look: async (see, _, data) =>
        data === undefined
          ? undefined
          : (await see(`/api/v2/activities/${row(data)['id']}?include_fields=attendees`)).data,
    },
  ],
  [
    'PATCH /api/v2/tasks/{id}',
    {
      given: () => ({ body: { title: fresh(), done: 1 } }),
      shows: ({ body }) => ({ title: row(body)['title'], is_done: true }),
    },
  ],
  ...(['pipeline', 'stage'] as const).map((kind): [string, Case] => [
    `GET /api/v1/${kind}s/{id}/deals`,
    {
      async given(scene) {
        const place = { stage_id: await scene.stage(), pipeline_id: await scene.pipeline() };
        for (const title of [fresh(), fresh()]) await scene.make(title, '/api/v2/deals', { title, ...place });
        return { id: place[`${kind}_id`] };
      },
    },
  ]),
  ['GET /api/v1/users/find', { given: async (scene) => ({ term: (await scene.users())[0]?.['name'] }) }],
  ['GET /api/v2/itemSearch/field', { given: async (scene) => ({ id: await scene.deal(), term: 'Contract deal' }) }],
  ...(['deal', 'lead'] as const).map((kind): [string, Case] => [
    `GET /api/v2/${kind}s/{id}/convert/status/{conversion_id}`,
    {
      async given(scene) {
        const id = await scene[kind]();
        const to = kind === 'deal' ? 'lead' : 'deal';
        const started = row(await scene.send('POST', `/api/v2/${kind}s/${id}/convert/${to}`, {}));
        const see: See = async (path) => ({ status: 200, data: await scene.send('GET', path) });
        await converted(see, `/api/v2/${kind}s/${id}`, started, to);
        return { id, conversion_id: started['conversion_id'] };
      },
    },
  ]),
  [
    'POST /api/v1/callLogs',
    {
      given: async (scene) => ({
        body: {
          subject: fresh(),
          outcome: 'connected',
          to_phone_number: '+49 30 5550101',
          start_time: '2026-11-20 09:00:00',
          end_time: '2026-11-20 09:10:00',
          deal_id: await scene.deal(),
        },
      }),
      shows: ({ body }) => ({
        ...row(body),
        start_time: '2026-11-20T09:00:00.000Z',
        end_time: '2026-11-20T09:10:00.000Z',
        duration: '600',
      }),
    },
  ],
  [
    'POST /api/v1/callLogs/{id}/recordings',
    {
      given: () => ({ file: file(Buffer.from('sound'), 'call.mp3', 'audio/mpeg') }),
      look: async (see, { id }) => row((await see(`/api/v1/callLogs/${id}`)).data)['has_recording'],
      shows: () => true,
    },
  ],
  [
    'POST /api/v1/deals/{id}/participants',
    {
      given: async (scene) => ({ body: { person_id: await second(scene, 'person') } }),
      look: async (see, { id }) =>
        rows((await see(`/api/v1/deals/${id}/participants`)).data).map(({ person_id }) => row(person_id)['value']),
      shows: ({ body }) => expect.arrayContaining([row(body)['person_id']]),
    },
  ],
  [
    'POST /api/v1/deals/{id}/duplicate',
    {
      given: async (scene) => ({ id: await scene.deal() }),
      look: async (see, _, data) =>
        data === undefined ? undefined : (await see(`/api/v2/deals/${row(data)['id']}`)).data,
      shows: ({ id }) => ({ id: expect.not.toSatisfy((one) => one === id), title: 'Contract deal', value: 1200 }),
    },
  ],
  [
    'POST /api/v2/products/{id}/duplicate',
    {
      look: async (see, _, data) =>
        data === undefined ? undefined : (await see(`/api/v2/products/${row(data)['id']}`)).data,
      shows: ({ id }) => ({
        id: expect.not.toSatisfy((one) => one === id),
        name: expect.stringContaining('Contract product'),
        unit: 'piece',
      }),
    },
  ],
  [
    'POST /api/v1/files',
    {
      given: async (scene) => ({
        file: file(Buffer.from('by the official client'), 'official.txt', 'text/plain'),
        deal_id: await scene.deal(),
      }),
      async look(see, _, data) {
        if (data === undefined) return undefined;
        const at = `/api/v1/files/${row(data)['id']}`;
        return { ...row((await see(at)).data), bytes: (await see(`${at}/download`)).data };
      },
      shows: ({ deal_id }) => ({
        name: 'official.txt',
        deal_id,
        bytes: Buffer.from('by the official client').toString('hex'),
      }),
    },
  ],
  ...(['remote', 'remoteLink'] as const).map((kind): [string, Case] => [
    `POST /api/v1/files/${kind}`,
    {
      given: async (scene) => ({
        item_type: 'deal',
        item_id: await scene.deal(),
        remote_location: 'googledrive',
        ...(kind === 'remote' ? { file_type: 'gdoc', title: fresh() } : { remote_id: randomUUID() }),
      }),
      look: async (see, _, data) =>
        data === undefined ? undefined : (await see(`/api/v1/files/${row(data)['id']}`)).data,
      shows: ({ item_id, remote_id, title }) => ({
        deal_id: item_id,
        remote_location: 'googledrive',
        ...(remote_id === undefined ? { name: title } : { remote_id }),
      }),
    },
  ]),
  ['PUT /api/v1/files/{id}', { given: () => ({ name: `${fresh()}.zip`, description: fresh() }) }],
  ['POST /api/v1/filters', { given: async (scene) => ({ body: await filter(scene) }) }],
  [
    'PUT /api/v1/filters/{id}',
    {
      given: async (scene) => ({ body: { name: fresh(), conditions: (await filter(scene))['conditions'] } }),
      shows: ({ body }) => ({ name: row(body)['name'] }),
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
    'PUT /api/v1/mailbox/mailThreads/{id}',
    {
      given: async (scene) => ({ deal_id: await scene.deal(), read_flag: 0 }),
      shows: ({ deal_id }) => ({ deal_id, read_flag: 0 }),
    },
  ],
  [
    'POST /api/v1/notes',
    {
      given: async (scene) => ({
        body: { content: `<b>${fresh()}</b>`, deal_id: await scene.deal(), pinned_to_deal_flag: 1 },
      }),
      shows: ({ body }) => ({ ...row(body), pinned_to_deal_flag: true }),
    },
  ],
  [
    'POST /api/v1/organizationRelationships',
    {
      given: async (scene) => ({
        body: {
          type: 'related',
          rel_owner_org_id: await scene.organization(),
          rel_linked_org_id: await second(scene, 'organization'),
        },
      }),
      shows: ({ body }) => linked(row(body)),
    },
  ],
  ['PUT /api/v1/organizationRelationships/{id}', { given: async () => ({ body: { type: 'related' } }) }],
  [
    'POST /api/v1/persons/{id}/picture',
    {
      given: () => ({
        file: file(GIF, 'face.gif', 'image/gif'),
        crop_x: 0,
        crop_y: 0,
        crop_width: 150,
        crop_height: 150,
      }),
      look: async (see, { id }) => {
        const pictures = row(row((await see(`/api/v2/persons/${id}/picture`)).data)['pictures']);
        return Promise.all(Object.values(pictures).map(bytesAt));
      },
      shows: () => [GIF.toString('hex'), GIF.toString('hex')],
    },
  ],
  [
    'DELETE /api/v1/persons/{id}/picture',
    {
      async given(scene) {
        const id = await scene.person();
        await scene.upload(`/v1/persons/${id}/picture`, 'file', file(GIF, 'face.gif', 'image/gif'), 'face.gif');
        return { id };
      },
      look: async (see, { id }) => (await see(`/api/v2/persons/${id}/picture`)).status,
      shows: () => 404,
    },
  ],
  ...(['POST', 'PUT'] as const).map((verb): [string, Case] => [
    `${verb} /api/v2/products/{id}/images`,
    {
      given: async (scene) => ({
        ...(verb === 'POST' ? { id: await scene.make('no image', '/api/v2/products', { name: fresh() }) } : {}),
        data: file(GIF2, 'official.gif', 'image/gif'),
      }),
      async look(see, { id }) {
        const { status, data } = await see(`/api/v2/products/${id}/images`);
        return status === 200 ? bytesAt(row(data)['public_url']) : undefined;
      },
      shows: () => GIF2.toString('hex'),
    },
  ]),
  [
    'DELETE /api/v2/products/{id}/images',
    { look: async (see, { id }) => (await see(`/api/v2/products/${id}/images`)).status, shows: () => 404 },
  ],
  ...(['v1', 'v2'] as const).map((version): [string, Case] => [
    `POST /api/${version}/projects/{id}/archive`,
    {
      look: async (see, { id }) => row((await see(`/api/${version}/projects/${id}`)).data)['archive_time'],
      shows: () => expect.any(String),
    },
  ]),
  ...(['activities', 'tasks'] as const).map((kind): [string, Case] => {
    const item = kind === 'tasks' ? 'taskId' : 'activityId';
    return [
      `PUT /api/v1/projects/{id}/plan/${kind}/{${item}}`,
      {
        async given(scene) {
          const id = await scene.at('projects', '');
          const item_id = await scene.at(kind, '{id}');
          const [group] = rows(await scene.send('GET', `/v1/projects/${id}/groups`));
          const { phase_id } = row(await scene.send('GET', `/v1/projects/${id}`));
          return { id, [item]: item_id, body: { phase_id, group_id: group?.['id'] } };
        },
        look: async (see, given) =>
          rows((await see(`/api/v1/projects/${given['id']}/plan`)).data).find(({ item_id }) => item_id === given[item]),
      },
    ];
  }),
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
  [
    'POST /api/v2/deals/{id}/convert/lead',
    {
      given: async (scene) => ({ id: await scene.deal() }),
      look: (see, { id }, data) => converted(see, `/api/v2/deals/${id}`, data, 'lead'),
      shows: () => ({ title: 'Contract deal', value: { amount: 1200 } }),
    },
  ],
  [
    'POST /api/v2/leads/{id}/convert/deal',
    {
      given: async (scene) => ({ body: { stage_id: await scene.stage() } }),
      look: (see, { id }, data) => converted(see, `/api/v2/leads/${id}`, data, 'deal'),
      shows: ({ body }) => ({ title: 'Contract lead', value: 300, stage_id: row(body)['stage_id'] }),
    },
  ],
  [
    'POST /api/v2/deals/{id}/products/bulk',
    {
      async given(scene) {
        const product_id = await scene.product();
        return {
          id: await scene.deal(),
          body: { data: [1, 2].map((quantity) => ({ product_id, item_price: 40, quantity })) },
        };
      },
      look: async (see, { id }) => (await see(`/api/v2/deals/${id}/products`)).data,
      shows: ({ body }) => row(body)['data'],
    },
  ],
  [
    'DELETE /api/v2/deals/{id}/products',
    {
      given: async (scene) => ({ id: await scene.dealWithLine() }),
      look: async (see, { id }) => (await see(`/api/v2/deals/${id}/products`)).data,
      shows: () => [],
    },
  ],
  [
    'POST /api/v2/deals/{id}/installments',
    {
      given: async (scene) => ({
        id: await scene.dealWithLine(),
        body: { description: fresh(), amount: 100, billing_date: later },
      }),
      look: async (see, { id }, data) => installment(see, id, row(data)['id']),
    },
  ],
  [
    'PATCH /api/v2/deals/{id}/installments/{installment_id}',
    {
      given: () => ({ body: { description: fresh(), amount: 110 } }),
      look: (see, { id, installment_id }) => installment(see, id, installment_id),
    },
  ],
  [
    'DELETE /api/v2/deals/{id}/installments/{installment_id}',
    {
      look: async (see, { id, installment_id }) => (await installment(see, id, installment_id)) === undefined,
      shows: () => true,
    },
  ],
];

function linked({ rel_owner_org_id, rel_linked_org_id, type }: Json): Json {
  return { type, rel_owner_org_id: { value: rel_owner_org_id }, rel_linked_org_id: { value: rel_linked_org_id } };
}

async function installment(see: See, deal: unknown, id: unknown): Promise<Json | undefined> {
  return rows((await see(`/api/v2/deals/installments?deal_ids=${deal}`)).data).find((one) => one['id'] === id);
}

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

/** By operation: what is not the same for all of them. */
export const cases: ReadonlyMap<string, Case> = new Map<string, Case>([
  ...Object.entries(bodies).map(([operation, body]): [string, Case] => [
    operation,
    { given: async (scene) => ({ body: await body(scene) }) },
  ]),
  ...followed,
  ...fieldWrites,
  ...['deal', 'person', 'organization'].map(merges),
  ...special,
]);
