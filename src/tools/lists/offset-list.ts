import type { JsonObject } from '../../pipedrive/json.ts';
import { listAnswer } from '../answers/answer.ts';
import { shapeOf } from '../answers/columns.ts';
import { fitting } from '../answers/table.ts';
import type { Run } from '../run.ts';
import { writeCursor } from './cursor.ts';

/** A list that the API gives all at once: it goes on by a number of records to pass over. */
export async function offsetList(run: Run, records: readonly JsonObject[]): Promise<JsonObject> {
  const { operation, args, seen } = run;
  const passed = Number(run.at ?? 0);
  const left = records.slice(passed);
  const whole = await shapeOf(run, left);
  const fit = fitting(whole, args);
  const shown = fit < left.length ? await shapeOf(run, left.slice(0, fit)) : whole;
  for (const record of left.slice(0, fit)) seen.note(operation.entity.name, record);
  const next = fit < left.length ? String(passed + fit) : undefined;
  return listAnswer(run, shown, next === undefined ? undefined : writeCursor(operation, args, next));
}
