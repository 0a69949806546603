import { randomUUID } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import type { Scene } from '../scene.ts';
import type { Family, Json } from './family.ts';

/** A GIF's header is all that is looked at: a picture of 200 by 200 pixels. */
const GIF = Buffer.from('474946383961c800c8000000003b', 'hex').toString('base64');

/** A file that is attached to all that one can be attached to. */
async function file(scene: Scene): Promise<unknown> {
  return scene.once('file', async () => {
    const links = {
      deal_id: await scene.deal(),
      person_id: await scene.person(),
      org_id: await scene.organization(),
      product_id: await scene.product(),
      activity_id: await scene.activity(),
      lead_id: await scene.lead(),
    };
    const texts = Object.fromEntries(Object.entries(links).map(([key, id]) => [key, String(id)]));
    const content = new Blob([deflateSync('contract')], { type: 'application/zip' });
    const made = (await scene.upload('/v1/files', 'file', content, 'contract.zip', texts)) as Json;
    return made['id'];
  });
}

let turn = 0;

/** The sample's mail is all there is: the API makes none. Each scene takes another thread that has all there can be. */
async function thread(scene: Scene): Promise<Json> {
  return (await scene.once('thread', () => taken(scene, true))) as Json;
}

async function taken(scene: Scene, isFull: boolean): Promise<Json> {
  const inbox = (await scene.send('GET', '/v1/mailbox/mailThreads?folder=inbox')) as Json[];
  const found = inbox.filter((one) => isFull === (one['deal_id'] !== null && one['has_sent_flag'] === 1));
  turn += 1;
  return found[turn % found.length] ?? {};
}

async function message(scene: Scene): Promise<Json> {
  const found = await scene.send('GET', `/v1/mailbox/mailThreads/${(await thread(scene))['id']}/mailMessages`);
  return (found as Json[])[0] ?? {};
}

async function mailed(scene: Scene, kind: string): Promise<unknown> {
  if (kind === 'deals') return (await thread(scene))['deal_id'];
  const { from, to } = await message(scene);
  const parties = [...(from as Json[]), ...(to as Json[])];
  const person = parties.find((one) => one['linked_person_id'] !== null)?.['linked_person_id'];
  if (kind === 'persons') return person;
  return ((await scene.send('GET', `/api/v2/persons/${person}`)) as Json)['org_id'];
}

async function callLog(scene: Scene): Promise<unknown> {
  return scene.post('call log', '/v1/callLogs', {
    subject: 'Contract call',
    outcome: 'connected',
    from_phone_number: '+49 30 5550100',
    to_phone_number: '+49 30 5550101',
    start_time: '2026-11-20 09:00:00',
    end_time: '2026-11-20 09:10:00',
    person_id: await scene.person(),
    org_id: await scene.organization(),
    deal_id: await scene.deal(),
    note: '<p>Contract</p>',
  });
}

async function personWithPicture(scene: Scene): Promise<number> {
  const id = await scene.person();
  const picture = new Blob([Buffer.from(GIF, 'base64')], { type: 'image/gif' });
  await scene.once('picture', () => scene.upload(`/v1/persons/${id}/picture`, 'file', picture, 'face.gif'));
  return id;
}

const link = { company_id: 8_127_340, marketplace_client_id: 'contract' };

async function providerLink(scene: Scene): Promise<string> {
  const user_provider_id = randomUUID();
  const user_id = await scene.colleague();
  await scene.send('POST', '/v1/meetings/userProviderLinks', { ...link, user_provider_id, user_id });
  return user_provider_id;
}

const uploads = ['upload_file', 'upload_person_picture', 'upload_call_log_recording'];

/** Files, pictures, mail, calls and meetings. */
export const files: Family = {
  at(scene, segment) {
    if (segment === 'files') return file(scene);
    if (segment === 'mailThreads') return thread(scene).then(({ id }) => id);
    if (segment === 'mailMessages') return message(scene).then(({ id }) => id);
    if (segment === 'callLogs') return callLog(scene);
    if (segment !== 'userProviderLinks') return undefined;
    return providerLink(scene);
  },
  value(scene, { name: tool, endpoint }, name) {
    const [, , , kind = ''] = endpoint.split('/');
    if (endpoint.endsWith('/mailMessages') && /^(deal|person|organization)_id$/.test(name)) return mailed(scene, kind);
    if (/^list_\w+_files$/.test(tool) && name === 'product_id') return file(scene).then(() => scene.product());
    if (/^list_\w+_files$/.test(tool) && name.endsWith('_id')) return file(scene).then(() => scene.at(kind, ''));
    if (/^(get|delete)_person_picture$/.test(tool)) return personWithPicture(scene);
    if (name === 'activity_id') return scene.activity();
    if (tool === 'delete_mail_thread') return taken(scene, false).then(({ id }) => id);
    // The sample has a deal, a person and an organization of this id.
    if (name === 'item_id') return Promise.resolve(2);
    if (name === 'user_provider_id') return Promise.resolve(randomUUID());
    if (tool === 'create_call_log' && name === 'duration') return Promise.resolve(90);
    if (uploads.includes(tool) && name === 'content') return Promise.resolve(GIF);
    if (uploads.includes(tool) && name === 'file_name') return Promise.resolve('contract.gif');
    if (name.startsWith('crop_')) return Promise.resolve(name === 'crop_x' || name === 'crop_y' ? 10 : 150);
    return tool === 'create_user_provider_link' && name in link
      ? Promise.resolve(link[name as keyof typeof link])
      : undefined;
  },
  least: Object.fromEntries(uploads.map((tool) => [tool, ['content', 'file_name']])),
  alone: { activity_id: {} },
  unsent: { path: 'no directory is allowed here', save: 'likewise' },
};
