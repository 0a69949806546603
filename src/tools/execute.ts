import { z } from 'zod/v3';
import { isObject, type Json, type JsonObject } from '../pipedrive/json.ts';
import { changeAnswer, listAnswer, recordAnswer, splitCursor } from './answer.ts';
import { prepare } from './prepare.ts';
import { Problem } from './problem.ts';
import { buildRequest } from './request.ts';
import { type Run, rowsOf } from './run.ts';
import { tasks } from './tasks.ts';

/** Does what a call asks for and gives its answer. Throws Problem and PipedriveError. */
export async function execute(run: Run): Promise<JsonObject> {
  const { operation, args, account, client, options, seen } = run;
  const task = tasks[operation.name];
  if (task) return task(run);
  if (operation.paging) return list(run);

  const ready = await prepare(operation, args, account, client, options);
  const { data } = await client.request(buildRequest(operation, ready), options);
  if (operation.kind === 'delete') {
    seen.forget(operation.entity.name, String(args['id']));
    return changeAnswer(operation, isObject(data) ? data : {}, args, account);
  }
  if (Array.isArray(data)) return changeAnswer(operation, { added: data.length }, args, account);
  const record = z.record(z.custom<Json>()).parse(data);
  seen.note(operation.entity.name, record);
  return operation.kind === 'read'
    ? recordAnswer(operation, record, args, account)
    : changeAnswer(operation, record, ready, account);
}

async function list({ operation, args, account, client, options, seen }: Run): Promise<JsonObject> {
  const { api, shown, last } = splitCursor(args['cursor']);
  if (operation.paging === 'start' && api !== undefined && !/^\d+$/.test(api)) {
    throw new Problem(
      `${operation.name}: "${api.slice(0, 60)}" is no cursor of this list.`,
      'Cursors belong to the list that gave them.',
      'Take next_cursor of an answer of this tool, or leave cursor out to begin anew.',
    );
  }
  const { cursor: _, ...rest } = await prepare(operation, args, account, client, options);
  const request = buildRequest(
    operation,
    api === undefined || operation.paging === 'whole' ? rest : { ...rest, cursor: api },
  );
  const answer = await client.request(request, options);
  const rows = rowsOf(answer.data, operation.at);
  const found = shown > 0 ? rows.findIndex((row) => String(row['id']) === last) : -1;
  const skipped = found >= 0 ? found + 1 : shown;
  for (const row of rows) seen.note(operation.entity.name, row);
  return listAnswer(operation, { rows: rows.slice(skipped), next: answer.nextCursor, skipped }, args, account);
}
