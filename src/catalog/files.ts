import { z } from 'zod/v3';
import { downloaded, id, input, page, sortV1, text, uploaded } from './arguments.ts';
import { deal } from './deals.ts';
import { type Entity, entity } from './entity.ts';
import { type Operation, operation } from './operation.ts';
import { organization } from './organizations.ts';
import { person } from './persons.ts';
import { product } from './products.ts';

const file = entity({
  name: 'file',
  plural: 'files',
  columns: [
    'id',
    'name',
    { name: 'type', from: 'file_type' },
    { name: 'bytes', from: 'file_size' },
    { name: 'deal', from: 'deal_id' },
    { name: 'person', from: 'person_id' },
    { name: 'organization', from: 'org_id' },
    { name: 'product', from: 'product_id' },
    { name: 'lead', from: 'lead_id' },
    { name: 'project', from: 'project_id' },
    { name: 'activity', from: 'activity_id' },
    { name: 'added', from: 'add_time' },
    { name: 'by', from: 'user_id' },
  ],
  quiet: ['inline_flag'],
  prose: ['description'],
  outside: ['name'],
  hidden: [
    // Of the storage; download_file gives the content.
    ...['url', 'file_name', 'remote_location', 'remote_id', 's3_bucket', 'cid', 'log_id', 'mail_template_id'],
    // The linked records' names, which stand with their ids.
    ...['deal_name', 'person_name', 'people_name', 'org_name', 'product_name', 'lead_name', 'project_name'],
  ],
});

const order = sortV1(['update_time DESC', 'update_time ASC', 'id DESC', 'id ASC'], 'update_time DESC');
const which = { id: id.describe('File id') };

/** The files of a record; alike for every entity that has a list of them. */
function attached(of: Entity): Operation {
  return operation({
    name: `list_${of.name}_files`,
    title: `List ${of.name} files`,
    summary: `Files attached to the ${of.name}.`,
    kind: 'read',
    toolset: 'files',
    endpoint: `GET /api/v1/${of.plural}/{id}/files`,
    cost: 20,
    input: input({ [`${of.name}_id`]: id.describe(`The ${of.name}`), ...order, ...page() }),
    path: { id: `${of.name}_id` },
    paging: 'start',
    most: 100,
    entity: file,
  });
}

const onDrive = {
  item_type: z.enum(['deal', 'organization', 'person']).describe('Attach to a'),
  item_id: id.describe('Its id'),
  remote_location: z.enum(['googledrive']).describe('Where'),
};

export const files = [
  operation({
    name: 'list_files',
    title: 'List files',
    summary: 'All files of the account, attached to whatever record.',
    kind: 'read',
    toolset: 'files',
    endpoint: 'GET /api/v1/files',
    cost: 20,
    input: input({ ...order, ...page() }),
    paging: 'start',
    most: 100,
    entity: file,
  }),
  ...[deal, person, organization, product].map(attached),
  operation({
    name: 'get_file',
    title: 'Get file',
    summary: 'What is known of one file: name, type, size, what it is attached to.',
    kind: 'read',
    toolset: 'files',
    endpoint: 'GET /api/v1/files/{id}',
    cost: 2,
    input: input(which),
    entity: file,
  }),
  operation({
    name: 'download_file',
    title: 'Download file',
    summary: 'The content of one file, in the answer or saved to disk.',
    details: 'Files on Google Drive are not in Pipedrive and cannot be downloaded.',
    kind: 'read',
    toolset: 'files',
    endpoint: 'GET /api/v1/files/{id}/download',
    cost: 20,
    input: input({ ...which, ...downloaded }),
    download: true,
    entity: file,
  }),
  operation({
    name: 'upload_file',
    title: 'Upload file',
    summary: 'Upload a file and attach it to one record.',
    kind: 'create',
    toolset: 'files',
    endpoint: 'POST /api/v1/files',
    cost: 10,
    input: input({
      ...uploaded,
      deal_id: id.describe('Attach to this deal').optional(),
      person_id: id.describe('Or person').optional(),
      org_id: id.describe('Or organization').optional(),
      product_id: id.describe('Or product').optional(),
      activity_id: id.describe('Or activity').optional(),
      lead_id: text.describe('Or lead').optional(),
      project_id: id.describe('Or project').optional(),
    }),
    upload: 'file',
    entity: file,
  }),
  operation({
    name: 'update_file',
    title: 'Update file',
    summary: 'Rename or describe one file.',
    kind: 'update',
    toolset: 'files',
    endpoint: 'PUT /api/v1/files/{id}',
    cost: 10,
    input: input({
      ...which,
      name: text.describe('Shown name').optional(),
      description: text.describe('Plain text').optional(),
    }),
    form: true,
    entity: file,
  }),
  operation({
    name: 'delete_file',
    title: 'Delete file',
    summary: 'Delete a file; Pipedrive keeps it for 30 days.',
    kind: 'delete',
    toolset: 'files',
    endpoint: 'DELETE /api/v1/files/{id}',
    cost: 6,
    input: input(which),
    entity: file,
  }),
  operation({
    name: 'create_remote_file',
    title: 'Create remote file',
    summary: 'Create an empty Google Drive document and attach it to a record.',
    kind: 'create',
    toolset: 'files',
    endpoint: 'POST /api/v1/files/remote',
    cost: 10,
    input: input({
      file_type: z.enum(['gdoc', 'gslides', 'gsheet', 'gform', 'gdraw']).describe('Kind'),
      title: text.describe('Name'),
      ...onDrive,
    }),
    form: true,
    entity: file,
  }),
  operation({
    name: 'add_remote_file',
    title: 'Add remote file',
    summary: 'Attach a document that is on Google Drive already to a record.',
    kind: 'create',
    toolset: 'files',
    endpoint: 'POST /api/v1/files/remoteLink',
    cost: 10,
    input: input({ remote_id: text.describe("Google's id of it"), ...onDrive }),
    form: true,
    entity: file,
  }),
];
