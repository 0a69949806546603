import type { JsonObject } from '../pipedrive/json.ts';
import { listAnswer } from './answer.ts';
import { shapeOf } from './columns.ts';
import { writeCursor } from './cursor.ts';
import type { Run } from './run.ts';
import { fitting } from './table.ts';

/** A list that goes on by a number of records to pass over: the API's own, or ours where it gives all at once. */
export async function offsetList(
  run: Run,
  records: readonly JsonObject[],
  apiNext: string | undefined,
): Promise<JsonObject> {
  const { operation, args, seen } = run;
  const passed = operation.paging === 'whole' ? Number(run.at ?? 0) : 0;
  const left = records.slice(passed);
  const whole = await shapeOf(run, left);
  const fit = fitting(whole, args);
  const shown = fit < left.length ? await shapeOf(run, left.slice(0, fit)) : whole;
  for (const record of left.slice(0, fit)) seen.note(operation.entity.name, record);
  const next = fit < left.length ? String(Number(run.at ?? 0) + fit) : apiNext;
  return listAnswer(run, shown, next === undefined ? undefined : writeCursor(operation, args, next));
}
