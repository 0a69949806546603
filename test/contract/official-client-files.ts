import { randomUUID } from 'node:crypto';
import { fresh } from './official-client-bodies.ts';
import { type Case, row } from './official-client-case.ts';

/** A picture of 200 by 200 pixels, and another one. */
const GIF = Buffer.from('474946383961c800c8000000003b', 'hex');
const GIF2 = Buffer.from('474946383961c800c80000000000003b', 'hex');

function file(bytes: Buffer, name: string, type: string): File {
  return new File([new Uint8Array(bytes)], name, { type });
}

async function bytesAt(url: unknown): Promise<string> {
  return Buffer.from(await (await fetch(String(url))).arrayBuffer()).toString('hex');
}

/** Files, pictures, images and recordings: what comes back are the bytes that were sent. */
export const fileCases: readonly [string, Case][] = [
  [
    'POST /api/v1/callLogs/{id}/recordings',
    {
      given: () => ({ file: file(Buffer.from('sound'), 'call.mp3', 'audio/mpeg') }),
      look: async (see, { id }) => row((await see(`/api/v1/callLogs/${id}`)).data)['has_recording'],
      shows: () => true,
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
];
