import { isObject, type JsonObject } from '../pipedrive/json.ts';
import { Problem } from '../vocabulary/problem.ts';
import { changeAnswer, changesAnswer, listAnswer, notFound, recordAnswer } from './answers/answer.ts';
import { chosenOnRequest } from './answers/columns.ts';
import { writeCursor } from './lists/cursor.ts';
import { offsetList } from './lists/offset-list.ts';
import { walk } from './lists/pages.ts';
import { prepare } from './prepare.ts';
import { buildRequest, jsonObject } from './request.ts';
import { type Run, rowsOf } from './run.ts';
import { listWhere } from './where/scan.ts';

/** Does one operation as its declaration says and gives its answer. Throws Problem and PipedriveError. */
export async function perform(run: Run): Promise<JsonObject> {
  const { operation, args, account, client, options, seen } = run;
  if (operation.paging) return list(run);
  if (operation.download) return download(run);

  const ready = await prepare(operation, args, account, client, options);
  const plain = buildRequest(operation, ready);
  const { upload } = operation;
  const request = upload ? await run.files.withUpload(operation, upload, plain, args) : plain;
  const { data } = await client.request(request, options);
  const many = Array.isArray(data)
    ? rowsOf(data, undefined).map((row) => row['id'] ?? null)
    : isObject(data)
      ? // Filters are deleted by many ids under the key of one.
        (data['ids'] ?? data['id'])
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
  // Some writes answer that they were done, and no more.
  const record = operation.kind !== 'read' && data === null ? {} : jsonObject.parse(data);
  if (operation.kind === 'merge') seen.forget(operation.entity.name, String(args['id']));
  seen.note(operation.entity.name, record);
  return operation.kind === 'read' ? recordAnswer(run, record) : changeAnswer(run, record, ready);
}

/** A file, under the name that it has in Pipedrive where the storage tells it. */
async function download(run: Run): Promise<JsonObject> {
  const { operation, args, client, options, files } = run;
  const file = await client.download(buildRequest(operation, args), options);
  const { name } = operation.entity;
  const id = String(args['id']);
  const place = { uri: `pipedrive://${name}/${id}`, name: file.name ?? `${name}-${id}`, save: args['save'] === true };
  return { [name]: await files.keep(file, place, run.attach) };
}

/** A list as a table. */
async function list(run: Run): Promise<JsonObject> {
  const { operation, args, account, client, options, seen } = run;
  if (Array.isArray(args['where']) && args['where'].length > 0) return listWhere(run);
  const ready = await prepare(operation, args, account, client, options);
  if (operation.paging === 'whole') {
    const { data } = await client.request(buildRequest(operation, ready), options);
    return offsetList(run, rowsOf(data, operation.at));
  }
  const chosen = await chosenOnRequest(run);
  const include = [...new Set([...(operation.always?.['include_fields']?.split(',') ?? []), ...chosen])].join(',');
  const { records, shown, next, stopped } = await walk(run, (limit, at) => {
    const request = buildRequest(operation, { ...ready, limit }, at);
    return chosen.length > 0 ? { ...request, query: { ...request.query, include_fields: include } } : request;
  });
  for (const record of records) seen.note(operation.entity.name, record);
  const cursor = next === undefined ? undefined : writeCursor(operation, args, next);
  const isWhole = run.at === undefined && next === undefined;
  const found = new Set(records.map((record) => record['id'] ?? null));
  return listAnswer(run, shown, cursor, {
    ...(stopped === undefined ? {} : { stopped }),
    ...(isWhole ? notFound(args, found) : {}),
  });
}
