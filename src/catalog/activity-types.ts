import { z } from 'zod/v3';
import { id, input, rest, text } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

const activityType = entity({
  name: 'activity_type',
  plural: 'activity_types',
  columns: ['id', 'key_string', 'name', 'order_nr', 'active_flag', 'is_custom_flag', 'icon_key', 'color'],
});

// biome-ignore format: forty words, better read as a block
const icons = [
  'task', 'email', 'meeting', 'deadline', 'call', 'lunch', 'calendar', 'downarrow', 'document', 'smartphone',
  'camera', 'scissors', 'cogs', 'bubble', 'uparrow', 'checkbox', 'signpost', 'shuffle', 'addressbook', 'linegraph',
  'picture', 'car', 'world', 'search', 'clip', 'sound', 'brush', 'key', 'padlock', 'pricetag',
  'suitcase', 'finish', 'plane', 'loop', 'wifi', 'truck', 'cart', 'bulb', 'bell', 'presentation',
] as const;

const name = text.describe('Name');
const icon = z.enum(icons).describe('Icon');
const color = {
  color: text
    .regex(/^[0-9A-Fa-f]{6}$/, 'six hex digits')
    .describe('Hex, FFFFFF')
    .optional(),
};

export const activityTypes = [
  operation({
    name: 'list_activity_types',
    title: 'List activity types',
    summary: 'All activity types; an activity names its type by key_string.',
    kind: 'read',
    toolset: 'activities',
    endpoint: 'GET /api/v1/activityTypes',
    cost: 20,
    input: input(rest),
    paging: 'whole',
    entity: activityType,
  }),
  operation({
    name: 'create_activity_type',
    title: 'Create activity type',
    summary: 'Add an activity type.',
    kind: 'create',
    toolset: 'admin',
    endpoint: 'POST /api/v1/activityTypes',
    cost: 10,
    input: input({ name, icon_key: icon, ...color }),
    entity: activityType,
  }),
  operation({
    name: 'update_activity_type',
    title: 'Update activity type',
    summary: 'Change name, icon, color or order of an activity type; its key_string stays.',
    kind: 'update',
    toolset: 'admin',
    endpoint: 'PUT /api/v1/activityTypes/{id}',
    cost: 10,
    input: input({
      id: id.describe('Activity type id'),
      name: name.optional(),
      icon_key: icon.optional(),
      ...color,
      order_nr: id.describe('Place in the order').optional(),
    }),
    entity: activityType,
  }),
  operation({
    name: 'delete_activity_type',
    title: 'Delete activity type',
    summary: 'Delete an activity type.',
    kind: 'delete',
    toolset: 'admin',
    endpoint: 'DELETE /api/v1/activityTypes/{id}',
    cost: 6,
    input: input({ id: id.describe('Activity type id') }),
    entity: activityType,
  }),
];
