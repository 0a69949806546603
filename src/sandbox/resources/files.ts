import { randomBytes, randomUUID } from 'node:crypto';
import { z } from 'zod/v3';
import { v1Time } from '../clock.ts';
import { ApiError, invalid, notFound } from '../error.ts';
import type { JsonObject } from '../json.ts';
import { checkLinks, linkKey } from '../links.ts';
import type { StoredFile } from '../model.ts';
import { startReply, v1Sort } from '../page.ts';
import { field, limit, loose, param, startLimit } from '../parameters.ts';
import { ok, type Reply, type Route, route } from '../route.ts';
import type { Changes } from '../table.ts';
import { deletion, live, purgedBefore, type World } from '../world.ts';
import { followed } from './linked.ts';

/** In bytes. Of this sandbox: the API's documents name no limit. */
const LARGEST = 50 * 1024 * 1024;
/** How long the address that a download is sent on to is good for. */
const GOOD_FOR_MS = 10 * 60 * 1000;

/** As forms bring it: a field left empty says nothing. */
const link = z.preprocess((value) => (value === '' ? undefined : value), loose.id.optional());
const uploadBody = z.object({
  file: field.file,
  deal_id: link,
  person_id: link,
  org_id: link,
  product_id: link,
  activity_id: link,
  lead_id: z.preprocess((value) => (value === '' ? undefined : value), z.string().optional()),
  project_id: link,
});

const name = field.name;
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
  ...followed.map(({ entity, path, live }) =>
    route(`GET /v1/${path}/{id}/files`, {
      cost: 20,
      query: listQuery,
      handle: (world, { int, query }) =>
        list(world, world.db.files.where(linkKey[entity], live(world, int('id')).id), query),
    }),
  ),
  route('POST /v1/files', {
    cost: 10,
    body: uploadBody,
    handle(world, { body: { file, ...links } }) {
      if (file.bytes.length > LARGEST) throw new ApiError(413, 'Payload too large');
      if (file.name === '') throw invalid('The file has no name');
      checkLinks(world, links);
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
      return { status: 302, headers: { location: world.storageUrl(blob_id, GOOD_FOR_MS) }, body: {} };
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

function list(world: World, files: readonly StoredFile[], query: z.output<typeof listQuery>): Reply {
  const rows = files.filter((file) => !file.is_deleted);
  return startReply(v1Sort(rows, query.sort, ['id', 'update_time']), query, (file) => fileV1(world, file));
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
    ...blankFile,
    user_id: world.me().id,
    name: given.name,
    file_name: given.file_name,
    file_type: given.file_type,
    remote_id: given.remote_id,
    add_time: now,
    update_time: now,
  };
  return files.patch(files.insert(blank), given);
}

/** An empty file of Pipedrive's own storage that is attached to nothing. */
export const blankFile = {
  deal_id: null,
  person_id: null,
  org_id: null,
  product_id: null,
  activity_id: null,
  lead_id: null,
  project_id: null,
  mail_message_id: null,
  description: '',
  file_size: 0,
  remote_location: 's3',
  blob_id: null,
  is_deleted: false,
  delete_time: null,
} as const;

type Item = { item_type: 'deal' | 'organization' | 'person'; item_id: number };

function insertRemote(world: World, { item_type, item_id }: Item, file: NewFile): StoredFile {
  const links = { [linkKey[item_type]]: item_id };
  checkLinks(world, links);
  return insert(world, { ...file, ...links, remote_location: 'googledrive' });
}

/** `img` for every kind of picture, else the ending. */
export function fileType(fileName: string): string {
  const ending = /\.([A-Za-z0-9]{1,8})$/.exec(fileName)?.[1]?.toLowerCase() ?? '';
  return /^(png|jpe?g|gif|webp|bmp|svg|tiff?|heic)$/.test(ending) ? 'img' : ending || 'txt';
}

/** The name with something of its own before the ending, as the storage has it. */
export function storageName(fileName: string, own = randomUUID().replaceAll('-', '')): string {
  const [, stem = '', ending = ''] = /^(.*?)(\.[A-Za-z0-9]{1,8})?$/su.exec(fileName) ?? [];
  return `${stem.replaceAll(/[^\w.-]+/g, '_')}_${own}${ending}`;
}

/** A file as v1 shows it. */
export function fileV1({ db, company }: World, file: StoredFile): JsonObject {
  const { name, description, blob_id: _, is_deleted, delete_time: __, add_time, update_time, ...row } = file;
  const person = db.persons.get(file.person_id ?? 0)?.name ?? '';
  return {
    ...row,
    mail_message_id: String(file.mail_message_id ?? ''),
    log_id: null,
    add_time: v1Time(add_time),
    update_time: v1Time(update_time),
    active_flag: !is_deleted,
    inline_flag: false,
    cid: '',
    s3_bucket: '',
    mail_template_id: '',
    deal_name: db.deals.get(file.deal_id ?? 0)?.title ?? '',
    person_name: person,
    people_name: person,
    org_name: db.organizations.get(file.org_id ?? 0)?.name ?? '',
    product_name: db.products.get(file.product_id ?? 0)?.name ?? '',
    lead_name: db.leads.get(file.lead_id ?? '')?.title ?? '',
    project_name: db.projects.get(file.project_id ?? 0)?.title ?? '',
    url: `https://${company.domain}.pipedrive.com/api/v1/files/${file.id}/download`,
    name,
    description,
  };
}
