import { z } from 'zod/v3';
import { duplicate, input, text } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

/** Kinds of record that are written many at a time. */
export const manyKinds = ['deal', 'person', 'organization', 'activity', 'lead', 'product'] as const;
export type ManyKind = (typeof manyKinds)[number];

const record = entity({ name: 'record', plural: 'records', columns: ['id'] });
const kind = z.enum(manyKinds).describe('Kind').optional();
const which = {
  entity: kind,
  ids: z
    .array(z.union([z.number().int(), z.string()]))
    .describe('Up to 5,000')
    .optional(),
  where: z.array(text).describe('Or all with: owner = Ann Lee').optional(),
};
const resume = { resume: text.describe('Job id, alone').optional() };
const planned = 'First call: a plan and its plan_code.';

export const bulk = [
  operation({
    name: 'update_many',
    title: 'Update many records',
    summary: 'Change the same fields of up to 5,000 records, by ids or conditions.',
    details: planned,
    kind: 'update',
    toolset: 'bulk',
    core: true,
    job: true,
    endpoint: 'PATCH /api/v2/deals/{id}',
    also: [
      'PATCH /api/v2/persons/{id}',
      'PATCH /api/v2/organizations/{id}',
      'PATCH /api/v2/activities/{id}',
      'PATCH /api/v1/leads/{id}',
      'PATCH /api/v2/products/{id}',
    ],
    cost: 5,
    input: input({ ...which, set: z.record(z.unknown()).describe('As update_{entity} takes').optional(), ...resume }),
    entity: record,
  }),
  operation({
    name: 'delete_many',
    title: 'Delete many records',
    summary: 'Delete up to 5,000 records, by ids or conditions.',
    details: planned,
    kind: 'delete',
    toolset: 'bulk',
    job: true,
    endpoint: 'DELETE /api/v2/deals/{id}',
    also: [
      'DELETE /api/v2/persons/{id}',
      'DELETE /api/v2/organizations/{id}',
      'DELETE /api/v2/activities/{id}',
      'DELETE /api/v1/leads/{id}',
      'DELETE /api/v2/products/{id}',
    ],
    cost: 3,
    input: input({ ...which, ...resume }),
    entity: record,
  }),
  operation({
    name: 'add_many',
    title: 'Add many records',
    summary: 'Add up to 1,000 records in one go.',
    details: `${planned} import_records takes files.`,
    kind: 'create',
    toolset: 'bulk',
    job: true,
    endpoint: 'POST /api/v2/deals',
    also: [
      'POST /api/v2/persons',
      'POST /api/v2/organizations',
      'POST /api/v2/activities',
      'POST /api/v1/leads',
      'POST /api/v2/products',
    ],
    cost: 5,
    input: input({
      entity: kind,
      records: z.array(z.record(z.unknown())).describe('Each as create_{entity} takes').optional(),
      ...duplicate,
      ...resume,
    }),
    entity: record,
  }),
];
