import { randomBytes } from 'node:crypto';
import { z } from 'zod/v3';
import { rfc3339 } from '../clock.ts';
import { ApiError, invalid, notFound } from '../error.ts';
import { fileType, fileV1, storageName } from '../files.ts';
import { checkLinks } from '../links.ts';
import type { StoredFile } from '../models/files.ts';
import { startReply, v1Sort } from '../page.ts';
import { field, limit, loose, param, startLimit } from '../parameters.ts';
import { ok, type Reply, type Route, route } from '../route.ts';
import type { Changes } from '../table.ts';
import { Upload } from '../upload.ts';
import { deletion, live, purgedBefore, type World } from '../world.ts';
import { liveDeal } from './deals.ts';
import { liveOrganization } from './organizations.ts';
import { livePerson } from './persons.ts';
import { liveProduct } from './products.ts';

/** In bytes. No API document names one; 50 MB is what Pipedrive's help centre says of attachments. */
const LARGEST = 50 * 1024 * 1024;
/** How long the address that a download is sent on to is good for. */
const GOOD_FOR_MS = 10 * 60 * 1000;

/** As forms bring it: a field left empty says nothing. */
const link = z.preprocess((value) => (value === '' ? undefined : value), loose.id.optional());
const uploadBody = z.object({
  file: z.instanceof(Upload, { message: 'Field is required' }),
  deal_id: link,
  person_id: link,
  org_id: link,
  product_id: link,
  activity_id: link,
  lead_id: z.preprocess((value) => (value === '' ? undefined : value), z.string().optional()),
  project_id: link,
});

const name = field.line.trim().min(1, 'The value must not be empty');
const remoteItem = {
  item_type: z.enum(['deal', 'organization', 'person']),
  item_id: loose.id,
  remote_location: z.literal('googledrive'),
};

const listQuery = z.object({ ...startLimit, limit: limit(100), sort: param.text });

export const routes: Route[] = [
  route('GET /v1/files', {
    cost: 20,
    query: listQuery,
    handle: (world, { query }) => list(world, world.db.files.all(), query),
  }),
  ...listRoutes(),
  route('POST /v1/files', {
    cost: 10,
    body: uploadBody,
    handle(world, { body: { file, ...links } }) {
      if (file.bytes.length > LARGEST) throw new ApiError(413, 'Payload too large');
      if (file.name === '') throw invalid('The file has no name');
      checkFileLinks(world, links);
      const file_name = storageName(file.name);
      const stored = insert(world, {
        ...links,
        name: file.name,
        file_name,
        file_type: fileType(file.name),
        file_size: file.bytes.length,
        remote_id: file_name,
        blob_id: world.store(file),
      });
      return ok(fileV1(world, stored));
    },
  }),
  route('POST /v1/files/remote', {
    cost: 10,
    body: z.object({ ...remoteItem, file_type: z.enum(['gdoc', 'gslides', 'gsheet', 'gform', 'gdraw']), title: name }),
    handle(world, { body: { file_type, title, ...item } }) {
      const drive = { remote_id: randomBytes(24).toString('base64url'), file_name: '' };
      return ok(fileV1(world, insertRemote(world, item, { file_type, name: title, ...drive })));
    },
  }),
  route('POST /v1/files/remoteLink', {
    cost: 10,
    body: z.object({ ...remoteItem, remote_id: name }),
    handle(world, { body: { remote_id, ...item } }) {
      // Pipedrive asks Google for type and title; no network, so none is asked here.
      const title = 'Google Drive file';
      const file = { file_type: 'gdoc', name: title, file_name: title, remote_id };
      return ok(fileV1(world, insertRemote(world, item, file)));
    },
  }),
  route('GET /v1/files/{id}', {
    cost: 2,
    handle: (world, { int }) => ok(fileV1(world, keptFile(world, int('id')))),
  }),
  route('GET /v1/files/{id}/download', {
    cost: 20,
    handle(world, { int }) {
      const { blob_id } = liveFile(world, int('id'));
      if (blob_id === null) throw invalid('A remote file is not kept in Pipedrive and cannot be downloaded');
      const expires = rfc3339(new Date(world.clock.now().getTime() + GOOD_FOR_MS));
      const location = `${world.storageUrl(blob_id)}?expires=${encodeURIComponent(expires)}`;
      return { status: 302, headers: { location }, body: {} };
    },
  }),
  route('PUT /v1/files/{id}', {
    cost: 10,
    body: z.object({ name, description: z.string() }).partial(),
    handle(world, { int, body }) {
      const file = liveFile(world, int('id'));
      const { files, blobs } = world.db;
      files.patch(file, { ...body, update_time: world.clock.stamp() });
      const blob = file.blob_id === null ? undefined : blobs.get(file.blob_id);
      // The storage tells the name that a download is to have.
      if (blob) blobs.patch(blob, { name: file.name });
      return ok(fileV1(world, file));
    },
  }),
  route('DELETE /v1/files/{id}', {
    cost: 6,
    handle(world, { int }) {
      const file = liveFile(world, int('id'));
      world.db.files.patch(file, deletion(world));
      return ok({ id: file.id });
    },
  }),
];

