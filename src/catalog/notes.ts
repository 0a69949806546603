import {
  changedV1,
  conditions,
  date,
  flag,
  id,
  input,
  named,
  page,
  shape,
  sortV1,
  text,
  textOffset,
} from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

export const note = entity({
  name: 'note',
  fields: 'note',
  plural: 'notes',
  columns: [
    'id',
    { name: 'added', from: 'add_time' },
    { name: 'author', from: 'user_id' },
    { name: 'deal', from: 'deal_id' },
    { name: 'person', from: 'person_id' },
    { name: 'organization', from: 'org_id' },
    { name: 'lead', from: 'lead_id' },
    { name: 'project', from: 'project_id' },
    { name: 'content', as: 'text' },
  ],
  quiet: [
    'pinned_to_deal_flag',
    'pinned_to_person_flag',
    'pinned_to_organization_flag',
    'pinned_to_lead_flag',
    'pinned_to_project_flag',
    'pinned_to_task_flag',
  ],
  rich: ['content'],
  // Copies of the linked records' names, icons and addresses.
  hidden: ['deal', 'person', 'organization', 'project', 'user'],
});

const pins = {
  pinned_to_deal_flag: flag.describe('Pinned').optional(),
  pinned_to_person_flag: flag.describe('Pinned').optional(),
  pinned_to_organization_flag: flag.describe('Pinned').optional(),
  pinned_to_lead_flag: flag.describe('Pinned').optional(),
  pinned_to_project_flag: flag.describe('Pinned').optional(),
};
const flags = Object.keys(pins);

const content = text.describe('Markdown');
const links = {
  deal_id: id.describe('Deal').optional(),
  person_id: id.describe('Person').optional(),
  org_id: id.describe('Organization').optional(),
  lead_id: text.describe('Lead').optional(),
  project_id: id.describe('Project').optional(),
};
const made = {
  user_id: named.describe('Author').optional(),
  add_time: text.describe('Time of writing').optional(),
};

export const notes = [
  operation({
    name: 'list_notes',
    title: 'List notes',
    summary: 'Notes of a deal, person, organization, lead, project or author, newest first.',
    kind: 'read',
    toolset: 'notes',
    core: true,
    endpoint: 'GET /api/v1/notes',
    cost: 20,
    input: input({
      ...links,
      user_id: named.describe('Author').optional(),
      start_date: date.describe('YYYY-MM-DD').optional(),
      end_date: date.describe('YYYY-MM-DD').optional(),
      ...changedV1,
      ...sortV1(['add_time DESC', 'add_time ASC', 'update_time DESC', 'update_time ASC'], 'update_time DESC'),
      ...shape,
      ...conditions('added = today'),
      ...page(),
    }),
    paging: 'start',
    entity: note,
  }),
  operation({
    name: 'get_note',
    title: 'Get note',
    summary: 'One note in full.',
    kind: 'read',
    toolset: 'notes',
    core: true,
    endpoint: 'GET /api/v1/notes/{id}',
    cost: 2,
    input: input({ id: id.describe('Note id'), ...textOffset }),
    entity: note,
  }),
  operation({
    name: 'create_note',
    title: 'Create note',
    summary: 'Write a note on one deal, person, organization, lead or project.',
    kind: 'create',
    toolset: 'notes',
    core: true,
    endpoint: 'POST /api/v1/notes',
    cost: 10,
    input: input({ content, ...links, ...pins, ...made }),
    flags,
    rich: ['content'],
    entity: note,
  }),
  operation({
    name: 'update_note',
    title: 'Update note',
    summary: 'Rewrite, pin, unpin or move one note.',
    kind: 'update',
    toolset: 'notes',
    core: true,
    endpoint: 'PUT /api/v1/notes/{id}',
    cost: 10,
    input: input({ id: id.describe('Note id'), content: content.optional(), ...links, ...pins, ...made }),
    flags,
    rich: ['content'],
    entity: note,
  }),
  operation({
    name: 'delete_note',
    title: 'Delete note',
    summary: 'Delete a note.',
    kind: 'delete',
    toolset: 'notes',
    endpoint: 'DELETE /api/v1/notes/{id}',
    cost: 6,
    input: input({ id: id.describe('Note id') }),
    entity: note,
  }),
];
