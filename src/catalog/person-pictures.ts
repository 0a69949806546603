import { id, input, uploaded } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

const picture = entity({
  name: 'person_picture',
  plural: 'person_pictures',
  columns: ['id', { name: 'added', from: 'add_time' }, { name: 'by', from: 'added_by_user_id' }],
  kinds: { added_by_user_id: 'user' },
  hidden: ['pictures', 'item_type', 'item_id', 'active_flag', 'update_time'],
});

const parent = { person_id: id.describe('The person') };

export const personPictures = [
  operation({
    name: 'get_person_picture',
    title: 'Get person picture',
    summary: 'The picture of a person, as an image.',
    kind: 'read',
    toolset: 'contacts',
    endpoint: 'GET /api/v2/persons/{id}/picture',
    cost: 1,
    input: input(parent),
    path: { id: 'person_id' },
    entity: picture,
  }),
  operation({
    name: 'upload_person_picture',
    title: 'Upload person picture',
    summary: 'Give a person a picture, in the place of the old one.',
    details: 'PNG, JPEG or GIF. The picture, or the part to keep, is a square of at least 128 pixels.',
    kind: 'create',
    toolset: 'contacts',
    endpoint: 'POST /api/v1/persons/{id}/picture',
    cost: 10,
    input: input({
      ...parent,
      ...uploaded,
      crop_x: id.describe('Left edge of the part to keep').optional(),
      crop_y: id.describe('Top edge').optional(),
      crop_width: id.describe('Width').optional(),
      crop_height: id.describe('Height').optional(),
    }),
    path: { id: 'person_id' },
    upload: 'file',
    entity: picture,
  }),
  operation({
    name: 'delete_person_picture',
    title: 'Delete person picture',
    summary: 'Delete the picture of a person.',
    kind: 'delete',
    toolset: 'contacts',
    endpoint: 'DELETE /api/v1/persons/{id}/picture',
    cost: 6,
    input: input(parent),
    path: { id: 'person_id' },
    entity: picture,
  }),
];
