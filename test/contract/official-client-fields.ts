import type { Json } from './official-client.ts';
import { fresh } from './official-client-bodies.ts';
import { type Case, hasNot, row, rows } from './official-client-case.ts';
import type { Scene } from './scene.ts';

type Options = readonly { id?: unknown; label?: unknown }[];

async function field(scene: Scene, entity: string): Promise<Json> {
  return (await scene.once(`${entity} field`, () =>
    scene.send('POST', `/api/v2/${entity}Fields`, {
      field_name: fresh(),
      field_type: 'set',
      options: [{ label: 'A' }, { label: 'B' }],
    }),
  )) as Json;
}

/** The id of a field of one's own in v1, which v2 does not tell. */
async function fieldId(scene: Scene, entity: string): Promise<unknown> {
  const { field_code } = await field(scene, entity);
  const all = rows(await scene.send('GET', `/v1/${entity}Fields?limit=500`));
  return all.find(({ key }) => key === field_code)?.['id'];
}

function fieldWritesV2(entity: string): [string, Case][] {
  const at = `/api/v2/${entity}Fields`;
  const of = async (scene: Scene) => ({ field_code: (await field(scene, entity))['field_code'] });
  const labels: Case['look'] = async (see, { field_code }) =>
    (row((await see(`${at}/${field_code}`)).data)['options'] as Options).map(({ label }) => label);
  const options = async (scene: Scene) => (await field(scene, entity))['options'] as Options;
  return [
    [
      `POST ${at}`,
      {
        given: () => ({ body: { field_name: fresh(), field_type: 'enum', options: [{ label: 'A' }, { label: 'B' }] } }),
      },
    ],
    [`PATCH ${at}/{field_code}`, { given: async (scene) => ({ ...(await of(scene)), body: { field_name: fresh() } }) }],
    [`DELETE ${at}/{field_code}`, { given: of }],
    [
      `POST ${at}/{field_code}/options`,
      {
        given: async (scene) => ({ ...(await of(scene)), body: [{ label: 'C' }, { label: 'D' }] }),
        look: labels,
        shows: () => ['A', 'B', 'C', 'D'],
      },
    ],
    [
      `PATCH ${at}/{field_code}/options`,
      {
        given: async (scene) => ({ ...(await of(scene)), body: [{ id: (await options(scene))[0]?.id, label: 'AA' }] }),
        look: labels,
        shows: () => ['AA', 'B'],
      },
    ],
    [
      `DELETE ${at}/{field_code}/options`,
      {
        given: async (scene) => ({ ...(await of(scene)), body: [{ id: (await options(scene))[0]?.id }] }),
        look: labels,
        shows: () => ['B'],
      },
    ],
  ];
}

function fieldWritesV1(entity: string): [string, Case][] {
  const at = `/api/v1/${entity}Fields`;
  return [
    [`POST ${at}`, { given: () => ({ body: { name: fresh(), field_type: 'enum', options: [{ label: 'A' }] } }) }],
    [
      `PUT ${at}/{id}`,
      {
        given: async (scene) => ({
          id: await fieldId(scene, entity),
          body: { name: fresh(), options: [{ label: 'Z' }] },
        }),
      },
    ],
    [`DELETE ${at}/{id}`, { given: async (scene) => ({ id: await fieldId(scene, entity) }) }],
    [
      `DELETE ${at}`,
      {
        given: async (scene) => ({ ids: String(await fieldId(scene, entity)) }),
        look: async (see, { ids }) => hasNot(rows((await see(`${at}?limit=500`)).data), 'id', Number(ids)),
        shows: () => true,
      },
    ],
  ];
}

/** The fields of all entities; v1 has none of projects. */
export const fieldWrites: readonly [string, Case][] = [
  ...['deal', 'person', 'organization', 'product', 'project'].flatMap(fieldWritesV2),
  ...['deal', 'person', 'organization', 'product'].flatMap(fieldWritesV1),
];
