import { createHash } from 'node:crypto';
import { z } from 'zod/v3';
import { isObject, type Json, type JsonObject } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { type BulkTool, bulkJob, type Planned } from '../bulk/job.ts';
import type { Source } from '../files.ts';
import { operationOf } from '../nested.ts';
import type { Run } from '../run.ts';
import type { Reading } from './check.ts';
import { columnsOf, transferred } from './columns.ts';
import { checkAll } from './plan.ts';
import { Report } from './report.ts';
import { type RowFile, rowsIn, unreadable } from './rows.ts';
import { type Imported, match, targetsOf } from './targets.ts';
import { itemsOf } from './writes.ts';

export const onDuplicate = ['skip', 'update', 'create'] as const;
export type OnDuplicate = (typeof onDuplicate)[number];

/** What is kept of an import between its check and its end. */
const kept = z.object({
  kind: z.enum(['deal', 'person', 'organization', 'lead', 'activity', 'product', 'note']),
  path: z.string(),
  /** Of the file as it was checked. */
  digest: z.string(),
  columns: z.record(z.union([z.string(), z.null()])),
  /** What is done with each row, in the order of the file. */
  decisions: z.array(z.string()),
  count: z.number(),
  /** Where the rows are that were bad at the check. */
  report: z.string().optional(),
});
export type Kept = z.infer<typeof kept>;

/** Checks a file of records, and writes those that are good once it is let through. */
export function importRecords(run: Run): Promise<JsonObject> {
  const { entity, path, resume } = run.args;
  if (resume === undefined && (entity === undefined || path === undefined)) {
    throw new Problem(
      'import_records: "entity" and "path" are missing.',
      'They say which file holds which records.',
      'Give both, or resume alone.',
    );
  }
  return bulkJob(run, { verb: 'Imported', plan, items });
}

/** The file and how its rows are read. */
type Opened = { readonly source: Source; readonly file: RowFile; readonly reading: Reading };

async function open(
  run: Run,
  kind: Imported,
  path: string,
  columns: Readonly<Record<string, unknown>>,
): Promise<Opened> {
  const source = await run.files.source(path, (why, next) => unreadable({ name: path }, why, next));
  const file = await rowsIn(source);
  const { entity } = operationOf(`create_${kind}`);
  const fields = await run.vocabulary.fields(kind).get(run.options);
  const targets = targetsOf(kind, columnsOf(entity, kind, fields), run.account.currency);
  const matched = match(file.titles, targets, columns, kind);
  const bulk: Run = { ...run, options: { ...run.options, priority: 'bulk' } };
  return { source, file, reading: { run: bulk, kind, matched } };
}

async function plan(run: Run): Promise<Planned> {
  const kind = kept.shape.kind.parse(transferred.find((one) => one === run.args['entity']));
  const path = String(run.args['path']);
  const on = onDuplicate.find((one) => one === run.args['on_duplicate']) ?? 'skip';
  const columns = columnsGiven(run.args['columns']);
  const { source, file, reading } = await open(run, kind, path, columns);
  const digest = await digestOf(source);
  const report = new Report(run.files, file, source.name);
  try {
    const { decisions, ...outcome } = await checkAll(reading, file, on, report);
    const saved = await report.finish();
    const bad = saved === undefined ? {} : { report: saved };
    const work = { kind, path: source.path, digest, columns, decisions: [...decisions], count: outcome.count, ...bad };
    return { work, ...outcome, says: { file: source.name, ...outcome.says, ...bad } };
  } catch (error) {
    await report.discard();
    throw error;
  }
}

function columnsGiven(given: Json | undefined): Record<string, string | null> {
  const columns: Record<string, string | null> = {};
  for (const [title, to] of Object.entries(isObject(given) ? given : {}))
    columns[title] = to === null ? null : String(to);
  return columns;
}

async function items(run: Run, work: JsonObject): ReturnType<BulkTool['items']> {
  const job = kept.parse(work);
  const { source, file, reading } = await open(run, job.kind, job.path, job.columns);
  if ((await digestOf(source)) !== job.digest) {
    throw unreadable(
      source,
      'It is not the file that was checked: it has been changed since.',
      'Call without plan and resume to check it anew.',
    );
  }
  return itemsOf(reading, file, job, new Report(run.files, file, source.name));
}

async function digestOf(source: Source): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of source.chunks()) hash.update(chunk);
  return hash.digest('hex');
}
