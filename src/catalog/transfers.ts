import { z } from 'zod/v3';
import { conditions, input, named, shape, text } from './arguments.ts';
import { entity } from './entity.ts';
import { operation } from './operation.ts';

/** A file of records. */
const recordFile = entity({ name: 'record_file', plural: 'record_files', columns: ['saved_as'] });

export const transfers = [
  operation({
    name: 'export_records',
    title: 'Export records',
    summary: 'Write all records, or those that where chooses, to a CSV, JSON lines or Parquet file.',
    details: 'import_records takes it back.',
    kind: 'read',
    toolset: 'bulk',
    job: true,
    endpoint: 'GET /api/v2/deals',
    also: [
      'GET /api/v2/persons',
      'GET /api/v2/organizations',
      'GET /api/v1/leads',
      'GET /api/v2/activities',
      'GET /api/v2/products',
      'GET /api/v1/notes',
      'GET /api/v2/projects',
    ],
    cost: 40,
    input: input({
      entity: z
        .enum(['deal', 'person', 'organization', 'lead', 'activity', 'product', 'note', 'project'])
        .describe('Kind of record'),
      ...conditions('added = last month'),
      filter_id: named.describe('Saved filter').optional(),
      fields: shape.fields.describe('Columns; default: all').optional(),
      file_type: z.enum(['csv', 'jsonl', 'parquet']).describe('Default: csv').optional(),
      file_name: text.describe('Name').optional(),
    }),
    entity: recordFile,
  }),
  operation({
    name: 'import_records',
    title: 'Import records',
    summary: 'Make or update records from a CSV or JSON lines file, deals with their contacts.',
    details:
      'The first call checks all rows; with its plan_code as plan it writes. A row with an ID updates that record; empty cells change nothing, lists are added to.',
    kind: 'create',
    toolset: 'bulk',
    job: true,
    endpoint: 'POST /api/v2/deals',
    also: [
      'POST /api/v2/persons',
      'POST /api/v2/organizations',
      'POST /api/v1/leads',
      'POST /api/v2/activities',
      'POST /api/v2/products',
      'POST /api/v1/notes',
    ],
    cost: 5,
    input: input({
      entity: z
        .enum(['deal', 'person', 'organization', 'lead', 'activity', 'product', 'note'])
        .describe('Kind of row')
        .optional(),
      path: text.describe('In an allowed directory').optional(),
      columns: z.record(z.unknown()).describe('Title: field or null').optional(),
      on_duplicate: z.enum(['skip', 'update', 'create']).describe('Default: skip').optional(),
      resume: text.describe('Job to go on with, alone').optional(),
    }),
    entity: recordFile,
  }),
];