/** The lists of what is attached to one record, alike for the four kinds that have one. */
function listRoutes(): Route[] {
  const owners = [
    ['deals', 'deal_id', liveDeal],
    ['persons', 'person_id', livePerson],
    ['organizations', 'org_id', liveOrganization],
    ['products', 'product_id', liveProduct],
  ] as const;
  return owners.map(([plural, key, record]) =>
    route(`GET /v1/${plural}/{id}/files`, {
      cost: 20,
      query: listQuery,
      handle: (world, { int, query }) => list(world, world.db.files.where(key, record(world, int('id')).id), query),
    }),
  );
}

function list(world: World, files: readonly StoredFile[], query: z.output<typeof listQuery>): Reply {
  const rows = files.filter((file) => !file.is_deleted);
  const sorted = v1Sort(rows, query.sort, ['id', 'update_time'], (file, key) =>
    key === 'id' ? file.id : file.update_time,
  );
  return startReply(
    sorted.map((file) => fileV1(world, file)),
    query,
  );
}

function liveFile({ db }: World, id: number): StoredFile {
  return live(db.files, id, 'File');
}

/** As liveFile, but what is known of a deleted file can be read until it is purged, 30 days later. */
function keptFile(world: World, id: number): StoredFile {
  const file = world.db.files.get(id);
  if (!file || (file.delete_time !== null && file.delete_time < purgedBefore(world))) throw notFound('File');
  return file;
}

type NewFile = Changes<StoredFile> & Pick<StoredFile, 'name' | 'file_name' | 'file_type' | 'remote_id'>;

/** Adds a file of the token's user, attached to nothing unless told. */
function insert(world: World, given: NewFile): StoredFile {
  const { files } = world.db;
  const now = world.clock.stamp();
  const blank: StoredFile = {
    id: files.nextId(),
    user_id: world.me().id,
    deal_id: null,
    person_id: null,
    org_id: null,
    product_id: null,
    activity_id: null,
    lead_id: null,
    project_id: null,
    mail_message_id: null,
    name: given.name,
    description: '',
    file_name: given.file_name,
    file_type: given.file_type,
    file_size: 0,
    remote_location: 's3',
    remote_id: given.remote_id,
    blob_id: null,
    is_deleted: false,
    delete_time: null,
    add_time: now,
    update_time: now,
  };
  return files.patch(files.insert(blank), given);
}

type Item = { item_type: 'deal' | 'organization' | 'person'; item_id: number };

function insertRemote(world: World, { item_type, item_id }: Item, file: NewFile): StoredFile {
  const key = { deal: 'deal_id', organization: 'org_id', person: 'person_id' } as const;
  const links = { [key[item_type]]: item_id };
  checkLinks(world, links);
  return insert(world, { ...file, ...links, remote_location: 'googledrive' });
}

type Links = Omit<z.output<typeof uploadBody>, 'file'>;

function checkFileLinks(world: World, { product_id, activity_id, ...links }: Links): void {
  const { products, activities } = world.db;
  checkLinks(world, links);
  if (product_id !== undefined && products.get(product_id)?.is_deleted !== false)
    throw invalid(`Product ${product_id} not found`);
  if (activity_id !== undefined && activities.get(activity_id)?.is_deleted !== false)
    throw invalid(`Activity ${activity_id} not found`);
}
