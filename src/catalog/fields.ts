import { z } from 'zod/v3';
import { flag, id, input, named, orNull, rest, text } from './arguments.ts';
import { entity } from './entity.ts';
import { type Endpoint, type Method, operation } from './operation.ts';

/** A field of a deal, person, ... in one form for v1 and v2. */
export const field = entity({
  name: 'field',
  plural: 'fields',
  columns: [
    'field',
    'field_code',
    'type',
    'custom',
    'read_only',
    'required',
    'important',
    { name: 'options', as: 'whole' },
  ],
  kinds: { stage_ids: 'stage', pipeline_ids: 'pipeline' },
  quiet: ['is_optional_response_field'],
});

/** Entities whose fields can be made, changed and deleted; leads have the custom fields of deals. */
const own = ['deal', 'person', 'organization', 'product', 'project'] as const;
const single = [...own, 'activity'] as const;

/** The same operation of each entity, deals' first. */
function each(method: Method, of: readonly string[], path = ''): { endpoint: Endpoint; also: readonly Endpoint[] } {
  const [endpoint, ...also] = of.map((one): Endpoint => `${method} /api/v2/${one}Fields${path}`);
  if (!endpoint) throw new Error('no entity');
  return { endpoint, also };
}

const of = { entity: z.enum(own).describe('Entity') };
const one = { ...of, field_code: text.describe('Label or field_code') };
const byCode = '/{field_code}';
const optionsOf = `${byCode}/options`;
const dialog = z.object({ show: flag, order: id.nullable().optional() }).strict().optional();
const field_name = text.describe('Label');
const description = text.describe('Of deal fields only');
const settings = {
  required_fields: z
    .object({
      enabled: flag,
      stage_ids: z.array(named).optional(),
      statuses: z.record(z.array(z.enum(['won', 'lost']))).optional(),
    })
    .strict()
    .describe('Where required; statuses by pipeline id')
    .optional(),
  important_fields: z
    .object({ enabled: flag, stage_ids: z.array(named).optional() })
    .strict()
    .describe('Where highlighted')
    .optional(),
  ui_visibility: z
    .object({
      add_visible_flag: flag.optional(),
      details_visible_flag: flag.optional(),
      projects_detail_visible_flag: flag.optional(),
      show_in_pipelines: z
        .object({ show_in_all: flag, pipeline_ids: z.array(named).optional() })
        .strict()
        .optional(),
      show_in_add_deal_dialog: dialog,
      show_in_add_person_dialog: dialog,
    })
    .strict()
    .describe('Where the web app shows it')
    .optional(),
};

export const fields = [
  operation({
    name: 'list_fields',
    title: 'List fields',
    summary: 'Fields of an entity: names, codes, types, options, which are custom or required.',
    kind: 'read',
    toolset: 'fields',
    core: true,
    endpoint: 'GET /api/v2/dealFields',
    also: [
      'GET /api/v2/personFields',
      'GET /api/v2/organizationFields',
      'GET /api/v2/productFields',
      'GET /api/v2/projectFields',
      'GET /api/v2/activityFields',
      'GET /api/v1/leadFields',
      'GET /api/v1/noteFields',
    ],
    cost: 10,
    input: input({ entity: z.enum([...single, 'lead', 'note']).describe('Entity'), ...rest }),
    paging: 'whole',
    entity: field,
  }),
  operation({
    name: 'get_field',
    title: 'Get field',
    summary: 'One field of an entity with all its options; not for leads and notes.',
    kind: 'read',
    toolset: 'fields',
    ...each('GET', single, byCode),
    cost: 1,
    input: input({
      entity: z.enum(single).describe('Entity'),
      field_code: one.field_code,
      option_offset: id.min(0).describe('Where many options go on').optional(),
    }),
    entity: field,
  }),
  operation({
    name: 'create_field',
    title: 'Create field',
    summary: 'Create a custom field; deal fields serve leads as well.',
    kind: 'create',
    toolset: 'fields',
    ...each('POST', own),
    cost: 5,
    input: input({
      ...of,
      field_name,
      field_type: z
        .enum([
          'varchar',
          'varchar_auto',
          'text',
          'double',
          'monetary',
          'enum',
          'set',
          'user',
          'org',
          'people',
          'phone',
          'time',
          'timerange',
          'date',
          'daterange',
          'address',
        ])
        .describe('For good; enum has one option, set several'),
      options: z.array(text).describe('Labels; of enum and set').optional(),
      description: description.optional(),
      ...settings,
    }),
    entity: field,
  }),
  operation({
    name: 'update_field',
    title: 'Update field',
    summary: 'Rename a custom field, or set where a field is required, highlighted and shown.',
    kind: 'update',
    toolset: 'fields',
    ...each('PATCH', own, byCode),
    cost: 5,
    input: input({ ...one, field_name: field_name.optional(), description: orNull(description), ...settings }),
    entity: field,
  }),
  operation({
    name: 'delete_field',
    title: 'Delete field',
    summary: 'Delete a custom field; its values disappear from all records.',
    kind: 'delete',
    toolset: 'fields',
    ...each('DELETE', own, byCode),
    cost: 3,
    input: input(one),
    entity: field,
  }),
  operation({
    name: 'add_field_options',
    title: 'Add field options',
    summary: 'Add options to a field, labels of deals and other records among them.',
    kind: 'create',
    toolset: 'fields',
    ...each('POST', own, optionsOf),
    cost: 5,
    input: input({ ...one, options: z.array(text).min(1).describe('Labels') }),
    entity: field,
  }),
  operation({
    name: 'update_field_options',
    title: 'Update field options',
    summary: 'Rename options of a field; records that have them show the new labels.',
    kind: 'update',
    toolset: 'fields',
    ...each('PATCH', own, optionsOf),
    cost: 5,
    input: input({
      ...one,
      options: z
        .array(z.object({ id: named, label: text }).strict())
        .min(1)
        .describe('Id or label now, and the new label'),
    }),
    entity: field,
  }),
  operation({
    name: 'remove_field_options',
    title: 'Remove field options',
    summary: 'Remove options of a field; records that have them lose them.',
    kind: 'delete',
    toolset: 'fields',
    ...each('DELETE', own, optionsOf),
    cost: 3,
    input: input({ ...one, options: z.array(named).min(1).describe('By label or id') }),
    entity: field,
  }),
];
