import { isObject, type JsonObject } from '../pipedrive/json.ts';
import { Problem } from '../vocabulary/problem.ts';
import { changeAnswer, changesAnswer, listAnswer, recordAnswer } from './answer.ts';
import { chosenOnRequest, shapeOf } from './columns.ts';
import { writeCursor } from './cursor.ts';
import { offsetList } from './offset-list.ts';
import { prepare } from './prepare.ts';
import { buildRequest, jsonObject } from './request.ts';
import { type Run, rowsOf } from './run.ts';
import { listWhere } from './scan.ts';
import { fitting } from './table.ts';
import { tasks } from './tasks.ts';

/** Does what a call asks for and gives its answer. Throws Problem and PipedriveError. */
export async function execute(run: Run): Promise<JsonObject> {
  const { operation, args, account, client, options, seen } = run;
  const task = Object.hasOwn(tasks, operation.name) ? tasks[operation.name] : undefined;
  if (task) return task(run);
  if (operation.paging) return list(run);

  const ready = await prepare(operation, args, account, client, options);
  const { data } = await client.request(buildRequest(operation, ready), options);
  const many = Array.isArray(data)
    ? rowsOf(data, undefined).map((row) => row['id'] ?? null)
    : isObject(data)
      ? data['ids']
      : undefined;
  if (Array.isArray(many)) {
    if (many.length > 0) return changesAnswer(run, many);
    throw new Problem(
      `${operation.title}: nothing was changed.`,
      'Pipedrive found none of these ids.',
      'List them and use the ids found there.',
    );
  }
  if (operation.kind === 'delete') {
    seen.forget(operation.entity.name, String(args['id']));
    return changeAnswer(run, isObject(data) ? data : {}, args);
  }
  const record = jsonObject.parse(data);
  seen.note(operation.entity.name, record);
  return operation.kind === 'read' ? recordAnswer(run, record) : changeAnswer(run, record, ready);
}

/**
 * One page as a table. Where fewer rows fit into an answer than were asked for, the page is asked for again with just as
 * many: only the API can give the cursor that goes on after the last of them.
 */
async function list(run: Run): Promise<JsonObject> {
  const { operation, args, at, account, client, options, seen } = run;
  if (Array.isArray(args['where']) && args['where'].length > 0) return listWhere(run);
  const ready = await prepare(operation, args, account, client, options);
  const chosen = await chosenOnRequest(run);
  for (let limit = args['limit']; ; ) {
    const plain = buildRequest(operation, limit === undefined ? ready : { ...ready, limit }, at);
    const include = [...new Set([...(operation.always?.['include_fields']?.split(',') ?? []), ...chosen])].join(',');
    const request = chosen.length > 0 ? { ...plain, query: { ...plain.query, include_fields: include } } : plain;
    const answer = await client.request(request, options);
    const records = rowsOf(answer.data, operation.at);
    if (operation.paging !== 'cursor') return offsetList(run, records, answer.nextCursor);
    const shown = await shapeOf(run, records);
    const fit = fitting(shown, args);
    if (fit < records.length) {
      limit = fit;
      continue;
    }
    for (const record of records) seen.note(operation.entity.name, record);
    const next = answer.nextCursor === undefined ? undefined : writeCursor(operation, args, answer.nextCursor);
    const ids = Array.isArray(args['ids']) && at === undefined && next === undefined ? args['ids'] : [];
    const found = new Set(records.map((record) => record['id']));
    const missing = ids.filter((id) => !found.has(id));
    if (missing.length === 0) return listAnswer(run, shown, next);
    const why = 'Unknown, deleted, archived or not visible: try the get_ tool.';
    return listAnswer(run, shown, next, { not_found: missing, why });
  }
}
