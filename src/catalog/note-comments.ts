import { id, input, page, text, textOffset } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

/** A comment on a note; its own id is a UUID. */
const comment = entity({
  name: 'comment',
  plural: 'comments',
  columns: [
    { name: 'id', from: 'uuid' },
    { name: 'added', from: 'add_time' },
    { name: 'author', from: 'user_id' },
    'updater_id',
    { name: 'content', as: 'text' },
  ],
  rich: ['content'],
  hidden: ['company_id', 'object_type'],
});

const note = { note_id: id.describe('The note') };
const own = { id: text.describe('Comment id') };
const content = { content: text.describe('Markdown') };

export const noteComments = [
  operation({
    name: 'list_note_comments',
    title: 'List note comments',
    summary: 'Comments on a note.',
    kind: 'read',
    toolset: 'notes',
    endpoint: 'GET /api/v1/notes/{id}/comments',
    cost: 20,
    input: input({ ...note, ...page() }),
    path: { id: 'note_id' },
    paging: 'start',
    entity: comment,
  }),
  operation({
    name: 'get_note_comment',
    title: 'Get note comment',
    summary: 'One comment on a note.',
    kind: 'read',
    toolset: 'notes',
    endpoint: 'GET /api/v1/notes/{id}/comments/{commentId}',
    cost: 2,
    input: input({ ...note, ...own, ...textOffset }),
    path: { id: 'note_id', commentId: 'id' },
    entity: comment,
  }),
  operation({
    name: 'add_note_comment',
    title: 'Add note comment',
    summary: 'Comment on a note.',
    kind: 'create',
    toolset: 'notes',
    endpoint: 'POST /api/v1/notes/{id}/comments',
    cost: 10,
    input: input({ ...note, ...content }),
    path: { id: 'note_id' },
    rich: ['content'],
    entity: comment,
  }),
  operation({
    name: 'update_note_comment',
    title: 'Update note comment',
    summary: 'Rewrite a comment on a note.',
    kind: 'update',
    toolset: 'notes',
    endpoint: 'PUT /api/v1/notes/{id}/comments/{commentId}',
    cost: 10,
    input: input({ ...note, ...own, ...content }),
    path: { id: 'note_id', commentId: 'id' },
    rich: ['content'],
    entity: comment,
  }),
  operation({
    name: 'remove_note_comment',
    title: 'Remove note comment',
    summary: 'Delete a comment on a note.',
    kind: 'delete',
    toolset: 'notes',
    endpoint: 'DELETE /api/v1/notes/{id}/comments/{commentId}',
    cost: 6,
    input: input({ ...note, ...own }),
    path: { id: 'note_id', commentId: 'id' },
    entity: comment,
  }),
];
