import { expect } from 'vitest';
import type { Json } from './official-client.ts';
import { adminCases } from './official-client-admin.ts';
import { bodies, fresh, later } from './official-client-bodies.ts';
import { type Case, row, rows, type See } from './official-client-case.ts';
import { fieldWrites } from './official-client-fields.ts';
import { fileCases } from './official-client-files.ts';
import type { Scene } from './scene.ts';

async function second(scene: Scene, entity: string): Promise<number> {
  const name = { [entity === 'deal' ? 'title' : 'name']: `${fresh()}, the other` };
  return scene.make(`other ${entity}`, `/api/v2/${entity}s`, name);
}

/** Followers: v1 knows them by an id of their own, v2 by their user. */
const followed = ['deal', 'person', 'organization', 'product'].flatMap((entity): [string, Case][] => [
  ...(['v1', 'v2'] as const).map((version): [string, Case] => [
    `POST /api/${version}/${entity}s/{id}/followers`,
    {
      given: async (scene) => ({ body: { user_id: await scene.colleague() } }),
      look: async (see, { id }) =>
        rows((await see(`/api/${version}/${entity}s/${id}/followers`)).data).map(({ user_id }) => user_id),
      shows: ({ body }) => expect.arrayContaining([row(body)['user_id']]),
    },
  ]),
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
      shows: ({ id }) => ({ id: expect.toSatisfy((one) => one !== id), title: 'Contract deal', value: 1200 }),
    },
  ],
  [
    'POST /api/v2/products/{id}/duplicate',
    {
      look: async (see, _, data) =>
        data === undefined ? undefined : (await see(`/api/v2/products/${row(data)['id']}`)).data,
      shows: ({ id }) => ({
        id: expect.toSatisfy((one) => one !== id),
        name: expect.stringContaining('Contract product'),
        unit: 'piece',
      }),
    },
  ],
  [
    'PUT /api/v1/mailbox/mailThreads/{id}',
    {
      given: async (scene) => ({ deal_id: await scene.deal(), read_flag: 0 }),
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

/** By operation: what is not the same for all of them. */
export const cases: ReadonlyMap<string, Case> = new Map<string, Case>([
  ...Object.entries(bodies).map(([operation, body]): [string, Case] => [
    operation,
    { given: async (scene) => ({ body: await body(scene) }) },
  ]),
  ...followed,
  ...fieldWrites,
  ...['deal', 'person', 'organization'].map(merges),
  ...fileCases,
  ...adminCases,
  ...special,
]);
