import type { JsonObject } from '../pipedrive/json.ts';
import { fitting, listAnswer, table } from './answer.ts';
import { writeCursor } from './cursor.ts';
import type { Run } from './run.ts';

/** A list that goes on by a number of records to pass over: the API's own, or ours where it gives all at once. */
export function offsetList(run: Run, records: readonly JsonObject[], apiNext: string | undefined): JsonObject {
  const { operation, args, account, seen } = run;
  const passed = operation.paging === 'whole' ? Number(run.at ?? 0) : 0;
  const left = records.slice(passed);
  const whole = table(operation.entity, left, account.zone);
  const fit = fitting(whole, args);
  const shown = fit < left.length ? table(operation.entity, left.slice(0, fit), account.zone) : whole;
  for (const record of left.slice(0, fit)) seen.note(operation.entity.name, record);
  const next = fit < left.length ? String(Number(run.at ?? 0) + fit) : apiNext;
  return listAnswer(
    operation,
    shown,
    args,
    account,
    next === undefined ? undefined : writeCursor(operation, args, next),
  );
}
