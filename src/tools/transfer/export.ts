import { PipedriveError } from '../../pipedrive/errors.ts';
import type { JsonObject } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { outsidersWrote } from '../answers/answer.ts';
import { isOutside } from '../answers/outside.ts';
import { isTime } from '../answers/table.ts';
import { cut } from '../answers/text.ts';
import type { Draft } from '../files.ts';
import { isLate } from '../lists/pages.ts';
import { lexiconFor } from '../names/lexicon.ts';
import { nested } from '../nested.ts';
import type { Run } from '../run.ts';
import { toLocal } from '../time.ts';
import { chosen } from '../where/chosen.ts';
import { chosenColumns, type FileColumn, type Transferred, transferred } from './columns.ts';
import { cellsOf } from './values.ts';
import { type Format, formats, type Writer, writerOf } from './writers.ts';

const LONGEST_WHY = 300;
/** Titles that an answer names; a file may have hundreds. */
const MOST_TITLES = 80;

/** What became of an export: `last` is the last record that the file holds, where it stopped before the end. */
type Outcome = { readonly rows: number; readonly stopped?: string; readonly last?: JsonObject };

/** Writes all records of a list to a file, page by page. */
export async function exportRecords(run: Run): Promise<JsonObject> {
  const kind = kindOf(run);
  const format = formatOf(run);
  const listing = await listingOf(run, kind);
  const before = listing.client.limits();
  const fields = await run.vocabulary.fields(kind).get(run.options);
  const names = run.args['fields'];
  const columns = chosenColumns(listing, kind, fields, Array.isArray(names) ? names.map(String) : undefined);
  const draft = await run.files.draft(fileName(run, kind, format), notWritten);
  try {
    const outcome = await fill(listing, columns, draft, writerOf(format, columns));
    const bytes = draft.size;
    const saved = await draft.finish();
    const after = listing.client.limits();
    return {
      saved_as: saved,
      ...said(listing, outcome),
      bytes,
      columns: titlesOf(columns),
      ...outsidersWrote(outsideIn(listing, columns)),
      times_in: run.account.zone,
      cost: { api_tokens: after.tokensSpent - before.tokensSpent, requests: after.requests - before.requests },
    };
  } catch (error) {
    await draft.discard();
    throw error;
  }
}

/** As it was asked for, by itself or by the ending of the name. */
function formatOf({ args: { file_type, file_name } }: Run): Format {
  const [, ending = ''] = /\.([a-z]+)$/i.exec(String(file_name ?? '')) ?? [];
  return formats.find((one) => one === (file_type ?? ending.toLowerCase())) ?? 'csv';
}

function kindOf({ args }: Run): Transferred {
  const kind = transferred.find((one) => one === args['entity']);
  if (!kind) throw new Error(`there is no list of ${String(args['entity'])}`);
  return kind;
}

/** The list that is walked, activities that are done among it. */
async function listingOf(run: Run, kind: Transferred): Promise<Run> {
  const { where, filter_id } = run.args;
  if (filter_id !== undefined && kind === 'note') {
    throw new Problem(
      'export_records: notes have no saved filters.',
      'Pipedrive has none for them.',
      'Choose by where.',
    );
  }
  const args = {
    ...(where === undefined ? {} : { where }),
    ...(filter_id === undefined ? {} : { filter_id }),
    ...(kind === 'activity' ? { done: 'any' } : {}),
  };
  const inner = await nested(run, kind === 'activity' ? 'list_activities' : `list_${kind}s`, args);
  return { ...inner, options: { ...run.options, priority: 'bulk' } };
}

async function fill(run: Run, columns: readonly FileColumn[], draft: Draft, writer: Writer): Promise<Outcome> {
  const { options } = run;
  const include = columns.flatMap(({ key, isOnRequest }) => (isOnRequest ? [key] : []));
  const named = columns.some(({ field }) => field !== undefined);
  let rows = 0;
  let last: JsonObject | undefined;
  await draft.write(writer.begin());
  let stopped: string | undefined;
  try {
    let asked = Date.now();
    for await (const { records, isLast } of chosen(run, { include, codes: named ? 'all' : [] })) {
      const keys = columns
        .map(({ key }) => key)
        .concat(columns.some(({ key }) => key === 'participants') ? ['person_id'] : []);
      const lexicon = await lexiconFor(run, records, { keys, mode: 'load', fields: true });
      if (records.length > 0)
        await draft.write(await writer.rows(records.map((record) => cellsOf(run, record, columns, lexicon))));
      rows += records.length;
      last = records.at(-1) ?? last;
      options.progress?.(rows);
      if (!isLast && isLate(options.deadline, asked)) {
        stopped = 'the time for a call is up';
        break;
      }
      asked = Date.now();
    }
  } catch (error) {
    if (rows === 0 || !(error instanceof PipedriveError) || error.code === 'cancelled') throw error;
    stopped = cut(error.message, LONGEST_WHY);
  }
  await draft.write(await writer.end());
  return { rows, ...(stopped === undefined ? {} : { stopped }), ...(last ? { last } : {}) };
}

function said({ operation, account }: Run, { rows, stopped, last }: Outcome): JsonObject {
  const { scope } = operation;
  const facts = {
    rows,
    complete: stopped === undefined,
    ...(scope === undefined ? {} : { scope: scope.replace(' unless status says so', '') }),
  };
  if (stopped === undefined) return facts;
  // v1's lists come in the order in which their records were made.
  const isV2 = operation.endpoint.includes('/v2/');
  const after = isV2
    ? `id > ${String(last?.['id'])}`
    : `add_time >= "${toLocal(String(last?.['add_time']), account.zone)}"`;
  const doubled = isV2 ? '' : ' Records of that minute are in both.';
  return {
    ...facts,
    stopped,
    next: `Call again with the condition ${after} added to where; that makes a second file.${doubled}`,
  };
}

function titlesOf(columns: readonly FileColumn[]): string[] {
  const titles = columns.map(({ title }) => title);
  return titles.length > MOST_TITLES
    ? [...titles.slice(0, MOST_TITLES), `and ${titles.length - MOST_TITLES} more`]
    : titles;
}

/** The columns whose text people outside the company can write: a file has no marks around it. */
function outsideIn({ operation: { entity } }: Run, columns: readonly FileColumn[]): string[] {
  return columns
    .filter(({ key, field, type }) => type === 'text' && !isTime(key, entity) && isOutside(entity, key, field))
    .map(({ title }) => title);
}

function fileName({ args }: Run, kind: Transferred, format: Format): string {
  const given = args['file_name'];
  const stem =
    typeof given === 'string' && given.trim() !== ''
      ? given.replace(/\.(csv|jsonl|parquet)$/i, '')
      : `${kind === 'activity' ? 'activitie' : kind}s`;
  return `${stem}.${format}`;
}

function notWritten(why: string, next: string): Problem {
  return new Problem('export_records: no file was written.', why, next);
}
